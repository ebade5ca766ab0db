# Readers with different conditions: what one of them leaves out, another needs.
fn two_readers(x: f32[N], y: f32[N]) -> (f32[N], f32[N]) {
    let s[i, j] = exp(-abs(x[i] - y[j])) + tanh(x[i] * y[j])
    let below[i] = sum[j | j <= i](s[i, j])
    let above[i] = max[j | j >= i](s[i, j])
    (below, above)
}
fn a_reader_of_all(x: f32[N], y: f32[N]) -> (f32[N], f32[N], f32) {
    let s[i, j] = exp(-abs(x[i] - y[j])) + tanh(x[i] * y[j])
    let above[i] = max[j | j > i](s[i, j])
    let below[i] = sum[j | j < i](s[i, j])
    (above, below, sum[i, j](s[i, j]))
}
fn the_narrow_one_last(x: f32[N], y: f32[N]) -> (f32, f32[N]) {
    let s[i, j] = exp(-abs(x[i] - y[j])) + tanh(x[i] * y[j])
    let all = sum[i, j](s[i, j])
    let some[i] = sum[j | j < i](s[i, j])
    (all, some)
}

let x = [0.0, 1.0, 2.0, 3.0]
let y = [0.5, -0.5, 1.5, 4.0]
print(two_readers(x, y))
print(a_reader_of_all(x, y))
print(the_narrow_one_last(x, y))
# > ([0.6065, 0.8297, 1.907, 2.703], [0.6065, 1.512, 1.602, 1.368])
# > ([0.6065, 1.512, 1.135, -inf], [0.0, 1.069, 0.3052, 1.335], 10.59)
# > (10.59, [0.0, 1.069, 0.3052, 1.335])
