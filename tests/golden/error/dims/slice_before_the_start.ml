# The end of a slice may count from the end; what lies before the start is no size that is left to be found.
let x = [1.0, 2.0, 3.0]
print(x[:-4])           # error[E0309]: '0 <= -1' cannot hold
