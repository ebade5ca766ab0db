## A function that only the script calls reads its `let`s of every form: equations, patterns, draws, recurrences.
fn all_of(i: int) -> (f32, f32, f32, bool, f32) = (p[i], a[i], f32(b), 0 <= u[i] < 1, r[i])
let x = [1.0, 2.0, 3.0]
let p[j] = 2 * x[j]
let (a, b) = (x + 1, 5)
let u[j: 3] ~ uniform(0, 1)
rec r[j] = x[j] + (r[j - 1] ?? 0)
let q = p + a
print(all_of(1), q)
# > (4.0, 3.0, 5.0, true, 3.0) [4.0, 7.0, 10.0]
