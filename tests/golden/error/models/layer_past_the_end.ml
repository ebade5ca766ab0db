model Scale(D) {
    param w: f32[D] = 1
    fn call(x: f32[D]) -> f32[D] = x * w
}
model Net(D) {
    layers = [Scale(D) for _ in 0..4]
    fn call(x: f32[D]) -> f32[D] = layers[4](x) # error[E0303]: subscript 4 is outside
}
export fn f(net: Net(3), x: f32[3]) -> f32[3] = net(x)
