# No plan for all sizes is within a tenth of what lives at one time: each call places its tensors.
export fn f(wdd: f32[D, D], wde: f32[D, E], wed: f32[E, D], wee: f32[E, E], x: f32[T, D]) -> f32 {
    let y0 = x @ wdd
    let y1 = x @ wde
    let y2 = exp(-abs(x)) * y0
    let y3 = y1 @ wee
    let y4 = y3 @ wee
    let y5 = softmax(y0 @ wdd, axis: -1)
    let y6 = y1 @ wee
    let y7 = y3 @ wee
    let y8 = softmax(y3 @ wee, axis: -1)
    let y9 = exp(-abs(y8)) * y7
    let y10 = y7 @ wee
    let y11 = y8 @ wee
    let y12 = y8 @ wed
    sum(y10) + sum(y2) + sum(y6) + sum(y12) + sum(y12)
}
# >   memory between kernels: each call places its tensors when it knows their sizes; 9027584 bytes with 256 for every dim
# >       0 % more than what lives at one time, with 256 for every dim
# >       where most lives: 524288 bytes of tensors and 8503296 that kernels work in, a part for each of their tasks
# never: with other sizes
