model Net(D) {
    param w: f32[D, D]
}
