# A new value of a `var` that is changed further takes the memory of the old one, which is dead: no tensor beside it.
export fn marked(var x: f32[N, D]) {
    x = x * 2
    x[0, 0] = 1
}
export fn filled(var x: f32[N], g: f32[N], n: int) where n <= N {
    x = 0.5 * x + g
    for i in 0..n { x[i] = x[i] + f32(i) }
}
export fn update(var p: f32[N], var m: f32[N], g: f32[N], lr: f32) {
    m = 0.9 * m + 0.1 * g
    p -= lr * m
}
# >   memory between kernels: 0 bytes
# > filled (in_place_var.ml:6:1)
# >   memory between kernels: 0 bytes
# > update (in_place_var.ml:10:1)
# >   memory between kernels: 0 bytes
# >   threads: 1 kernel
