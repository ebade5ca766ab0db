#!/bin/bash
# README.md: the C program of "Embed it" compiles without a warning against what the compiler makes of the program above it, and
# prints what the page says.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlcrt.so" "$MLC_BUILD/libmlc-llvm.so"
cd "$work" || exit 1
awk '!file && /^## / { here = /Embed it/ } here && /^```(ml|c)$/ { file = $0 == "```c" ? "main.c" : "unit.ml"; next }
     /^```/ { file = "" } file { print > file }' "$MLC_SOURCE/README.md"
[ -s unit.ml ] && [ -s main.c ] || { complain "the programs are not found"; verdict; }
said=$(sed -n 's/.*&& \.\/main *# //p' "$MLC_SOURCE/README.md")
"$MLC_BUILD/mlc" -c unit.ml && $CC $MLC_CFLAGS -std=c99 -pedantic -Wall -Wextra -Werror main.c unit.o -I"$MLC_BUILD/include" -L"$MLC_BUILD" \
    -Wl,-rpath,"$MLC_BUILD" -lmlcrt -o main || { complain "it does not compile"; verdict; }
[ -n "$said" ] && [ "$(./main)" = "$said" ] || complain "it prints '$(./main)', not '$said'"
verdict
