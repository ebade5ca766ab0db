fn bump(var n: int) { n += 1 }
fn f(k: int) -> int {
    var m = k
    bump(m) # error[E0205]: var
    m
}
