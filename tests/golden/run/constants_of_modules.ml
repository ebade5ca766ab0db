## Constants at the top of a file are names like others: for its functions, and for files that import them.
import lib.constants as c
import lib.constants: unit, table
print(c.turn > 6.28, c.table[1], unit * 2, table)
# > true 2.0 4.0 [1.0, 2.0, 3.0]
print(c.scaled(10), c.scaled(10, by: 1), c.Scaler(2)([1.0, 2.0]))
# > 60.0 30.0 [4.0, 8.0]
fn area(x: f32; by = unit) -> f32 = x * by * table[2]
print(area(1), area(1, by: table[0]))
# > 6.0 3.0
