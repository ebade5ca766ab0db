## Models that one statement or function makes have parameters of their own each.
model Lin(I) {
    param w: f32[I] ~ normal(0, 1)
}
model Two(I) {
    a: Lin(I)
    b: Lin(I)
}
fn make() -> f32 {
    let a = Lin(3)
    let b = Lin(3)
    norm(a - b)
}
let t = Two(3, a: Lin(3), b: Lin(3))
let l = [Lin(3), Lin(3)]
let (x, y) = ([Lin(3) for _ in 0..2], [Lin(3) for _ in 0..2])
print(norm(t.a - t.b) > 0, norm(l[0] - l[1]) > 0, make() > 0, norm(x[0] - x[1]) > 0, norm(x[1] - y[1]) > 0)
# > true true true true true
