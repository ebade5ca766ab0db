# What is summed under a[i] == j may hold a loop that depends on j.
fn halved(steps: int, s: f32) -> f32 {
    var u: f32 = s
    for t in 0..steps {
        if u > 3 { continue }
        if t > 4 { return u }
        u = u * 0.5 + 1.0
    }
    u
}
fn segments(a: f32[M, N], n: i32[K], v: f32[M]) -> f32[M] {
    out[j] = sum[i: K | n[i] == j](halved(N, v[j]) + a[j, 0])
}
print(segments([[1.0, 2.0], [3.0, 4.0], [0.0, 0.0]], i32([0, 2, 2, 1, 0, 7]), [1.0, 2.0, 5.0]))
# > [5.5, 5.0, 10.0]
