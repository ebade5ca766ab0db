let scale = 2.0
export fn f(x: f32) -> f32 = x * scale # error[E0211]: 'scale'
