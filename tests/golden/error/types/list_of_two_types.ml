fn f() -> int {
    let l = [1, true] # error[E0206]: the elements of a list differ: int and bool
    len(l)
}
