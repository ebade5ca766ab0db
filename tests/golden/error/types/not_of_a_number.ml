fn empty(n: int) -> bool = not n # error[E0204]: 'not' of int
