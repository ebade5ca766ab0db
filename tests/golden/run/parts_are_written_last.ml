# A part of a variable is written when everything that reads the old one has been read.
fn read_before(x: f32[N], var c: f32[M], at: int) -> f32[M] where N <= M {
    let v[i] = exp(x[i]) + 1
    let old[j] = tanh(c[j]) * 2
    c[at:at + N] = v
    old
}
fn summed_before(x: f32[N], var c: f32[M], at: int) -> f32 where N <= M {
    let v[i] = exp(x[i]) + 1
    let total = sum[j](c[j])
    c[at:at + N] = v
    total
}
fn reads_itself(x: f32[N], var c: f32[M], at: int) where N <= M {
    let v[i] = tanh(c[M - 1 - i]) + x[i]
    c[at:at + N] = v
}
fn rows(x: f32[N, D], var c: f32[M, D], at: int) -> f32[D] where N <= M {
    let v[i, d] = exp(x[i, d]) + 1
    let before[d] = max[j](c[j, d])
    c[at:at + N] = v
    before
}
var c = [1.0, 2.0, 3.0, 4.0]
print(read_before([0.0, 1.0], var c, 1))
print(c)
print(summed_before([0.0, 1.0], var c, 2))
print(c)
let steps[i: 100] = f32(i) / 100
var long[i: 200] = f32(i) / 200
reads_itself(steps, var long, 100)
print(long[95:105], long[195:], sum(long))
var m = [[1.0, 9.0], [2.0, 8.0], [3.0, 0.0]]
print(rows([[0.0, 1.0]], var m, 0))
print(m)
# > [1.523, 1.928, 1.99, 1.999]
# > [1.0, 2.0, 3.718, 4.0]
# > 10.72
# > [1.0, 2.0, 2.0, 3.718]
# > [0.475, 0.48, 0.485, ..., 0.7752, 0.7831, 0.7909] [1.428, 1.434, 1.44, 1.446, 1.452] 136.8
# > [3.0, 9.0]
# > [[2.0, 3.718],
# >  [2.0, 8.0],
# >  [3.0, 0.0]]
