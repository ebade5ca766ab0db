var best = 0
fn f(x: f32) -> f32 {
    best = 3 # error[E0211]: 'best' is a 'var' of the script
    x
}
print(f(1))
