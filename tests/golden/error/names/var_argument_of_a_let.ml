fn bump(var n: int) { n += 1 }
fn f(k: int) -> int {
    bump(var k) # error[E0209]: 'k' is not a 'var'
    k
}
