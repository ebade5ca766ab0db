# A place whose class is none (a label to be left out) asks for nothing of it: counts and `any` by class read no such row. What a turn
# computes for nobody is looked at all the same.
fn right(ok: bool[N, K], n: i32[K]) -> i64[N] {
    out[i] = count[k | n[k] == i](ok[n[k], k])
}
fn some(x: f32[N, K], n: i32[K]) -> bool[N] {
    out[i] = any[k | n[k] == i](x[n[k], k] > 0.0)
}
fn turns(n: i32[K], t: f32[M], w: f32[M]) -> f32[M] {
    var x = w
    for j in 0..M {
        let _y[k] = t[n[k]]
        x[j] = 1.0
    }
    x
}
let ok: bool[2, 4] = true
let x: f32[2, 4] = 1
let n = i32([0, 5, 1, -1])
print(right(ok, n), some(x, n))
# > [1, 1] [true, true]
print(turns(i32([0, 1]), [1.0, 2.0], [0.0, 0.0]))
# > [1.0, 1.0]
print(turns(i32([0, 7]), [1.0, 2.0], [0.0, 0.0]))
# status: 1
# stderr: classes_that_are_none.ml:12:23: error[E0701]: subscript 7 is outside an axis of size 2
