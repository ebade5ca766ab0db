## The right side is not looked at when the left side decides.
fn at(x: f32[N], i: i32) -> bool = 0 <= i and i < N and x[i] > 0
fn none(x: f32[N], i: i32) -> bool = i < 0 or i >= N or x[i] <= 0
let x = [1.0, -1.0]
print(at(x, 0), at(x, 1), at(x, 2), at(x, -1))
# > true false false false
print(none(x, 0), none(x, 1), none(x, 2), none(x, -1))
# > false true true true
