let total = 0.0
for i in 0..3 { total += i } # error[E0209]: 'total' is not a 'var'
print(total)
