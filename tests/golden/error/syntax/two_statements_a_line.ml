fn f(a) {
    let x = a let y = 2 # error[E0101]: expected a new line or '}' after 'a', found 'let'
    x
}
