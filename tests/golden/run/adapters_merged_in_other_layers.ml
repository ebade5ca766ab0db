# merge of layers of other forms: tables of rows, convolutions, heads, kernels of one channel, places that an adapter reads alone.
import std.nn: Embedding, Conv1d, Conv2d
import std.adapters: LoraEmbedding, LoraConv2d

fn near(a: f32[N], b: f32[N]) -> bool = max(abs(a - b)) < 1e-5
fn flat2(x: f32[A, B]) -> f32[A * B] = reshape(x, A * B)
fn flat3(x: f32[A, B, C]) -> f32[A * B * C] = reshape(x, A * B * C)
fn flat4(x: f32[A, B, C, D]) -> f32[A * B * C * D] = reshape(x, A * B * C * D)

# A table: low rank, and anything that a row's number gives.
adapter Bent for Embedding(V, D) {
    param scale: f32[V] ~ normal(1, 0.5)
    fn call(tokens: i32[.., T]) -> f32[.., T, D] {
        let y = base(tokens)
        out[.., t, d] = scale[tokens[.., t]] * tanh(y[.., t, d]) + (if tokens[.., t] == 2 { 1 } else { 0 })
    }
}
let table = Embedding(6, 3)
let tokens = i32([5, 0, 2, 2, 4])
var low = adapt(table, LoraEmbedding(2, 4))
low.a = map[r: 2, v: 6](f32(r) - f32(v) / 3)
let both = adapt(low, Bent())
let merged = merge(low)
let twice = merge(both)
print(near(flat2(merged(tokens)), flat2(low(tokens))), near(flat2(twice(tokens)), flat2(both(tokens))), near(flat2(table(tokens)), flat2(both(tokens))))
# > true true false

# Convolutions: a low rank in front of 1 x 1, the input's own point beside it, a strided one.
adapter Point for Conv2d(In, Out, K, stride, padding) where In == Out {
    param gain: f32[Out] = 0.5
    param shift: f32[Out] = 2
    fn call(x: f32[N, In, Y, X]) -> f32[N, Out, (Y + 2 * padding - K) // stride + 1, (X + 2 * padding - K) // stride + 1] {
        let y = base(x)
        out[n, o, i, j] = 3 * y[n, o, i, j] - gain[o] * (x[n, o, stride * i + 1 - padding, stride * j - padding] ?? 0) + shift[o]
    }
}
let image[n: 2, c: 3, y: 7, x: 6] ~ normal(0, 1)
let plain = Conv2d(3, 3, 3, stride: 2, padding: 1)
var narrow = adapt(plain, LoraConv2d(2, 4))
narrow.b = map[o: 3, r: 2](f32(o) - f32(r) / 2)
let pointed = adapt(narrow, Point())
print(near(flat4(merge(narrow)(image)), flat4(narrow(image))), near(flat4(merge(pointed)(image)), flat4(pointed(image))), near(flat4(plain(image)), flat4(narrow(image))))
# > true true false
print(merge(pointed).stride, max(abs(merge(pointed).bias - (3 * plain.bias + 2))) < 1e-6)
# > 2 true

# A weight for each head; one kernel a channel; the transposed weight in front.
model Heads(H, K, O) {
    param weight: f32[K, H, O] ~ normal(0, 1)
    param bias: f32[O, H] ~ normal(0, 1)
    fn call(x: f32[B, T, H, K]) -> f32[B, H, T, O] {
        out[b, h, t, o] = sum[k](x[b, t, h, k] * weight[k, h, o]) + bias[o, h]
    }
}
adapter Shared(R) for Heads(H, K, O) {
    param a: f32[R, K] ~ normal(0, 1)
    param b: f32[H, O, R] ~ normal(0, 1)
    fn call(x: f32[B, T, H, K]) -> f32[B, H, T, O] {
        let low[b, t, h, r] = sum[k](a[r, k] * x[b, t, h, k])
        let y = base(x)
        out[b, h, t, o] = y[b, h, t, o] + sum[r](low[b, t, h, r] * self.b[h, o, r]) + sum[k: 2](x[b, t, h, k])
    }
}
let rows[b: 2, t: 3, h: 2, k: 4] ~ normal(0, 1)
let heads = adapt(Heads(2, 4, 3), Shared(2))
print(near(flat4(merge(heads)(rows)), flat4(heads(rows))), near(flat4(heads.base(rows)), flat4(heads(rows))))
# > true false
model Channels(C, K) {
    param weight: f32[C, K] ~ normal(0, 1)
    fn call(x: f32[N, C, L]) -> f32[N, C, L] {
        out[n, c, l] = sum[k](weight[c, k] * (x[n, c, l + k - K + 1] ?? 0))
    }
}
adapter Last for Channels(C, K) where K >= 1 {
    param gain: f32[C] = 0.5
    fn call(x: f32[N, C, L]) -> f32[N, C, L] {
        let y = base(x)
        out[n, c, l] = y[n, c, l] / 2 + gain[c] * x[n, c, l]
    }
}
let waves[n: 2, c: 3, l: 8] ~ normal(0, 1)
let channels = adapt(Channels(3, 4), Last())
print(near(flat3(merge(channels)(waves)), flat3(channels(waves))), near(flat3(channels.base(waves)), flat3(channels(waves))))
# > true false
adapter Before(R) for Conv1d(In, Out, K, stride, padding) {
    param a: f32[R, In, K] ~ normal(0, 1)
    param b: f32[Out, R] ~ normal(0, 1)
    fn call(x: f32[N, In, L]) -> f32[N, Out, (L + 2 * padding - (K - 1) - 1) // stride + 1] {
        let y = base(x)
        let low[n, r, l: (L + 2 * padding - (K - 1) - 1) // stride + 1] = sum[c, k](a[r, c, k] * (x[n, c, stride * l + k - padding] ?? 0))
        out[n, o, l] = y[n, o, l] + sum[r](b[o, r] * low[n, r, l])
    }
}
let line = adapt(Conv1d(3, 2, 3, padding: 2), Before(2))
print(near(flat3(merge(line)(waves)), flat3(line(waves))), near(flat3(line.base(waves)), flat3(line(waves))))
# > true false
