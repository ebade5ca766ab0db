fn f(n: int) -> int {
    var k = n
    while k { k -= 1 } # error[E0206]: a condition is true or false, not int
    k
}
