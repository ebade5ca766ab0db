#!/bin/bash
# mlc.h and mlcrt.h from C99 and from C++ with all warnings on: compile a program, look at it, call it, read an error.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/libmlc.so" "$MLC_BUILD/libmlc-llvm.so" "$MLC_BUILD/mlc-codegen"

cat >"$work/use.c" <<'EOF'
#include <mlc.h>
#include <stdio.h>
#include <string.h>

static const char text[] =
    "export fn max_area(height: i32[N]) -> i32 where N >= 1 {\n"
    "    var (l, r, best) = (0, N - 1, 0)\n"
    "    while l < r {\n"
    "        best = max(best, min(height[l], height[r]) * (r - l))\n"
    "        if height[l] < height[r] { l = l + 1 } else { r = r - 1 }\n"
    "    }\n"
    "    best\n"
    "}\n";

static int fail(const char *what, MlcrtStatus status, const char *why)
{
    fprintf(stderr, "%s: %d %s\n", what, (int)status, why);
    return 1;
}

int main(void)
{
    MlcCompiler *c = NULL;
    MlcModule *m = NULL;
    MlcrtSession *s = NULL;
    MlcDiagnostic d;
    int32_t height[] = { 1, 8, 6, 2, 5, 4, 8, 3, 7 }, area = 0;
    int64_t shape[] = { 9 };
    MlcrtTensor t;
    void *args[2];
    MlcrtStatus status = mlc_compiler_new(NULL, &c); /* libmlc-llvm.so and mlc-codegen lie beside libmlc.so */
    if (status)
        return fail("compiler", status, "");
    status = mlc_compile_text(c, "bad.ml", "fn f() = x", 10, &m);
    if (status != MLCRT_EFORMAT || mlc_diagnostic(c, 0, &d) || strcmp(d.code, "E0201") || d.column != 10)
        return fail("a wrong program", status, mlc_diagnostics(c));
    status = mlc_compile_text(c, "area.ml", text, sizeof text - 1, &m);
    if (status)
        return fail("compile", status, mlc_diagnostics(c));
    status = mlcrt_session_new(mlc_context(c), &s);
    if (status)
        return fail("session", status, "");
    memset(&t, 0, sizeof t);
    t.data = height;
    t.device = MLCRT_CPU;
    t.rank = 1;
    t.code = MLCRT_INT;
    t.bits = 32;
    t.lanes = 1;
    t.shape = shape;
    args[0] = &t;
    args[1] = &area;
    status = mlc_call(m, s, "max_area", args);
    if (status || area != 49)
        return fail("call", status, mlcrt_error(s)->sentence);
    area = 0;
    status = mlc_interpret(m, s, "max_area", args);
    if (status || area != 49)
        return fail("interpret", status, mlcrt_error(s)->sentence);
    shape[0] = 0;
    status = mlc_call(m, s, "max_area", args);
    if (status != MLCRT_ECHECK || strcmp(mlcrt_error(s)->file, "area.ml") || area != 49)
        return fail("a condition", status, mlcrt_error(s)->sentence);
    mlc_compiler_free(c);
    puts("ok");
    return 0;
}
EOF
build="-I $MLC_BUILD/include -L $MLC_BUILD -Wl,-rpath,$MLC_BUILD"
"$CC" $MLC_CFLAGS -std=c99 -pedantic -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Werror "$work/use.c" $build -lmlc -o "$work/c" ||
    complain "a C99 program does not compile"
c++ $MLC_CFLAGS -std=c++11 -pedantic -Wall -Wextra -Wshadow -Werror -x c++ "$work/use.c" -x none $build -lmlc -o "$work/cpp" ||
    complain "a C++11 program does not compile"
for program in c cpp; do
    [ ! -x "$work/$program" ] || [ "$("$work/$program" 2>"$work/errors")" = ok ] || complain "$program: $(cat "$work/errors")"
done
verdict
