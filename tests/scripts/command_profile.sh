#!/bin/bash
# --profile and --trace: what a program prints stays, each kernel is counted with its place, and the operations are those of the form.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc"
mlc=$MLC_BUILD/mlc
cd "$work" || exit 1
cat >p.ml <<'P'
fn product(a: f32[M, K], b: f32[K, N]) -> f32[M, N] {
    out[m, n] = sum[k](a[m, k] * b[k, n])
}
var a[m: 64, k: 64] = f32(m - k)
for turn in 0..5 {
    a[0, 0] = turn
    print(product(a, a)[0, 0])
}
P
"$mlc" run p.ml >plain || complain "does not run"
"$mlc" run --profile --trace t.json --threads 1 p.ml >got 2>report || { complain "does not run with --profile"; cat report; }
cmp -s plain got || complain "prints something else"
grep -qE ' 5 .* p\.ml:2:5 ' report || { complain "does not count five products at 2:5"; cat report; }
[ "$(grep -c '"name": "p.ml:2:5 ' t.json)" = 5 ] || complain "the trace lacks products"
grep -q 'peak: [0-9.]* GFLOP/s' report || complain "says no peak"
grep -q '^memory: [0-9.]* MB at most' report || complain "says no memory"
[ "$(head -c 17 t.json)" = '{"traceEvents": [' ] && [ "$(grep -cE '^\{"ph": "X".*\},?$' t.json)" = "$(grep -c '"ph"' t.json)" ] || complain "the trace has another form"
# A line of the library that is called from two lines of the program is two.
cat >l.ml <<'P'
import std.nn: Dense
model Net(D) {
    up   = Dense(D, 2 * D)
    down = Dense(2 * D, D)
    fn call(x: f32[.., D]) -> f32[.., D] {
        let h = up(x)
        down(h)
    }
}
let net = Net(24)
let x: f32[8, 24] = 1
print(mean(net(x)), mean(net(x + 1)))
P
"$mlc" run l.ml >plain && "$mlc" run --profile l.ml >got 2>report || complain "layers do not run"
cmp -s plain got || complain "with --profile layers give something else"
grep -qE ' 2 .* <library>/std/nn\.ml:[0-9:]+ .*from l\.ml:6:17' report && grep -qE ' 2 .* <library>/std/nn\.ml:[0-9:]+ .*from l\.ml:7:9' report ||
    { complain "does not say which lines call the library"; cat report; }
# Heads in groups: counting changes nothing of what is counted.
cat >g.ml <<'P'
fn attend(q: f32[H, T, D], k: f32[G, T, D], v: f32[G, T, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h // (H / G), j, d]) / sqrt(D)
    let p[h, i, j] = softmax[j](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h // (H / G), j, d])
}
let q[h: 4, i: 40, d: 8] ~ normal(0, 1)
let k[h: 2, i: 40, d: 8] ~ normal(0, 1)
let o = attend(q, k, k)
print(sum(o), sum(o * o))
P
"$mlc" run g.ml >plain && "$mlc" run --profile g.ml >got 2>report || complain "grouped heads do not run"
cmp -s plain got || complain "with --profile grouped heads give something else"
# Loops count from bound to bound: what a guard leaves out is neither operations nor bytes read.
cat >b.ml <<'P'
fn whole(a: f32[T, S], x: f32[S]) -> f32[T] {
    out[i] = sum[j](a[i, j] * x[j])
}
fn lower(a: f32[T, S], x: f32[S]) -> f32[T] {
    out[i] = sum[j | j <= i + S - T](a[i, j] * x[j])
}
fn window(a: f32[T, S], x: f32[S]) -> f32[T] {
    out[i] = sum[j | j <= i and j > i - 8](a[i, j] * x[j])
}
fn upper(a: f32[T, S], x: f32[S]) -> f32[T] {
    out[i] = sum[j | j >= i](a[i, j] * x[j])
}
fn halves(a: f32[T, S], x: f32[S]) -> f32[T] {
    out[i] = sum[j | j <= i // 2](a[i, j] * x[j])
}
fn attend(q: f32[T, D], k: f32[S, D]) -> f32[T, D] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let p[i, j] = softmax[j | j <= i](s[i, j])
    out[i, d] = sum[j](p[i, j] * k[j, d])
}
fn attend_all(q: f32[T, D], k: f32[S, D]) -> f32[T, D] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let p[i, j] = softmax[j](s[i, j])
    out[i, d] = sum[j](p[i, j] * k[j, d])
}
var a[i: 40, j: 40] = f32(i - j)
let x[j: 40] = f32(j)
let q[i: 40, d: 8] = f32(i + d) / 40
a[0, 0] = 3
print(sum(whole(a, x)), sum(lower(a, x)), sum(window(a, x)), sum(upper(a, x)), sum(halves(a, x)))
print(sum(lower(a[:24, :], x)), sum(lower(a[:, :24], x[:24])))
print(sum(attend(q, q)), sum(attend_all(q, q)))
P
# The operations and bytes of the kernels at this place, each pair once.
counts() { grep "\"name\": \"b.ml:$1 " t.json | sed 's/.*"operations": \([0-9]*\), "bytes": \([0-9]*\).*/\1 \2/' | grep -v '^0 0$' | sort -n | uniq | tr '\n' ' '; }
counted() { [ "$(counts "$1")" = "$2" ] || complain "b.ml:$1 counts $(counts "$1"), not $2"; }
"$mlc" run b.ml >plain && "$mlc" run --profile --trace t.json b.ml >got 2>report || complain "loops with bounds do not run"
cmp -s plain got || complain "with --profile loops with bounds give something else"
counted 2:5 "3200 6720 " # 40 * 40 twice; a, x and the result
counted 5:5 "600 1520 1368 2992 1640 3600 " # a of 40 x 24 (x is read in place: the tensor of 40), 24 x 40, 40 x 40
counted 8:5 "584 1488 " # 8 of each row, less 28
counted 11:5 "1640 3600 "
counted 14:5 "840 2000 " # a quotient of an index: its rows are an axis of quotients and one of residues (pass `split`)
some=$(counts 19:5 | cut -d' ' -f1) all=$(counts 24:5 | cut -d' ' -f1)
[ $((100 * some)) -gt $((50 * all)) ] && [ $((100 * some)) -lt $((53 * all)) ] || complain "a causal kernel counts '$some', a whole one '$all'"
"$mlc" --explain-fusion b.ml >report 2>&1
grep -q 'operations.*; bounds not counted' report || { complain "does not say that loops with bounds count whole"; cat report; }
grep -A2 'b.ml:2:5' report | grep -q 'bounds not counted' && complain "says so of loops without bounds"
# A turn of a loop reads a layer of the stacked weights, a table the rows that are asked for.
cat >b.ml <<'P'
fn layers(x: f32[B, D], w: f32[L, D, D]) -> f32[B, D] {
    var h = x
    for l in 0..L {
        let y[b, o] = tanh(sum[i](h[b, i] * w[l, o, i]))
        h = y
    }
    h
}
fn rows(table: f32[V, D], at: i32[N]) -> f32[N, D] {
    out[n, d] = 2 * table[at[n], d]
}
let w[l: 9, i: 16, j: 16] = f32(l - i + j) / 100
let h[b: 3, i: 16] = f32(b)
let at[n: 5] = i32(n)
let y = layers(h, w)
let r = rows(w[0], at)
print(y[0, 0], r[4, 1])
P
"$mlc" run --profile --trace t.json b.ml >/dev/null 2>report || { complain "loops do not run"; cat report; }
counted 4:9 "$((3 * 16 * 16 * 2 + 3 * 16)) $((4 * (3 * 16 + 16 * 16 + 3 * 16))) "
counted 10:5 "$((5 * 16)) $((4 * 5 + 4 * 5 * 16 + 4 * 5 * 16)) "
# Rows that are put in order, and copies of whole tensors, have lines of their own.
cat >s.ml <<'P'
fn first(x: f32[B, N]) -> f32[B, N] {
    let (v, _i) = sort(x)
    v
}
let x[b: 7, n: 300] = f32(b * 31 * n % 17)
let y = first(x)
let z = y
print(y[0, 0], z[6, 299])
P
"$mlc" run --profile s.ml >/dev/null 2>report || { complain "a sort does not run"; cat report; }
grep -qE ' s.ml:2:19 sort( from s.ml:6:9)?$' report || { complain "no line of the sort"; cat report; }
for wrong in "check --profile" "run --profile --interp" "call --trace x --isolated"; do
    "$mlc" $wrong p.ml >/dev/null 2>&1
    [ $? = 2 ] || complain "mlc $wrong: exit status is not 2"
done
"$mlc" run --trace /nowhere/t.json p.ml >/dev/null 2>report && complain "a trace that cannot be written is no error"
grep -q 'E0601' report || complain "does not say that the trace cannot be written"
verdict
