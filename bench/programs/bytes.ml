## Sums of products of bytes, exact: x W^T with the weight in a model, and products of two tensors.
model Net(In, Out) {
    param weight: i8[Out, In] = 0
}

export fn linear(net: Net(In, Out), x: i8[T, In]) -> i32[T, Out] {
    out[t, n] = sum[k](i32(x[t, k]) * i32(net.weight[n, k]))
}

export fn unsigned(net: Net(In, Out), x: u8[T, In]) -> i32[T, Out] {
    out[t, n] = sum[k](i32(x[t, k]) * i32(net.weight[n, k]))
}

export fn right(a: i8[M, K], b: i8[N, K]) -> i32[M, N] {
    out[m, n] = sum[k](i32(a[m, k]) * i32(b[n, k]))
}

export fn product(a: i8[M, K], b: i8[K, N]) -> i32[M, N] {
    out[m, n] = sum[k](i32(a[m, k]) * i32(b[k, n]))
}
