model Linear(In, Out) {
    param w: f32[Out, In] = 0
    fn call(x: f32[In]) -> f32[Out] = w @ x
}
model Mlp(D) {
    layers = [Linear(D, 4 * D), Linear(4 * D, D)] # error[E0402]: the parts of a list have one type
    fn call(x: f32[D]) -> f32[D] = layers[1](layers[0](x))
}
export fn f(net: Mlp(3), x: f32[3]) -> f32[3] = net(x)
