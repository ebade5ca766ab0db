fn f(x: f32[M, N]) -> int = argmax(x)
