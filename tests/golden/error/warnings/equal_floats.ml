fn f(x: f32[N], y: f32) -> i64 {
    let near = count[i](x[i] == 0.1)                # warning[W0004]: '==' compares rounded numbers
    let same = count[i](x[i] != y)                  # warning[W0004]: '!=' compares rounded numbers
    near + same
}

## Marks and NaN are compared exactly; so are integers.
fn g(x: f32[N], y: i32[N]) -> i64 {
    count[i](x[i] == 0 or x[i] == -inf or x[i] != x[i] or y[i] == 3)
}
