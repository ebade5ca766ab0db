## A list that grows is a tensor wherever it is read: in equations, guards and recurrences, and several times in one expression.
var q = []
for i in 0..4 { append(var q, f32(i)) }
rec running[i: len(q)] = q[i] + (running[i - 1] ?? 0)
print(running, sum[i](q[i] * q[i]), dot(q, q))
# > [0.0, 1.0, 3.0, 6.0] 14.0 14.0
var late = []
for s in 0..5 {
    append(var late, f32(s * s))
    if s >= 2 {
        let m = mean[i | i >= len(late) - 2](late[i])
        print(s, m, late[i64(s) - 2])
    }
}
# > 2 2.5 0.0
# > 3 6.5 1.0
# > 4 12.5 4.0
while len(q) < 6 and q[0] < 1 { append(var q, 10 * q[len(q) - 1]) }
let before = q
q = []
append(var q, 2.5)
let y[i, j] = q[i] * q[j]
print(before, y, q)
# > [0.0, 1.0, 2.0, 3.0, 30.0, 300.0] [[6.25]] [2.5]
