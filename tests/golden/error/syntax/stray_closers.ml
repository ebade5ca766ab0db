let x = f(1)) # error[E0102]: ')' closes nothing
fn f(a) = a
} # error[E0102]: '}' closes nothing
let y = [1, 2)] # error[E0102]: ')' closes nothing
