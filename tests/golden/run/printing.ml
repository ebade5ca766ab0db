## Four digits, six elements an axis, whole floats with a dot.
print(1.0, 1, 0.1, 1e10, 123456.0, 1e-7, -0.0)
# > 1.0 1 0.1 1e+10 1.235e+05 1e-07 -0.0
let long[i: 9] = i
print(long)
# > [0, 1, 2, ..., 6, 7, 8]
print("a", end: "")
print("b", 3, end: "!\n")
# > ab 3!
print("tab\tquote\"end", "\u{41}")
# > tab	quote"end A
report(step: 3, loss: 0.25)
# > step 3  loss 0.25
