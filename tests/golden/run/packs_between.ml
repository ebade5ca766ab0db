## The axes of '..' are those at its place: also behind an index, or between two.
fn between(x: f32[4, 2, 3], y: f32[3, 2]) = map[q, ..](sum[k](x[q, .., k] * y[k, ..]))
fn behind(x: f32[2, 3]) = map[..](sum[q](x[q, ..]))
let x[i: 4, j: 2, k: 3] = f32(i * 6 + j * 3 + k)
let y[i: 3, j: 2] = f32(i * 2 + j)
print(between(x, y))
# > [[10.0, 40.0],
# >  [46.0, 94.0],
# >  [82.0, 148.0],
# >  [118.0, 202.0]]
print(behind(x[0]))
# > [3.0, 5.0, 7.0]
