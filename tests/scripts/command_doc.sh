#!/bin/bash
# `mlc doc`: comments and signatures as Markdown; every module of the library has a page in which each public name has its part.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc"
mlc=$MLC_BUILD/mlc
export NO_COLOR=1
cd "$work" || exit 1

cat >m.ml <<'EOS'
## The file.
## Two lines.

import std.nn: Linear

## y = x W.
@inplace
export fn f[H](x: f32[B, H * K],   # rows
               y: str = "#{") -> f32[B] where B >= 1 = sum(x, axis: 1)

fn _private(x: f32) -> f32 = x
## A net.
model Net(D; eps = 1e-5) where D >= 1 {
    param w:  f32[D] = 1     # ones
    layer = Linear(D, D)
    ## Forwards.
    fn call(x: f32[.., D]) -> f32[.., D] {
        layer(x)
    }
}
struct Empty {}
op top[j](x: float) -> float[j] else -inf = x
let script = 1
EOS
cat >want.md <<'EOS'
# m

The file.
Two lines.

## f

```ml
@inplace export fn f[H](x: f32[B, H * K], y: str = "#{") -> f32[B] where B >= 1
```

y = x W.

## Net

```ml
model Net(D; eps = 1e-5) where D >= 1
    param w: f32[D] = 1
    layer = Linear(D, D)
    fn call(x: f32[.., D]) -> f32[.., D]
```

A net.

`call`: Forwards.

## Empty

```ml
struct Empty
```

## top

```ml
op top[j](x: float) -> float[j] else -inf
```
EOS
"$mlc" doc m.ml >got.md 2>report || { complain "exit status $?"; cat report; }
diff -u want.md got.md || complain "another page"
"$mlc" doc -o out.md m.ml && cmp -s out.md want.md || complain "-o"
"$mlc" doc std.missing 2>report && complain "a missing module: exit status 0"
grep -q E0601 report || complain "a missing module: no E0601"
"$mlc" doc std >modules 2>report || { complain "std: exit status $?"; cat report; }
grep -qx -- '- `std.env`: Small control tasks of Gymnasium (Towers et al. 2024), as functions of a state: next state, reward, whether the task has ended.' modules ||
    complain "std: no first sentence of std.env"
grep -qx -- '- `std.optim`: Optimisers.' modules || complain "std: no std.optim"
[ "$(grep -c '^- `std\.' modules)" = "$(ls "$MLC_SOURCE"/stdlib/std | wc -l)" ] || complain "std: not all modules"
for file in "$MLC_SOURCE"/stdlib/std/*.ml; do
    module=std.$(basename "$file" .ml)
    "$mlc" doc "$module" >page 2>report || { complain "$module"; cat report; continue; }
    sed -nE 's/^(export )?(@[a-z]+ )*(fn|model|struct|op) ([A-Za-z][A-Za-z_0-9]*).*/\4/p' "$file" | while read -r name; do
        grep -qx "## $name" page || echo "$module: $name"
    done >missing
    [ -s missing ] && { complain "left out:"; cat missing; }
done
verdict
