#!/bin/bash
# `mlc check` of every program in examples/programs: an export that needs what is not there yet is reported with its code, and nothing
# else is; the other programs have no error. What the passes make of these is verified after each pass.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc"
export NO_COLOR=1

# Codes that a program's exports lead to; to be taken out as these get there.
wanted() {
    case $1 in
    gpt2 | mixed_precision | trpo) echo E0502 ;;
    medusa) echo E0504 ;;
    esac
}

for file in "$MLC_SOURCE"/examples/programs/*.ml; do
    name=$(basename "$file" .ml)
    "$MLC_BUILD/mlc" check "$file" >"$work/report" 2>&1
    status=$?
    codes=$(sed -nE 's/^[^ ]*:[0-9]+:[0-9]+: error\[(E[0-9]+)\].*/\1/p' "$work/report" | sort -u | tr '\n' ' ')
    want=$(wanted "$name")
    [ "${codes% }" = "$want" ] && [ "$status" = "$([ -n "$want" ] && echo 1 || echo 0)" ] ||
        { complain "$name: exit status $status, codes '${codes% }', not '$want'"; cat "$work/report"; }
    [ -n "$want" ] || "$MLC_BUILD/mlc" --verify --emit=tile "$file" >"$work/report" 2>&1 || { complain "$name: passes"; cat "$work/report"; }
done
verdict
