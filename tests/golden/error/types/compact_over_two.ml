let x = [[1.0, 2.0], [3.0, 4.0]]
print(compact[i, j | x[i, j] > 1](x[i, j])) # error[E0307]: 'compact' takes one index
print(compact(x)) # error[E0205]: 'compact' has a binder
