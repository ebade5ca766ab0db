# C functions of numbers: scalars, elements, whole tensors, in guards; integers of their sizes.
extern "m" fn hypot(x: f64, y: f64) -> f64
extern "m" fn fmaf(x: f32, y: f32, z: f32) -> f32
extern "m" fn ilogb(x: f64) -> i32
extern "c" fn toupper(c: i32) -> i32
extern "c" fn labs(x: int) -> int
extern "c" fn exit(status: i32) -> i32

fn lengths(a: f64[N], b: f64[N]) -> f64[N] {
    out[i] = hypot(a[i], b[i])
}
fn kept(x: f32[N]) -> int = sum[i | x[i] < 0](int(exit(3)))
fn longest(f: fn(f64, f64) -> f64, a: f64[N]) -> f64 where N >= 1 = max[i, j](f(a[i], a[j]))

print(hypot(3, 4))
# > 5.0
print(lengths(f64([3.0, 5, 8]), f64([4.0, 12, 15])))
# > [5.0, 13.0, 17.0]
print(hypot(f64([[3.0, 5], [6, 7]]), f64([4.0, 12])))
# > [[5.0, 13.0],
# >  [7.211, 13.89]]
let x = [1.0, -2, 3, 0.5, 7, 11, 13, 0.25, 2]
print(sum[i | x[i] > 0](fmaf(x[i], x[i], 1.0)))
# > 361.3
print(labs(-7), toupper(97), ilogb(1000.0))
# > 7 65 9
print(kept(abs(x)))                     # what a guard turns off is not called
# > 0
print(longest(hypot, f64([3.0, 4])))
# > 5.657
