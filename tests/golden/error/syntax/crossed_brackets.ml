let x = f([1, 2) # error[E0102]: '[' is not closed
let y = 3
