model Linear(In, Out) {
    param w: f32[Out, In] = 0
    fn call(x: f32[In]) -> f32[Out] = w @ x
}
export fn f(net: Linear(2, 3, 4), x: f32[2]) -> f32[3] = net(x) # error[E0205]: 'Linear' has 2 header numbers
