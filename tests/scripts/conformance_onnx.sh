#!/bin/bash
# Programs of tests/conformance/onnx against vectors that others computed: the small ones of tests/data, then those of MLC_SHARED.
. "$MLC_SOURCE/tests/lib/conformance.sh"
suite onnx "vectors/onnx-node"
