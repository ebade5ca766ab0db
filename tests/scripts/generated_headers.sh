#!/bin/bash
# The header of a compiled program is C99 and C++ with all warnings on, and needs nothing but the public headers of the runtime.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so"

# Names of a program that C, C++ or the header itself have, too.
cat >"$work/names.ml" <<'EOF'
struct class(out, status) { free: f32 = 1; new: f32[2] = 0; len: int = 3; set_len: int = 4; get: f32[out] = 1 }
model register(D) { param free: f32[D] = 1; fn call(x: f32[D]) -> f32[D] = free * x }
export fn main(result: f32[N], result_: f32[N], session: f32, int64_t: int, linux: f32) -> f32[N] = result * session + result_ + int64_t * linux
export fn free(result1: f32[N], result: f32) -> (f32[N], f32) = (result1, result)
export fn double(class: class(A, B), decltype: register(D), key: f32[D]) -> f32[D] = class.free * decltype(key)
EOF
for program in max_area operators attention_variants llama conv sampling names; do
    [ -e "$work/$program.ml" ] || cp "$MLC_SOURCE/examples/programs/$program.ml" "$work/"
    "$MLC_BUILD/mlc" -c "$work/$program.ml" -o "$work/$program.o" 2>"$work/errors" ||
        { complain "$program.ml does not compile:"; head -n 20 "$work/errors"; continue; }
    printf '#include "%s.h"\nint unused;\n' "$program" >"$work/use.c"
    "$CC" -std=c99 -pedantic -Wall -Wextra -Wconversion -Wstrict-prototypes -Werror -I "$work" -I "$MLC_BUILD/include" -fsyntax-only \
        "$work/use.c" || complain "$program.h is not C99"
    c++ -std=c++11 -pedantic -Wall -Wextra -Werror -x c++ -I "$work" -I "$MLC_BUILD/include" -fsyntax-only "$work/use.c" ||
        complain "$program.h is not C++11"
done

# A model whose parameters are drawn is made with what its header brings.
cd "$work" || exit 1
cat >drawn.ml <<'P'
model Net(D) {
    param w: f32[D] ~ normal(0, 1)
    fn call(x: f32[D]) -> f32 = sum[i](w[i] * x[i])
}
export fn scored(net: Net(D), x: f32[D]) -> f32 = net(x)
P
cat >use.c <<'P'
#include "drawn.h"
int main(void)
{
    MlcrtKey key = { { 7, 0 } };
    int64_t numbers[] = { 3 }, shape[] = { 3 };
    float ones[] = { 1, 1, 1 }, y = 0;
    MlcrtTensor x = { .data = ones, .device = MLCRT_CPU, .rank = 1, .code = MLCRT_FLOAT, .bits = 32, .lanes = 1, .shape = shape };
    MlcrtContext *c = NULL;
    MlcrtSession *s = NULL;
    drawn_Net *net = NULL;
    if (mlcrt_context_new(NULL, &c) || mlcrt_session_new(c, &s) || drawn_Net_new(s, numbers, &key, &net) || drawn_scored(s, net, &x, &y))
        return 1;
    return mlcrt_context_free(c) || y == 0;
}
P
"$MLC_BUILD/mlc" -c drawn.ml && $CC $MLC_CFLAGS -std=c99 -pedantic -Wall -Wextra -Werror use.c drawn.o -I"$MLC_BUILD/include" -L"$MLC_BUILD" \
    -Wl,-rpath,"$MLC_BUILD" -lmlcrt -o use && ./use || complain "a model is not drawn from C"
verdict
