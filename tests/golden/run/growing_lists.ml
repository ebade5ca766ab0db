# A list of a script that begins empty grows by append; read, it is a tensor.
var curve = []
for i in 0..5 {
    append(var curve, 0.5 * i)
    if i % 2 == 0 { append(var curve, 100) }
}
print(curve, len(curve), max(curve))
# > [0.0, 100.0, 0.5, ..., 1.5, 2.0, 100.0] 8 100.0
fn squares(n: int) -> i64 {
    var list = []
    for i in 0..n { append(var list, i * i) }
    sum(list)
}
print(squares(4))
# > 14
let old = curve
curve = []
append(var curve, 7)
print(curve, len(old))
# > [7.0] 8
