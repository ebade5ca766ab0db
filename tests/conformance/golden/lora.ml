import std.adapters: Lora, LoraDense, RsLora, RsLoraDense, Dora, DoraDense, Ia3Dense, Ia3InputDense, LoraEmbedding, LoraConv1d, LoraConv2d, BankDense
import std.adapters: add_low_rank, add_low_rows, add_low_channels, add_picked, low_rank, directed, scaled_random, hadamard, kronecker, singular
import std.models
import std.nn: Linear, Dense, Embedding, Conv2d, conv2d, dense, dropout

# Layers of the library, which hold f32, under its adapters; what the adapters hold is that of the case.

fn lora(x: f64[.., I], w: f64[O, I], a: f64[R, I], b: f64[O, R], alpha: int) -> f64[.., O] where R >= 1 {
    var net = adapt(Linear(I, O, weight: f32(w)), Lora(R, alpha))
    net.a = f32(a)
    net.b = f32(b)
    f64(net(f32(x)))
}
fn lora_dense(x: f64[.., I], w: f64[O, I], bias: f64[O], a: f64[R, I], b: f64[O, R], alpha: int) -> f64[.., O] where R >= 1 {
    var net = adapt(Dense(I, O, weight: f32(w), bias: f32(bias)), LoraDense(R, alpha))
    net.a = f32(a)
    net.b = f32(b)
    f64(net(f32(x)))
}
fn rslora_dense(x: f64[.., I], w: f64[O, I], bias: f64[O], a: f64[R, I], b: f64[O, R], alpha: int) -> f64[.., O] where R >= 1 {
    var net = adapt(Dense(I, O, weight: f32(w), bias: f32(bias)), RsLoraDense(R, alpha))
    net.a = f32(a)
    net.b = f32(b)
    f64(net(f32(x)))
}
fn dora(x: f64[.., I], w: f64[O, I], a: f64[R, I], b: f64[O, R], length: f64[O], alpha: int) -> f64[.., O] where R >= 1 {
    var net = adapt(Linear(I, O, weight: f32(w)), Dora(R, alpha))
    net.a = f32(a)
    net.b = f32(b)
    net.length = f32(length)
    f64(net(f32(x)))
}
fn dora_dense(x: f64[.., I], w: f64[O, I], bias: f64[O], a: f64[R, I], b: f64[O, R], length: f64[O], alpha: int) -> f64[.., O] where R >= 1 {
    var net = adapt(Dense(I, O, weight: f32(w), bias: f32(bias)), DoraDense(R, alpha))
    net.a = f32(a)
    net.b = f32(b)
    net.length = f32(length)
    f64(net(f32(x)))
}
fn ia3(x: f64[.., I], w: f64[O, I], bias: f64[O], factor: f64[O]) -> f64[.., O] {
    var net = adapt(Dense(I, O, weight: f32(w), bias: f32(bias)), Ia3Dense())
    net.factor = f32(factor)
    f64(net(f32(x)))
}
fn ia3_input(x: f64[.., I], w: f64[O, I], bias: f64[O], factor: f64[I]) -> f64[.., O] {
    var net = adapt(Dense(I, O, weight: f32(w), bias: f32(bias)), Ia3InputDense())
    net.factor = f32(factor)
    f64(net(f32(x)))
}
fn lora_rows(x: i64[.., T], w: f64[V, D], a: f64[R, V], b: f64[D, R], scale: real) -> f64[.., T, D] {
    let y[.., t, d] = w[x[.., t], d]
    add_low_rows(y, i32(x), a, b, scale)
}
fn lora_embedding(x: i64[.., T], w: f64[V, D], a: f64[R, V], b: f64[D, R], alpha: int) -> f64[.., T, D] where R >= 1 {
    var net = adapt(Embedding(V, D, weight: f32(w)), LoraEmbedding(R, alpha))
    net.a = f32(a)
    net.b = f32(b)
    f64(net(i32(x)))
}
fn lora_conv1d(x: f64[.., I], w: f64[I, O], bias: f64[O], a: f64[R, I], b: f64[O, R], alpha: int) -> f64[.., O] where R >= 1 {
    var net = adapt(models.Conv1d(I, O, weight: f32(w), bias: f32(bias)), LoraConv1d(R, alpha))
    net.a = f32(a)
    net.b = f32(b)
    f64(net(f32(x)))
}
fn lora_conv2d[K, S, P](x: f64[N, I, Y, X], w: f64[O, I, K, K], bias: f64[O], a: f64[R, I, K, K], b: f64[O, R], alpha: int)
        -> f64[N, O, (Y + 2 * P - K) // S + 1, (X + 2 * P - K) // S + 1] where R >= 1, S >= 1 {
    var net = adapt(Conv2d(I, O, K, stride: S, padding: P, weight: f32(w), bias: f32(bias)), LoraConv2d(R, alpha))
    net.a = f32(a)
    net.b = f32(b)
    f64(net(f32(x)))
}
## Two adapters in a bank of the larger rank, in f64, then the layer; each row has the scale 1, the adapters' own are in `b`.
fn bank(x: f64[B, T, I], w: f64[O, I], bias: f64[O], a0: f64[P, I], a1: f64[R, I], b0: f64[O, P], b1: f64[O, R], s0: real, s1: real, pick: i64[B])
        -> (f64[B, T, O], f64[B, T, O]) where R >= P, R >= 1 {
    var net = adapt(Dense(I, O, weight: f32(w), bias: f32(bias)), BankDense(2, R, R))
    let a[n: 2, r: R, i] = if n == 0 { a0[r, i] ?? 0 } else { a1[r, i] }
    let b[n: 2, o, r: R] = if n == 0 { s0 * (b0[o, r] ?? 0) } else { s1 * b1[o, r] }
    net.a = f32(a)
    net.b = f32(b)
    (add_picked(dense(x, w, bias), x, a, b, i32(pick), 1), f64(bind(net, pick: i32(pick))(f32(x))))
}

## The weights that `merge` finds; then the bias of IA3.
fn merged_lora(w: f64[O, I], bias: f64[O], a: f64[R, I], b: f64[O, R], alpha: int) -> f64[O, I] where R >= 1 {
    var net = adapt(Dense(I, O, weight: f32(w), bias: f32(bias)), LoraDense(R, alpha))
    net.a = f32(a)
    net.b = f32(b)
    f64(merge(net).weight)
}
fn merged_dora(w: f64[O, I], bias: f64[O], a: f64[R, I], b: f64[O, R], length: f64[O], alpha: int) -> f64[O, I] where R >= 1 {
    var net = adapt(Dense(I, O, weight: f32(w), bias: f32(bias)), DoraDense(R, alpha))
    net.a = f32(a)
    net.b = f32(b)
    net.length = f32(length)
    f64(merge(net).weight)
}
fn merged_conv1d(w: f64[I, O], bias: f64[O], a: f64[R, I], b: f64[O, R], alpha: int) -> f64[I, O] where R >= 1 {
    var net = adapt(models.Conv1d(I, O, weight: f32(w), bias: f32(bias)), LoraConv1d(R, alpha))
    net.a = f32(a)
    net.b = f32(b)
    f64(merge(net).weight)
}
fn merged_ia3(w: f64[O, I], bias: f64[O], factor: f64[O]) -> (f64[O, I], f64[O]) {
    var net = adapt(Dense(I, O, weight: f32(w), bias: f32(bias)), Ia3Dense())
    net.factor = f32(factor)
    let m = merge(net)
    (f64(m.weight), f64(m.bias))
}
