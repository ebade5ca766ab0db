fn f(x: f32[B, D]) -> f32[D, B] = x.T()                             # error[E0207]: f32[D, B] cannot be called
fn g(x: f32[B, C, H, W]) -> f32[B, C] = mean(x, axis: [2, 3])       # error[E0206]: a list where the number of an axis is needed
fn h(x: f32[N], y: f32[N]) -> bool = x == y                         # error[E0206]: the result is bool[N], but bool is needed
print("a %d" % 3)                                                   # error[E0204]: '%' of str and int
let n = 5
n += 1                                                              # error[E0209]: 'n' is not a 'var' and keeps its value
