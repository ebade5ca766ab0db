export fn f(x: f32[N]) -> f32[N] {
    let t = read_text("data.txt") # error[E0211]: 'read_text'
    x + len(t)
}
