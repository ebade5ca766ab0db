## One step of an optimizer; t counts the steps before it. Each gives the new parameters and the new state.

fn adagrad(rate: float, t: int, x: float[..], g: float[..], h: float[..], decay: real, norm: real, eps: real) -> (float[..], float[..]) {
    let r = rate / (1 + t * decay)
    let d = norm * x + g
    let h2 = h + d * d
    (x - r * d / (sqrt(h2) + eps), h2)
}

fn adam(rate: float, t: i64, x: float[..], g: float[..], v: float[..], h: float[..], alpha: real, beta: real, norm: real, after: real,
        eps: real) -> (float[..], float[..], float[..]) {
    let r = if t > 0 { rate * sqrt(1 - beta ^ t) / (1 - alpha ^ t) } else { rate }
    let d = norm * x + g
    let v2 = alpha * v + (1 - alpha) * d
    let h2 = beta * h + (1 - beta) * d * d
    ((1 - after) * (x - r * v2 / (sqrt(h2) + eps)), v2, h2)
}

fn momentum(rate: float, t: i64, x: float[..], g: float[..], v: float[..], alpha: real, beta: real, norm: real, nesterov: bool) -> (float[..], float[..]) {
    let d = norm * x + g
    let v2 = alpha * v + (if t > 0 { beta } else { 1 }) * d
    (x - rate * (if nesterov { d + alpha * v2 } else { v2 }), v2)
}
