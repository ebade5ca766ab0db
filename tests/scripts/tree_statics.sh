#!/bin/bash
# The libraries have no writable statics: every object of a room, generated ones too, has nothing in .data, .bss and thread-local sections.
# Constants with addresses in them (.data.rel.ro) are written by the loader only.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/libmlcrt.a"

for archive in "$MLC_BUILD"/libmlcrt.a "$MLC_BUILD"/rooms/*.a; do
    [ -e "$archive" ] || continue
    objdump -t "$archive" | awk -v name="${archive##*/}" '
        /file format/ { sub(/:.*/, ""); object = $0 }
        NF < 5 { next }
        { section = $(NF - 2); size = $(NF - 1); symbol = $NF }
        section ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ && section !~ /^\.data\.rel\.ro/ && size !~ /^0+$/ {
            printf "%s: %s: writable: %s (%s)\n", name, object, symbol, section; n++ }
        END { exit n > 0 }' || bad=1
done
verdict
