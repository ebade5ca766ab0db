rec h = 1 # error[E0101]: expected '[' after 'h', found '='
rec {
    a[t] = = 1 # error[E0101]: expected an expression after '=', found '='
    b t = 1 # error[E0101]: expected '[' after 'b', found 't'
    c[t] = 1
}
tree t = { 0 { x } 1 } # error[E0101]: expected a whole number
tree u = { 0 }
