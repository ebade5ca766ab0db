## Floats to integers round towards 0 and saturate, NaN is 0; integers to smaller integers keep the low bits.
fn low(x: i32) -> i8 = i8(x)
fn whole(x: f32) -> i32 = i32(x)
fn byte(x: f32) -> u8 = u8(x)
print(whole(2.9), whole(-2.9), whole(3e9), whole(-3e9), whole(0.0 / 0.0), whole(inf))
# > 2 -2 2147483647 -2147483648 0 2147483647
print(byte(300), byte(-5), byte(254.9), i8(f32(-1000)))
# > 255 0 254 -128
print(low(300), low(-129), low(127), u8(i32(-1)))
# > 44 127 127 255
print(f32(true), i32(false), f32(i32(7)), i64(u8(200)))
# > 1.0 0 7.0 200
print(bf16(1.00390625), f16(65519.0) == 65504, f16(65520.0), f16(0.333333))
# > 1.0 true inf 0.3333
print(f32([1, 2, 3]), i32([1.5, -1.5]))
# > [1.0, 2.0, 3.0] [1, -1]
