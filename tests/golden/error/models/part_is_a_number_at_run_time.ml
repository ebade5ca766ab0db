model Noisy(D) {
    param w: f32[D] = 1
    s = sum(w) # error[E0402]: 'w' is not known when the parts are made
    fn call(x: f32[D]) -> f32[D] = x * w
}
export fn f(net: Noisy(3), x: f32[3]) -> f32[3] = net(x)
