import std.nn: Linear
model Net(D) {
    fc = Linear(D, D)
    fn call(self, x: f32[B, D]) -> f32[B, D] = self.fc(x)
}
