#!/bin/bash
# The benchmark program runs its cases, compares them with float64 and writes JSON. How fast they are is not tested.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/bench" "$MLC_BUILD/libmlc-llvm.so"
"$MLC_BUILD/bench" --list >/dev/null || complain "--list fails"
for c in call-8 exp-L1 left-512 linear-4x1024x1024 q8_0-8x4096x4096 conv-256x14x256 attention-causal-128x64 decode-8over2-4096x64; do
    "$MLC_BUILD/bench" --case "$c" --peers none --no-peaks --seconds 0.02 --json "$work/out.json" >"$work/out" || complain "$c fails"
    error=$(sed -n 's/.*"error": \([^,]*\),.*/\1/p' "$work/out.json")
    awk -v e="$error" 'BEGIN { exit !(e != "" && e + 0 < 2e-5) }' || complain "$c: error '$error'"
done
"$MLC_BUILD/bench" --case compile-one --peers none --no-peaks --seconds 0.02 --json "$work/out.json" >"$work/out" || complain "compiling anew fails"
grep -q '"error": null, .*"compile_seconds"' "$work/out.json" || complain "compiling anew: $(cat "$work/out.json")"
# Rows of several numbers of threads: the second is in pairs with one thread. A table and JSON hold all of them.
"$MLC_BUILD/bench" --case 'call-8' --threads 1,2 --peers one-thread --no-peaks --seconds 0.02 --json "$work/out.json" --markdown "$work/out.md" >"$work/out" ||
    complain "two numbers of threads fail"
grep -q '"threads": 2.*"peer": "one-thread"' "$work/out.json" || complain "no row with two threads: $(cat "$work/out.json")"
[ "$(grep -c '^| call-8 |' "$work/out.md")" = 2 ] || complain "the table has other rows: $(cat "$work/out.md")"
MLC_BENCH_MODELS=/nowhere "$MLC_BUILD/bench" --case 'vit-*' --no-peaks >"$work/out" 2>"$work/report" || complain "a model that is not there is a failure"
grep -q skipped "$work/report" || complain "a model that is not there is not reported"
# A peer that cannot start, or ends before it answers, is left out.
for python in /nowhere/python /bin/false /bin/true; do
    MLC_BENCH_PYTHON=$python "$MLC_BUILD/bench" --case call-8 --peers torch,jax --no-peaks --seconds 0.01 >"$work/out" 2>"$work/report" || complain "$python: fails"
    [ "$(grep -c 'is left out: it did not start' "$work/report")" = 2 ] || complain "$python: no reason: $(cat "$work/report")"
    [ "$(wc -l <"$work/out")" = 1 ] && ! grep -q ' x ' "$work/out" || complain "$python: is a peer"
done
# What cannot be is said before anything runs.
while IFS='|' read -r options why; do
    "$MLC_BUILD/bench" --no-peaks $options >"$work/out" 2>"$work/report"
    [ $? = 2 ] && [ ! -s "$work/out" ] && grep -q "$why" "$work/report" || complain "bench $options: $(cat "$work/report")"
done <<'E'
--case nothing-of-that-name|no case has such a name
--frobnicate|no such option
--case|its value is missing
--threads 2,x|wants one to four numbers
--seconds 0|wants a number above 0
--case call-8 --peers torch,tarch|tarch: there is no such peer
--case call-8 --json /nowhere/x|cannot be written
--case call-8 --markdown /nowhere/x|cannot be written
E
verdict
