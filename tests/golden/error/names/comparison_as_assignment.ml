fn f(n: int) -> int {
    var k = n
    k == 3 # error[E0208]: dropped
    k
}
