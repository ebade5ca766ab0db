## A new variable is declared.
let x = f32([1, 2, 3])
twofold = x * 2
