fn f(a)
    = a # error[E0101]: a line cannot begin with '='
let x = 1
