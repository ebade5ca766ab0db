fn squares() -> f32[10] {
    let y[i] = i * i # error[E0301]: the range of i is not determined; write i: and its size
    f32(y)
}
