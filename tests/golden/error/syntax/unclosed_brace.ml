fn f(a) { # error[E0102]: '{' is not closed
    if a {
        1
    } else {
        2
}

fn g() = 1
