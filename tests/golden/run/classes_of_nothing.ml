## A class that a table gives is asked for where some element of the result asks for it: not of no classes, nor where what stands before it is none.
fn one(n: i32[K], e: i32[Z], x: f32[M]) -> i64[M] {
    out[i: M] = count[k](e[n[k]] == i) + i64(x[i] * 0.0)
}
fn two(n: i32[K], e: i32[M, N]) -> i64[M, N] {
    out[i, j: N] = count[k | n[k] == i](e[n[k], 0] == j)
}
let n = i32([0, 1, 0, 7])
let none[i: 0] = i32(1)
let no_rows[i: 0, j: 1] = i32(1)
let some[i: 2, j: 1] = i32(0)
let x[i: 0] = 1.0
print(one(n, none, x), two(n, no_rows), two(n, some))
print(one(n, i32([1, 1]), [1.0, 2.0]))
# > [] [] [[2],
# >  [1]]
# status: 1
# stderr: classes_of_nothing.ml:3:28: error[E0701]: subscript 7 is outside an axis of size 2
