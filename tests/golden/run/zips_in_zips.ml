for (i, (a, b)) in zip(0..2, zip([1, 2], [3.5, 4.5])) { print(i, a, b) }
# > 0 1 3.5
# > 1 2 4.5
fn weighted(x: f32[N], w: f32[N], by: f32[N]) -> f32 {
    var s = 0.0
    for ((a, b), c) in zip(zip(x, w), by) { s += a * b * c }
    f32(s)
}
print(weighted([1.0, 2.0], [3.0, 4.0], [10.0, 100.0]))
# > 830.0
