## `j < T` cannot be false where j ranges over T; `j < i + T` neither, whatever i is.
fn f(s: f32[T, T], len: i32[T]) -> f32[T, T] {
    let a[i, j] = softmax[j | j < T](s[i, j])                  # warning[W0003]: this is always true: j < T
    let b[i, j] = softmax[j | j >= 0 and j <= i](a[i, j])      # warning[W0003]: this is always true: j >= 0
    let c[i, j] = softmax[j | j >= T](b[i, j])                 # warning[W0003]: this is always false: j >= T
    let d[i, j] = softmax[j | true](c[i, j])                   # warning[W0003]: this guard is always true
    let e[i, j] = if i + j < 0 { 0.0 } else { d[i, j] }        # warning[W0003]: this is always false: i + j < 0
    out[i, j] = softmax[j | j < len[i] or j == i](e[i, j])
}

## What a number of the model decides is constant for one model and open for another.
model Window(T, W) {
    fn call(x: f32[T]) -> f32[T] {
        out[t] = sum[k: T | k <= t and t - k < W](x[k])
    }
}

fn g(net: Window(8, 100), x: f32[8]) -> f32[8] = net(x)
