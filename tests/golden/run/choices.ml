fn grade(x: int) -> int = if x < 10 { 0 } else if x < 20 { 1 } else { 2 }
fn sign(x: f32) -> f32 {
    if x > 0 { return 1 }
    if x < 0 { return -1 }
    0
}
fn leaky(x: f32[N]) -> f32[N] {
    out[i] = if x[i] > 0 { x[i] } else { 0.5 * x[i] }
}
print(grade(5), grade(10), grade(19), grade(20))
# > 0 1 1 2
print(sign(3.5), sign(-0.5), sign(0.0))
# > 1.0 -1.0 0.0
print(leaky([-2.0, 0.0, 4.0]))
# > [-1.0, 0.0, 4.0]
## A branch may change variables and have no value.
var low = 0
var high = 0
for i in 0..7 {
    if i % 3 == 0 { low += i } else { high += i }
}
print(low, high)
# > 9 12
let pair = if low < high { (low, high) } else { (high, low) }
print(pair)
# > (9, 12)
