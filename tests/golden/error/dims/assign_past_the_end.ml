fn f() -> f32[4] {
    var y = zeros(4)
    y[4] = 1 # error[E0303]: subscript 4 is outside an axis of size 4
    y
}
