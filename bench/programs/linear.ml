## x W^T with the weight in a model: packed once, when the handle is made.
model Net(In, Out) {
    param weight: f32[Out, In] = 0
    fn call(x: f32[T, In]) -> f32[T, Out] = x @ weight.T
}

export fn linear(net: Net(In, Out), x: f32[T, In]) -> f32[T, Out] = net(x)
