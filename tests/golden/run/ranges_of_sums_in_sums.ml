# The range of an inner index ends where an outer one says, and a third stands between them.
fn triangle(v: f32[P]) -> f32 = sum[k1: P](sum[k2: P, k3: 0..k1 + 1](v[k2] * v[k3]))
fn rows(v: f32[P]) -> f32[P] {
    out[i] = sum[k2: P, k3: 0..i + 1](v[k2] * v[k3])
}
fn counted(v: f32[P]) -> f32 = max[k1: P](prod[k2: 2, k3: 0..k1](v[k2] + f32(k3)))
let v[i: 20] = f32(i) / 8
print(triangle(v), counted(v[:4]))
print(rows(v[:6]))
# > 3948.0 1.0
# > [0.0, 0.2344, 0.7031, 1.406, 2.344, 3.516]
