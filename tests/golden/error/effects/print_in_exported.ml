export fn f(x: f32) -> f32 {
    print(x) # error[E0211]: 'print'
    x
}
