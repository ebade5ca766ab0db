## Values as `print` shows them: at most 6 elements of an axis, 4 digits.
print("hello", 1 + 2, 2.5, true)
print(1.0, 1e10, 2.0 / 3.0, f32(0.1), -inf)
print([1, 2, 3], [0.5, 1.0])
let x[i: 10] = f32(i) / 3
print(x)
let y[i: 2, j: 8] = i32(10 * i + j)
print(y)
print("no", end: " ")
print("new line", end: "!\n")
print()
struct Pair(N) {
    a: f32[N] = 1
    n: int = 2
}
let p = Pair(2)
print(p, (1, 2.5))
report(step: 3, loss: 0.25)
print((1, (2.5, [3, 4])))
# > hello 3 2.5 true
# > 1.0 1e+10 0.6667 0.1 -inf
# > [1, 2, 3] [0.5, 1.0]
# > [0.0, 0.3333, 0.6667, ..., 2.333, 2.667, 3.0]
# > [[0, 1, 2, ..., 5, 6, 7],
# >  [10, 11, 12, ..., 15, 16, 17]]
# > no new line!
# >
# > Pair(a: [1.0, 1.0], n: 2) (1, 2.5)
# > step 3  loss 0.25
# > (1, (2.5, [3, 4]))
