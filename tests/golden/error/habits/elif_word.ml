## else if is two words.
fn f(x: f32) -> f32 {
    if x > 1 { 1.0 } elif x > 0 { x } else { 0.0 }
}
