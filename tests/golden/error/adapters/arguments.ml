import std.nn: Linear, Dense

adapter Lora(rank, alpha) for Linear(In, Out) {
    param a: f32[rank, In] ~ kaiming_uniform(sqrt(5))
    param b: f32[Out, rank] = 0
    fn call(x: f32[.., In]) -> f32[.., Out] = base(x) + (alpha / rank) * (x @ a.T) @ b.T
}
model Mlp(D, F) {
    up   = Linear(D, F)
    mid  = Dense(F, F)
    down = Linear(F, D)
    fn call(x: f32[.., D]) -> f32[.., D] = x + down(mid(silu(up(x))))
}
let net = Mlp(4, 8)
let a = adapt(net, Lora(2), at: "up") # error[E0205]: 'alpha' of 'Lora' is not given
let b = adapt(net, Lora(2, 4, 5), at: "up") # error[E0205]: 'Lora' has 2 header numbers
let c = adapt(net, Linear(2, 4), at: "up") # error[E0205]: takes a model and an adapter
let d = adapt(3, Lora(2, 4), at: "up") # error[E0205]: takes a model and an adapter
let e = adapt(net, Lora, at: "up") # error[E0205]: takes a model and an adapter
let f = adapt(net, Lora(2, 4), on: "up") # error[E0205]: takes one selector
let g = adapt(net, Lora(2, 4), at: 3) # error[E0205]: takes one selector
let h = adapt(net, Lora(r: 2, alpha: 4), at: "up") # error[E0205]: 'Lora' has no header number 'r'
let i = Lora(2, 4) # error[E0206]: an adapter cannot be kept in a variable
fn j(net: adapt(3, Lora(2, 4), at: "up")) -> f32 = 1 # error[E0206]: a model type stands here
fn k(net: adapt(Mlp(D, F), Lora(rank, 4), at: "up")) -> f32 = 1 # error[E0201]: 'rank' is not declared
