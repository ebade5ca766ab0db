fn running(x: f32[N]) -> f32[N] {
    var y = x
    for i in 1..N { y[i] = y[i - 1] + x[i] }
    y
}
# swaps neighbours until it is sorted; the loop depends on the values
fn bubble(x: f32[N]) -> f32[N] {
    var y = x
    var again = true
    while again {
        again = false
        for i in 1..N {
            if y[i - 1] > y[i] {
                let t = y[i]
                y[i] = y[i - 1]
                y[i - 1] = t
                again = true
            }
        }
    }
    y
}
let a[i: 3, j: 4] = f32((i * 4 + j) * 7 % 5)
let b[i: 3] = sum[k](running(a[i])[k])
print(b)
let c[i: 3] = running(a[i])
print(c)
let d[i: 2, j: 3] = sum[k](cumsum[k](a[j, k] * f32(i + 1)))
print(d)
let e[i: 3] = running(a[i])[3] - bubble(a[i])[0]
print(e)
let g = sum[i: 3, j: 4 | j > 0](bubble(a[i])[j] * running(a[i])[j])
print(g)
let h[i: 3] = softmax[i | i != 1](max[k: 4 | k < 2](bubble(a[i])[k]))
print(h)
let m[i: 3, j: 4] = if i > 0 { bubble(running(a[i] * f32(j + 1)))[j] } else { 0 }
print(m)
let w = sum[k: 4](running(a[1] * f32(k))[k] * a[0, k])
print(w)
let n = argmax[i: 3](running(a[i])[3])
print(n)
# a loop of scalars in the element, with tensors in each of its turns
fn steps(x: f32[N], n: int) -> f32 {
    var s = 0.0
    for t in 0..n { s = f32(t) + running(x * f32(s + 1))[N - 1] % 7 }
    s
}
let q[i: 2, j: 3] = steps(a[j], i + 2)
print(q)
let at = [1, 9, 0]
let r[i: 3] = if at[i] < 4 { running(a[i])[at[i]] } else { -1 }
print(r)
# > [15.0, 20.0, 15.0]
# > [[0.0, 2.0, 6.0, 7.0],
# >  [3.0, 3.0, 5.0, 9.0],
# >  [1.0, 4.0, 4.0, 6.0]]
# > [[15.0, 20.0, 15.0],
# >  [30.0, 40.0, 30.0]]
# > [7.0, 9.0, 6.0]
# > 129.0
# > [0.5, 0.0, 0.5]
# > [[0.0, 0.0, 0.0, 0.0],
# >  [3.0, 6.0, 15.0, 36.0],
# >  [1.0, 8.0, 12.0, 24.0]]
# > 73.0
# > 1
# > [[1.0, 7.0, 1.0],
# >  [2.0, 4.0, 7.0]]
# > [2.0, -1.0, 1.0]
