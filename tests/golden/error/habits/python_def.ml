## A function begins with fn.
def f(x: f32[N]) -> f32 { sum(x) }
