# Products by one number: by a power of two it is a product with the reciprocal, which is the quotient to the bit; by all others a quotient, also
# by powers whose reciprocal is no normal number, negative ones, 0 and what is no number.
fn over(x: f32[T, D], y: f32[S, D], c: f32) -> f32[T, S] = x @ y.T / c
fn far(z: f32[T, S]) -> f32[4] = [z[0, 0], z[1, 2], z[T - 1, S - 1], max(z)]
let x[i: 19, d: 5] = f32(i * 7 % 11 - 5) * 0.37 + f32(d) * 0.11
let y[j: 41, d: 5] = f32(j * 5 % 13 - 6) * 0.23 - f32(d) * 0.07
for c in [8.0, 0.125, 3.0, -8.0, 1.0e38, 1.0e-38, 8.507059e37, 1.1754944e-38, 0.0] {
    print(far(over(x, y, c)))
}
# > [1.539, 0.4584, -0.0605, 1.595]
# > [98.49, 29.34, -3.872, 102.1]
# > [4.104, 1.222, -0.1613, 4.252]
# > [-1.539, -0.4584, 0.0605, 1.976]
# > [1.231e-37, 3.667e-38, -4.84e-39, 1.276e-37]
# > [inf, inf, -4.84e+37, inf]
# > [1.447e-37, 4.311e-38, -5.689e-39, 1.5e-37]
# > [inf, 3.12e+38, -4.117e+37, inf]
# > [inf, inf, -inf, inf]
