# merge in a function: sizes and ranks are the caller's, conditions on rows are not the model's.
import std.nn: Linear

adapter Deep(r) for Linear(In, Out) {
    param a: f32[r, In] ~ normal(0, 1)
    param b: f32[Out, r] = 0.5
    fn call(x: f32[B, T, In]) -> f32[B, T, Out] where B >= 1, T >= 1 {
        let low[n, t, k] = sum[i](x[n, t, i] * a[k, i])
        base(x) + zeros(B, T, Out) + low @ b.T
    }
}
adapter Vector for Linear(In, Out) {
    param f: f32[In] = 3
    fn call(x: f32[In]) -> f32[Out] = base(f * x) - 0.5 * base(x)
}
fn merged(net: adapt(Linear(I, O), Deep(R)), x: f32[N, I]) -> f32[N, O] = merge(net)(x)
fn one(net: Linear(I, O), x: f32[I]) -> f32[O] = merge(adapt(net, Vector()))(x)

let net = Linear(3, 2)
let x: f32[4, 3] = [[1.0, 2.0, 3.0], [0.0, 1.0, 0.0], [2.0, 2.0, 2.0], [-1.0, 0.0, 1.0]]
let deep = adapt(net, Deep(2))
let none: f32[0, 3] = 0
print(max(abs(merged(deep, x) - reshape(deep(reshape(x, 2, 2, 3)), 4, 2))) < 1e-5, len(merged(deep, none)))
# > true 0
print(max(abs(one(net, [1.0, 2.0, 3.0]) - 2.5 * net([1.0, 2.0, 3.0]))) < 1e-5)
# > true
