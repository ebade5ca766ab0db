# Ints, weak numbers and exact quotients.
# > 3 -4 2 3.5 1024
# > 2.5 0.5 -8 true
# > 9 12 [0, 1, 4, 9, 16]
# > [1.0, 2.0, 4.0, 8.0, 16.0]
# > 250 -6 0
fn powers(n: int) -> f32[n] { out[i] = 2.0 ^ i }
fn halves(x: f32[N]) -> f32[N / 2] { out[i] = x[2 * i] + x[2 * i + 1] }
print(7 // 2, -7 // 2, -7 % 3, 7 / 2, 2 ^ 10)
let (alpha, rank) = (8, 16)
print(f32(10) / 4, alpha / rank, -2 ^ 3, 1 < 2 <= 2)
print(len(powers(3)) * 3, len(halves(zeros(24))), [i * i for i in 0..5])
print(powers(5))
print(u8(250), i8(250), i32(0.9))
