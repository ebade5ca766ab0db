let x = [1.0, 2.0]
print(sum(y)) # error[E0201]: 'y' is not declared
print(x)
