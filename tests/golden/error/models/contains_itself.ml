model Block(D) {
    inner = Block(D) # error[E0402]: 'Block' contains itself
    fn call(x: f32[D]) -> f32[D] = inner(x)
}
export fn f(net: Block(3), x: f32[3]) -> f32[3] = net(x)
