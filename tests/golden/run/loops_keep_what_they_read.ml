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
fn series(a: f32[N, N]) -> f32[N, N] {
    let unit[i: N, j: N] = if i == j { 1.0 } else { 0.0 }
    var y = unit
    for k in 0..6 {
        let next[i, j] = unit[i, j] + sum[l](a[i, l] * y[l, j]) / f32(6 - k)
        y = next
    }
    y
}
fn read_behind(x: f32[N]) -> (f32[N], f32) where N >= 1 {
    let start[i] = exp(x[i])
    var y = start
    for _t in 0..2 {
        let next[i] = 2 * y[i] + y[N - 1]
        y = next
    }
    (y, sum[i](start[i]))
}
fn changed(x: f32[2, N]) -> (f32[2 * N], f32) where N >= 1 {
    let start[i, j] = exp(x[i, j])
    var y = reshape(start, 2 * N)
    y[0] = 5
    (y, sum[i, j](start[i, j]))
}
print(turns([0.0, 1.0]))
print(updated([0.0, 1.0, 2.0]))
print(nested([0.0, 1.0, 2.0]))
let y = series([[0.5, 0.25], [0.125, 1.0]])       # a result of the statement: memory of its own, in which the loop's value lies
let (z, of_start) = read_behind([0.0, 1.0])
let (w, of_all) = changed([[0.0, 1.0], [1.0, 0.0]])
print(y, z, of_start)
print(w, of_all)
# > [6.0, 22.17]
# > [9.0, 12.02, 10.93]
# > [0.964, 4.57, 0.964]
# > [[1.679, 0.5374],
# >  [0.2687, 2.754]] [17.59, 24.46] 3.718
# > [5.0, 2.718, 2.718, 1.0] 7.437
