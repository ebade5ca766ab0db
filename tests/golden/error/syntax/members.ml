model M(D) {
    let x = 1 # error[E0101]: expected a member
    param w = 2 # error[E0101]: expected ':' after 'w', found '='
    buffer b: f32[D] # error[E0104]: a member cannot begin with 'buffer'
    fn call(x) { x + } # error[E0101]: expected an expression after '+', found '}'
    fine = D
}
