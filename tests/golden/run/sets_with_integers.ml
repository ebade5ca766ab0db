## Integers and conditions of a model are no part of the vector: arithmetic of parameter sets leaves them as they are.
model Net(D) {
    param w: f32[D] = 2
    frozen at: i32[D] = 1
    frozen on: bool[D] = true
    fn call(x: f32[D]) -> f32[D] { out[d] = if on[d] { w[d] * x[at[d]] } else { 0 } }
}
let net = Net(2)
let moved = net - 0.5 * net / 4
print(moved.w, moved.at, moved.on, (-net).at, sqrt(net).at, norm(net), dot(net, net), all_finite(net))
print(moved([3.0, 5.0]))
# > [1.75, 1.75] [1, 1] [true, true] [1, 1] [1, 1] 2.828 8.0 true
# > [8.75, 8.75]
