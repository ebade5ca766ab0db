print(f(1 2)) # error[E0101]: expected ',' or ')' after '1', found '2'
let l = [1, 2 3] # error[E0101]: expected ',' or ']' after '2', found '3'
fn g(a b) = a # error[E0101]: expected ',', ')' or ';' after 'a', found 'b'
