# Rows of attention that are computed together, from keys that were copied, have the bits of rows among few, however many keys are left for the last vectors.
# long
fn attention(q: f32[T, D], k: f32[S, D], v: f32[S, D]) -> f32[T, D] {
    let p[i, j] = softmax[j](sum[d](q[i, d] * k[j, d]) / sqrt(D))
    out[i, d] = sum[j](p[i, j] * v[j, d])
}

fn wrong(q: f32[T, D], k: f32[S, D], keys: int) -> int {
    let all = attention(q, k[:keys], k[:keys])
    let few = attention(q[5:8], k[:keys], k[:keys])
    count[t: 3, d](abs(all[t + 5, d] - few[t, d]) > 0) + count[t, d](not (abs(all[t, d]) <= 1))
}

let q[t: 13, d: 12] = sin(f32(t * 12 + d))
let k[s: 270, d: 12] = cos(f32(s * 7 + d * d))
print(wrong(q, k, 1), wrong(q, k, 5), wrong(q, k, 16), wrong(q, k, 17), wrong(q, k, 31), wrong(q, k, 32), wrong(q, k, 33), wrong(q, k, 48))
print(wrong(q, k, 64), wrong(q, k, 69), wrong(q, k, 80), wrong(q, k, 81), wrong(q, k, 197), wrong(q, k, 256), wrong(q, k, 261), wrong(q, k, 270))
# > 0 0 0 0 0 0 0 0
# > 0 0 0 0 0 0 0 0
