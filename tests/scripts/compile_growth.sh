#!/bin/bash
# What the compiler takes for a program that is four times as long: at most nine times as long (square: sixteen), by the shortest of five runs.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc"
cd "$work" || exit 1
TIMEFORMAT='%U %S' # together they are exact, each alone is counted in ticks

shortest() { # arguments of mlc ...: milliseconds of processor time
    local best=1000000 t
    for _ in 1 2 3 4 5; do
        t=$({ time "$MLC_BUILD/mlc" "$@" >out 2>err || complain "$*: $(head -n 3 err)"; } 2>&1)
        t=${t//./}
        t=$((10#${t% *} + 10#${t#* }))
        [ "$t" -lt "$best" ] && best=$t
    done
    echo "$best"
}

grows() { # name, size; the program of a size: written by the function of that name
    local some many
    "$1" "$2" >some.ml
    "$1" $(($2 * 4)) >many.ml
    some=$(shortest --emit=tile -o code.tile some.ml)
    many=$(shortest --emit=tile -o code.tile many.ml)
    [ "$many" -le $((9 * some + 5)) ] || complain "$1: $2 take $some ms, $(($2 * 4)) take $many"
}

repeat() { seq "$2" | sed "s|.*|$1|"; } # text, times; & is the number
joined() { repeat "$1" "$3" | paste -s -d "$2"; }

tensors() { # each made of the last one
    printf 'export fn f(x: f32[N]) -> f32[N] {\n    var y = x\n'
    repeat '    y = y * &.5 + x' "$1"
    printf '    y\n}\n'
}

calls() { # of one function
    printf 'fn g(x: f32[N]) -> f32[N] = exp(x) * 2\nexport fn f(x: f32[N]) -> f32[N] {\n    var y = x\n'
    repeat '    y = g(y)' "$1"
    printf '    y\n}\n'
}

parameters() { # of a model that is updated
    printf 'model M(D) {\n'
    repeat '    param w&: f32[D] = &' "$1"
    printf '}\nexport fn f(var m: M(D), g: M(D)) { m = m - 0.1 * g }\n'
}

arms() { # of a choice
    printf 'export fn f(k: int) -> f32 =\n    '
    joined 'if k == & { &.5 }' ' ' "$1" | sed 's/ if/ else if/g'
    printf '    else { 0 }\n'
}

sizes() { # that are as large as the one before
    printf 'export fn f(%s) -> f32 where %s = x1[0]\n' "$(joined 'x&: f32[D&]' , "$1")" "$(repeat 'D&' "$1" | sed '1!p' | sed '$d' | paste -d ' ' - - | sed 's/ / <= /' | sed '1s/^/D1 >= 1, /' | paste -s -d ,)"
}

grows tensors 500
grows calls 300
grows parameters 200
grows arms 150
grows sizes 60
verdict
