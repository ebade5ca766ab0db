fn f(x: ) = 1 # error[E0101]: expected a type after ':', found ')'
fn g(x: f32[N) = 1 # error[E0102]: '[' is not closed
let a: = 1 # error[E0101]: expected a type after ':', found '='
let b = a as 3 # error[E0101]: expected a type after 'as', found '3'
