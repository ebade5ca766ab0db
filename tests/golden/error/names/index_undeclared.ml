## The range of i is only missing because j is no index.
fn total(x: f32[N]) -> f32 = sum[i](x[j])               # error[E0201]: 'j' is not declared
fn spread(x: f32[N]) -> f32 = sum[i](x[2 * j] + 1)      # error[E0201]: 'j' is not declared
fn moved(x: f32[N]) -> f32[N] {
    let y[i] = x[j] + 1                                 # error[E0201]: 'j' is not declared
    y
}
fn running(x: f32[N]) -> f32[N] {
    rec y[i] = x[j] + (y[i - 1] ?? 0)                   # error[E0201]: 'j' is not declared
    y
}
fn of_nothing(x: f32[N]) -> f32 = sum[i](other(x)[i])   # error[E0201]: 'other' is not declared
fn neighbour(x: f32[N]) -> f32 = sum[i](x[i + 1])       # error[E0301]: the range of i is not determined; write i: and its size
