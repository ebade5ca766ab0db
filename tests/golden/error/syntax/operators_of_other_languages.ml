let a = x && y # error[E0001]: '&&' is not an operator
let b = x || y # error[E0001]: '||' is not an operator
let c = !x # error[E0001]: '!' is not an operator
let d = x ** 2 # error[E0001]: '**' is not an operator
let e = 'text' # error[E0001]: a string stands between double quotes
