struct Pair { a: f32; b: f32 = 0 }
fn f(x: f32) -> f32 {
    let p = Pair(a: x, c: x) # error[E0210]: 'Pair' has no field 'c'
    p.a + p.b
}
