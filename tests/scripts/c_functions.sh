#!/bin/bash
# C functions with parameters and results of every size: in memory, interpreted and linked to an object file; what is not found or
# refused is said. (Whoever makes the shared library names the libraries; an object file leaves that to its user.)
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so" "$MLC_BUILD/libmlcrt.a"
mlc=$MLC_BUILD/mlc
export NO_COLOR=1
cd "$work" || exit 1

cat >mine.c <<'END'
#include <stdbool.h>
#include <stdint.h>
int8_t next8(int8_t x) { return (int8_t)(x + 1); }
uint8_t nextu8(uint8_t x) { return (uint8_t)(x + 1); }
int16_t next16(int16_t x) { return (int16_t)(x + 1); }
uint16_t nextu16(uint16_t x) { return (uint16_t)(x + 1); }
uint32_t nextu32(uint32_t x) { return x + 1; }
uint64_t nextu64(uint64_t x) { return x + 1; }
bool other(bool x) { return !x; }
int64_t eight(int8_t a, uint16_t b, float c, double d, int64_t e, bool f, uint8_t g, int32_t h)
{
    return a + b * 10 + (int64_t)(c * 100) + (int64_t)(d * 1000) + e * 10000 + f * 100000 + g * 1000000 + (int64_t)h * 10000000;
}
float half(float x) { return x / 2; }
int32_t answer(void) { return 42; }
END
"$CC" -O2 -shared -fPIC -o libmine.so mine.c || complain "the library does not build"

cat >use.ml <<'END'
extern "./libmine.so" fn next8(x: i8) -> i8
extern "./libmine.so" fn nextu8(x: u8) -> u8
extern "./libmine.so" fn next16(x: i16) -> i16
extern "./libmine.so" fn nextu16(x: u16) -> u16
extern "./libmine.so" fn nextu32(x: u32) -> u32
extern "./libmine.so" fn nextu64(x: u64) -> u64
extern "./libmine.so" fn other(x: bool) -> bool
extern "./libmine.so" fn eight(a: i8, b: u16, c: f32, d: f64, e: int, f: bool, g: u8, h: i32) -> i64
extern "./libmine.so" fn half(x: f32) -> f32
extern "./libmine.so" fn answer() -> i32
export fn halves(x: f32[N]) -> f32[N] = half(x)
export fn sums(n: int) -> int = sum[i: n](eight(i8(-1), 2, 3.0, 4.0, i, i % 2 == 0, u8(7), -8))
print(next8(i8(127)), next8(i8(-2)), nextu8(u8(255)), next16(i16(-32768)), nextu16(u16(65535)))
print(nextu32(u32(4294967295)), nextu64(u64(9)), other(true), other(false), answer())
print(halves([1.0, 2, 3]), sums(3))
END
printf '%s\n' "-128 -1 0 -32767 0" "0 10 false true 42" "[0.5, 1.0, 1.5] -218757043" >want
for how in "" --interp "-O 0" --isolated "--target-cpu x86-64"; do
    # shellcheck disable=SC2086
    "$mlc" run $how use.ml >got 2>&1
    diff want got || complain "run $how differs"
done

"$mlc" -c use.ml -o use.o || complain "use.ml does not compile"
cat >main.c <<'END'
#include <stdio.h>
#include "use.h"
int main(void)
{
    float in[3] = { 1, 2, 3 }, out[3];
    int64_t shape[1] = { 3 }, n;
    MlcrtTensor x = { .data = in, .device = MLCRT_CPU, .rank = 1, .code = MLCRT_FLOAT, .bits = 32, .lanes = 1, .shape = shape }, y = x;
    MlcrtContext *c;
    MlcrtSession *s;
    y.data = out;
    if (mlcrt_context_new(NULL, &c) || mlcrt_session_new(c, &s) || use_halves(s, &x, &y) || use_sums(s, 3, &n))
        return 1;
    printf("[%.1f, %.1f, %.1f] %lld\n", out[0], out[1], out[2], (long long)n);
    mlcrt_context_free(c);
    return 0;
}
END
"$CC" $MLC_CFLAGS -I . -I "$MLC_BUILD/include" main.c use.o ./libmine.so "$MLC_BUILD/libmlcrt.a" -lm -lpthread -o main && LD_LIBRARY_PATH=. ./main >got
diff <(tail -n 1 want) got || complain "the linked program differs"
"$mlc" use.ml -o use.so && readelf -d use.so | grep -q 'NEEDED.*libmine.so' || complain "the shared library does not name the other"

refused() { # words of the message, arguments
    local words=$1
    shift
    "$mlc" "$@" >got 2>&1 && complain "mlc $* is no error"
    grep -qF "$words" got || { complain "mlc $*:"; cat got; }
}
refused "error[E0607]: the C function 'half' is not called" run --no-extern use.ml
refused "C functions are refused here" run --no-extern --interp use.ml
refused "error[E0607]" --no-extern -c use.ml -o none.o
"$mlc" check --no-extern use.ml || complain "checking calls nothing"
printf 'extern "./none.so" fn f(x: f64) -> f64\nprint(f(1.0))\n' >none.ml
refused "library './none.so' of the C function 'f' cannot be opened" run none.ml
refused "library './none.so' of the C function 'f' cannot be opened" run --interp none.ml
printf 'extern "./libmine.so" fn clash_f(x: f64) -> f64\nexport fn f(x: f64) -> f64 = clash_f(x)\n' >clash.ml
refused "'clash_f' would be a name of this file and of a C function" -c clash.ml -o clash.o
verdict
