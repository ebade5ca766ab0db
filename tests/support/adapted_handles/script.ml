import adapted: Lora, Mlp, Tuned, run, twice

let net = Mlp(3, 6)
let tuned = adapt(net, Lora(2, 4), at: "{up,down}")
let x: f32[2, 3] = [[1.0, 2.0, 3.0], [-1.0, 0.5, 0.0]]
save(tuned, "tuned.safetensors")
save(net, "plain.safetensors")
save(tuned.trainable, "set.safetensors")
print(run(tuned, x))
let whole = Tuned(3, net: tuned)
save(whole, "whole.safetensors")
print(twice(whole, x) / 2)
