let x = [1.0, 2.0]
sum(x) # error[E0208]: dropped
print(x)
