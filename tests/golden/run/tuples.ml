## Variables of every kind, kept from statement to statement.
let (a, b) = (1, "two")
let t = (a, 2.5, [1, 2])
print(t, b)
let (n, x, l) = t
print(n + 1, x * 2, l)
struct P(N) {
    w: f32[N] = 1
    k: int = 3
}
var p = P(2)
var q = p
q.w[0] = 7.0
q.k += 1
print(p, q)
p = q
print(p.k, p.w)
var list = [P(1), P(1)]
list[1].k = 9
print(list[0].k, list[1].k)
# > (1, 2.5, [1, 2]) two
# > 2 5.0 [1, 2]
# > P(w: [1.0, 1.0], k: 3) P(w: [7.0, 1.0], k: 4)
# > 4 [7.0, 1.0]
# > 3 9
