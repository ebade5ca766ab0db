export fn first[K](x: f32[N]) -> f32[K] where K <= N = x[:K] # error[E0401]: static
