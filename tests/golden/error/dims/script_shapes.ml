let x = [1.0, 2.0, 3.0]
let y = [1.0, 2.0]
print(x + y) # error[E0203]: sizes 3 and 2 differ
print(x, y)
