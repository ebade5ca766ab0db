fn f(s: f32[T, S]) -> f32[T] {
    out[i] = softmax[j](s[i, j]) # error[E0307]: 'softmax' works at a place
}
