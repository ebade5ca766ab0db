#!/bin/bash
# std.text: texts come back from their tokens with every tokenizer that has one for each byte; sample texts of MLC_SHARED, too.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so"
export NO_COLOR=1
cd "$work" || exit 1
cat >back.ml <<'EOF'
import std.text: comes_back, decoded, of_bytes
let words = tokenizer(args(1))
let text = read_text(args(2))
print(comes_back(words, text), decoded(words, encode(words, "")) == "", of_bytes(i64(read_bytes(args(2)))) == text)
EOF
printf 'It is 2024:\n  a tab\there, \303\251, \346\227\245\346\234\254 and "quotes".\n' >text
files=("$MLC_SOURCE"/tests/data/tokenizer/{gpt2,llama3,qwen2,metaspace,unigram_bytes}.json "$MLC_SOURCE/examples/stories/tok512.bin")
there_and_back() { # tokenizer, text
    "$MLC_BUILD/mlc" run back.ml "$1" "$2" >out 2>errors || complain "$1, $2: $(head -n 2 errors)"
    grep -qx "true true true" out || complain "${1##*/}, ${2##*/}: prints '$(cat out)'"
}
for file in "${files[@]}"; do
    there_and_back "$file" text
    for sample in tinyshakespeare/input.txt names/names.txt gsm8k/test-200.jsonl; do
        [ -r "$MLC_SHARED/data/$sample" ] || continue
        head -c 8000 "$MLC_SHARED/data/$sample" | iconv -c -f utf-8 -t utf-8 >part
        there_and_back "$file" part
    done
done
verdict
