import lib.parts: shown
fn f(x: i32[N]) -> i32[N] = shown(x) # error[E0206]: i32[N]
