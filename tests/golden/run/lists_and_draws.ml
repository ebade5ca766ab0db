# Lists of tuples and structs, zip, list types without a length; draws have one place wherever a function is written out.
let ps = [(i, 2.5 * i) for i in 0..3]
print(ps[1], len(ps))
let d = [a * b for (a, b) in zip([1, 2], [3, 4])]
print(d)
for (a, b) in ps { print(a + b) }
let sums = [a + b for (a, b) in ps]
print(sums)
struct P { x: f32 = 0
 y: f32 = 0 }
let qs = [P(x: f32(a), y: b) for (a, b) in zip(0..3, [5.0, 6.0, 7.0])]
print(qs[2].x, qs[2].y)
fn total(xs: [P]) -> f32 { var t = 0.0
 for p in xs { t += p.x * p.y }
 t }
fn n(xs: [f32[K]]) -> int = len(xs) * K
print(total(qs), n([[1.0, 2.0], [3.0, 4.0]]))
let k = key(7)
fn noise(g: fn, k: Key) -> f32 { let e ~ normal(0, 1, key: k)
  g(e) + e }
fn plain(k: Key) -> f32 { let e ~ normal(0, 1, key: k)
  e }
print(noise(fn(x) = x * 0, k) == noise(fn(x) = 0 * x, k), plain(k) == plain(k))
let drawn = fn(k) { let e ~ normal(0, 1, key: k)
   e }
print(drawn(k) == drawn(k), drawn(k) != drawn(fold(k, 1)))
# > (1, 2.5) 3
# > [3, 8]
# > 0.0
# > 3.5
# > 7.0
# > [0.0, 3.5, 7.0]
# > 2.0 7.0
# > 20.0 4
# > true true
# > true true
