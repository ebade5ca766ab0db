# Letters and signs that are copied from papers and word processors: one message for each word, with what is written here.
let été = 1                             # error[E0001]: 'été' is no name: names are made of A-Z, a-z, 0-9 and _
let b = été + 1
let c = α1β                             # error[E0001]: 'α1β' is no name
let d = x ≤ y                           # error[E0001]: no token begins with the character '≤'
let e = 2 × 3                           # error[E0001]: no token begins with the character '×'
let f = “hello”                         # error[E0001]: a string stands between straight double quotes
let g = a − b                           # error[E0001]: no token begins with the character '−'
let h = x[..., 0]                       # error[E0001]: '...' is not an operator
