fn f(n: int) -> int {
    let r = 0..n # error[E0207]: a range stands after 'in'
    n
}
