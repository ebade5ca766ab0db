fn f() -> i8 {
    let x: i8 = 300 # error[E0206]: 300 does not fit i8
    x
}
