op total[j](x: float) -> float else 0 = sum[j](x) # error[E0403]: 'else'
