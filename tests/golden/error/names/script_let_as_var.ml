fn bump(var n: int) { n += 1 }
let calls = 1
bump(var calls) # error[E0209]: 'calls' is not a 'var'
print(calls)
