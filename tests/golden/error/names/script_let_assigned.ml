let best = 1
best = 2 # error[E0209]: 'best' is not a 'var'
print(best)
