fn f(n: int) -> int {
    var s = 0
    for i in 0..n {
        i += 1 # error[E0209]: 'i' is not a 'var'
        s += i
    }
    s
}
