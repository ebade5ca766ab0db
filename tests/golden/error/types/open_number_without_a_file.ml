model Scale(D) {
    param w: f32[D] = 1
    fn call(x: f32[D]) -> f32[D] = x * w
}
let net = Scale(_) # error[E0213]: '_' leaves a number to a file
print(net(zeros(3)))
