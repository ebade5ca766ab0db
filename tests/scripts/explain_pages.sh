#!/bin/bash
# The pages of names and types, dims and declarations say what the compiler says: the first example of a page has exactly one error,
# of its code; the second has none.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc"
export NO_COLOR=1
cd "$work" || exit 1
for page in "$MLC_SOURCE"/docs/explain/E0[234]*.md; do
    code=$(basename "$page" .md)
    rm -f wrong.ml right.ml
    awk '/^Wrong:/ { to = "wrong.ml" } /^Right:/ { to = "right.ml" } /^```/ { inside = !inside; next } inside { print > to }' "$page"
    [ -s wrong.ml ] && [ -s right.ml ] || { complain "$code: an example is missing"; continue; }
    "$MLC_BUILD/mlc" check wrong.ml >report 2>&1
    [ $? = 1 ] && [ "$(grep -oE 'error\[E[0-9]+\]' report)" = "error[$code]" ] || { complain "$code: the wrong example"; cat report; }
    "$MLC_BUILD/mlc" check right.ml >report 2>&1 || { complain "$code: the right example"; cat report; }
done
verdict
