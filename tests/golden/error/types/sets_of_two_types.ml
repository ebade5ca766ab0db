struct P { x: f32 = 1 }
struct Q { x: f32 = 1 }
fn f(p: P, q: Q) -> f32 = max(p, q).x       # error[E0204]: parameter sets of one type
fn g(p: P, x: f32[N]) -> f32 = clip(p, 0, x).x      # error[E0204]: parameter sets of one type
