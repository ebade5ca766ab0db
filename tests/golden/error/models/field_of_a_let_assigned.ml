struct State { step: int = 0 }
fn next(s: State) -> int {
    s.step += 1 # error[E0209]: 's' is not a 'var'
    s.step
}
