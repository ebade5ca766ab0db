## A parameter of an elementwise function has the type of its default where none is written.
@elementwise fn bent(x: float, alpha: real; scale = 1.0, times = 2) -> float = if x > 0 { x * times } else { alpha * expm1(x / scale) }
let x: f32[3] = [1, -1, 2]
print(bent(x, 0.5), bent(x, 0.5, scale: 2.0))
# > [2.0, -0.3161, 4.0] [2.0, -0.1967, 4.0]
print(bent(-1.0, 0.5, times: 3), bent(f64(x), 1.0)[1])
# > -0.3161 -0.6321
