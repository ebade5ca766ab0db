## In Python the first assignment declares a variable; here `let` or `var` does.
fn twice(x: f32) -> f32 {
    y = x * 2 # error[E0201]: 'y' is not declared
    x
}
