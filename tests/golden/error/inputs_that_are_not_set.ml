model Scaled(D) {
    input by: f32
    param w: f32[D] = 2
    fn call(x: f32[D]) -> f32[D] = x * w * by
}
model Two(D) {
    a = Scaled(D)
    fn call(x: f32[D]) -> f32[D] = a(x)
}
model Pick(N) {
    input at: i32[B]
    param rows: f32[N] = 1
    fn call(x: f32[B]) -> f32[B] { out[b] = x[b] + (rows[at[b]] ?? 0) }
}
let s = Scaled(2)
print(s([1.0, 2.0]))                            # error[E0205]: input 'by' of 'Scaled' is not set
print(Two(2)([1.0, 2.0]))                       # error[E0205]: input 'by' of 'Scaled' is not set
print(bind(s, bye: 2)([1.0, 2.0]))              # error[E0210]: no part of 'Scaled' has an input 'bye'
print(bind(s, by: [1.0, 2.0])([1.0, 2.0]))      # error[E0206]: the input 'by' is f32[2], but f32 is needed
let v = Scaled(2, by: 3)                        # error[E0205]: 'by' of 'Scaled' is an input
print(s.by)                                     # error[E0205]: input 'by' of 'Scaled' is not set
print(bind(Pick(3), at: i32([0, 1]))([1.0]))    # error[E0203]: sizes
print(bind(3, at: 1))                           # error[E0205]: bind(net, input: value) takes a model
