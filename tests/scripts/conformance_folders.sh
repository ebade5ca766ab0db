#!/bin/bash
# The conformance runner on folders in which something is wrong: every case is counted, what fails is named with the reason.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/tests/conformance"
good="$MLC_SOURCE/tests/data/conformance/golden/kimi"

# Three cases: the manifest up to the fourth.
awk '/"name":/ && ++n > 3 { exit } { print }' "$good.json" | sed '$ s/,$/]}/' >"$work/three.json"

# folder, its kimi.json through sed
folder() { mkdir -p "$work/$1"; cp "$good.safetensors" "$work/$1/"; sed -e "$2" "$work/three.json" >"$work/$1/kimi.json"; }

# folder, status, last line, what is said
says() {
    local out rc
    out=$("$MLC_BUILD/tests/conformance" golden "$work/$1" 2>&1)
    rc=$?
    [ "$rc" -eq "$2" ] || complain "$1: status $rc instead of $2"
    [ "$(tail -n 1 <<<"$out")" = "$3" ] || complain "$1: ends with '$(tail -n 1 <<<"$out")' instead of '$3'"
    [ -z "$4" ] || grep -q -- "$4" <<<"$out" || complain "$1: does not say '$4':" "$out"
}

folder same ''
says same 0 "3 passed, 0 failed" ''
folder changed '0,/"tau": 0.5/s//"tau": 0.75/'
says changed 1 "2 passed, 1 failed" 'of [0-9]* differ, most at \[.*\]: .* expected .* (error .*, tolerance 1e-12)'
folder missing '0,/in\/reward"/s//in\/nothing"/'
says missing 1 "2 passed, 1 failed" "it cannot be read: there is no tensor 'mean_baseline/in/nothing'"
folder renamed '0,/"reward": /s//"other": /'
says renamed 1 "2 passed, 1 failed" 'no rule is for kimi/mean_baseline with these arguments'
folder corrupt ''
echo '{"cases": [' >"$work/corrupt/a.json"
echo '{"casts": []}' >"$work/corrupt/b.json"
says corrupt 1 "3 passed, 2 failed" 'the manifest has no list of cases'
folder torn ''
head -c 3000 "$good.safetensors" >"$work/torn/kimi.safetensors"
says torn 1 "0 passed, 3 failed" 'it cannot be read'
mkdir "$work/empty"
says empty 2 "conformance: '$work/empty' holds no manifest" ''
verdict
