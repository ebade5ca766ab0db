fn halve(var x: f32) { x = x / 2 }
fn f(n: i32) -> i32 {
    var k = n
    halve(var k) # error[E0206]: 'x' of 'halve' is f32, but i32 is given
    k
}
