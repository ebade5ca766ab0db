## Reductions along axes, running sums, products of tensors.

## The place of the last of the largest.
fn last_argmax(x: num[.., N]) -> i64[..] {
    let m[..] = max[j](x[.., j])
    out[..] = max[j | x[.., j] == m[..]](j)
}

fn sums_from(x: num[.., N]) -> num[.., N] {
    out[.., i] = sum[j | j >= i](x[.., j])
}

fn sums_before(x: num[.., N]) -> num[.., N] {
    out[.., i] = sum[j | j < i](x[.., j])
}

fn sums_after(x: num[.., N]) -> num[.., N] {
    out[.., i] = sum[j | j > i](x[.., j])
}
