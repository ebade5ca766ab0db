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
let a = adapt(net, Lora(2, 4), at: "*") # error[E0408]: 'Lora' is for Linear, but the part 'mid' is Dense(8, 8)
let b = adapt(net, Lora(2, 4)) # error[E0408]: 'Lora' is for Linear, but the model is Mlp(4, 8)
