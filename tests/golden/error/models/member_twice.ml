model Scale(D) {
    param w: f32[D] = 1
    param w: f32[D] = 0 # error[E0202]: member 'w' is declared twice
    fn call(x: f32[D]) -> f32[D] = x * w
}
