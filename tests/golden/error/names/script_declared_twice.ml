let x = 1
let x = 2 # error[E0202]: 'x' is already declared
print(x)
