# What a turn of a loop reads stays what it was before the loop, though the loop writes a copy of it.
fn turns(x: f32[N]) -> f32[N] {
    let start[i] = exp(x[i])
    var sum_of: f32[N] = 0
    for _t in 0..3 {
        var y = start
        y[0] = y[0] + 1
        sum_of = sum_of + y * start
    }
    sum_of
}
fn updated(x: f32[N]) -> f32[N] where N >= 2 {
    var acc: f32[N] = 0
    let base[i] = tanh(x[i])
    for t in 0..3 {
        var w = base
        w[t % N] = 9
        w[1] += 0.5
        acc = acc + w
    }
    acc
}
fn nested(x: f32[N]) -> f32[N] where N >= 2 {
    var acc: f32[N] = 0
    let base[i] = tanh(x[i])
    var n = 0
    while n < 3 {
        var w = base
        for t in 0..2 { w[t] = w[t] * 2 + acc[N - 1 - t] }
        acc = w
        n += 1
    }
    acc
}
print(turns([0.0, 1.0]))
print(updated([0.0, 1.0, 2.0]))
print(nested([0.0, 1.0, 2.0]))
# > [6.0, 22.17]
# > [9.0, 12.02, 10.93]
# > [0.964, 4.57, 0.964]
