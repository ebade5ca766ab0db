let a = 12abc # error[E0002]: the number '12abc' is malformed
let b = .5 # error[E0002]: the number '.5' is malformed
let c = 1__0 # error[E0002]: the number '1__0' is malformed
let d = 18446744073709551616 # error[E0002]: the number does not fit 64 bits
let e = 1e999 # error[E0002]: the number is too large
