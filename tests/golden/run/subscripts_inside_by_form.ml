# status: 1
# stderr: subscript 7 is outside an axis of size 7
# Subscripts that minima, maxima, residues, bits and small types keep inside of an axis are looked for nowhere; one that they leave outside is.
fn bucket(t: i32[N], table: f32[8]) -> f32[N, N] {
    let b[i, j] = clip(t[i] - t[j], -4, 3) + 4
    let c[i, j] = clip(t[i] - t[j] + 4, 0, 7)
    out[i, j] = table[c[i, j]] + 10 * table[b[i, j]]
}
fn nibbles(w: u8[N], table: f32[16]) -> f32[N, 2] {
    out[n, k] = table[bit_and(shift_right(w[n], u8(4 * k)), 15)]
}
fn bytes(w: u8[N], table: f32[256]) -> f32[N] {
    out[n] = table[w[n]]
}
fn residues(t: i32[N], table: f32[5]) -> f32[N] {
    out[n] = table[t[n] % 5]
}
fn wrapped(t: i64[N], table: f32[256]) -> f32[N] {
    out[n] = table[u8(t[n])]
}
fn beyond(t: i32[N], table: f32[7]) -> f32[N, N] {
    let c[i, j] = clip(t[i] - t[j] + 4, 0, 7)
    out[i, j] = table[c[i, j]]
}

let t: i32[3] = i32([1, 9, -20])
let table[i: 256] = f32(i)
print(bucket(t, table[:8]))
print(nibbles([u8(0x3f), u8(0xa0)], table[:16]), bytes([u8(255), u8(7)], table), residues(t, table[:5]), wrapped([3, 258], table))
# > [[44.0, 0.0, 77.0],
# >  [77.0, 44.0, 77.0],
# >  [0.0, 0.0, 44.0]]
# > [[15.0, 3.0],
# >  [0.0, 10.0]] [255.0, 7.0] [1.0, 4.0, 0.0] [3.0, 2.0]
print(beyond(t, table[:7]))
