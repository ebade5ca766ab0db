# Functions read the lets of a script, themselves or through others.
# > [7.0, 10.0] true [49.0, 72.0]
let w = reshape([1.0, 2.0, 3.0, 4.0], 2, 2)
let n = argmax([1.0, 5.0]) + 2
fn lin(x: f32[.., 2]) -> f32[.., 2] = x @ w
fn two(x: f32[2]) -> f32[2] = lin(lin(x))
fn sized() -> i64[n] { out[i] = i + n }
fn loopy(x: f32[2]) -> f32[2] {
    var y = x
    for i in 0..n { y = lin(y) }
    out[i] = y[i] + sum[j](w[j, i]) * n
}
print(two([1.0, 0.0]), len(sized()) == n and sized()[0] == n, loopy([1.0, 0.0]))
