let x = (1 + 2 # error[E0102]: '(' is not closed
let y = f(x)
