## Functions stand alone.
fn f(x: f32[N, D]) -> f32[N, D] = torch.softmax(x, -1)
