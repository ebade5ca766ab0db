#!/bin/bash
# Files hold no paths of one machine, no leftovers, no spaces at line ends, no tabs where spaces belong.
. "$MLC_SOURCE/tests/lib/script.sh"
cd "$MLC_SOURCE" || exit 1

files() { git ls-files -- '*.[chlyS]' '*.def' '*.md' '*.ml' '*.cmake' '*.txt' '*.sh' try check '.ci/*' | grep -v -e '^tests/data/' -e '^tests/golden/'; }
git rev-parse --git-dir >/dev/null 2>&1 || skip "not a git checkout"

refuse() { # extended pattern, why
    local hits
    hits=$(files | xargs -d '\n' grep -nE "$1" -- 2>/dev/null)
    [ -z "$hits" ] || { complain "$2:"; echo "$hits" | head -n 20; }
}
refuse '/(wor[k]|roo[t]|hom[e])/' "a path of one machine"
refuse '\b(TOD[O]|FIXM[E]|XX[X]|HAC[K])\b' "a leftover"
refuse '\b([Cc]laud[e]|[Aa]nthropi[c]|[Cc]hat[Gg]P[T]|[Cc]o[p]ilot|AI [a]ssistant)\b' "a name that belongs elsewhere"
refuse '[[:space:]]$' "space at the end of a line"
refuse '^ *	' "a tab"
verdict
