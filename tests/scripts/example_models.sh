#!/bin/bash
# The models of examples/ against what their authors or an independent program recorded: texts, bytes, logits, every step.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so"
cd "$MLC_SOURCE" || exit 1
models=$MLC_SHARED/models
[ -n "$MLC_SHARED" ] || models=/nowhere

run() { # output file, program and arguments
    local out=$work/$1
    shift
    "$MLC_BUILD/mlc" run "$@" >"$out" 2>"$work/errors" || complain "run $*: $(head -n 3 "$work/errors")"
}

# The numbers of a list in a JSON file, one a line: the file, the key that it stands behind. Lists in it are taken with it.
numbers() { tr -d '\n' <"$1" | sed "s/.*\"$2\": *\\[//; s/\\].*//" | tr ',' '\n' | tr -d ' ' | awk 1; }

# Millionths of a program against the numbers of a file: the largest difference must stay below a limit.
near() { # what, millionths, numbers, limit
    paste "$2" "$3" | awk -v limit="$4" '
        NF != 2 { short = 1 } { d = $1 / 1e6 - $2; d = d < 0 ? -d : d; if (d > worst) worst = d }
        END { if (short || NR == 0) { print "other lengths"; exit 1 } if (worst > limit) { print "differs by " worst; exit 1 } }' \
        >"$work/verdict" || complain "$1: $(cat "$work/verdict")"
}

# ---- gpt_nano_sort: every step that its author recorded, and all 729 inputs sorted
run steps examples/gpt_nano_sort/check.ml
[ "$(wc -l <"$work/steps")" -eq 24 ] || complain "gpt_nano_sort: $(wc -l <"$work/steps") steps instead of 24"
awk '!($2 <= 5e-6) { print "gpt_nano_sort: " $1 " differs by " $2; bad = 1 } END { exit bad }' "$work/steps" || bad=1
run sorted examples/gpt_nano_sort/gpt.ml
[ "$(cat "$work/sorted")" = "729 of 729 inputs come out sorted" ] || complain "gpt_nano_sort: $(cat "$work/sorted")"

# ---- shakespeare: ten next bytes that came with the model, one row of logits
golden=examples/shakespeare/golden.json
tr -d '\n' <$golden | sed 's/.*"sequences": *\[ *\[//; s/\] *\].*//' | tr -c '0-9\n' '\n' | grep . |
    while read -r byte; do printf "\\$(printf %03o "$byte")"; done >"$work/text"
run bytes examples/shakespeare/check.ml "$work/text"
sed -n 's/^next //p' "$work/bytes" >"$work/next"
numbers $golden next_byte >"$work/wanted"
cmp -s "$work/next" "$work/wanted" || complain "shakespeare: other next bytes: $(paste -sd' ' "$work/next")"
sed -n 's/^logit //p' "$work/bytes" >"$work/logits"
numbers $golden last_logits_of_sequence_0 >"$work/wanted"
near "shakespeare: logits" "$work/logits" "$work/wanted" 1e-4

# ---- tinystories: the text of its golden file, through its own tokenizer
if [ -e "$models/tinystories-656k/model.safetensors" ]; then
    m=$models/tinystories-656k
    run story examples/tinystories/tinystories.ml "$m/model.safetensors" "$m/tokenizer.json" ""
    tr -d '\n' <"$m/golden.json" | sed 's/.*"greedy_text": *"//; s/", *"[a-z].*//' >"$work/escaped"
    printf '%b\n' "$(sed 's/%/%%/g' "$work/escaped")" >"$work/wanted"
    cmp "$work/story" "$work/wanted" || complain "tinystories: another text"
fi
verdict
