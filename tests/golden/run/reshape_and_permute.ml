let x[i: 2, j: 3] = 3 * i + j
print(reshape(x, 3, 2))
# > [[0, 1],
# >  [2, 3],
# >  [4, 5]]
print(reshape(x, 6), reshape(x, 1, 6))
# > [0, 1, 2, 3, 4, 5] [[0, 1, 2, 3, 4, 5]]
print(x.T)
# > [[0, 3],
# >  [1, 4],
# >  [2, 5]]
let y[i: 2, j: 3, k: 2] = 100 * i + 10 * j + k
let z = permute(y, 2, 0, 1)
print(z[1], z[0, 1, 2] == y[1, 2, 0])
# > [[1, 11, 21],
# >  [101, 111, 121]] true
## Two heads of two: [T, H * K] to [H, T, K] and back.
let h = permute(reshape(f32(reshape(y, 3, 4)), 3, 2, 2), 1, 0, 2)
print(h[1])
# > [[10.0, 11.0],
# >  [100.0, 101.0],
# >  [120.0, 121.0]]
