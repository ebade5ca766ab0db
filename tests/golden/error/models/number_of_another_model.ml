model Scale(D) {
    param w: f32[D] = 1
    fn call(x: f32[D]) -> f32[D] = x * w
}
export fn f(net: Scale(D), x: f32[D]) -> f32[D] = net(x) + net.In # error[E0210]: has no member 'In'
