#!/bin/bash
# Programs of tests/conformance/golden against vectors that others computed: the small ones of tests/data, then those of MLC_SHARED.
. "$MLC_SOURCE/tests/lib/conformance.sh"
suite golden "golden"
