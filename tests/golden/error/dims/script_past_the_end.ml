let x = [1.0, 2.0, 3.0]
for i in 0..3 { print(x[3 + i]) } # error[E0303]: outside an axis of size 3
