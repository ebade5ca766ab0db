#!/bin/bash
# stories.sh - decoding speed of the story model against llama2.c's run.c, interleaved, one thread.
#
#   RUN_C=path/to/run.c bench/stories.sh [PAIRS]
#   TARGET=x86-64-v3 RUN_C=path/to/run.c bench/stories.sh [PAIRS]     both sides compiled for that CPU (a name of ours and of cc)
#
# Needs ./try to have been run once. Prints the tokens per second of each pair, and the median of the ratios, for examples/stories/main
# and for `mlc run`. Without RUN_C it says so and ends well.
cd "$(dirname "$0")/.." || exit 1
pairs=${1:-9}
[ -n "$RUN_C" ] && [ -f "$RUN_C" ] || { echo "skipped: RUN_C does not name llama2.c's run.c"; exit 0; }
[ -x build/stories/main ] || { echo "build/stories/main is not there: run ./try first"; exit 1; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cc -Ofast "-march=${TARGET:-native}" -o "$tmp/run" "$RUN_C" -lm || exit 1
data=examples/stories
main=build/stories/main
if [ -n "$TARGET" ]; then
    main=$tmp/story
    build/mlc "--target-cpu=$TARGET" "$data/stories.ml" -o "$tmp/stories.so" || exit 1
    cc -O2 -I "$tmp" -I build/include "$data/main.c" -o "$main" -L "$tmp" -L build -l:stories.so -lmlcrt -lm "-Wl,-rpath,$tmp:$PWD/build" || exit 1
fi
prompt="Once upon a time"

theirs() { "$tmp/run" "$data/stories260K.bin" -z "$data/tok512.bin" -t 0 -n 200 -i "$prompt" 2>&1 >/dev/null | sed -n 's/.*tok\/s: //p'; }
ours() { "$main" "$data/stories260K.bin" "$data/tok512.bin" "$prompt" 196 2>&1 >/dev/null | sed -n 's/ tokens\/s//p'; }
script() { build/mlc run --threads=1 "--target-cpu=${TARGET:-native}" "$data/stories.ml" "$prompt" 2>&1 >/dev/null | sed -n "s/.*: \([0-9.e+]*\) per second.*/\1/p" | tail -n 1; }

median() { sort -g | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)]; else print "-" }'; }

for i in $(seq "$pairs"); do
    t=$(theirs) o=$(ours) s=$(script)
    echo "pair $i: run.c $t, main $o, mlc run ${s:--} tokens/s"
    awk -v o="$o" -v t="$t" 'BEGIN { if (t > 0) print o / t }' >>"$tmp/main"
    [ -n "$s" ] && awk -v o="$s" -v t="$t" 'BEGIN { if (t > 0) print o / t }' >>"$tmp/script"
done
echo "median ratio, examples/stories/main over run.c: $(median <"$tmp/main")"
[ -f "$tmp/script" ] && echo "median ratio, mlc run over run.c: $(median <"$tmp/script")"
exit 0
