let a = -9223372036854775809            # error[E0002]: the number does not fit 64 bits: at least -9223372036854775808
let b: i32 = 18446744073709551615       # error[E0206]: the value is u64, but i32 is needed
let c = zeros(18446744073709551615)     # error[E0206]: 18446744073709551615 does not fit int
