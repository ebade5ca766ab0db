let x = f(a = 1) # error[E0101]: expected ',' or ')' after 'a', found '='
