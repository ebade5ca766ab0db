fn f(n: int) -> int {
    var s = 0
    for i in n { s += i } # error[E0206]: int
    s
}
