fn masked(s: f32[T, S], live: bool[T]) -> f32[T, S] {
    out[i, j] = softmax[j | live[j]](s[i, j]) # error[E0302]: dims S and T differ
}
