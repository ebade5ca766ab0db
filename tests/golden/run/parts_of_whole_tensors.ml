## Reductions of whole tensors to one value, which threads share in parts: to the last bit what one loop gives, of sizes around those of parts,
## under guards and bounds, of 16-bit numbers, of nothing; the lowest place of the best of several parts, NaN before all.
fn exact(x: f32) -> i64 = i64(f64(x) * 2 ^ 30)
fn sums(x: f32[A, B], y: f32[N], n: int) -> ([i64; 4], [i64; 4]) {
    let joined = sum[a, b](x[a, b] * x[a, b])
    let taken = sum[a, b](x[a, b] + y[0])
    let dot = sum[i](y[i] * y[N - 1 - i])
    let bound = sum[i | i < n and i >= 3](y[i])
    let some = sum[i | y[i] > 0](y[i])
    let rows = sum[a](sqrt(sum[b](x[a, b] ^ 2)))
    let apart = sum[a, b](x[a, b] * f32(b))
    let grown = prod[i](1 + y[i] / 65536)
    ([exact(joined), exact(taken), exact(dot), exact(bound)], [exact(some), exact(rows), exact(apart), exact(grown)])
}
fn others(x: f32[A, B], y: f32[N]) -> ([i64; 6], bool, bool) {
    let most = max[a, b](x[a, b])
    let least = min[i | y[i] > -0.25](y[i])
    let number = count[a, b](x[a, b] > 0.25)
    let whole = sum[i](i64(y[i] * 1000))
    ([exact(most), exact(least), number, whole, argmax[i](y[i]), argmin[i](abs(y[i] - 0.125))], any[i](y[i] > 0.554), all[a, b](x[a, b] > -0.45))
}
fn of(a: int, b: int, n: int) -> (([i64; 4], [i64; 4]), ([i64; 6], bool, bool)) {
    let x[i: a, j: b] = f32((i * 31 + j * 7919 + 11) % 1009) / 1013 - 0.45
    let y[i: n] = f32(i * 7919 % 1013) / 1009 - 0.45
    (sums(x, y, n - 2), others(x, y))
}
print(of(3, 5, 16))
print(of(2, 128, 255))
print(of(1, 257, 256))
print(of(90, 100, 9001))
print(of(64, 128, 8192))
print(of(230, 150, 33000))

let many[i: 20000] = f32(i % 4999)
print(argmax[i](many[i]), argmin[i](many[i]), argmax[i](if i == 12345 or i == 17000 { 0.0 / 0.0 } else { many[i] }))
let none: f32[0] = 0
print(sum(none), max[i](none[i]), argmax[i](none[i]), count[i](none[i] == 0), prod[i](none[i]))
let h: f16[9000] = 0.1
let g: bf16[3, 3000] = 0.1
print(sum(h), sum[a, b](g[a, b]), max[i](h[i]))
# > (([1482901760, -5858940928, 220510288, 1076349184], [2652482816, 2184977920, 4329416704, 1073756672]), ([501521152, -202244416, 6, 915, 11, 8], false, true))
# > (([23717126144, -110771568640, 10767642624, 14816896000], [42649477120, 7136674816, 888942231552, 1073975424]), ([585258176, -261837632, 77, 14406, 115, 79], false, true))
# > (([23454414848, -110810464256, 11536136192, 15191429120], [42649477120, 5018364928, 1729948286976, 1073975040]), ([585258176, -261837632, 77, 14389, 115, 79], false, true))
# > (([818578587648, -3906628747264, 346831552512, 498161221632], [1474801827840, 281251086336, 21883594473472, 1081277696]), ([585258176, -268222608, 2653, 463606, 564, 79], false, false))
# > (([746990206976, -3539031031808, -272799137792, 453242257408], [1341931782144, 226560835584, 26505545515008, 1080587776]), ([585258176, -268222608, 2436, 421301, 564, 79], false, false))
# > (([3145538469888, -14918590922752, 1565939466240, 1824717668352], [5406213537792, 881363779584, 130916491984896, 1101606656]), ([585258176, -268222608, 10213, 1698127, 564, 79], false, false))
# > 4998 0 12345
# > 0.0 -inf -1 0 1.0
# > 900.0 900.0 0.09998
