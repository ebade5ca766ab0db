# A number that only a tensor tells which the file lacks: the file is of another model.
model M(D) {
    param w: f32[D, D] = 1
}
save([1.0], "other.safetensors")
let m = load("other.safetensors") as M(_)
# status: 1
# stderr: error[E0602]: number 'D' of 'M' cannot be told: the file has no tensor 'w'
