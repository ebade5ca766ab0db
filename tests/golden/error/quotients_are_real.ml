fn f(x: f32[N], h: int) -> f32[N] { out[i] = x[i] * f32(h) }
fn g(x: f32[N], H: int, G: int) -> f32[N] { f(x, H / G) } # error[E0206]: 'h' of 'f' is real, but int is needed
