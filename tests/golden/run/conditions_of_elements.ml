## What the condition of a call in an element keeps inside is not read where it fails, in a guard neither.
fn pick(x: f32[N], k: int) -> f32 where k <= N, k >= 1 = x[k - 1]
fn of(x: f32[N], i: i32[N]) -> f32 = sum[j | pick(x, i[j]) > 0](f32(j))
print(of([1.0, 2.0, -3.0], i32([1, 2, 3])))
print(of([1.0, 2.0, -3.0], i32([1, 2000000000, 3])))
# > 1.0
# status: 1
# stderr: conditions_of_elements.ml:3:46: error[E0701]: n <= N
