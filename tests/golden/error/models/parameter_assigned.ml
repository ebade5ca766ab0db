model Scale(D) {
    param w: f32[D] = 1
    fn call(x: f32[D]) -> f32[D] {
        w = w * 2 # error[E0209]: 'w' is not a 'var'
        x * w
    }
}
export fn f(net: Scale(3), x: f32[3]) -> f32[3] = net(x)
