export fn total(x: float[N]) -> float = sum(x) # error[E0401]: not 'float'
