fn f(a: int, b: int) -> bool = a and b # error[E0204]: 'and' of int and int
