import std.nn: Linear
adapter Bank(N) for Linear(In, Out) {
    param by: f32[N] = 1
    input pick: i32[B]
    fn call(x: f32[B, In]) -> f32[B, Out] {
        let s[b] = by[pick[b]] ?? 0
        let y = base(x)
        out[b, o] = s[b] * y[b, o]
    }
}
model Net(D) {
    up = Linear(D, D)
    fn call(x: f32[B, D]) -> f32[B, D] = up(x)
}
let net = adapt(Net(3), Bank(2), at: "up")
let x: f32[2, 3] = 1
print(net(x)) # error[E0205]: input 'pick' of 'Bank' is not set
