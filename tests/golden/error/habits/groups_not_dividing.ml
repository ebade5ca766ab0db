## 6 heads do not divide into 4 groups.
fn f(k: f32[G, S, D]; H = 6) -> f32[H, S, D] {
    out[h, j, d] = k[h // (H / G), j, d]
}
let k: f32[4, 2, 3] = 1
print(f(k))
