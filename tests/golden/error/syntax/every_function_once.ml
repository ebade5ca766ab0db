fn f(a) {
    let x = a +  # error[E0101]: expected an expression after '+', found the end of the line
    let y = 2
    y
}
fn g(b { # error[E0101]: expected ',', ')' or ';' after 'b', found '{'
    b
}
fn h(c) {
    c]  # error[E0102]: ']' closes nothing
}
fn ok(d) = d
