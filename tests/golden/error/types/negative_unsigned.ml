fn f() -> u8 {
    let x: u8 = -1 # error[E0206]: -1 does not fit u8
    x
}
