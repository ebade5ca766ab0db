struct P {
    x: f32
    y: f32
}
let p = P(1, 2)
