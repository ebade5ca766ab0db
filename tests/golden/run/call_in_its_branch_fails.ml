## .. and are reported when an element does ask for it.
fn at(x: f32[N], i: i32[M]) -> f32[M] { out[m] = x[i[m]] }
fn branch(x: f32[N], i: i32[N], m: i32[N]) -> f32[N] { out[n] = if m[n] > 0 { at(x, i)[n] } else { 0 } }
print(branch([1.0, 2.0], i32([5, 1]), i32([0, 0])))
print(branch([1.0, 2.0], i32([5, 1]), i32([1, 0])))
# > [0.0, 0.0]
# status: 1
# stderr: call_in_its_branch_fails.ml:2:52: error[E0701]: subscript 5 is outside an axis of size 2
