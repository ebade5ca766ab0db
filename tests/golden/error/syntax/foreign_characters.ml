let a = x ≤ y # error[E0001]: no token begins with the character '≤'
let b = $x # error[E0001]: no token begins with the character '$'
let ok = "≤ is fine in a string" # and ≤ in a comment
