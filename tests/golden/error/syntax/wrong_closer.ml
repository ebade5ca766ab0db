let x = f(1, 2] # error[E0102]: '(' is closed by ']'
let y = 2
