#!/bin/bash
# The example program with its model code and the runtime, stripped and without weights, is smaller than 300 KB: linked as anyone would
# link it, with no option of the linker for size.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so" "$MLC_BUILD/libmlcrt.a"
most=$((300 * 1024))
stories=$MLC_SOURCE/examples/stories

"$MLC_BUILD/mlc" -c "$stories/stories.ml" -o "$work/stories.o" || complain "stories.ml does not compile"
"$CC" -O2 -I "$work" -I "$MLC_BUILD/include" "$stories/main.c" "$work/stories.o" "$MLC_BUILD/libmlcrt.a" -lm -lpthread -s -o "$work/main" ||
    complain "the program does not link"
[ "$bad" = 0 ] || verdict
bytes=$(stat -c %s "$work/main")
echo "$bytes bytes, at most $most"
said=$(sed -n 's/^- The story program .* \([0-9]*\) KB (.*/\1/p' "$MLC_SOURCE/README.md")
off=$((bytes / 1024 - ${said:-0}))
[ "${off#-}" -le 6 ] || complain "README.md says $said KB, it is $((bytes / 1024))"
[ "$bytes" -lt "$most" ] || complain "too large; the largest sections: $(size -A "$work/main" | sort -rnk2 | head -n 6 | awk '{ printf "%s %s  ", $1, $2 }')"
"$work/main" "$stories/stories260K.bin" "$stories/tok512.bin" "Once upon a time" 20 2>/dev/null | grep -q "Once upon a time, there was" ||
    complain "it tells no story"
verdict
