#!/bin/bash
# Every seeded error of mutants/mutants.txt still has its place: the expression that it replaces stands once in its file.
. "$MLC_SOURCE/tests/lib/script.sh"
awk -v root="$MLC_SOURCE" '
    function once(   text, line, at) {
        if (file == "") return
        n++
        text = ""
        while ((getline line < (root "/" file)) > 0) text = text line "\n"
        close(root "/" file)
        at = index(text, from)
        if (!at || index(substr(text, at + 1), from)) { print file ": does not stand there once: " from; bad = 1 }
        file = from = ""
    }
    NR == 1 { next }
    /^$/ { once() }
    /^- / { from = (from == "" ? "" : from "\n") substr($0, 3); next }
    /^[a-z]+\/[^ ]*: / && file == "" { file = $0; sub(/: .*/, "", file) }
    END { once(); print n " errors"; exit bad || n < 40 }' "$MLC_SOURCE/tests/mutants/mutants.txt" || complain "see above"
verdict
