## A product whose one factor is absent does not look at the other one, on either side: its subscript may be outside.
let x = [1.0, 2.0, 3.0]
let at = [0, 7, 2]
op masked[j](s: float) -> float[j] = s
let right[j] = masked[j | at[j] < 3](x[j]) * x[at[j]]
let left[j] = x[at[j]] * masked[j | at[j] < 3](x[j])
let over[j] = masked[j | at[j] < 3](x[j]) / x[at[j]]
print(right, left, over)
# > [1.0, 0.0, 9.0] [1.0, 0.0, 9.0] [1.0, 0.0, 1.0]
