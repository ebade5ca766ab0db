fn f() -> int {
    let n: int = 2.5 # error[E0206]: the value is real, but int is needed
    n
}
