# A softmax of scores that look something up fails where an element asks for a place outside, and only there.
fn attend(s: f32[T, S], v: f32[S], bias: f32[N], bucket: i32[S], len: int) -> f32[T] {
    let p[i, j] = softmax[j | j < len](s[i, j] + bias[bucket[j]])
    out[i] = sum[j](p[i, j] * v[j])
}
fn chosen(s: f32[T, S], v: f32[S], bias: f32[N], bucket: i32[S]) -> f32[T] {
    let p[i, j] = softmax[j | bucket[j] >= 0 and bias[bucket[j]] > 0](s[i, j])
    out[i] = sum[j](p[i, j] * v[j])
}
fn told(s: f32[T, S], bias: f32[N], bucket: i32[S], go: i32[T]) -> f32[T, S] {
    out[i, j] = if go[i] > 0 { softmax[j](s[i, j] + bias[bucket[j]]) } else { 0 }
}

let s: f32[2, 3] = 0
let bias = [0.0, 1.0]
let bucket = i32([1, 1, 2])
print(attend(s, [1.0, 3.0, 5.0], bias, bucket, 2), attend(s, [1.0, 3.0, 5.0], bias, bucket, 0))
print(chosen(s, [1.0, 3.0, 5.0], bias, i32([1, -1, 0])))
print(told(s, bias, bucket, i32([0, 0])))
print(attend(s, [1.0, 3.0, 5.0], bias, bucket, 3))
# > [2.0, 2.0] [0.0, 0.0]
# > [1.0, 1.0]
# > [[0.0, 0.0, 0.0],
# >  [0.0, 0.0, 0.0]]
# status: 1
# stderr: streams_that_may_fail.ml:3:55: error[E0701]: subscript 2 is outside an axis of size 2
