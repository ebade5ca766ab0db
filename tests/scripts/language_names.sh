#!/bin/bash
# LANGUAGE.md names every builtin function, effect, distribution, and every public name of the prelude.
. "$MLC_SOURCE/tests/lib/script.sh"
page=$MLC_SOURCE/frontend/LANGUAGE.md
{
    sed -nE 's/^(BUILTIN|EFFECT)\(([A-Za-z]\w*),.*/\2/p' "$MLC_SOURCE/frontend/builtins.def" "$MLC_SOURCE/frontend/effects.def"
    sed -nE 's/^(@\w+ )*(fn|op|model|struct) ([A-Za-z]\w*).*/\3/p' "$MLC_SOURCE/stdlib/core.ml"
    grep -oE '\{ "\w+", [0-9], draw_\w+' "$MLC_SOURCE/frontend/check/check_draw.c" | sed -E 's/.*"(\w+)".*/\1/'
} | grep -v "^_" | sort -u >"$work/names"
[ "$(wc -l <"$work/names")" -gt 100 ] || complain "only $(wc -l <"$work/names") names were found"
while read -r name; do
    grep -qF "\`$name\`" "$page" || complain "LANGUAGE.md does not name \`$name\`"
done <"$work/names"
verdict
