# error@3[E0002]: the string is not closed on its line
let a = "a\qb" # error[E0002]: there is no such escape
let b = "abc
let c = "\u{110000}" # error[E0002]: an escape for a character is written
