## An operator that declares `float` has the element type of its argument, even where its value is made of literals.
op tenths[j](x: float) -> float = sum[j](if x == 0 { 0.1 } else { 0.0 })

let x[i: 2, j: 3] = f64(i * j)
print(abs(tenths(x, axis: 1) - [f64(0.3), f64(0.1)]) < 1e-12, abs(tenths(x) - f64(0.4)) < 1e-12)
# > [true, true] true
