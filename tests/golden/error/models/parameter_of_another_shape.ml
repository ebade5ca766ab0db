model Linear(In, Out) {
    param w: f32[Out, In] = 0
    fn call(x: f32[B, In]) -> f32[B, Out] = x @ w # error[E0203]: inner sizes In and Out differ
}
export fn f(net: Linear(2, 3), x: f32[B, 2]) -> f32[B, 3] = net(x)
