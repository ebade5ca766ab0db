fn scale(weight: f32[N], factor: f32) -> f32[N] {
    let scaled = weight * factr # error[E0201]: 'factr' is not declared
    scaled + weight
}
