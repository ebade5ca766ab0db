## Sums over several axes and over columns, to the last bit: axes that lie side by side are one walk over memory, rows of other lengths
## begin anywhere in a group of 16 and in a block of 256; an index in the body, a guard or bounds leave the axes apart.
fn exact(x: f32) -> i64 = i64(f64(x) * 2 ^ 30)
fn bits(x: f32[N]) -> i64 = sum[n](exact(x[n]) * (2 * n + 1))
fn all(x: f32[A, B, C, D], u: f32[B]) -> ([i64; 5], [i64; 4]) {
    let one[a] = sum[b, c, d](x[a, b, c, d])
    let two[a, b] = sum[c, d](x[a, b, c, d] ^ 2)
    let apart[b] = sum[a, c, d](x[a, b, c, d])
    let columns[d] = sum[a, b, c](x[a, b, c, d])
    let others[c] = sum[a, b, d](x[a, b, c, d] * u[b])
    let guarded[a] = sum[b, c, d | x[a, b, c, d] > 0](x[a, b, c, d])
    let bound[a] = sum[b, c: C, d | d <= c](x[a, b, c, d])
    let counted[b] = sum[a: A, c: C, d: D](x[a, b, c, d] + f32(c + d))
    let most[d] = max[a, b, c](x[a, b, c, d])
    ([bits(one), bits(reshape(two, A * B)), bits(apart), bits(columns), bits(others)], [bits(guarded), bits(bound), bits(counted), bits(most)])
}
fn of(a: int, b: int, c: int, d: int) -> ([i64; 5], [i64; 4]) {
    let x[i: a, j: b, k: c, l: d] = f32(((i * 7 + j * 31 + k * 101 + l * 13) * 7919 + 11) % 1009) / 1013 - 0.45
    let u[j: b] = 1 / f32(j + 3)
    all(x, u)
}
print(of(2, 3, 7, 7))
print(of(3, 2, 5, 300))
print(of(2, 5, 16, 16))
print(of(2, 2, 33, 17))
print(of(2, 3, 0, 4))
print(of(1, 4, 130, 2))
print(of(2, 3, 2, 512))
# > ([4712812544, 152726301184, 20841307520, 30627318528, 5089300384], [79508572160, 7144574848, 5703082967040, 23762606272])
# > ([1326104379392, 4912583614464, 887407050752, 134386394120448, 646489882624], [4301867745280, 13724923904, 2928981468774400, 48665647267584])
# > ([248136192000, 2326839820288, 617160030208, 1971478480896, 495904462432], [812930351104, 149846910976, 206775589535744, 148471468288])
# > ([201922031616, 804253499392, 209157328896, 1798481186048, 1055666029008], [701349871616, 160758161408, 115864032509952, 167627057920])
# > ([0, 0, 0, 0, 0], [0, 0, 0, 0])
# > ([53663789056, 380309219328, 219143025664, 106199775232, 1779954855623], [167264862208, 53506273280, 290558941593600, 2337852992])
# > ([633647955968, 3360189120512, 975674097664, 164418054296400, 162787028992], [1973592719360, 4304931808, 5067525142347776, 129180008288000])
