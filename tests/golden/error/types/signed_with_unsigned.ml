fn f(a: i32[N], b: u32[N]) -> i32[N] = a + b # error[E0204]: '+' of i32 and u32
