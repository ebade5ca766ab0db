#!/bin/bash
# Where no code can be generated: one error with its code, and nothing is written.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so"
export NO_COLOR=1 XDG_CACHE_HOME=$work/cache
cd "$work" || exit 1
cat >m.ml <<'EOS'
export fn f(x: f32[N]) -> f32 = sum(x)
fn g(x: f32) -> f32 = x + 1
print(g(1))
EOS

# one error of this code with this text: code, text, command
one() {
    local code=$1 text=$2
    shift 2
    "$@" >out 2>report && complain "$*: ends well"
    [ "$(grep -o 'error\[[^]]*\]' report)" = "error[$code]" ] && grep -qF -- "$text" report || { complain "$*"; cat report; }
    [ ! -e m.o ] && [ ! -e m.h ] || complain "$*: left a file behind"
}
one E0604 "unknown target CPU 'abacus'" "$MLC_BUILD/mlc" --no-cache --target-cpu=abacus -c m.ml
one E0604 "unknown target CPU 'abacus'" "$MLC_BUILD/mlc" run --no-cache --target-cpu=abacus m.ml
mkdir alone # the command without the library that links LLVM
cp "$MLC_BUILD/mlc" alone/mlc
one E0603 'the code generator cannot be opened' alone/mlc --no-cache -c m.ml
one E0603 'the code generator cannot be opened' alone/mlc run --no-cache m.ml
alone/mlc run --interp m.ml | grep -qx 2.0 || complain 'the interpreter needs no code generator'
alone/mlc check m.ml || complain 'nor does a check'
verdict
