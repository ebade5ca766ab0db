# The first best place of each class, of sums that every row has: two passes by class read them, and each finds them before it.
fn best(t: f32[K], n: i32[K], _size: f32[N]) -> f32[N, N] {
    out[i: N, j: N] = f32(argmax[k | n[k] == i](sum[m: N | m < j or m == 0]((t[k - 1] ?? 2.0))))
}
print(best([3.0, 1.0, 4.0, 1.0, 5.0], i32([0, 2, 2, 0, 7]), [0.0, 0.0, 0.0]))
# > [[3.0, 3.0, 3.0],
# >  [-1.0, -1.0, -1.0],
# >  [1.0, 1.0, 1.0]]
