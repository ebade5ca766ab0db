#!/bin/bash
# Adapted models as parameters of exported functions: from C, with `mlc call`, and in a script, from one file.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so" "$MLC_BUILD/libmlcrt.a"
mlc=$MLC_BUILD/mlc
export NO_COLOR=1
cp "$MLC_SOURCE"/tests/support/adapted_handles/* "$work" && cd "$work" || exit 1

"$mlc" run script.ml >by_script 2>errors || { complain "the script: $(head -n 5 errors)"; verdict; }
[ "$(head -n 2 by_script)" = "$(tail -n 2 by_script)" ] || complain "the part is not the model: $(cat by_script)"
"$mlc" -c -o adapted.o adapted.ml 2>errors || { complain "does not compile: $(head -n 5 errors)"; verdict; }
# shellcheck disable=SC2086
"$CC" -std=c99 -Wall -Wextra -Werror $MLC_CFLAGS -I . -I "$MLC_BUILD/include" main.c adapted.o "$MLC_BUILD/libmlcrt.a" -lm -pthread \
    -o main 2>errors || { complain "the C program does not compile: $(head -n 5 errors)"; verdict; }
./main >by_c || complain "the C program: $(cat by_c)"
numbers() { sed 's/.*=//' | grep -oE -- '-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?' | xargs printf '%.3g '; }
for way in "" --interp; do
    "$mlc" call $way adapted.ml run net=tuned.safetensors net.up.alpha=4 net.down.alpha=4 'x=[[1,2,3],[-1,0.5,0]]' >by_call 2>errors ||
        complain "call $way: $(head -n 3 errors)"
    for by in script c; do
        [ "$(numbers <by_call)" = "$(head -n 2 by_$by | numbers)" ] || complain "call $way: $(cat by_call), but by $by: $(head -n 2 by_$by)"
    done
done
verdict
