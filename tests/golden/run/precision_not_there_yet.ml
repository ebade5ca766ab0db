# status: 1
# stderr: error[E0501]: @precision
@precision(compute: bf16, accumulate: f32)
fn twice(x: f32) -> f32 = x * 2
print(1)
# > 1
print(twice(3))
