# That a layer is written out for merge says nothing about its sizes: its first element is asked for where there may be none.
model Plain(In, Out) {
    param weight: f32[Out, In] = 1
    fn call(x: f32[.., In]) -> f32[.., Out] = x @ weight.T
}
adapter Twice for Plain(In, Out) {
    fn call(x: f32[.., In]) -> f32[.., Out] = 2 * base(x)
}
fn first(net: adapt(Plain(D, F), Twice())) -> f32 {
    let m = merge(net)
    m.weight[0, 0]
}
print(first(adapt(Plain(3, 1), Twice())))
print(first(adapt(Plain(0, 1), Twice())))       # error[E0309]: '0 < 0' cannot hold
