# Guards that the ranges of indices decide, once the numbers of a call are known: always true, always false, true in part. Over nothing an
# operator gives what it says of nothing.
fn f(x: f32[N], from: int, to: int) -> (f32, f32, i64, i64, f32, bool) {
    let s = sum[i | i >= from and i < to](x[i])
    let m = max[i | from <= i < to](x[i])
    let a = argmax[i | i >= from and i < to](x[i])
    let n = count[i | i >= from and i < to and x[i] > 1](x[i] < 9)
    let l = logsumexp[i | i >= from and i < to](x[i])
    (s, m, a, n, l, all[i | i >= from and i < to](x[i] > 1))
}
fn attend(q: f32[T, D], from: int, to: int) -> f32[T, D] {
    let s[i, j] = sum[d](q[i, d] * q[j, d])
    let p[i, j] = softmax[j | j - i >= from and j - i < to](s[i, j])
    out[i, d] = sum[j](p[i, j] * q[j, d])
}
fn running(x: f32[N], from: int, to: int) -> f32[N] { out[i] = cumsum[i | i >= from and i < to](x[i]) }

let x = [1.0, 2.0, 3.0, 4.0]
print(f(x, 0, 4), f(x, -9, 9))
print(f(x, 4, 9), f(x, -3, 0))
print(f(x, 1, 9), f(x, -3, 2))
let q = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
print(attend(q, -3, 3), attend(q, -2, 4))
print(attend(q, 3, 4), attend(q, 0, 0))
print(attend(q, -3, 1), attend(q, 0, 5))
print(running(x, 0, 4), running(x, 4, 9), running(x, 1, 5))
# > (10.0, 4.0, 3, 3, 4.44, false) (10.0, 4.0, 3, 3, 4.44, false)
# > (0.0, -inf, -1, 0, -inf, true) (0.0, -inf, -1, 0, -inf, true)
# > (9.0, 4.0, 3, 3, 4.408, true) (3.0, 2.0, 1, 1, 2.313, false)
# > [[0.8446, 0.5777],
# >  [0.5777, 0.8446],
# >  [0.7881, 0.7881]] [[0.8446, 0.5777],
# >  [0.5777, 0.8446],
# >  [0.7881, 0.7881]]
# > [[0.0, 0.0],
# >  [0.0, 0.0],
# >  [0.0, 0.0]] [[0.0, 0.0],
# >  [0.0, 0.0],
# >  [0.0, 0.0]]
# > [[1.0, 0.0],
# >  [0.2689, 0.7311],
# >  [0.7881, 0.7881]] [[0.8446, 0.5777],
# >  [0.5, 1.0],
# >  [1.0, 1.0]]
# > [1.0, 3.0, 6.0, 10.0] [0.0, 0.0, 0.0, 0.0] [0.0, 2.0, 5.0, 9.0]
