model Linear(In, Out) {
    param w: f32[Out, In] = 0
    fn call(x: f32[In]) -> f32[Out] = w @ x
}
model Net(D) {
    layer = Linear(D) # error[E0205]: 'Out' of 'Linear' is not given
    fn call(x: f32[D]) -> f32[D] = layer(x)
}
export fn f(net: Net(3), x: f32[3]) -> f32[3] = net(x)
