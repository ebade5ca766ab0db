## Orders and vectors of std.random: laws that hold for every key.
import std.random: permutation, choice, weighted_choice, multinomial, dirichlet, multivariate_normal, orthogonal, poisson

let p = permutation(100, key(1))
let (q, _) = topk(p, 100, axis: -1)
print(all[i](q[i] == 99 - i), any[i](p[i] != i), len(choice(10, 3, key(2))), sum(choice(5, 5, key(3))))
# > true true 3 10

let often[t: 2000, i: 3] = permutation(3, fold(key(4), t))[i]
print(all[i](abs(mean[t](if often[t, i] == 0 { 1.0 } else { 0.0 }) - 1 / 3) < 0.06))
# > true

print(weighted_choice([-inf, 0.0, -inf, 0.0], 2, key(5))[0] % 2, sum(multinomial(500, [1.0, 2.0, 0.0], key(6))), multinomial(500, [1.0, 2.0, 0.0], key(6))[2])
# > 1 500 0

let d = dirichlet([1.0, 2.0, 3.0], key(7))
print(abs(sum(d) - 1) < 1e-6, min(d) > 0)
# > true true

let m[t: 2000, i: 2] = multivariate_normal([1.0, -1.0], [[2.0, 0.0], [1.0, 1.0]], fold(key(8), t))[i]
print(abs(mean[t](m[t, 0]) - 1) < 0.2, abs(mean[t]((m[t, 0] - 1) * (m[t, 1] + 1)) - 2) < 0.4)
# > true true

let o = orthogonal(4, 3, key(9))
let w = orthogonal(2, 5, key(9), gain: 2)
let i[a: 3, b: 3] = if a == b { 1.0 } else { 0.0 }
print(max(abs(o.T @ o - i)) < 1e-5, abs(norm(w[0]) - 2) < 1e-5, abs(sum(w[0] * w[1])) < 1e-5)
# > true true true

let x ~ poisson(-1)                     # a condition of the distribution
# status: 1
# stderr: a rate is not negative
