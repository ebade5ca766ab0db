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

# ---- vit_tiny: three pictures, the five most likely classes in order, all logits
if [ -e "$models/vit-tiny/model.safetensors" ]; then
    for picture in chelsea coffee astronaut; do
        run classes examples/vit_tiny/vit.ml "$models/vit-tiny/model.safetensors" "$MLC_SHARED/data/images/$picture-224.ppm"
        tr -d '\n' <"$models/vit-tiny/golden.json" | sed "s/.*\"$picture-224.ppm\"/{/; s/\(\"logits\": *\[[^]]*\]\).*/\1/" >"$work/one.json"
        numbers "$work/one.json" top5_class >"$work/wanted"
        sed -n 's/^class \([0-9]*\) .*/\1/p' "$work/classes" | cmp -s - "$work/wanted" || complain "vit_tiny: $picture: $(grep class "$work/classes")"
        sed -n 's/^logit //p' "$work/classes" >"$work/logits"
        numbers "$work/one.json" logits >"$work/wanted"
        near "vit_tiny: logits of $picture" "$work/logits" "$work/wanted" 1e-3
    done
    run classes examples/vit_tiny/vit.ml "$models/vit-tiny/model.safetensors" examples/vit_tiny/chelsea-224.png
    grep -q "^class 285 0.81" "$work/classes" || complain "vit_tiny: the PNG file is $(head -n 1 "$work/classes")"
    run classes examples/vit_tiny/vit.ml "$models/vit-tiny/model.safetensors" examples/vit_tiny/coffee-224.jpg
    grep -q "^class 967 " "$work/classes" || complain "vit_tiny: the JPEG file is $(head -n 1 "$work/classes")"
fi

# ---- retsim: the vectors of four texts and their cosines
if [ -e "$models/retsim/model.safetensors" ]; then
    golden=$models/retsim/golden.json
    texts=("I love waffles for breakfast" "I love waffles in the morning" "I Love W4ffles 4 breakfast!" "The weather in Oslo is cold today")
    tr -d ' \n' <"$golden" | sed 's/.*"embeddings":\[\[//; s/\]\].*//; s/\],\[/\n/g' | awk 1 >"$work/vectors"
    tr -d ' \n' <"$golden" | sed 's/.*"cosine":\[\[//; s/\]\].*//; s/\],.*//' | tr ',' '\n' | awk 1 >"$work/wanted"
    : >"$work/cosines"
    for i in 0 1 2 3; do
        run vector examples/retsim/retsim.ml "$models/retsim/model.safetensors" "${texts[i]}" "${texts[0]}"
        sed -n 's/^cosine //p' "$work/vector" >>"$work/cosines"
        sed -n 's/^part //p' "$work/vector" >"$work/parts"
        sed -n "$((i + 1))p" "$work/vectors" | tr ',' '\n' | awk 1 >"$work/numbers"
        near "retsim: vector of '${texts[i]}'" "$work/parts" "$work/numbers" 1e-4
    done
    near "retsim: cosines" "$work/cosines" "$work/wanted" 2e-4
fi
verdict
