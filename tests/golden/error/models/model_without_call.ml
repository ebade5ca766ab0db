model Table(V, D) {
    param embed: f32[V, D] ~ normal(0, 1)
}
export fn f(net: Table(V, D), token: i32) -> f32[D] = net(token) # error[E0210]: 'call'
