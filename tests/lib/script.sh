# shellcheck shell=bash
# script.sh - what the script tests share. To be sourced: MLC_BUILD, MLC_SOURCE, ... are set by CTest (tests/CMakeLists.txt).
: "${MLC_BUILD:?}" "${MLC_SOURCE:?}"
CC=${MLC_CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

skip() { echo "skipped: $*"; exit 77; }
complain() { echo "$*"; bad=1; }
need() { local f; for f in "$@"; do [ -e "$f" ] || skip "${f#"$MLC_BUILD"/} is not there"; done; }
verdict() { exit "$bad"; }

# The C files of the rooms, and those of the tests.
rooms="base ir frontend interp passes backend runtime driver"
room_files() { local r; for r in $rooms; do find "$MLC_SOURCE/$r" -name '*.[chly]' -o -name '*.def'; done | sort; }
test_files() { find "$MLC_SOURCE/tests" -name '*.[ch]' | sort; }
