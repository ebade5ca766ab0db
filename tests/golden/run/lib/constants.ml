let unit = 2.0
let turn: f32 = 2 * pi
let table = [1.0, unit, 3.0]
fn scaled(x: f32; by = unit) -> f32 = x * by * table[2]
model Scaler(D) {
    param w: f32[D] = unit
    fn call(x: f32[D]) -> f32[D] = x * w * table[1]
}
