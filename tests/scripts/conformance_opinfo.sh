#!/bin/bash
# Programs of tests/conformance/opinfo against vectors that others computed: the small ones of tests/data, then those of MLC_SHARED.
. "$MLC_SOURCE/tests/lib/conformance.sh"
suite opinfo "vectors/torch-opinfo"
