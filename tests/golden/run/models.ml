## Parameters are drawn where they are not given; parts have the paths of the text.
model Linear(In, Out) {
    param weight: f32[Out, In] ~ uniform(-1, 1)
    param bias: f32[Out] = 0
    fn call(x: f32[.., In]) -> f32[.., Out] = x @ weight.T + bias
}
model Mlp(D, F; scale = 2.0) {
    up   = Linear(D, F)
    down = Linear(F, D)
    fn call(x: f32[.., D]) -> f32[.., D] = x + scale * down(relu(up(x)))
}
model Deep(D, L) {
    layers = [Linear(D, D) for _ in 0..L]
    fn call(x: f32[D]) -> f32[D] {
        var y = x
        for layer in layers { y = layer(y) }
        y
    }
}
let fixed = Linear(2, 3, weight: [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], bias: [0.5, 0.0, -0.5])
print(fixed([1.0, -1.0]), fixed([[1.0, 0.0], [0.0, 1.0]]))
# > [-0.5, -1.0, -1.5] [[1.5, 3.0, 4.5],
# >  [2.5, 4.0, 5.5]]
let drawn = Linear(4, 8)
print(all(abs(drawn.weight) <= 1), any(drawn.weight != 0), sum(abs(drawn.bias)), drawn.In, drawn.Out)
# > true true 0.0 4 8
let net = Mlp(2, 3)
let x = [0.5, -1.0]
print(net(x) - (x + 2 * (net.down.weight @ relu(net.up.weight @ x))))
# > [0.0, 0.0]
let deep = Deep(2, 3)
print(deep([1.0, 2.0]) - deep.layers[2](deep.layers[1](deep.layers[0]([1.0, 2.0]))))
# > [0.0, 0.0]
print(any(deep.layers[0].weight != deep.layers[1].weight), any(deep.layers[1].weight != deep.layers[2].weight))
# > true true
