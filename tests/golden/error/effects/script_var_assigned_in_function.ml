var calls = 0
fn f(x: f32) -> f32 {
    calls += 1 # error[E0211]: 'calls'
    x
}
print(f(1))
