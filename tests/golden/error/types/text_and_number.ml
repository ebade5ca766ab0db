fn f(n: int) -> str = "n is " + n # error[E0204]: '+' of str and int
