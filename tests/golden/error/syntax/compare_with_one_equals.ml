fn f(a) {
    if a = 1 { 2 } else { 3 } # error[E0101]: expected '{' after 'a', found '='
}
