## Reductions along axes, running sums, products of tensors.

## The place of the last of the largest.
fn last_argmax(x: num[.., N]) -> i64[..] {
    let m[..] = max[j](x[.., j])
    out[..] = max[j | x[.., j] == m[..]](j)
}

fn last_argmin(x: num[.., N]) -> i64[..] {
    let m[..] = min[j](x[.., j])
    out[..] = max[j | x[.., j] == m[..]](j)
}

fn sums_from(x: num[.., N]) -> num[.., N] {
    rec s[.., i] = x[.., i] + (s[.., i + 1] ?? 0)
    s
}

fn sums_before(x: num[.., N]) -> num[.., N] {
    rec s[.., i: N] = if i == 0 { 0 } else { s[.., i - 1] + x[.., i - 1] }
    s
}

fn sums_after(x: num[.., N]) -> num[.., N] {
    rec s[.., i: N] = if i == N - 1 { 0 } else { s[.., i + 1] + x[.., i + 1] }
    s
}

fn products_from(x: num[.., N]) -> num[.., N] {
    rec s[.., i] = x[.., i] * (s[.., i + 1] ?? 1)
    s
}

fn products_before(x: num[.., N]) -> num[.., N] {
    rec s[.., i: N] = if i == 0 { 1 } else { s[.., i - 1] * x[.., i - 1] }
    s
}

fn products_after(x: num[.., N]) -> num[.., N] {
    rec s[.., i: N] = if i == N - 1 { 1 } else { s[.., i + 1] * x[.., i + 1] }
    s
}
