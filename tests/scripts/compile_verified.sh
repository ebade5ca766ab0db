#!/bin/bash
# The IR of the programs of golden/run, golden/fusion, bench and the examples is sound after every pass: of every second one, in turns for this CPU and
# for one with AVX2; MLC_VERIFY_ALL=1: of each for both.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc"
cpus=(native x86-64-v3) turn=0
for file in "$MLC_SOURCE"/tests/golden/{run,fusion}/*.ml "$MLC_SOURCE"/examples/*/*.ml "$MLC_SOURCE"/bench/programs/*.ml; do
    turn=$(((turn + 1) % 4))
    some=()
    [ $((turn % 2)) = 1 ] && some=("${cpus[turn / 2]}")
    [ "${MLC_VERIFY_ALL:-0}" = 1 ] && some=("${cpus[@]}")
    for cpu in "${some[@]}"; do
        "$MLC_BUILD/mlc" --verify --emit=tile --target-cpu "$cpu" "$file" </dev/null 2>&1 | grep -a "after pass" >"$work/found" && complain "$file, $cpu: $(head -c 300 "$work/found")"
    done
done
verdict
