# Kernels without lanes, or for one thread alone, with the reason; short loops, and sums of the parts of a reduction, are not worth a word.
# never: plain.ml:16:40: on
# never: plain.ml:38:5: on
fn steps(n: int) -> int {
    var k = n
    var c = 0
    while k > 1 {
        k = if k % 2 == 0 { k // 2 } else { 3 * k + 1 }
        c += 1
    }
    c
}
export fn collatz(x: int[N]) -> int[N] { out[i] = steps(x[i]) }
# >   plain.ml:13:42: one element at a time: a loop in it ends where data say

export fn total(x: f32[N, M]) -> f32 = sum[n, m](x[n, m] ^ 2)
# > total (plain.ml:16:1)

export fn decayed(x: f32[N]) -> f32[N] {
    rec y[i] = 0.5 * (y[i - 1] ?? 0.0) + x[i]
    y
}
# >   plain.ml:20:16: on one thread, one element at a time: each turn of a loop in it needs the one before

export fn of_rows(x: f32[B, N]) -> f32[B, N] {
    rec h[b, i] = 0.5 * (h[b, i - 1] ?? 0.0) + x[b, i]
    h
}
# >   plain.ml:26:5: one element at a time: each turn of a loop in it needs the one before

export fn counted(x: i32[N], v: f32[N]) -> f32[10] {
    out[k: 10] = sum[n | x[n] == k](v[n])
}
# >   plain.ml:32:18: on one thread: data say which places it changes
# >   memory between kernels: 0 bytes

export fn short(x: f32[N, 5]) -> f32[N, 5] {
    rec h[n, i: 5] = 0.5 * (h[n, i - 1] ?? 0.0) + x[n, i]
    h
}
# > short (plain.ml:37:1)
