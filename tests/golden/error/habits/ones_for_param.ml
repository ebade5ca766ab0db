model Net(D) {
    param scale: f32[D] ~ ones(D)
}
