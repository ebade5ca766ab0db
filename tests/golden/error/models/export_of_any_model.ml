export fn norm2[M: model](net: M) -> f32 = norm(net) # error[E0401]: no static or function parameters
