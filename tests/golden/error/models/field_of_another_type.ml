struct Pair { a: f32; b: f32 = 0 }
fn f(x: f32[N]) -> f32 {
    let p = Pair(a: x) # error[E0206]: f32[N], but f32 is needed
    p.a + p.b
}
