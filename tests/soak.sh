#!/bin/bash
# soak.sh [HOURS] - every float through every elementary function, many doubles, then the oracle and every fuzz target in turn, with a new seed every
# time, until the hours (8; 0.2 are twelve minutes, after what must be built is built) are over or something is found. Seeds are of the clock and printed first.
#   SOAK_TURN   seconds of each turn (300); below that, the floats are left out
#   MLC_MATH_NAMES   the functions: exp,log (all)
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/setup.sh"
hours=${1:-8}
turn=${SOAK_TURN:-300}
build_preset release && build_preset dev || exit 1
end=$(($(date +%s) + $(awk "BEGIN { print int($hours * 3600) }")))
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1

fuzz() { # target, seed, seconds
    mapfile -t files <"$root/build-dev/tests/$1.corpus"
    "$root/build-dev/tests/$1" -t "$3" -s "$2" "${files[@]}"
}

# Seconds of the next turn; fails when the time is over.
next_turn() {
    left=$((end - $(date +%s)))
    left=$((left < turn ? left : turn))
    [ "$left" -gt 0 ]
}

if [ "$turn" -ge 300 ]; then # the only part whose time is fixed: about an hour for all of them
    echo "elementary functions of every float"
    MLC_MATH_STEP=1 MLC_TEST_VERBOSE=1 "$root/build/tests/backend_math" || exit 1
    echo "elementary functions of a hundred million doubles"
    MLC_MATH_COUNT=100000 MLC_TEST_VERBOSE=1 "$root/build/tests/backend_math64" || exit 1
    echo "readers of packed weights, all of them for each processor"
    MLC_ONCE_EACH=1 "$root/build/tests/driver_once" || exit 1
    echo "golden programs in all ways"
    MLC_GOLDEN_ALL=1 ctest --test-dir "$root/build" --output-on-failure -R '^golden_run' || exit 1
    echo "the IR of all programs after each pass"
    MLC_VERIFY_ALL=1 ctest --test-dir "$root/build" --output-on-failure -R '^compile_verified$' || exit 1
fi
while next_turn; do
    seed=$(($(date +%s) % 1000000 * 1000))
    echo "oracle: seed $seed"
    "$root/build/tests/driver_oracle" -n 100000000 -t "$left" -s "$seed" -w 2 || exit 1
    for target in "$root"/build-dev/tests/fuzz_*.corpus; do
        next_turn || exit 0
        target=$(basename "$target" .corpus)
        echo "$target: seed $seed"
        fuzz "$target" "$seed" "$left" || exit 1
    done
done
