fn f(x: f32[N]) -> f32[N] = map[i | x[i] > 0](x[i]) # error[E0307]: 'map' takes no guard
