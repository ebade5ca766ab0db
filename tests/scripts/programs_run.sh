#!/bin/bash
# The functions of examples/programs, called by the scripts of support/programs_run: the lines `# > text` are what these print, compiled
# (-O2 and -O0) and interpreted; with sanitizers at -O0 alone: golden_run has the other two.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so"
export NO_COLOR=1
ways="-O2 -O0 --interp"
[ "${MLC_SANITIZED:-0}" = 1 ] && ways=-O0
cp "$MLC_SOURCE"/examples/programs/*.ml "$MLC_SOURCE"/tests/support/programs_run/*.ml "$work" && cd "$work" || exit 1

for file in *_run.ml; do
    sed -nE 's/^# > ?//p' "$file" >want
    for way in $ways; do
        "$MLC_BUILD/mlc" run "$way" "$file" >got 2>errors || { complain "$file ($way): exit status $?"; head -n 20 errors; }
        diff -u want got || complain "$file ($way): prints something else"
    done
done

# Whole programs, by what they print.
prints() { # program, text
    local way
    for way in $ways; do
        [ "$("$MLC_BUILD/mlc" run "$way" "$1" 2>&1)" = "$2" ] || complain "$1 ($way): does not print '$2'"
    done
}
prints multi_lora.ml 0.0
verdict
