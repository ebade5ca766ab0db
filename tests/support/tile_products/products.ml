## A weight of bf16 that products with many rows and with one take in tiles, and that is looked up row by row.
model Net(In, Out) {
    param weight: bf16[Out, In] = 0
    param across: bf16[In, Out] = 0
}
export fn product(net: Net(In, Out), x: bf16[T, In]) -> bf16[T, Out] = x @ net.weight.T
export fn second(net: Net(In, Out), x: bf16[T, In], bias: f32[Out]) -> f32[T, Out] = f32(x @ net.across) + bias
## The same weights along their other axis.
export fn back(net: Net(In, Out), y: bf16[T, Out]) -> bf16[T, In] = y @ net.weight
export fn back_across(net: Net(In, Out), y: bf16[T, Out], bias: f32[In]) -> f32[T, In] = f32(y @ net.across.T) + bias
## Both factors and what follows read more of the model.
export fn mixed(net: Net(In, Out), x: bf16[T, In], i: int) -> bf16[T, Out] where 0 <= i and i < Out {
    let moved[t: T, k: In] = x[t, k] - net.across[k, i]
    let y = moved @ net.weight.T
    out[t: T, o: Out] = y[t, o] + net.weight[o, 0]
}
## Products of floats keep the order of floats.
export fn floats(net: Net(In, Out), x: bf16[T, In]) -> f32[T, Out] {
    out[t, o] = sum[i](f32(x[t, i]) * f32(net.across[i, o]))
}
