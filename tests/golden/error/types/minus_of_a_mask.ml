fn f(mask: bool[N]) -> bool[N] = -mask # error[E0204]: '-' of bool
