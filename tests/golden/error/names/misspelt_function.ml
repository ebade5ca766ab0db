fn weights(x: f32[N]) -> f32[N] = sofmax(x, axis: -1) # error[E0201]: 'sofmax' is not declared
