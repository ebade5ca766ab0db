#!/bin/bash
# The pages of names and types, dims and declarations say what the compiler says: the first example of a page has exactly one error
# (or warning), of its code; the second has none.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc"
export NO_COLOR=1
cd "$work" || exit 1
for page in "$MLC_SOURCE"/docs/explain/{E0[234]*,W*}.md; do
    code=$(basename "$page" .md)
    rm -f wrong.ml right.ml
    awk '/^Wrong:/ { to = "wrong.ml" } /^Right:/ { to = "right.ml" } /^```/ { inside = !inside; next } inside { print > to }' "$page"
    [ -s wrong.ml ] && [ -s right.ml ] || { complain "$code: an example is missing"; continue; }
    how=check
    [ "$code" != E0406 ] || how="-c -o out.o" # found where memory is placed
    "$MLC_BUILD/mlc" $how wrong.ml >report 2>&1
    status=$?
    case $code in W*) want=0 ;; *) want=1 ;; esac
    [ "$status" = $want ] && [ "$(grep -oE '\[[EW][0-9]+\]' report)" = "[$code]" ] || { complain "$code: the wrong example"; cat report; }
    "$MLC_BUILD/mlc" $how right.ml >report 2>&1 && [ ! -s report ] || { complain "$code: the right example"; cat report; }
done
verdict
