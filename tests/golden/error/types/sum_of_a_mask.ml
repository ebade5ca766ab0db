fn live(mask: bool[N]) -> int = sum(mask) # error[E0206]: 'sum' over bool
