# What users of other languages write, and what is said of it.
fn tensors(x: float32[N], y: float32[N]) -> float32[N] = x + y        # error[E0201]: type 'float32' is not declared
fn generic(x: T) -> T = x                                             # error[E0201]: type 'T' is not declared
fn lower(x: f32[n]) -> f32[n] = x                                     # error[E0201]: 'n' is not declared
fn turned(x: f32[N, M]) -> f32[M, N] = x.t()                          # error[E0210]: has no member 't'
fn scanned(x: f32[T]) -> f32[T] {
    let y[t] = x[t] + y[t - 1]                                        # error[E0201]: 'y' is not declared
    y
}
fn positive(x: f32; eps = 1e-5) -> f32 = max(x, eps)
@jit fn fast(x: f32) -> f32 = x                                       # error[E0404]: there is no annotation '@jit' here
model Net(D) {
    param w: f32[D] = 1
    fn forward(x: f32[D]) -> f32[D] = w * x
}
var steps = 0
var count = 0
fn counted(x: f32) -> f32 { count += 1; x }                           # error[E0211]: 'count' is a 'var' of the script
let drawn = normal(0, 1)                                              # error[E0201]: 'normal' is not declared
let layer = Linear(3, 4)                                              # error[E0201]: 'Linear' is not declared
let made = tensor([1, 2])                                             # error[E0201]: 'tensor' is not declared
let small = positive(1, epsilon: 2)                                   # error[E0205]: 'positive' has no parameter 'epsilon'
let net = Net(3)
print(net(zeros(3)))                                                  # error[E0210]: has no member 'call'
return 3                                                              # error[E0104]: 'return' stands outside of a function
