model Scale(D) {
    param w: f32[D] = 1
    fn call(x: f32[D]) -> f32[D] = x * w
}
model Net(D) {
    layers = [Scale(D) for s in [1, 2, 3]] # error[E0402]: counted by a range
    fn call(x: f32[D]) -> f32[D] = layers[0](x)
}
export fn f(net: Net(3), x: f32[3]) -> f32[3] = net(x)
