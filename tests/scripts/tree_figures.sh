#!/bin/bash
# What README.md counts is so today: its tests (about), the modules of the library, the rooms. How large a program is: tree_weight.sh.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc"
page=$MLC_SOURCE/README.md

# A sanitized build leaves some scripts out and has the fuzzers (tests/CMakeLists.txt).
here=$(ctest --test-dir "$MLC_BUILD" -N | sed -n 's/^Total Tests: //p')
without=$(find "$MLC_SOURCE/tests/scripts" -name '*.sh' | grep -cE '/(tree|kernel|compile)_[^/]*$')
fuzzers=$(find "$MLC_SOURCE/tests/fuzz" -maxdepth 1 -name '*.c' | wc -l)
tests=$((here + here - without + fuzzers))
said=$(sed -n 's/^- `\.\/check`.* \([0-9]*\) tests\.$/\1/p' "$page")
off=$((tests - ${said:-0}))
[ "${off#-}" -le 12 ] || complain "README.md says '$said' tests; both builds have $tests"

listed=$(sed -n 's/.*The library is written in the language: //p' "$page" && sed -n '/The library is written in the language: /{n;p}' "$page")
listed=$(grep -oE '`[a-z.]+`' <<<"$listed" | tr -d '`' | sed 's/^std\.//' | sort)
modules=$("$MLC_BUILD/mlc" doc std | sed -n 's/^- `std\.\([a-z]*\)`.*/\1/p' | sort)
[ "$listed" = "$modules" ] || complain "modules of the library in README.md and in mlc doc std: $(diff <(echo "$listed") <(echo "$modules"))"

for room in $rooms; do grep -q "^| \`$room/\` .*|$" "$page" || complain "README.md has no row for the room $room"; done

# Each pass has its row, and each command of --help its line.
"$MLC_BUILD/mlc" --help | sed -n '/^passes/,$p' | sed -n 's/^  \([a-z]*\) .*/\1/p' | while IFS= read -r pass; do
    grep -qE "^\|.*\b$pass\b" "$MLC_SOURCE/passes/PASSES.md" || echo "$pass"
done >"$work/passes"
[ -s "$work/passes" ] && complain "PASSES.md has no row for $(tr '\n' ' ' <"$work/passes")"
for command in $("$MLC_BUILD/mlc" --help | sed -n '/^FILE may/q; s/^.*mlc \([a-z]*\) .*$/\1/p' | sort -u); do
    grep -q "build/mlc $command" "$page" || complain "README.md does not show mlc $command"
done
verdict
