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
[ "$(head -c 17 t.json)" = '{"traceEvents": [' ] && [ "$(grep -cE '^\{"ph": "X".*\},?$' t.json)" = "$(grep -c '"ph"' t.json)" ] || complain "the trace has another form"
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
for wrong in "check --profile" "run --profile --interp" "call --trace x --isolated"; do
    "$mlc" $wrong p.ml >/dev/null 2>&1
    [ $? = 2 ] || complain "mlc $wrong: exit status is not 2"
done
"$mlc" run --trace /nowhere/t.json p.ml >/dev/null 2>report && complain "a trace that cannot be written is no error"
grep -q 'E0601' report || complain "does not say that the trace cannot be written"
verdict
