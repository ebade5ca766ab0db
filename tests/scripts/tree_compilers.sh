#!/bin/bash
# The other compiler has no warning either: clang where gcc builds, gcc where clang does. Skipped where there is only one.
. "$MLC_SOURCE/tests/lib/script.sh"

other=
if "$CC" --version | grep -qi clang; then names="gcc"; else names="clang-19 clang"; fi
for name in $names; do
    [ -n "$other" ] || other=$(command -v "$name")
done
[ -n "$other" ] || skip "no second compiler ($names)"

warnings="-Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes -Werror"
llvm=$(llvm-config-19 --includedir 2>/dev/null || echo /usr/lib/llvm-19/include)

some() { # room, files
    local room=$1 more=
    shift
    case $room in
    frontend) more="-I $MLC_BUILD/gen" ;;
    backend) more="-isystem $llvm" ;;
    driver) more="-I $MLC_SOURCE/runtime" ;;
    esac
    "$other" -std=gnu11 $warnings -I "$MLC_BUILD/see/$room" $more -fsyntax-only "$@"
}
export -f some
export other warnings llvm MLC_BUILD MLC_SOURCE

for room in $rooms; do
    [ -d "$MLC_BUILD/see/$room" ] || continue
    find "$MLC_SOURCE/$room" -name '*.c' -print0 | xargs -0 -r -n 16 -P 2 bash -c 'some "$0" "$@"' "$room" || bad=1
done
[ "$bad" = 0 ] || echo "$other is not content"
verdict
