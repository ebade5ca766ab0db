## A guard belongs to an operator; an equation has a value for each element.
let x = [1.0, 2.0, 3.0]
let y[i | i > 0] = x[i]
