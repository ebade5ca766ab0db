## x W^T in whole numbers, block by block of 32 places: what ggml computes of q8_0, as a formula (`std.quant`). Weights are 8 bits in a model, x is rounded in the call.
import std.quant: int8_blocks_linear

model Net(B, Out) {
    param weight: i8[Out, B, 32] = 0
    param scale: f32[Out, B] = 0
}

export fn linear(net: Net(B, Out), x: f32[T, B, 32]) -> f32[T, Out] = int8_blocks_linear(x, net.weight, net.scale)
