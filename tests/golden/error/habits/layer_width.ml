## The next layer has another width than the one before gives.
import std.nn: Dense

model Mlp(D, F, C) {
    up   = Dense(D, F)
    down = Dense(D, C)
    fn call(x: f32[B, D]) -> f32[B, C] = down(relu(up(x)))  # error[E0203]: 'x' of 'call' is f32[.., In], but f32[B, F] is given: sizes D and F differ
}
