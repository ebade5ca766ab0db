## Batches, splits and padding of std.data.
import std.data: pick, batches, split, folds, weighted, padded, padded_left, is_real, starts, documents, positions, windows, passages
import std.data: one_hot, standardised, rescaled, pixels

let b = batches(10, 3, key(1))
let used[i: 10] = count[r, c](b[r, c] == i)
print(max(used), sum(used))
let (train, test) = split(10, 4, key(2))
print(len(train), len(test), sum(train) + sum(test), any[i, j](train[i] == test[j]))
let f = folds(10, 3, key(3))
let size[k: 3] = count[i](f[i] == k)
print(size, pick([[1, 2], [3, 4], [5, 6]], [2, 0]), weighted([0.0, 1.0, 0.0], 3, key(4)))
# > 1 9
# > 6 4 45 false
# > [4, 3, 3] [[5, 6],
# >  [1, 2]] [1, 1, 1]

let flat = [1, 2, 3, 4, 5, 6]
let length = [2, 0, 4]
print(starts(length), padded(flat, starts(length), length, 3, 0), padded_left(flat, starts(length), length, 3, -1))
print(is_real(length, 3))
# > [0, 2, 2] [[1, 2, 0],
# >  [0, 0, 0],
# >  [3, 4, 5]] [[-1, 1, 2],
# >  [-1, -1, -1],
# >  [3, 4, 5]]
# > [[true, true, false],
# >  [false, false, false],
# >  [true, true, true]]

let d = documents([5, 9, 5, 9, 9, 7], 9)
print(d, positions(d), windows(flat, 3, 2))
# > [0, 0, 1, 1, 2, 3] [0, 1, 0, 1, 0, 0] [[1, 2, 3],
# >  [3, 4, 5]]

let (x, y) = passages(flat, 4, 2, key(5))
print(all[i, t](y[i, t] == x[i, t] + 1), one_hot([1, 3, 0], 3))
# > true [[0.0, 1.0, 0.0],
# >  [0.0, 0.0, 0.0],
# >  [1.0, 0.0, 0.0]]

let (z, m, s) = standardised([[1.0, 5.0], [3.0, 5.0]])
print(z, m, s, rescaled([[1.0, 5.0], [3.0, 5.0], [2.0, 5.0]]))
let tenth[r: 1000, c: 1] = 0.1 + f32(r + c) * 0
let (flat_z, flat_m, flat_s) = standardised(tenth)                                              # the sum of 1000 rounded tenths is not 100
print(max(abs(flat_z)), flat_m, flat_s, one_hot(i64([[1], [0]]), 2))
let image: u8[1, 2, 3] = 255
print(pixels(image))
# > [[-1.0, 0.0],
# >  [1.0, 0.0]] [2.0, 5.0] [1.0, 0.0] [[0.0, 0.0],
# >  [1.0, 0.0],
# >  [0.5, 0.0]]
# > 0.0 [0.1] [0.0] [[[0.0, 1.0]],
# >  [[1.0, 0.0]]]
# > [[[1.0, 1.0]],
# >  [[1.0, 1.0]],
# >  [[1.0, 1.0]]]
