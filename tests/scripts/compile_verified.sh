#!/bin/bash
# The IR of the programs of golden/run, golden/fusion, bench and the examples is sound after every pass: in turns for this CPU and for one with AVX2;
# MLC_VERIFY_ALL=1: of each for both. What takes longer than some seconds to print is left to that, as is a third of golden/run, which the build with
# sanitizers looks at.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc"
cpus=(native x86-64-v3) turn=0 printed=0 seconds=4 all=0
[ "${MLC_VERIFY_ALL:-0}" = 1 ] && seconds=600
for file in "$MLC_SOURCE"/tests/golden/{run,fusion}/*.ml "$MLC_SOURCE"/examples/*/*.ml "$MLC_SOURCE"/bench/programs/*.ml; do
    turn=$((1 - turn)) all=$((all + 1))
    [ "${MLC_VERIFY_ALL:-0}" = 0 ] && [ $((all % 3)) = 0 ] && [[ $file = */golden/run/* ]] && continue
    some=("${cpus[turn]}")
    [ "${MLC_VERIFY_ALL:-0}" = 1 ] && some=("${cpus[@]}")
    for cpu in "${some[@]}"; do
        timeout "$seconds" "$MLC_BUILD/mlc" --verify --emit=tile --target-cpu "$cpu" "$file" </dev/null >"$work/tile" 2>"$work/said"
        grep -q "^tile fn" "$work/tile" && printed=$((printed + 1))
        grep -a "after pass" "$work/said" >"$work/found" && complain "$file, $cpu: $(head -c 300 "$work/found")"
    done
done
[ "$printed" -ge 200 ] || complain "only $printed programs have tile IR"
verdict
