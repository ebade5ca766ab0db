var scale = 2.0
fn f(x: f32) -> f32 = x * scale # error[E0211]: 'scale'
print(f(1))
