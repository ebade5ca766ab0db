## A `var` tensor is a value: what was taken from it before does not change with it.
fn sieve(n: int) -> bool[n] {
    var prime: bool[n] = true
    for i in 2..n {
        if prime[i] {
            for k in 2..n { if k * i < n { prime[k * i] = false } }
        }
    }
    prime
}
let p = sieve(12)
print(count[i | i >= 2](p[i]), p[7], p[9])
# > 5 true false
var x = [1.0, 2.0, 3.0]
let before = x
x[1] = 20
x[-1] += 0.5
x[0] *= 4
print(x, before)
# > [4.0, 20.0, 3.5] [1.0, 2.0, 3.0]
var m = zeros(2, 3)
m[0] = [1.0, 2.0, 3.0]
m[:, 1] = [7.0, 8.0]
m[1, 2] = 5
print(m)
# > [[1.0, 7.0, 3.0],
# >  [0.0, 8.0, 5.0]]
m[:, 1:] = 0
m += 1
print(m)
# > [[2.0, 1.0, 1.0],
# >  [1.0, 1.0, 1.0]]
m[0] = m[1] * 3
print(m)
# > [[3.0, 3.0, 3.0],
# >  [1.0, 1.0, 1.0]]
