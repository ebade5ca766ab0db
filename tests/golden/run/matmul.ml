let a = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
let b = [[1.0, 0.0], [0.0, 1.0], [2.0, -1.0]]
print(a @ b)
# > [[7.0, -1.0],
# >  [16.0, -1.0]]
print(a @ a.T)
# > [[14.0, 32.0],
# >  [32.0, 77.0]]
print(a @ [1.0, 1.0, 1.0], [1.0, -1.0] @ a)
# > [6.0, 15.0] [-3.0, -3.0, -3.0]
fn product(x: f32[M, K], y: f32[K, N]) -> f32[M, N] {
    out[m, n] = sum[k](x[m, k] * y[k, n])
}
print(product(a, b) - a @ b)
# > [[0.0, 0.0],
# >  [0.0, 0.0]]
## Leading axes of the left operand stay; nothing to add gives zeros.
let batch[i: 2, j: 1, k: 3] = a[i, k]
print(batch @ b)
# > [[[7.0, -1.0]],
# >  [[16.0, -1.0]]]
print(zeros(2, 0) @ zeros(0, 3))
# > [[0.0, 0.0, 0.0],
# >  [0.0, 0.0, 0.0]]
