## Rows long enough to be put in order digit by digit, of every kind of key: each element once, none before a smaller one, of equal ones the
## first place first; and the first k of them, few and many.
@elementwise fn same(a: f64, b: f64) -> bool = (a <= b and b <= a) or (isnan(a) and isnan(b))

fn in_order(value: f64[N], at: i64[N]) -> bool =
    all[i | i > 0](if same(value[i - 1], value[i]) { at[i - 1] < at[i] } else { value[i - 1] < value[i] or isnan(value[i]) })

fn whole(x: f64[N], value: f64[N], at: i64[N]) -> bool {
    let times[j: N] = count[i](at[i] == j)
    all[j](times[j] == 1) and all[i](same(value[i], x[at[i]]))
}

## Are the k first, the largest first, those of the whole order?
fn begins(x: float[N], k: int) -> bool where 1 <= k, k <= N {
    let (all_values, all_places) = sort(x, axis: -1, descending: true)
    let (value, at) = topk(x, k, axis: -1)
    all[i](at[i] == all_places[i] and same(f64(value[i]), f64(all_values[i])) and same(f64(value[i]), f64(x[at[i]])))
}

let N = 1500
let z[i: N] ~ normal(0, 1, key: key(1))
let n[i: N] ~ integer(-2305843009213693952, 2305843009213693952, key: key(2))

# f32, with ties, both zeros, infinities and NaN
let mixed[i: N] = if i % 97 == 5 { nan } else if i % 89 == 7 { inf } else if i % 83 == 0 { -inf } else if i % 3 == 0 { floor(z[i]) * 0.0 } else if i % 2 == 0 { floor(z[i] * 4) } else { z[i] }
let (mv, ma) = sort(mixed, axis: -1)
print(in_order(f64(mv), ma), whole(f64(mixed), f64(mv), ma), ma[0], ma[N - 1], isnan(mv[N - 1]))
# > true true 0 1460 true

# f64 that differ in the last places only, or by hundreds of orders; what is equal in the highest 32 bits of the keys stands together
let near[i: N]: f64 = 1 + f64(n[i] % 700) * 2.220446049250313e-16
let (nv, na) = sort(near, axis: -1)
let far[i: N]: f64 = if i % 5 == 0 { exp(f64(z[i]) * 200) } else { f64(n[i] % 40) * (1 + 1e-13 * f64(i % 3)) }
let (fv, fa) = sort(far, axis: -1)
print(in_order(nv, na), whole(near, nv, na), in_order(fv, fa), whole(far, fv, fa))
# > true true true true

# integers: all bits, few, none that differ
let (iv, ia) = sort(n, axis: -1)
let small[i: N] = i8(n[i] % 100)
let (sv, sa) = sort(small, axis: -1)
let bytes[i: N] = u8(200)
let (_, ba) = sort(bytes, axis: -1)
print(all[i: N | i > 0](iv[i - 1] < iv[i]), all[i](iv[i] == n[ia[i]]), in_order(f64(sv), sa), whole(f64(small), f64(sv), sa), all[i](ba[i] == i))
# > true true true true true

print(begins(mixed, 1), begins(mixed, 20), begins(mixed, 100), begins(mixed, 500), begins(mixed, 800), begins(mixed, 1499), begins(mixed, 1500))
# > true true true true true true true
print(begins(near, 20), begins(near, 200), begins(near, 600), begins(near, 1500), begins(far, 200), begins(far, 900))
# > true true true true true true
print(begins(f16(mixed), 200), begins(f16(mixed), 800), begins(f16(mixed), 1500))
# > true true true
