model Net(D) {
    layer = Linear(D, D) # error[E0201]: 'Linear' is not declared
    fn call(x: f32[D]) -> f32[D] = layer(x)
}
export fn f(net: Net(3), x: f32[3]) -> f32[3] = net(x)
