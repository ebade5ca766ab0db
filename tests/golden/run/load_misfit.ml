## A file whose tensors are not those of the model: all that do not fit are named.
struct Narrow {
    weight: f32[2, 3] = 0
    bias: f32[3] = 0
}
struct Wide {
    weight: f32[2, 4] = 0
    scale: f32 = 1
}
save(Narrow(), "narrow.safetensors")
let net = load("narrow.safetensors") as Wide
print(net.scale)
# status: 1
# stderr: load_misfit.ml:11:11: error[E0602]: tensors do not fit (1 missing, 1 surplus, 1 of another shape)
