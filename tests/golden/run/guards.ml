# Guards: what lies outside is never observed; reads outside have a default.
# > 4.75 -inf 0.0 true false -1 0
# > [-1.0, 1.0, -2.0, 3.5]
# > [[1.0, 0.0, 0.0],
# >  [0.5, 0.5, 0.0],
# >  [0.3333, 0.3333, 0.3333]]
# > [3.0, 3.0, 3.0]
# > 0.0 [2.0, 0.0]
let x = [1.0, -2.0, 3.5, 0.25]
print(sum[i | x[i] > 0](x[i]), max[i | x[i] > 100](x[i]), sum[i | x[i] > 100](x[i]), all[i | x[i] > 9](false), any[i | x[i] > 9](true),
      argmax[i | x[i] > 9](x[i]), count[i](x[i] > 9))
fn shift(x: f32[N]) -> f32[N] { out[i] = x[i - 1] ?? -1 }
print(shift(x))
let p[i: 3, j: 3] = softmax[j | j <= i](0.0)
print(p)
## The weight of an excluded element is absent: the NaN beside it is never looked at.
let v = [3.0, 3.0, nan]
fn attend(v: f32[N]) -> f32[N] {
    let q[i: N, j: N] = softmax[j | j < 2](0.0)
    out[i] = sum[j](q[i, j] * v[j])
}
print(attend(v))
## Whole rows without any allowed element give zeros.
let r[i: 2, j: 3] = softmax[j | i == 0](0.0)
let w[i] = sum[j](r[i, j] * 2.0)
print(sum[j](r[1, j]), w)
