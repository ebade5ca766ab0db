## Numbers in few bits: tables of 4 and 8 bits with one scale a block, whole numbers of 8 bits with one scale a row. Blocks run through the
## flattened tensor; the last may be short. Sizes: N elements, blocks of `block`.

## The 16 values of 4-bit NormalFloat (Dettmers et al. 2023), ascending.
fn nf4_codes() -> f32[16] {
    let c = [-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
             -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
             0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0]
    c
}

## The 16 values of a 4-bit float with a sign: 0 1/192 2/3 1 1/3 1/2 1/6 1/4, then their negatives; zero has two codes.
fn fp4_codes() -> f32[16] {
    let c = [0.0, 0.0052083334885537624, 0.6666666865348816, 1.0, 0.3333333432674408, 0.5, 0.1666666716337204, 0.25,
             0.0, -0.0052083334885537624, -0.6666666865348816, -1.0, -0.3333333432674408, -0.5, -0.1666666716337204, -0.25]
    c
}

## The signed dynamic table of 8 bits (Dettmers 2016), ascending: for each power of ten from 1e-6 to 1, twice as many values between a tenth
## of it and it; 0, and 1 itself.
fn dynamic_codes() -> f32[256] {
    let level[m: 127]: f64 = floor(log(m + 1.5) / log(2.0))
    let value[m: 127]: f64 = f64(10) ^ (level[m] - 6) * (0.1 + 0.9 * (m + 1 - f64(2) ^ level[m] + 0.5) / f64(2) ^ level[m])
    out[j] = f32(if j < 127 { -(value[126 - j] ?? 0) } else if j == 127 { 0 } else if j == 255 { 1 } else { value[j - 128] ?? 0 })
}

## The largest magnitude of each block.
fn block_scales(x: float[N], block: int) -> f32[(N + block - 1) // block] where block >= 1 {
    out[b] = max(max[i: block | b * block + i < N](abs(f32(x[b * block + i] ?? 0))), 0)
}

## The index of the code nearest to x / scale, all in f32: codes are sorted, and the next is taken above the rounded middle, so ties go to the
## lower. Blocks of zeros take the (first) code of 0.
fn nearest(x: float[N], scale: f32[M], codes: f32[K], block: int) -> i64[N] where M == (N + block - 1) // block, block >= 1, K >= 1 {
    let r[n] = if scale[n // block] > 0 { f32(x[n]) / scale[n // block] } else { 0 }
    let (value, at) = sort(codes, axis: -1)
    let middle[k: K - 1] = (value[k] + value[k + 1]) / 2
    let place[n] = count[k](r[n] > middle[k])
    out[n] = at[clip(place[n], 0, K - 1)]
}

## code * scale, in f32.
fn restored(index: i64[N], scale: f32[M], codes: f32[K], block: int) -> f32[N] where M == (N + block - 1) // block, block >= 1 {
    out[n] = codes[index[n]] * scale[n // block]
}

## Two 4-bit indices a byte, the first in the high half; where the last has no partner, `pad` is.
fn packed(index: i64[N], pad: int) -> u8[(N + 1) // 2] {
    out[b] = u8(16 * (index[2 * b] ?? pad) + (index[2 * b + 1] ?? pad))
}

## The inverse of `packed`, for N indices.
fn unpacked(bytes: u8[(N + 1) // 2], N: int) -> i64[N] {
    out[n] = if n % 2 == 0 { i64(bytes[n // 2]) // 16 } else { i64(bytes[n // 2]) % 16 }
}

## Rows as whole numbers in [-127, 127]: round(127 x / largest magnitude of the row), halves to even; the numbers and the magnitudes.
fn int8_rows(x: float[R, C]) -> (i8[R, C], float[R]) {
    let m[r] = max(max[c](abs(x[r, c])), 0)
    let q[r, c] = i8(if m[r] > 0 { round(f64(x[r, c]) * 127 / f64(m[r])) } else { 0 })
    (q, m)
}

## q * magnitude / 127.
fn int8_restored(q: i8[R, C], scale: float[R]) -> float[R, C] {
    out[r, c] = q[r, c] * scale[r] / 127
}

## a b^T of rows of whole numbers: the sums as i32.
fn int8_product(a: i8[R, K], b: i8[C, K]) -> i32[R, C] {
    out[r, c] = sum[k](i32(a[r, k]) * i32(b[c, k]))
}

## Blocks of J as whole numbers in [-127, 127], round(x / s) with s = largest magnitude of the block / 127: the numbers and s.
fn int8_blocks(x: float[R, B, J]) -> (i8[R, B, J], float[R, B]) {
    let s[r, b] = max(max[j](abs(x[r, b, j])), 0) / 127
    let q[r, b, j] = i8(if s[r, b] > 0 { round(x[r, b, j] / s[r, b]) } else { 0 })
    (q, s)
}

## x W^T, each block of J places in whole numbers: blocks of x are rounded as `int8_blocks` does, those of W are q * scale.
fn int8_blocks_linear(x: float[R, B, J], q: i8[C, B, J], scale: float[C, B]) -> float[R, C] {
    let (p, own) = int8_blocks(x)
    out[r, c] = sum[b](own[r, b] * (scale[c, b] * sum[j](i32(p[r, b, j]) * i32(q[c, b, j]))))
}

## x W^T in whole numbers: rows of x are rounded to multiples of their largest magnitude / 127, rows of W are q * scale / 127.
fn int8_linear(x: float[R, K], q: i8[C, K], scale: float[C]) -> float[R, C] {
    let s[r] = max(max[k](abs(x[r, k])), 0) / 127
    let p[r, k] = i8(if s[r] > 0 { round(x[r, k] / s[r]) } else { 0 })
    let y = int8_product(p, q)
    out[r, c] = y[r, c] * s[r] * (scale[c] / 127)
}
