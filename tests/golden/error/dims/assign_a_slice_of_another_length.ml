fn f(x: f32[3]) -> f32[5] {
    var y = zeros(5)
    y[1:5] = x # error[E0203]: sizes 3 and 4 differ
    y
}
