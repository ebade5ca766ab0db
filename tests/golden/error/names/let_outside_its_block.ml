fn pick(c: bool, x: f32) -> f32 {
    if c {
        let y = x * 2
        check(y > 0, "positive")
    }
    y # error[E0201]: 'y' is not declared
}
