fn add(a: i8, b: i8) -> i8 = a + b
fn times(a: u8, b: u8) -> u8 = a * b
print(add(100, 27), add(100, 28), add(-100, -29))
# > 127 -128 127
print(times(16, 16), times(16, 15))
# > 0 240
