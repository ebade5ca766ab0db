op first(x) -> float = x # error[E0101]: expected '[' after 'first', found '('
op second[i](x) = x # error[E0101]: expected '->' after ')', found '='
extern fn f() # error[E0101]: expected a string after 'extern', found 'fn'
adapter A(r) { } # error[E0101]: expected 'for' after ')', found '{'
import a. # error[E0101]: expected a name after '.', found the end of the line
import a.b
fn ok() = 1
