fn next(n: int) -> int = n + 1
fn f(k: int) -> int {
    var m = k
    m = next(var m) # error[E0205]: var
    m
}
