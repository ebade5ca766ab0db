#!/bin/bash
# mutants.sh [NUMBER...] - do the tests notice errors of the compiler? Builds a copy of the tree with every error of mutants/mutants.txt in
# it, each behind a switch, once, in build-mutants/; then runs tests of ./check with one error after the other switched on, until one
# of them fails. Not part of ./check (about 20 minutes on 2 cores); prints a table for FIGURES.md. Exit status 1 if more than 3 survive.
root=$(cd "$(dirname "$0")/.." && pwd)
work=$root/build-mutants
list=$root/tests/mutants/mutants.txt
# From those that notice most to those that notice least.
tests="driver_oracle golden_run golden_run_others backend_ops passes_golden driver_scalars driver_targets frontend_check frontend_lower backend_orders backend_math64 runtime_invoke driver_meta
       driver_native driver_passes backend_body driver_story golden_error command_call driver_stream byte_products driver_numbers driver_strips driver_neighbours driver_stream_faults"

# Replaces the one place of $2 in file $1 by a choice.
switch() { # file, original, mutated, number
    FROM=$2 TO=$3 N=$4 awk 'BEGIN { RS = "\001"; from = ENVIRON["FROM"]; to = ENVIRON["TO"] }
        { at = index($0, from)
          if (!at || index(substr($0, at + 1), from)) exit 1
          printf "%s(mlc_mutant(%s) ? (%s) : (%s))%s", substr($0, 1, at - 1), ENVIRON["N"], to, from, substr($0, at + length(from)) }' "$1" >"$1.new" &&
        mv "$1.new" "$1"
}

copy_tree() {
    mkdir -p "$work/src" || return 1
    (cd "$root" && tar cf - --exclude './build*' --exclude ./.git .) | tar xf - -C "$work/src"
}

# The rows of the list: number, file, words.
seed_errors() {
    local n=0 file='' words='' from='' line
    : >"$work/rows"
    while IFS= read -r line; do
        case $line in
        "- "*) from=${line#- } ;;
        "+ "*)
            n=$((n + 1))
            switch "$work/src/$file" "$from" "${line#+ }" "$n" || { echo "$file: '$from' does not stand there once" >&2; return 1; }
            printf '%s\t%s\t%s\n' "$n" "$file" "$words" >>"$work/rows"
            ;;
        *.c:*) file=${line%%:*} words=${line#*: } ;;
        esac
    done <"$list"
}

build() {
    cmake -S "$work/src" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release "-DCMAKE_C_FLAGS=-include $work/src/tests/mutants/mutant.h" &&
        cmake --build "$work/build" --parallel "$(nproc)"
}

# Time is generous: on a busy machine a slow test is no test that fails. What does not end is noticed, too.
run_test() { # name
    if [ "$1" = driver_oracle ]; then # more programs than in ./check, to the first that disagrees, without shrinking it
        timeout 900 "$work/build/tests/driver_oracle" -n 400 -x 0 -f
    else
        ctest --test-dir "$work/build" -R "^$1\$" --timeout 900 -Q
    fi
}

# Prints the name of the test that notices error $1; nothing if none does.
caught_by() {
    local t
    export MLC_MUTANT=$1 XDG_CACHE_HOME=$work/build/test-cache
    rm -rf "$XDG_CACHE_HOME" # as tests/CMakeLists.txt says: what the tests compile is kept there, and must not be seen by others
    for t in $tests; do
        run_test "$t" >/dev/null 2>&1 || { echo "$t"; break; }
    done
}

if [ ! -e "$work/built" ] || [ "$list" -nt "$work/built" ]; then
    rm -rf "$work"
    copy_tree && seed_errors && build >"$work/log" 2>&1 || { tail -n 30 "$work/log"; exit 1; }
    touch "$work/built"
fi
unnoticed=$(caught_by 0)
[ -z "$unnoticed" ] || { echo "$unnoticed fails without an error"; exit 1; }
alive=0 all=0
while IFS=$'\t' read -r n file words; do
    [ $# = 0 ] || [[ " $* " == *" $n "* ]] || continue
    by=$(caught_by "$n" </dev/null)
    all=$((all + 1))
    [ -n "$by" ] || alive=$((alive + 1))
    printf '| %s | `%s` | %s | %s |\n' "$n" "$file" "$words" "${by:-**nobody**}"
done <"$work/rows"
echo "$((all - alive)) of $all caught"
[ "$alive" -le 3 ]
