## A choice among eight constants and more by whole numbers is a table: of every element type, in one and in several axes, in lanes and
## alone, beyond its ends, with steps of any width.
fn flat() -> f32[12] = [0.5, 0.25, 0.75, 1, 2, 3, 4, 5, 6, 7, 7, 9]
fn grid() -> i64[3, 4] = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]
fn half() -> f16[9] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
fn brain() -> bf16[9] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
fn bytes() -> u8[10] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 255]
fn truth(i: int) -> bool = [true, false, false, true, true, false, true, false, false, true][i]
fn shifted() -> f32[12] {
    let t = [0.5, 0.25, 0.75, 1, 2, 3, 4, 5, 6, 7, 7, 9]
    out[i] = t[i + 1] ?? -1
}
fn steps(n: int) -> f64 = if n < -100 { 1 } else if n < -98 { 2.5 } else if n < -96 { 3 } else if n < -94 { 4 } else if n < -92 { 5 } else if n < -90 { 6 } else if n < -88 { 7 } else if n < -86 { 8 } else { 9 }
fn through(x: f32[T, 3]) -> f32[T, 4] = x @ [[0.5, 0.25, 0.75, 1], [2, 3, 4, 5], [6, 7, 7, 9]]
fn cube() -> f32[2, 3, 2] = [[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 10], [11, 12]]]

print([flat()[i] for i in 3..9], sum(flat()), sum(shifted()), shifted()[11])
# > [1.0, 2.0, 3.0, 4.0, 5.0, 6.0] 45.5 44.0 -1.0
print(grid(), sum(half()), sum(brain()), bytes()[9], [truth(i) for i in 4..10])
# > [[1, 2, 3, 4],
# >  [5, 6, 7, 8],
# >  [9, 10, 11, 12]] 4.5 4.5 255 [true, false, true, false, false, true]
print([steps(n) for n in -102..-96], steps(-9223372036854775808), steps(9223372036854775807))
# > [1.0, 1.0, 2.5, 2.5, 3.0, 3.0] 1.0 9.0
print(through(reshape(flat(), 4, 3))[1], cube()[1, 2], sum[i](cube()[i, 1, 0]))
# > [22.5, 27.25, 29.75, 38.0] [11.0, 12.0] 12.0

# A list of what a loop chooses is a value where it is read, though what is chosen is a list, too.
fn taken(x: f32[N], w: int[H]) -> f32[H] { out[h] = sum[j: N | j <= w[h]](sum[i: N](x[i] * x[j])) }
for w in [2, 5, 0, -1, 1] {
    print(taken([1.0, 2, 3], [w, 1, w, w]))
}
# > [36.0, 18.0, 36.0, 36.0]
# > [36.0, 18.0, 36.0, 36.0]
# > [6.0, 18.0, 6.0, 6.0]
# > [0.0, 18.0, 0.0, 0.0]
# > [18.0, 18.0, 18.0, 18.0]
