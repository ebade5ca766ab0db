# status: 1
# stderr: error[E0503]: adapt
model Linear(In, Out) {
    param weight: f32[Out, In] = 1
    fn call(x: f32[In]) -> f32[Out] = weight @ x
}
adapter Lora(rank) for Linear(In, Out) {
    param a: f32[rank, In] = 0
    param b: f32[Out, rank] = 0
    fn call(x: f32[In]) -> f32[Out] = base(x) + b @ (a @ x)
}
let net = Linear(2, 3)
print(net([1.0, 2.0]))
# > [3.0, 3.0, 3.0]
let tuned = adapt(net, Lora(1), at: "*")
