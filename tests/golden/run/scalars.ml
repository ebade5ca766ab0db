## Numbers, precedence and the scalar functions.
print(1 + 2 * 3, (1 + 2) * 3, 10 - 4 - 3)
# > 7 9 3
print(2 ^ 10, 2 ^ 3 ^ 2, -2 ^ 2)
# > 1024 512 -4
print(0xff, 1_000, 1.5, 1e-3)
# > 255 1000 1.5 0.001
print(7 / 2, 1 / 4 + 1 / 4)
# > 3.5 0.5
print(true, not true, 1 < 2 and 2 < 1, 1 < 2 or 2 < 1)
# > true false false true
print(abs(-3), min(3, 5), max(2, 7, 4), clip(5, 0, 3), clip(-5, 0, 3))
# > 3 3 7 3 0
print(sqrt(2.0), exp(0.0), log(1.0), tanh(0.0), sigmoid(0.0))
# > 1.414 1.0 0.0 0.0 0.5
print(floor(-1.5), ceil(-1.5), floor(2.0), round(2.4), round(-2.6))
# > -2.0 -1.0 2.0 2.0 -3.0
print(relu(-2.0), relu(3.0), silu(0.0), cos(0.0), sin(0.0))
# > 0.0 3.0 0.0 1.0 0.0
print(inf, -inf, inf - inf, 1.0 / 0.0 > 1e30)
# > inf -inf nan true
let third: f32 = 1 / 3
print(third, third + third + third)
# > 0.3333 1.0
