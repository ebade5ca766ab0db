## What stands behind a failed check of an element does not run: of these two gamma numbers the second would be looked for for ever.
import std.random: beta

let a = [1.0, 2.0]
let b = [3.0, -1.0]
let x[i: 2] ~ beta(a[i], b[i])
print(x)
# status: 1
# stderr: a gamma distribution needs a positive shape
