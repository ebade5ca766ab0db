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
library libmlc-llvm.so 'mlcbe_' "$system|libLLVM.*|libstdc\+\+|libgcc_s|libz|libzstd"

# LLVM inside of the library: the constructor that sets its switches (be_settings.c) runs behind those that make them.
llvm=$MLC_BUILD/libmlc-llvm.so
if [ -e "$llvm" ] && ! needs "$llvm" | grep -q LLVM; then
    last=$(readelf -SW "$llvm" | sed -n 's/.* \.init_array  *INIT_ARRAY  *\([0-9a-f]*\) [0-9a-f]* \([0-9a-f]*\) .*/\1 \2/p' | { read -r at size && printf '%016x' $((0x$at + 0x$size - 8)); })
    runs=$(readelf -rW "$llvm" | awk -v at="$last" '$1 == at { print $NF }')
    ours=$(nm "$llvm" | awk '$3 == "llvm_switches" { print $1 }')
    [ -n "$runs" ] && [ $((0x$runs)) -eq $((0x$ours)) ] || complain "libmlc-llvm.so: the constructor at '$runs' runs last, not llvm_switches at '$ours'"
fi

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
