## A variable of a script keeps what is absent in it: in tensors, numbers and tuples, through functions and loops. A `var`, a list and a field
## read it as 0, and so does what is shown.
op masked[j](s: float) -> float[j] = s
struct Holder { x: f32[3] = 0 }
fn both(x: f32[N]) -> (f32[N], f32[N]) {
    let p[j] = masked[j | j > 0](x[j])
    (p, p + x)
}
fn beside(k: f32) -> f32[3] = p * k * n     # of the script
let n = [nan, nan, nan]
let x = [1.0, 2.0, 3.0]
let at = [7, 1, 2]
let p[j] = masked[j | j > 0](x[j])
print(p)
print(p * n, n * p, p / n, -p * n, p + n, sum[j](p[j] * n[j]))
let y[j] = p[j] * x[at[j]]                  # x has no place 7
print(y)

let q = p
let t = (q, x)
let (a, b) = t
let first = q[0]
let (c, d) = both(x)
let wide = concat(p, x, axis: 0)
let left = f64(2 * p - p)
let right = p + x
print(q * n, t[0] * n, a * n, b * n)
print(first * nan, c * n, d * n, reshape(wide, 2, 3)[0] * n)
print(left * f64(n), right * n)

let list = [p, p]
var v = p
let held = Holder(x: p)
let picked = if len(x) > 2 { p } else { x }
print(list[0] * n, v * n)
print(held.x * n, picked * n)
v = p * n
print(v)

print(beside(2))
let scaled = fn(k) = p * k
print(scaled(3) * n)
for i in 0..2 {
    let here = p * f32(i)
    print(here * n)
}
# > [0.0, 2.0, 3.0]
# > [0.0, nan, nan] [0.0, nan, nan] [0.0, nan, nan] [0.0, nan, nan] [nan, nan, nan] nan
# > [0.0, 4.0, 9.0]
# > [0.0, nan, nan] [0.0, nan, nan] [0.0, nan, nan] [nan, nan, nan]
# > 0.0 [0.0, nan, nan] [nan, nan, nan] [0.0, nan, nan]
# > [0.0, nan, nan] [nan, nan, nan]
# > [nan, nan, nan] [nan, nan, nan]
# > [nan, nan, nan] [nan, nan, nan]
# > [0.0, nan, nan]
# > [0.0, nan, nan]
# > [0.0, nan, nan]
# > [0.0, nan, nan]
# > [0.0, nan, nan]
