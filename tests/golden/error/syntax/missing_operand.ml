let a = 1 +  # error[E0101]: expected an expression after '+', found the end of the line
let b = * 2 # error[E0101]: expected an expression after '=', found '*'
let c = (a + ) * 2 # error[E0101]: expected an expression after '+', found ')'
let d = 4
