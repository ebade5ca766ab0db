# status: 1
# stderr: outside
fn element(x: f32[N], i: i32) -> f32 = x[i]
print(element([1.0, 2.0, 3.0], 2))
# > 3.0
print(element([1.0, 2.0, 3.0], 3))
