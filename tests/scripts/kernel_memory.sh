#!/bin/bash
# The arena of each function of the examples is at most a tenth larger than what lives at one time (256 for every dim).
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc"
cd "$MLC_SOURCE" || exit 1
told=0
for file in examples/programs/*.ml examples/*/*.ml tests/golden/fusion/*.ml; do
    "$MLC_BUILD/mlc" --explain-fusion "$file" >"$work/report" 2>/dev/null
    told=$((told + $(grep -c ' % more than what lives at one time' "$work/report")))
    awk -v file="$file" '/^[^ ]/ { fn = $0 } / % more than what lives/ && $1 > 10 { print file ": " fn ": " $1 " % more"; exit 1 }' "$work/report" >"$work/worst" ||
        complain "$(cat "$work/worst")"
done
[ "$told" -ge 100 ] || complain "only $told arenas are reported"
verdict
