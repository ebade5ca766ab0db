let a = 0 .. 1 .. 2 # error[E0101]: expected a new line after '1', found '..'
let b = x[0] ?? y[0] ?? 0 # error[E0101]: expected a new line after ']', found '??'
