## A guard is asked at every place, also where another part of it becomes a bound; a part behind `and` is asked where the first one holds, if it can fail.
# status: 1
# stderr: subscript 3 is outside an axis of size 3
export fn behind(at: i32[K], c: f32[N, K]) -> f32[N] {
    out[i: N] = sum[j | j < 3 and c[at[j], j] > 3.0](c[i, j])
}
export fn before(at: i32[K], c: f32[N, K]) -> f32[N] {
    out[i: N] = sum[j | c[at[j], j] > 3.0 and j < 3](c[i, j])
}
let c[i: 3, j: 7] = f32(i) + f32(j)
print(behind([0, 1, 2, 0, 1, 3, 0], c), before([0, 1, 2, 0, 1, 2, 0], c))
print(before([0, 1, 2, 0, 1, 3, 0], c))
# > [2.0, 3.0, 4.0] [2.0, 3.0, 4.0]
