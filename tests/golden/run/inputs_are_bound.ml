# Inputs are set by bind in every part that declares them; sizes come with them; what is not set cannot be read.
model Scaled(D) {
    input by: f32
    input mask: bool[D]
    param w: f32[D] = 2
    fn call(x: f32[.., D]) -> f32[.., D] { out[.., d] = if mask[d] { x[.., d] * w[d] * by } else { 0 } }
}
model Pick(N, D) {
    input pick: i32[B]
    param rows: f32[N, D] ~ normal(0, 1)
    fn call(x: f32[B, D]) -> f32[B, D] { out[b, d] = x[b, d] + (rows[pick[b], d] ?? 0) }
}
model Stack(D) {
    first = Scaled(D)
    layers = [Scaled(D) for _ in 0..3]
    pick = Pick(4, D)
    fn call(x: f32[B, D]) -> f32[B, D] {
        var y = first(x)
        for l in layers { y = l(y) }
        pick(y)
    }
}
let s = Scaled(2)
print(bind(s, by: 3, mask: [true, false])([1.0, 2.0]))
let t = bind(Stack(2), by: 2, mask: [true, true], pick: i32([-1, 1]))
let y = t([[1.0, 2.0], [3.0, 4.0]])
print(y[0], y.T[0] - t.pick.rows[1, 0])
let u = bind(t, by: 1, pick: i32([-1, -1, -1]))
print(u([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
fn twice(m: Scaled(D), x: f32[D]) -> f32[D] = m(m(x))
print(twice(bind(s, by: 1, mask: [true, true]), [1.0, 1.0]))
model Offset { input by: f32 = 10; fn call(x: f32[D]) -> f32[D] = x + by }      # an input with a default is always set
print(Offset()([1.0]), bind(Offset(), by: 1)([1.0]))
fn applied[M: model](m: M, x: f32[D]) -> f32[D] = m(x)
print(applied(bind(Offset(), by: 3), [1.0, 2.0]))
save(bind(s, by: 3, mask: [true, true]), args(1))                                  # inputs are not stored
let r = load(args(1)) as Scaled(2)
print(bind(r, by: 2, mask: [false, true])([1.0, 1.0]))
print(len(bind(Pick(4, 2), pick: [1, 0, 2])(zeros(3, 2))))         # whole numbers, as the input wants them
# args: inputs.safetensors
# > [6.0, 0.0]
# > [256.0, 512.0] [255.2, 768.0]
# > [[16.0, 32.0],
# >  [48.0, 64.0],
# >  [80.0, 96.0]]
# > [4.0, 4.0]
# > [11.0] [2.0]
# > [4.0, 5.0]
# > [0.0, 4.0]
# > 3
