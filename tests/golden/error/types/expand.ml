fn f(x: f32[2, 3]) = expand(x, 2, 2, 3)
fn g(x: f32[2, 3]) = expand(x, 4, 3)       # error[E0203]: f32[2, 3] does not expand to f32[4, 3]
fn h(x: f32[2, 3]) = expand(x, 3)          # error[E0203]: f32[2, 3] does not expand to f32[3]
fn k(x: f32[N]) = sort(x, descending: N)   # error[E0213]: 'descending' is true or false
