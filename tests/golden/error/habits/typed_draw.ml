let w: f32[2, 2] ~ normal(0, 1)
