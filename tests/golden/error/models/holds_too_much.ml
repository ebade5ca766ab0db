# Doubling: 2^14 values fit, 2^15 do not.
struct S0 { x: f32 = 1 }
struct S1 { a: S0 = S0(); b: S0 = S0() }
struct S2 { a: S1 = S1(); b: S1 = S1() }
struct S3 { a: S2 = S2(); b: S2 = S2() }
struct S4 { a: S3 = S3(); b: S3 = S3() }
struct S5 { a: S4 = S4(); b: S4 = S4() }
struct S6 { a: S5 = S5(); b: S5 = S5() }
struct S7 { a: S6 = S6(); b: S6 = S6() }
struct S8 { a: S7 = S7(); b: S7 = S7() }
struct S9 { a: S8 = S8(); b: S8 = S8() }
struct S10 { a: S9 = S9(); b: S9 = S9() }
struct S11 { a: S10 = S10(); b: S10 = S10() }
struct S12 { a: S11 = S11(); b: S11 = S11() }
struct S13 { a: S12 = S12(); b: S12 = S12() }
struct S14 { a: S13 = S13(); b: S13 = S13() }
struct S15 { a: S14 = S14(); b: S14 = S14() }    # error[E0003]: a model or struct has more than 16384 tensors and numbers
struct S16 { a: S15 = S15(); b: S15 = S15() }
