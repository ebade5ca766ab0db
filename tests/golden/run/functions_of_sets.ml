## Functions of several numbers go through parameter sets, too: of one type, and beside numbers.
model L(D) {
    param w: f32[D] = 4
    param b: f32 = 9
    frozen n: i32[2] = 5
}
let a = L(2)
let b = L(2, w: [16.0, -1.0], b: 1)
print(max(a, b).w, min(a, b).b, clip(b, 0, 5).w, clip(a, 0, b).b, max(a, 7).w, max(a, b).n)
# > [16.0, 4.0] 1.0 [5.0, 0.0] 1.0 [7.0, 7.0] [5, 5]
fn clipped(g: L(D), most: f32) -> L(D) = clip(g * (most / max(norm(g), most)), -most, most)
print(norm(clipped(b, 1)) < 1.0001, atan2(a, a).b == atan2(9.0, 9.0), leaky_relu(b, 0.5).w)
# > true true [16.0, -0.5]
