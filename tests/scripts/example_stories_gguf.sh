#!/bin/bash
# The story model from GGUF: F32 tells what the llama2.c file tells, Q8_0 a story that begins alike.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so"
cd "$MLC_SOURCE" || exit 1
prompt="Once upon a time"
packed=examples/stories/stories260K-q8_0.gguf

tell() { # output file, options and program and arguments
    local out=$work/$1
    shift
    "$MLC_BUILD/mlc" run "$@" "$prompt" >"$out" 2>"$work/errors" || complain "run $*: $(head -n 3 "$work/errors")"
}
tell packed examples/stories/gguf.ml "$packed"
grep -q "^Once upon a time, there was a little girl named Lily" "$work/packed" || complain "Q8_0: no story: $(head -c 200 "$work/packed")"

plain=$MLC_SHARED/models/gguf/stories260K-f32.gguf
if [ -n "$MLC_SHARED" ] && [ -e "$plain" ]; then
    tell plain examples/stories/gguf.ml "$plain"
    tell bin examples/stories/stories.ml
    cmp "$work/plain" "$work/bin" || complain "F32: another story than from the llama2.c file"
fi
verdict
