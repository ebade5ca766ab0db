# One call changes a variable once, and what is read and then changed has one place.
struct S { a: f32[2] = 1 }
fn both(var x: f32[N], var y: f32[N]) { x = x + 1; y = y * 2 }
fn parts(var s: S, var y: f32[2]) { s.a = y; y = y * 2 }
fn next(var n: int) -> int { n += 1; n }
fn raised(var x: f32) { x += 1 }
var a = [1.0, 2.0]
var m = [[1.0, 2.0], [3.0, 4.0]]
var s = S()
var n = 0
both(var a, var a)                  # error[E0205]: 'x' and 'y' of 'both' would change the same variable
both(var m[0], var m[1])
both(var m[1], var m[1])            # error[E0205]: 'x' and 'y' of 'both' would change the same variable
parts(var s, var s.a)               # error[E0205]: 's' and 'y' of 'parts' would change the same variable
raised(var a[next(var n)])          # error[E0307]: a call that changes a variable stands in a place that is read and then changed
a[next(var n)] += 1                 # error[E0307]: a call that changes a variable stands in a place that is read and then changed
a[next(var n)] = 1
both(var m[0], var m[.., 1])        # error[E0205]: 'x' and 'y' of 'both' would change the same variable
