fn f(mask: bool) -> bool = mask == 1 # error[E0204]: '==' of bool and int
