fn f(x: f32[B, T, D]) -> f32[B, D] = reshape(x, B, D) # error[E0203]: f32[B, T, D] has B * T * D elements, but f32[B, D] has B * D
