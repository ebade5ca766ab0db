fn running(n: int) -> f32[n] {
    let u[i: n] = f32(i)
    cumsum(u, axis: 0)
}
fn f(x: i32[N]) -> f32 where N >= 1 = max(running(x[0])) # error[E0306]: this size depends on what the function computes
