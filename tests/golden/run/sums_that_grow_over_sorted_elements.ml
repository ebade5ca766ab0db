# An element that needs tensors of its own, in a sum whose range an index gives: each is stored, and there is room for the longest.
fn middle(x: f32[P]) -> f32 {
    let (s, _) = sort(x)
    s[P // 2]
}

fn first(x: f32[M, N]) -> f32[N] {
    out[i: N] = sum[k: 0..i + 1](middle(x[:, k]))
}

fn last(d: f32[N], x: f32[M, N, K]) -> f32[N] {
    out[i: N] = max[k: i..N, m: M](middle(x[m, i, :]) * d[k])
}

fn some(d: f32[N], x: f32[M, N, K]) -> f32[N] {
    out[i: N] = max[k: i // 2..(i + 3) // 2, m: M](sum[j: k..min(k * k + 1, N)](middle(x[m, k, :]) * d[k]))
}

let d: f32[3] = [3.0, 1, 2]
let x: f32[1, 3, 2] = [[[3.0, 1], [2, 5], [2, 1]]]
print(first([[3.0, 1, 2], [2, 1, 4]]))
# > [3.0, 4.0, 8.0]
print(last(d, x))
# > [9.0, 10.0, 4.0]
print(some(d, x))
# > [9.0, 9.0, 5.0]
