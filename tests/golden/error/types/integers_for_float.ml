# `float` stands for a floating dtype: a tensor of integers needs a cast.
fn total(x: float[N]) -> float = sum(x)

let y[i: 3] = i
print(total([1, 2, 3]))   # error[E0206]: 'x' of 'total' is i64[3], but f32[3] is needed
print(total(y))           # error[E0206]: 'x' of 'total' is i64[3], but f32[3] is needed
print(total(f32(y)))
print(total([1.0, 2.0]))
