# Equal sizes may flatter: what others leave unused is said, too.
export fn f(wcc: f32[C, C], wca: f32[C, A], wac: f32[A, C], waa: f32[A, A], x: f32[T, C]) -> f32 {
    let y0 = x @ wcc
    let y1 = y0 @ wcc
    let y2 = y1 @ wca
    let y3 = exp(-abs(y1)) * y1
    let y4 = y3 @ wcc
    let y5 = softmax(y2 @ waa, axis: -1)
    let y6 = y5 @ wac
    let y7 = exp(-abs(x)) * y6
    let y8 = y5 @ waa
    let y9 = y5 @ waa
    sum(y2) + sum(y5) + sum(y3) + sum(y7) + sum(y9)
}
# >       0 % more than what lives at one time, with 256 for every dim; 2 % with other sizes
