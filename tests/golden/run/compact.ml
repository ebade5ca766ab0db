## compact[i | p](e): the elements where p holds, in order, in a tensor of the whole size, and how many they are.
fn positive(x: f32[N]) -> (f32[N], int) = compact[i | x[i] > 0](2 * x[i])
let x = [1.0, -2.0, 3.0, 0.0, 5.0]
let (y, n) = positive(x)
print(y, n)
let (all, m) = compact[i](x[i])
print(all, m)
let (none, k) = compact[i | x[i] > 9](i)
print(none, k)
# outside of the guard nothing is read
let at = [3, 99, 0, -1, 2]
let (taken, count) = compact[j | 0 <= at[j] < 4](x[at[j]] ?? 7.0)
print(taken, count)
let (flags, some) = compact[i: 4 | i != 1](i % 2 == 0)
print(flags, some)
# what depends on data is guarded by the count
print(sum[i | i < n](y[i]), mean[i | i < n](y[i]))
# > [2.0, 6.0, 10.0, 0.0, 0.0] 3
# > [1.0, -2.0, 3.0, 0.0, 5.0] 5
# > [0, 0, 0, 0, 0] 0
# > [0.0, 1.0, 3.0, 0.0, 0.0] 3
# > [true, true, false, false] 3
# > 18.0 6.0
