let model = 3 # error[E0101]: expected a name after 'let', found 'model'
fn tree() = 1 # error[E0101]: expected a name after 'fn', found 'tree'
