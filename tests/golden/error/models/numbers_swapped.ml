model Linear(In, Out) {
    param w: f32[Out, In] = 0
    fn call(x: f32[In]) -> f32[Out] = w @ x
}
model Mlp(D, F) {
    up   = Linear(D, F)
    down = Linear(D, F)
    fn call(x: f32[D]) -> f32[D] = down(up(x)) # error[E0203]: sizes
}
export fn f(net: Mlp(3, 12), x: f32[3]) -> f32[3] = net(x)
