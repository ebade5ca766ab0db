model Linear(In, Out) {
    param w: f32[Out, In] = 0
    fn call(x: f32[B, In]) -> f32[B, Out] = x @ w.T
}
export fn f(net: Linear(784, 10), image: f32[B, 28, 28]) -> f32[B, 10] = net(image) # error[E0206]: f32[B, 28, 28]
