1 = 2 # error[E0103]: cannot assign to a number
f(x) = 3 # error[E0103]: cannot assign to a call
a + b = 4 # error[E0103]: cannot assign to the value of an expression
(a, 1) = c # error[E0103]: cannot assign to a number
(a, b) += c # error[E0103]: cannot assign to a tuple
