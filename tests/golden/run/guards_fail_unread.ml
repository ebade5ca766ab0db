## The weight of a place that has none is looked up all the same, though whether there is one does not depend on the row.
# status: 1
# stderr: subscript 3 is outside an axis of size 3
export fn weights(at: i32[K], c: f32[N, K]) -> f32[N] {
    let p[i: N, j: K] = softmax[j | j < 3](c[i, j])
    out[i] = sum[j](p[i, j] * p[at[j], j])
}
export fn values(at: i32[K], c: f32[N, K]) -> f32[N] {
    let p[i: N, j: K] = softmax[j | j < 3](c[i, j])
    out[i] = sum[j](p[i, j] * c[at[j], j])
}
let c[i: 3, j: 7] = 0.5
print(values([0, 1, 2, 0, 1, 3, 0], c), weights([0, 1, 2, 0, 1, 2, 0], c))
print(weights([0, 1, 2, 0, 1, 3, 0], c))
# > [0.5, 0.5, 0.5] [0.3333, 0.3333, 0.3333]
