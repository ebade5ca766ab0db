/* a comment */                     # error[E0101]: expected a statement, found '/'
let first = 0
from std.nn import Linear           # error[E0101]: expected a new line after 'from'
import std.nn: *                    # error[E0101]: expected a name after ':'
let a = 1. + 2                      # error[E0101]: expected a name after '.'
let b = .5                          # error[E0002]: the number '.5' is malformed
// this is a comment                # error[E0101]: found 'is'
print(f"{a}")                       # error[E0101]: expected ',' or ')' after 'f'
let c = sum(a for i in 0..3)        # error[E0101]: expected ',' or ')' after 'a'
var n = 0
n++                                 # error[E0101]: expected an expression after '+'
