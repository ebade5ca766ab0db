## Operators written in the program: the binder stands for all binders of a use, guards included.
op attend[j](score: float, value: float) -> float = sum[j](softmax[j](score) * value)
op centred[j](x: float) -> float[j] = x - mean[j](x)
op ranked[j](x: float) -> float[j] else -1 = x / max[j](x)
op softest[j](x: float; heat = 1.0) -> float = heat * logsumexp[j](x / heat)
let s = [0.0, 0.0, 9.0]
let v = [2.0, 6.0, 50.0]
print(attend[j | j < 2](s[j], v[j]))
# > 4.0
let c[j] = centred[j](v[j])
print(c)
# > [-17.33, -13.33, 30.67]
let r[j] = ranked[j | j < 2](v[j])
print(r)
# > [0.3333, 1.0, -1.0]
print(softest[j | j < 2](s[j]), softest[j | j < 2](s[j], heat: 2))
# > 0.6931 1.386
let m = [[1.0, 2.0], [3.0, 4.0]]
let both[i, j] = centred[i, j](m[i, j])
print(both)
# > [[-1.5, -0.5],
# >  [0.5, 1.5]]
