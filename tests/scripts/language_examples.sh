#!/bin/bash
# The examples of LANGUAGE.md, README.md and the other pages (```ml blocks): what says an error or warning has exactly that, what says
# what it prints prints it, compiled and interpreted, and has no warning; the rest has no error.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so"
mlc=$MLC_BUILD/mlc
export NO_COLOR=1
mkdir -p "$work/golden/error" "$work/golden/run" "$work/plain"
while IFS= read -r page; do
    name=$(echo "${page#"$MLC_SOURCE"/}" | tr './' '__')
    awk -v to="$work/plain/$name" '/^```ml$/ { inside = 1; n++; file = sprintf("%s-%02d.ml", to, n); next } /^```/ { inside = 0 } inside { print > file }' "$page"
done < <(find "$MLC_SOURCE" -maxdepth 2 -name '*.md' -not -path '*/build*' | sort)
count=0
for file in "$work"/plain/*.ml; do
    count=$((count + 1))
    if grep -qE '# (error|warning)(@[0-9]+)?(\[|:)' "$file"; then
        mv "$file" "$work/golden/error"
    elif grep -q '^# > ' "$file"; then
        "$mlc" check -Werror "$file" >"$work/report" 2>&1 || { complain "$(basename "$file")"; cat "$work/report"; }
        mv "$file" "$work/golden/run"
    else
        "$mlc" check "$file" >"$work/report" 2>&1 || { complain "$(basename "$file")"; cat "$work/report"; }
    fi
done
[ "$count" -gt 12 ] || complain "only $count examples"
[ -n "$(ls "$work/golden/run")" ] && [ -n "$(ls "$work/golden/error")" ] || complain "examples of a kind are missing"
for kind in error run; do
    MLC_GOLDEN=$work/golden bash "$MLC_SOURCE/tests/golden.sh" $kind || bad=1
done
verdict
