let table = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
let tokens = [2, 0, 2]
let x[t, d] = table[tokens[t], d]
print(x)
# > [[5.0, 6.0],
# >  [1.0, 2.0],
# >  [5.0, 6.0]]
let reversed[i: 3] = tokens[2 - i]
print(reversed, table[tokens[0], 1])
# > [2, 0, 2] 6.0
## A histogram is a sum with a guard.
let seen[v: 4] = count[t](tokens[t] == v)
print(seen)
# > [1, 0, 2, 0]
