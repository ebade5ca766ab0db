fn positions(table: f32[P, D], tokens: i32[T]) -> f32[T, D] where T <= P {
    out[t, d] = table[:T][t, d] + tokens[t]
}
fn f(table: f32[8, D], tokens: i32[9]) -> f32[9, D] = positions(table, tokens) # error[E0309]: cannot hold
