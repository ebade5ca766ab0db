# Blocks of 256 from +0, 16 lanes or a chain of fused multiply-adds inside: to the last bit, here and in the interpreter.
# 16-bit numbers are added in f32.
fn bits(x: f32[N]) -> i64[N] {
    out[n] = i64(f64(x[n]) * 2 ^ 24)
}

let x: f32[5000] = 0
let y[i: 5000] = f32(i * 7919 % 1000) / 997
let a[i: 3, k: 700] = f32((i + 3) * k * 31 % 101) / 97 - 0.5
let b[k: 700, j: 2] = f32((j + 5) * k * 17 % 103) / 89 - 0.5
let p[i: 40] = 1 + f32(i) / 4096
print(bits([sum(y), mean(y), prod(p)]), sum(x))
print(bits(reshape(a @ b, 6)), bits(sum(a, axis: 1)))
print(sum[i: 100, j: 100 | j <= i](y[i] * f32(j) / 7))

let h: f16[4096] = 0.1
let g: bf16[2, 4096] = 0.1
let c: f16[1, 2] = [[300.0, 300.0]]
let d: f16[1, 2] = [[300.0, -300.0]]
print(sum(h), mean(h), (g @ g.T)[0, 1], (c @ d.T)[0, 0])
# > [42027180032, 8405436, 20284188] 0.0
# > [9795610, 61719848, 16943370, 23884152, 31451674, 61322432] [203402016, 178841568, 171750176]
# > 1.144e+04
# > 409.5 0.09998 41.0 0.0
