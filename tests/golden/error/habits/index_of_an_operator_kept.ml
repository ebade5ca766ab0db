# What an operator's index is, and is not.
let x = [[1.0, 2.0], [3.0, 4.0]]
let a[i, j] = sum[j](x[i, j])           # error[E0301]: the range of j is not determined; write j: and its size
let b[i, j] = softmax[k](x[i, k])       # error[E0307]: 'softmax' works at a place: its binder is an index of the equation around it
let c[i, j] = x[i, k]                   # error[E0201]: 'k' is not declared
