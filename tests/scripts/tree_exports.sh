#!/bin/bash
# The libraries export their interface and nothing else, and need no more than they say: only libmlc-llvm.so links LLVM.
. "$MLC_SOURCE/tests/lib/script.sh"

exports() { nm -D --defined-only "$1" | awk '$2 != "A" { print $NF }' | sed 's/@.*//'; }
needs() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }

library() { # file, pattern of exports, pattern of libraries it may need
    [ -e "$MLC_BUILD/$1" ] || { echo "$1 is not there"; missing=1; return; }
    local other
    other=$(exports "$MLC_BUILD/$1" | grep -vE "^($2)")
    [ -z "$other" ] || complain "$1 exports" $other
    [ -n "$(exports "$MLC_BUILD/$1")" ] || complain "$1 exports nothing"
    other=$(needs "$MLC_BUILD/$1" | grep -vE "^($3)\.so")
    [ -z "$other" ] || complain "$1 needs" $other
}

missing=
system='libc|libm|libpthread|libdl|ld-linux.*'
library libmlcrt.so 'mlcrt_' "$system"
library libmlc.so 'mlc_|mlcrt_' "$system|libffi"
library libmlc-llvm.so 'mlcbe_' "$system|libLLVM.*"

# In the archive: what a program that links it can see.
if [ -e "$MLC_BUILD/libmlcrt.a" ]; then
    other=$(readelf -Ws "$MLC_BUILD/libmlcrt.a" | awk '$5 == "GLOBAL" && $6 == "DEFAULT" && $7 != "UND" { print $8 }' | grep -v '^mlcrt_')
    [ -z "$other" ] || complain "libmlcrt.a exports" $other
fi
for file in mlc libmlc.so libmlcrt.so mlc-codegen; do
    [ -e "$MLC_BUILD/$file" ] || continue
    ! ldd "$MLC_BUILD/$file" | grep -i llvm || complain "$file links LLVM"
done
[ "$bad" = 0 ] && [ -n "$missing" ] && skip "not everything is there"
verdict
