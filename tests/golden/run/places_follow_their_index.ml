## A bound and a condition that depend on an index are made anew where an operator looks at the other places of this index.
fn pick(x: f32[N], k: int) -> f32 where k <= N, k >= 1 = x[k - 1]
fn bound(x: f32[N], n: i32[N]) -> f32[N] { out[i] = softmax[i](sum[j: 0..n[i]](x[j])) }
fn condition(x: f32[N], n: i32[N]) -> f32[N] { out[i] = softmax[i](pick(x, n[i])) }
fn guard(x: f32[N], n: i32[N]) -> f32[N] { out[i] = softmax[i | pick(x, n[i]) < 3](x[i]) }
let x = [1.0, 2.0, 3.0]
print(bound(x, i32([1, 2, 3])), condition(x, i32([1, 3, 2])), guard(x, i32([2, 3, 1])))
# > [0.006377, 0.04712, 0.9465] [0.09003, 0.6652, 0.2447] [0.1192, 0.0, 0.8808]
