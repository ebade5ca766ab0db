# A subscript that a group of strips gives (places that scores order) fails in the loop over strips: in the last rows, too.
fn nearest(x: f32[T, D], y: f32[S, D], v: f32[W, E]) -> f32[T, E] where S >= 2 {
    let (_, at) = sort(x @ y.T, axis: 1, descending: true)
    out[i, e] = mean[n: 2](v[at[i, n], e])
}
let y[j: 300, d: 2] = if d == 0 { cos(f32(j) * 0.01) } else { sin(f32(j) * 0.01) }
let v[j: 300, e: 3] = f32(j + e)
print(nearest(y[:180], y, v)[179])
print(nearest(y[:180], y, v[:181])[179])
print(nearest(y[:180], y, v[:179])[179])
# > [178.5, 179.5, 180.5]
# > [178.5, 179.5, 180.5]
# status: 1
# stderr: strips_fail_by_their_scores.ml:4:30: error[E0701]: subscript 179 is outside an axis of size 179
