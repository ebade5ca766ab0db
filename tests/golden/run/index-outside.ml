## A fault of compiled code has the place in the program.
fn pick(x: f32[N], i: i32[M]) -> f32[M] { out[m] = x[i[m]] }
print(pick([1.0, 2.0], [1, 0]))
print(pick([1.0, 2.0], [1, 2]))
print("never")
# > [2.0, 1.0]
# status: 1
# stderr: index-outside.ml:2:54: error[E0701]: subscript 2 is outside an axis of size 2
