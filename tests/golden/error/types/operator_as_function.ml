fn each(g: fn(f32) -> f32, x: f32[N]) -> f32[N] {
    out[n] = g(x[n])            # error[E0206]: 'sum' without binders takes a tensor, not f32
}
fn whole(h: fn(f32[N]) -> f32[N], x: f32[N]) -> f32[N] = h(x)   # error[E0205]: 'softmax' without binders needs an axis
fn bound(g: fn(f32) -> f32, x: f32[N]) -> f32 = sum[n](g[n](x[n]))  # error[E0205]: 'exp' has no static parameters, and as a value no binders
let x: f32[3] = 1
print(each(sum, x))
print(whole(softmax, x))
print(bound(exp, x))
