fn f(k: f32[G, D], H: int) -> f32[H, D] where H % G == 0, G >= 1 {
    out[h, d] = k[h / (H / G), d]       # error[E0206]: a subscript is a whole number, not real
}
