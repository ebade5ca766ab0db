## Sums of products of bytes: of a weight in a model, whose rows or columns the lanes are, and of two tensors.
model Signed(N, K) {
    param weight: i8[N, K] = 0
}
model Unsigned(N, K) {
    param weight: u8[N, K] = 0
}
model Turned(K, N) {
    param weight: i8[K, N] = 0
}
export fn ss(net: Signed(N, K), x: i8[M, K]) -> i32[M, N] { out[m, n] = sum[k](i32(x[m, k]) * i32(net.weight[n, k])) }
export fn us(net: Signed(N, K), x: u8[M, K]) -> i32[M, N] { out[m, n] = sum[k](i32(x[m, k]) * i32(net.weight[n, k])) }
export fn su(net: Unsigned(N, K), x: i8[M, K]) -> i32[M, N] { out[m, n] = sum[k](i32(net.weight[n, k]) * i32(x[m, k])) }
export fn uu(net: Unsigned(N, K), x: u8[M, K]) -> i32[M, N] { out[m, n] = sum[k](i32(x[m, k]) * i32(net.weight[n, k])) }
export fn turned(net: Turned(K, N), x: i8[M, K]) -> i32[M, N] { out[m, n] = sum[k](i32(x[m, k]) * i32(net.weight[k, n])) }
export fn right(x: i8[M, K], w: i8[N, K]) -> i32[M, N] { out[m, n] = sum[k](i32(x[m, k]) * i32(w[n, k])) }
export fn product(x: i8[M, K], w: i8[K, N]) -> i32[M, N] { out[m, n] = sum[k](i32(x[m, k]) * i32(w[k, n])) }
