## A guard may leave out the place where the subscript is outside.
fn inner(x: f32[N]) -> f32 = sum[i: N | i != 0](x[i - 1])
fn masked(x: f32[N], m: bool[N]) -> f32 = sum[i | m[i]](x[i - 1])
fn outer(x: f32[N], m: bool[N]) -> f32[N] {
    out[n] = sum[j | m[n]](x[n - 1] * x[j])
}
fn all_of_them(x: f32[N]) -> f32 = sum[i: N](x[i - 1])      # warning[W0005]: where i is 0, this is -1
