fn f(x: f32) -> f32 {
    let l = [] # error[E0206]: an empty list has no type
    x + sum(l)
}
