import std.quant: nf4_codes, fp4_codes, dynamic_codes, block_scales, nearest, restored, packed, int8_rows, int8_restored, int8_product

## Bytes, scales and the values that they stand for, in f32.
fn four_bits(x: float[N], codes: f32[16], block: int) -> (u8[(N + 1) // 2], f32[(N + block - 1) // block], f32[N]) where block >= 1 {
    let scale = block_scales(x, block)
    let index = nearest(x, scale, codes, block)
    (packed(index, argmin[k](abs(codes[k]))), scale, restored(index, scale, codes, block))
}

## The given code where it is at most 0.004 further from x / scale than the nearest.
fn as_chosen(x: float[N], scale: f32[M], codes: f32[256], given: u8[N], block: int) -> u8[N] where M == (N + block - 1) // block, block >= 1 {
    let best = nearest(x, scale, codes, block)
    let r[n] = if scale[n // block] > 0 { f32(x[n]) / scale[n // block] } else { 0 }
    out[n] = if abs(r[n] - codes[i64(given[n])]) <= abs(r[n] - codes[best[n]]) + 0.004 { given[n] } else { u8(best[n]) }
}

fn eight_bits(x: float[N], given: u8[N], block: int) -> (u8[N], f32[(N + block - 1) // block], f32[N], f32[256]) where block >= 1 {
    let codes = dynamic_codes()
    let scale = block_scales(x, block)
    let index = as_chosen(x, scale, codes, given, block)
    (index, scale, restored(i64(index), scale, codes, block), codes)
}

## Four bits, their scales in eight.
fn twice(x: float[N], given: u8[M], block: int, nested: int)
        -> (u8[(N + 1) // 2], u8[M], f32[(M + nested - 1) // nested], f32, f32[M], f32[1, N], f32[256])
        where M == (N + block - 1) // block, block >= 1,
        nested >= 1 {
    let scale = block_scales(x, block)
    let index = nearest(x, scale, nf4_codes(), block)
    let offset = mean(scale)
    let rest = scale - offset
    let (chosen, outer, value, codes) = eight_bits(rest, given, nested)
    let full = value + offset
    let y = restored(index, full, nf4_codes(), block)
    (packed(index, 7), chosen, outer, offset, full, reshape(y, 1, N), codes)
}

## Bytes, scales, values, and the given bytes where they are the neighbours of a number half-way between them.
fn rows_and_back(x: f16[R, C], given: i8[R, C]) -> (i8[R, C], f32[R], f32[R, C], i8[R, C]) {
    let (q, m) = int8_rows(f32(x))
    let exact[r, c] = f64(x[r, c]) * 127 / max(f64(m[r]), 1e-30)
    let chosen[r, c] = if abs(exact[r, c] - f64(given[r, c])) <= 0.51 { given[r, c] } else { q[r, c] }
    (q, m, int8_restored(q, m), chosen)
}

fn product(a: float[R, K], b: float[C, K]) -> (i8[R, K], i8[C, K], i32[R, C], float[R, C], float[R, C]) {
    let (p, m) = int8_rows(a)
    let (q, n) = int8_rows(b)
    let s = int8_product(p, q)
    let y[r, c] = s[r, c] * m[r] * n[c] / 127 ^ 2
    (p, q, s, y, a @ b.T)
}
