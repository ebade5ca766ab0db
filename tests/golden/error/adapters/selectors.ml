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
let a = adapt(net, Lora(2, 4), at: "{up,dwon}") # error[E0407]: 'dwon' is no part of Mlp(4, 8)
let b = adapt(net, Lora(2, 4), at: "up.") # error[E0407]: a name is missing
let c = adapt(net, Lora(2, 4), at: "{up,down") # error[E0407]: '{' is not closed
let d = adapt(net, Lora(2, 4), at: "u*") # error[E0407]: between dots stand names
let e = adapt(net.up, Lora(2, 4), at: "**") # error[E0407]: '**' is no part of Linear(4, 8)
let f = adapt(net, Lora(2, 4), at: "layers.0.up") # error[E0407]: are adapted together: write *
