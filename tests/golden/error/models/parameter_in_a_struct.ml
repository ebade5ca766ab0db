struct State(D) {
    param w: f32[D] = 1 # error[E0402]: a struct has fields and functions
}
