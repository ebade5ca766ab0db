struct Pair { a: f32; b: f32 }
fn f(x: f32) -> f32 {
    let p = Pair(a: x) # error[E0205]: 'b' of 'Pair' is not given
    p.a + p.b
}
