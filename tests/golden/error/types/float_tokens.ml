fn embed(table: f32[V, D], tokens: f32[T]) -> f32[T, D] {
    out[t, d] = table[tokens[t], d] # error[E0206]: a subscript is a whole number, not f32
}
