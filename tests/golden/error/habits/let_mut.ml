## What changes is a var.
let mut n = 0
