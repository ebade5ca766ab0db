fn count_up(n: int) -> int {
    var s = 0
    for i in range(n) { s += i } # error[E0201]: 'range' is not declared
    s
}
