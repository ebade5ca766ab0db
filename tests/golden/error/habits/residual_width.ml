## A residual of another width.
import std.nn: Dense

model Block(D, F) {
    up = Dense(D, F)
    fn call(x: f32[B, D]) -> f32[B, D] = x + relu(up(x))
}
