# shellcheck shell=bash
# conformance.sh - one suite of the conformance runner: no case may fail that the suite's file `known` does not list, none of
# those that it lists may pass.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/tests/conformance"

known() { grep -vE '^(#|$)' "$MLC_SOURCE/tests/conformance/$1/known" 2>/dev/null | sed 's/:.*//' | sort; }

run() { # suite, folder, whether it is the whole suite
    "$MLC_BUILD/tests/conformance" "$1" "$2" >"$work/out"
    [ $? -le 1 ] || { complain "$1: the runner failed"; return; }
    grep '^FAILED ' "$work/out" | sed 's/^FAILED //' | sort >"$work/failed"
    known "$1" >"$work/known"
    local new gone
    new=$(comm -23 "$work/failed" "$work/known")
    gone=$(comm -13 "$work/failed" "$work/known")
    tail -n 1 "$work/out"
    [ -z "$new" ] || { complain "$1: cases that fail:"; grep -A 3 -xFf <(sed 's/^/FAILED /' <<<"$new") "$work/out" | head -n 40; }
    [ -z "$3" ] || [ -z "$gone" ] || complain "$1: listed as failing, but they agree:" "$gone"
}

suite() { # suite, folder below MLC_SHARED
    local small="$MLC_SOURCE/tests/data/conformance/$1" none=1
    compgen -G "$MLC_SOURCE/tests/conformance/$1/*.rules" >/dev/null || skip "$1 has no rules"
    [ ! -d "$small" ] || { none=; run "$1" "$small" ""; }
    if [ -n "$MLC_SHARED" ] && [ -d "$MLC_SHARED/$2" ] && [ "$MLC_SANITIZED" != 1 ]; then
        none=
        run "$1" "$MLC_SHARED/$2" whole
    fi
    [ -z "$none" ] || skip "no vectors"
    verdict
}
