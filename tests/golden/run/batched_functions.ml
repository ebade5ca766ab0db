fn norm1(x: f32[N]) -> f32 = sum(abs(x))
fn unit(x: f32[N]) -> f32[N] = x / norm1(x)
let m = [[1.0, -3.0], [2.0, 2.0]]
let n[i] = norm1(m[i])
let u[i, j] = unit(m[i])[j]
print(n, u)
# > [4.0, 4.0] [[0.25, -0.75],
# >  [0.5, 0.5]]
