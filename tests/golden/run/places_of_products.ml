# Where the largest and the smallest of many products are, blocks of which are taken one after the other.
fn places(x: f32[T, D], w: f32[V, D], len: int) -> (i64[T], i64[T], i64[T]) {
    let z[t, v] = sum[d](x[t, d] * w[v, d])
    let a[t] = argmax[v](z[t, v])
    let b[t] = argmin[v](z[t, v])
    let c[t] = argmax[v | v < len](z[t, v])
    (a, b, c)
}
fn best(x: f32[T, D], w: f32[V, D]) -> i32[T] {
    let z[t, v] = sum[d](x[t, d] * w[v, d])
    out[t] = i32(argmax[v](z[t, v]))
}

let x = [[1.0, 0.0], [0.0, 1.0]]
let w[v: 700, d: 2] = if d == 0 { f32(v % 300) } else { -f32(v % 7) }      # ties in all blocks
let n = 0.0 / 0.0
let late[v: 700, d: 2] = if v == 650 { n } else { w[v, d] }
let twice[v: 700, d: 2] = if v == 400 or v == 650 { n } else { w[v, d] }
let none[v: 700, d: 2] = -inf
let empty: f32[0, 2] = 0
print(places(x, w, 10), best(x, w))
print(places(x, w, 0), best(x, late), best(x, twice))
print(best([[1.0, 1.0]], none), best(x, empty))
# > ([299, 0], [0, 6], [9, 0]) [299, 0]
# > ([299, 0], [0, 6], [-1, -1]) [650, 650] [400, 400]
# > [0] [-1, -1]
