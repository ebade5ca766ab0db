#!/bin/bash
# No file is longer than 800 lines, no function longer than 70: from the brace that opens it in column 0 to the one that closes it.
. "$MLC_SOURCE/tests/lib/script.sh"

while IFS= read -r file; do
    awk -v name="${file#"$MLC_SOURCE"/}" '
        /^\{[[:space:]]*$/ { start = NR; head = last }
        /^\}[[:space:]]*$/ { if (start && NR - start + 1 > 70) { printf "%s:%d: function of %d lines: %s\n", name, start, NR - start + 1, head; n++ }
                             start = 0 }
        NF { last = $0 }
        END { if (NR > 800) { printf "%s: %d lines\n", name, NR; n++ } exit n > 0 }' "$file" || bad=1
done < <(room_files; test_files)
verdict
