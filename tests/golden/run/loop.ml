## Effects inside loops; variables that a statement changes.
var total = 0
var best = [0.0, 0.0]
for i in progress(0..5) {
    total = total + i
    if i == 3 { break }
    best[i % 2] = f32(i) / 2
    print(i, best)
}
print(total)
let (a, b) = (total, 2.5)
print(a * 2, b)
# > 0 [0.0, 0.0]
# > 1 [0.0, 0.5]
# > 2 [1.0, 0.5]
# > 6
# > 12 2.5
# stderr: 4 steps in
