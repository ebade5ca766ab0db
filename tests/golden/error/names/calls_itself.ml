fn factorial(n: int) -> int = if n <= 1 { 1 } else { n * factorial(n - 1) } # error[E0212]: 'factorial' calls itself
