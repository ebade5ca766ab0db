fn shown(x: f32) -> f32 {
    print(x)
    x
}
export fn f(x: f32) -> f32 = shown(x) # error[E0211]: an exported function has effects
