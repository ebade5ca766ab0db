## A file that is not there.
struct Narrow {
    weight: f32[2, 3] = 0
}
let net = load("no-such-file.safetensors") as Narrow
print(net.weight)
# status: 1
# stderr: load_nothing.ml:5:11: error[E0601]: cannot open 'no-such-file.safetensors'
