## A call that gives a tensor is made once, and only if an element asks for it: its faults and conditions are those of the branch.
fn at(x: f32[N], i: i32[M]) -> f32[M] { out[m] = x[i[m]] }
fn from(x: f32[N], k: int) -> (f32[N], f32[N], i64) where 1 <= k, k <= N {
    let y[i] = x[i] + x[k - 1]
    (y, 2 * y, k)
}
fn branch(x: f32[N], i: i32[N], m: i32[N]) -> f32[N] { out[n] = if m[n] > 0 { at(x, i)[n] } else { 0 } }
fn guard(x: f32[N], i: i32[N], m: i32[N]) -> f32 = sum[n | m[n] > 0](at(x, i)[n])
fn place(x: f32[N], i: i32[N], m: i32[N]) -> f32[N] { out[n] = softmax[n | m[n] > 0](at(x, i)[n]) }
fn right(x: f32[N], i: i32[N], m: i32[N]) -> bool[N] { out[n] = m[n] > 0 and at(x, i)[n] > 0 }
fn outside(x: f32[N], i: i32[N], k: int) -> f32[N] { out[n] = x[n + k] ?? at(x, i)[n] }
fn rows(x: f32[N], i: i32[N], m: i32[N]) -> f32[N] { out[n] = sum[j | m[j] > n](if x[n] > 0 { at(x, i)[j] } else { 1 }) }
fn parts(x: f32[N], i: i32[N], m: i32[N]) -> f32[N] {
    let k = i[0]
    out[n] = if m[n] > 0 {
        let (a, b, c) = from(x, k)
        a[n] + b[N - 1 - n] + f32(c)
    } else { 0 }
}
fn each(x: f32[N], i: i32[N], m: i32[N]) -> f32[N] {
    out[n] = if m[n] > 0 {
        let (a, _, c) = from(x, i[n])
        a[n] + f32(c)
    } else { 0 }
}
fn sorted(x: f32[N], i: i32[N], m: i32[N]) -> f32[N] {
    out[n] = if m[n] > 0 {
        let (a, _) = sort(at(x, i), axis: 0, descending: true)
        a[n]
    } else { 0 }
}

let x = [1.0, 2.0, 3.0]
let bad = i32([700000, 1, 1])
let good = i32([2, 1, 1])
let no: i32[3] = 0
let some = i32([0, 2, 2])
print(branch(x, bad, no), guard(x, bad, no), place(x, bad, no), right(x, bad, no), outside(x, bad, 0))
print(rows(x, bad, no), parts(x, bad, no), each(x, bad, some), sorted(x, bad, no))
print(branch(x, good, some), guard(x, good, some), place(x, good, some), right(x, good, some), outside(x, good, 1))
print(rows(x, good, some), parts(x, good, some), each(x, good, some), sorted(x, good, some))
# > [0.0, 0.0, 0.0] 0.0 [0.0, 0.0, 0.0] [false, false, false] [1.0, 2.0, 3.0]
# > [0.0, 0.0, 0.0] [0.0, 0.0, 0.0] [0.0, 4.0, 5.0] [0.0, 0.0, 0.0]
# > [0.0, 2.0, 2.0] 4.0 [0.0, 0.5, 0.5] [false, true, true] [2.0, 3.0, 2.0]
# > [4.0, 4.0, 0.0] [0.0, 14.0, 13.0] [0.0, 4.0, 5.0] [0.0, 2.0, 2.0]
