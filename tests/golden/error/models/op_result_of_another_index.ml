op twice[j](x: float) -> float[k] = 2 * x # error[E0403]: float[j]
