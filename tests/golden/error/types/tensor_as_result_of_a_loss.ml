fn loss(x: f32[N], y: f32[N]) -> f32 = (x - y) ^ 2 # error[E0206]: f32[N], but f32 is needed
