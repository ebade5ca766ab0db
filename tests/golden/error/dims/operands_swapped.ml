fn linear(x: f32[B, In], weight: f32[In, Out]) -> f32[B, Out] = weight @ x # error[E0203]: inner sizes Out and B differ
