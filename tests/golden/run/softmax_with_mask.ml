## A row whose mask is empty gives zeros, never NaN; what is masked may be NaN.
let s = [1.0, 2.0, 3.0]
print(softmax(s, axis: 0))
# > [0.09003, 0.2447, 0.6652]
let causal[i: 3, j] = softmax[j | j <= i](s[j])
print(causal)
# > [[1.0, 0.0, 0.0],
# >  [0.2689, 0.7311, 0.0],
# >  [0.09003, 0.2447, 0.6652]]
let none[i: 3, j] = softmax[j | j < i](s[j])
print(none)
# > [[0.0, 0.0, 0.0],
# >  [1.0, 0.0, 0.0],
# >  [0.2689, 0.7311, 0.0]]
let v = [10.0, 20.0, 0.0 / 0.0]
let mixed[i: 3] = sum[j](softmax[j | j < i](s[j]) * v[j])
print(mixed)
# > [0.0, 10.0, 17.31]
let big = [1000.0, 1000.0, -inf]
print(softmax(big, axis: -1), log_softmax(big, axis: -1))
# > [0.5, 0.5, 0.0] [-0.6931, -0.6931, -inf]
let lp[i: 2, j] = log_softmax[j | j <= i](s[j])
print(lp)
# > [[0.0, -inf, -inf],
# >  [-1.313, -0.3133, -inf]]
