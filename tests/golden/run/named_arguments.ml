fn scaled(x: f32, y: f32 = 10; factor = 2.0, shift = 0.0) -> f32 = (x + y) * factor + shift
print(scaled(1.0, 2.0), scaled(1.0, 2.0, factor: 10), scaled(1.0, 2.0, shift: 1, factor: -1))
# > 6.0 30.0 -2.0
fn window(x: f32[N]; size = 2) -> f32[N - size + 1] where 1 <= size, size <= N {
    out[i] = sum[j: size](x[i + j])
}
let x = [1.0, 2.0, 4.0, 8.0]
print(window(x), window(x, size: 3), window(x, size: 4))
# > [3.0, 6.0, 12.0] [7.0, 14.0] [15.0]
