## Functions stand alone.
fn f(x: f32[N]) -> f32[N] = nn.relu(x)
