fn f(x: f32[M, N]) -> int = argmax[i, j](x[i, j]) # error[E0307]: one index
