## A pack of leading axes may be empty: then a member of it is a number.
fn cosine(x: float[.., D], y: float[.., D]) -> float[..] {
    let a[..] = sum[d](x[.., d] * y[.., d])
    out[..] = a[..] + 1
}
print(cosine([1.0, 2.0], [3.0, 4.0]))
# > 12.0
print(cosine([[1.0, 2.0]], [[3.0, 4.0]]))
# > [12.0]
