# Sums and products of rows that are looked up: 16 partial sums in blocks of 256 to the last bit, for no rows, few, whole groups, several blocks; lanes that end
# anywhere, a look-up of a look-up, a row of it that is none.
fn bits(x: f32[N]) -> i64[N] { out[n] = i64(f64(x[n]) * 2 ^ 24) }
fn all(x: f32[B, D]) -> i64 {
    let v = bits(reshape(x, B * D))
    sum[n](v[n] * (n % 13 + 1))
}
fn bags(e: f32[V, D], id: i64[B, L]) -> f32[B, D] { out[b, d] = sum[l](e[id[b, l], d]) }
fn means(e: f32[V, D], id: i64[B, L], c: i64[V]) -> f32[B, D] where L >= 1 { out[b, d] = mean[l](e[c[id[b, l]], d] ^ 2) }
fn products(e: f32[V, D], id: i64[B, L]) -> f32[B, D] { out[b, d] = prod[l](1 + e[id[b, l], d] / 64) }
let e[v: 37, d: 50] = f32((v * 31 + d * 7) * 17 % 101) / 97 - 0.5
let c[v: 37] = (v * 5 + 3) % 37
fn ids(B: int, L: int) -> i64[B, L] where B >= 0 and L >= 0 { out[b: B, l: L] = (b * 11 + l * l * 3 + l) % 37 }
print(bags(e, ids(2, 0))[1, :3], bits(bags(e, ids(2, 1))[1, :3]), bits(bags(e, ids(3, 20))[2, 46:]))
print(all(bags(e, ids(3, 7))), all(bags(e, ids(3, 16))), all(bags(e, ids(3, 20))), all(bags(e, ids(2, 256))), all(bags(e, ids(2, 300))), all(bags(e, ids(2, 1041))))
print(all(means(e, ids(3, 7), c)), all(means(e, ids(3, 48), c)), all(means(e, ids(2, 777), c)))
print(all(products(e, ids(3, 5))), all(products(e, ids(3, 33))), all(products(e, ids(2, 530))))
print(all(bags(e, [[3, 5, 37]])))
# > [0.0, 0.0, 0.0] [-1470168, 1643129, 4756427] [-27846720, -35457000, 9339890, 19198666]
# > 1247134287 3364607778 4521024453 42969021442 50200689499 175001667400
# > 1576999352 1570088029 1035157079
# > 17278262677 17380600758 13924986428
# status: 1
# stderr: subscript 37 is outside
