#!/bin/bash
# soak.sh [HOURS] - the oracle and every fuzz target in turn, five minutes each, with a new seed every time, until the hours are over or
# something is found. Seeds are of the clock and printed first.
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/setup.sh"
hours=${1:-8}
end=$(($(date +%s) + $(awk "BEGIN { print int($hours * 3600) }")))
turn=${SOAK_TURN:-300}
build_preset release && build_preset dev || exit 1
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1

fuzz() { # target, seed, seconds
    mapfile -t files <"$root/build-dev/tests/$1.corpus"
    "$root/build-dev/tests/$1" -t "$3" -s "$2" "${files[@]}"
}

while now=$(date +%s); [ "$now" -lt "$end" ]; do
    seed=$((now % 1000000 * 1000))
    left=$((end - now < turn ? end - now : turn))
    echo "oracle: seed $seed"
    "$root/build/tests/driver_oracle" -n "$((left * 15))" -s "$seed" -w 2 || exit 1
    for target in "$root"/build-dev/tests/fuzz_*.corpus; do
        target=$(basename "$target" .corpus)
        echo "$target: seed $seed"
        fuzz "$target" "$seed" "$left" || exit 1
    done
done
