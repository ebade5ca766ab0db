# By channel, at every second, third, fourth place: with edges, with other things done to what is read, one weight for all channels; the same as of the places written out.
fn first(x: f32[C, H, W], w: f32[C, 5, 5]) -> f32[C, (H - 1) // 2 + 1, (W - 1) // 2 + 1] where H >= 1 and W >= 1 {
    out[c, y, z] = sum[i, j](w[c, i, j] * (x[c, 2 * y + i - 2, 2 * z + j - 2] ?? 0))
}
fn second(x: f32[C, H, W], w: f32[7, 7]) -> f32[C, H - 6, (W - 7) // 3 + 1] where H >= 7 and W >= 7 {
    out[c, y, z] = sum[i, j](max(x[c, y + i, 3 * z + j], 0) * w[i, j])
}
fn third(x: f32[C, W], w: f32[C, 16]) -> f32[C, (W - 16) // 4 + 1] where W >= 16 { out[c, z] = sum[j](w[c, j] * (x[c, 4 * z + j] - 1)) }
fn fourth(x: f64[C, H, W], w: f64[C, 6, 6]) -> f64[C, (H - 6) // 2 + 1, (W - 6) // 2 + 1] where H >= 6 and W >= 6 {
    out[c, y, z] = sum[i, j](w[c, i, j] * x[c, 2 * y + i, 2 * z + j])
}

fn compare(C: int, H: int, W: int) {
    let x[c: C, y: H, z: W] = f32((c * 5 + y * 3 + z * z) % 11 - 5)
    let w[c: C, i: 5, j: 5] = f32((c + i * 2 + j * 3) % 7 - 3)
    let u[i: 7, j: 7] = f32((i * i + j * 3) % 5 - 2)
    let v[c: C, j: 16] = f32((c + j * j) % 9 - 4)
    let s[c: C, i: 6, j: 6] = f64((c + i * 5 + j) % 7 - 3)
    let row[c: C, z: W] = x[c, 0, z]
    let wide[c: C, y: H, z: W] = f64(x[c, y, z])
    let a = first(x, w)
    let b = second(x, u)
    let d = third(row, v)
    let e = fourth(wide, s)
    let edges[c: C, y: H + 4, z: W + 4] = x[c, y - 2, z - 2] ?? 0
    let a2[c: C, y: (H - 1) // 2 + 1, z: (W - 1) // 2 + 1] = sum[p: H + 4, q: W + 4 | p >= 2 * y and p < 2 * y + 5 and q >= 2 * z and q < 2 * z + 5](edges[c, p, q] * w[c, p - 2 * y, q - 2 * z])
    let d2[c: C, z: (W - 16) // 4 + 1] = sum[q: W | q >= 4 * z and q < 4 * z + 16]((row[c, q] - 1) * v[c, q - 4 * z])
    print(max[c, y, z](abs(a[c, y, z] - a2[c, y, z])), max[c, z](abs(d[c, z] - d2[c, z])), sum[c, y, z](a[c, y, z] * f32(y - z)), sum[c, y, z](b[c, y, z] * f32(y + z)), sum[c, y, z](e[c, y, z] * f64(y - 2 * z)))
}

compare(2, 9, 18)
compare(1, 10, 37)
compare(3, 7, 16)
# > 0.0 0.0 976.0 297.0 -163.0
# > 0.0 0.0 -772.0 2462.0 230.0
# > 0.0 0.0 263.0 35.0 110.0
