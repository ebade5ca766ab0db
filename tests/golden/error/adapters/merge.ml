import std.nn: Linear, Embedding, Conv2d, LayerNorm

model Net(D) {
    up = Linear(D, D)
    down = Linear(D, D)
    fn call(x: f32[.., D]) -> f32[.., D] = down(tanh(up(x)))
}
adapter Bent for Linear(In, Out) {
    fn call(x: f32[.., In]) -> f32[.., Out] = tanh(base(x)) # error[E0410]: 'Bent' cannot be merged: 'tanh' of what depends on the input
}
adapter Gated for Linear(In, Out) where In == Out {
    fn call(x: f32[.., In]) -> f32[.., Out] = x * base(x) # error[E0410]: a product of two values that depend on the input
}
adapter Moved for Linear(In, Out) {
    param by: f32[Out] = 1
    fn call(x: f32[.., In]) -> f32[.., Out] = base(x) + by # error[E0410]: it adds a constant, and the model has no bias
}
adapter Rows for Linear(In, Out) {
    input by: f32[B]
    fn call(x: f32[B, In]) -> f32[B, Out] {
        let y = base(x)
        out[b, o] = by[b] * y[b, o]
    }
}
adapter Mixed for Linear(In, Out) {
    fn call(x: f32[B, In]) -> f32[B, Out] { # error[E0503]: rows of the input that meet one another
        let y = base(x)
        out[b, o] = sum[c](y[c, o])
    }
}
adapter Over for Net(D) {
    fn call(x: f32[.., D]) -> f32[.., D] = 2 * base(x)
}
adapter Looked for Embedding(V, D) {
    fn call(tokens: i32[.., T]) -> f32[.., T, D] { # error[E0503]: more than one place of the input for a result
        let y = base(tokens)
        out[.., t, d] = y[.., t, d] * f32(tokens[.., t - 1] ?? 0)
    }
}
adapter Later for Embedding(V, D) {
    fn call(tokens: i32[.., T]) -> f32[.., T, D] { # error[E0410]: a factor that differs from row to row
        let y = base(tokens)
        out[.., t, d] = y[.., t, d] * f32(t)
    }
}
adapter Beside for Conv2d(In, Out, K, stride, padding) where In == Out {
    fn call(x: f32[N, In, Y, X]) -> f32[N, Out, (Y + 2 * padding - K) // stride + 1, (X + 2 * padding - K) // stride + 1] { # error[E0503]: it may read places of the input that no element of the weight multiplies
        let y = base(x)
        out[n, o, i, j] = y[n, o, i, j] + (x[n, o, stride * i + K - padding, stride * j - padding] ?? 0)
    }
}
adapter Wider for Conv2d(In, Out, K, stride, padding) where In == Out {
    fn call(x: f32[N, In, Y, X]) -> f32[N, Out, (Y + 2 * padding - K) // stride + 1, (X + 2 * padding - K) // stride + 1] {
        let y = base(x)
        out[n, o, i, j] = y[n, o, i, j] + (x[n, o, i - 1, j] ?? 1) # error[E0503]: a choice
    }
}
adapter Normed for LayerNorm(D) {
    fn call(x: f32[.., D]) -> f32[.., D] = 2 * base(x)
}
adapter Largest for Linear(In, Out) {
    fn call(x: f32[.., In]) -> f32[.., Out] {
        let m[..] = max[i](x[.., i])
        out[.., o] = m[..] * base(x)[.., o] # error[E0410]: a product of two values
    }
}
adapter Counted for Linear(In, Out) {
    fn call(x: f32[B, In]) -> f32[B, Out] where B >= 1 = base(x) / B # error[E0410]: a division by what depends on the input
}
model Squares(V, D) {
    param weight: f32[V, D, D] = 0
    fn call(x: i32[T]) -> f32[T, D] { out[t, d] = weight[x[t], d, d] }
}
adapter Doubled for Squares(V, D) {
    fn call(x: i32[T]) -> f32[T, D] = 2 * base(x)
}
let net = Net(3)
let a = merge(adapt(net, Bent(), at: "up"))
let b = merge(adapt(net, Gated(), at: "up"))
let c = merge(adapt(net, Moved(), at: "up"))
let d = merge(adapt(net, Rows(), at: "up")) # error@19[E0410]: it depends on the input 'by'
let e = merge(adapt(net, Mixed(), at: "up"))
let f = merge(adapt(net, Over())) # error[E0503]: 'Net' cannot be merged
let g = merge(adapt(Embedding(4, 2), Looked()))
let k = merge(adapt(Embedding(4, 2), Later()))
let l = merge(adapt(Conv2d(2, 2, 3), Beside()))
let m = merge(adapt(Conv2d(2, 2, 3, padding: 1), Wider()))
let n = merge(adapt(LayerNorm(4), Normed())) # error[E0503]: 'LayerNorm' cannot be merged
let h = merge(adapt(net, Largest(), at: "up"))
let i = merge(net) # error[E0205]: takes a model that is adapted, and Net(3) is not
let j = merge(adapt(net, Counted(), at: "up"))
let o = merge(adapt(Squares(4, 3), Doubled())) # error[E0503]: 'Squares' cannot be merged
