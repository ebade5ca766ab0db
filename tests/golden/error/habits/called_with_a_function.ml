# What is wrong in a text for the function that it is called with names the call.
fn apply[K](g: fn(float) -> float, x: float[N]) -> float[N] { out[n] = g(x[n]) * K }    # error[E0204]: '*' of bool and int
fn each(g: fn(float) -> float, x: float[N]) -> float[N] { out[n] = g(x[n]) }            # error[E0206]: 'sum' without binders takes a tensor, not f32
let b = [1.0, 2.0]
print(apply[1](fn(x) = x > 0, b))
print(each(sum, b))
