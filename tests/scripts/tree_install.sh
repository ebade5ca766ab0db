#!/bin/bash
# `cmake --install` into an empty folder gives bin, lib, include, pkg-config and CMake package files with which C programs build and run.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc.so" "$MLC_BUILD/libmlcrt.so"

place=$work/place
cmake --install "$MLC_BUILD" --prefix "$place" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
lib=$(cd "$(dirname "$(find "$place" -name libmlc.so | head -n 1)")" && pwd)
for file in "$place/bin/mlc" "$lib/libmlcrt.a" "$lib/libmlcrt.so" "$lib/pkgconfig/mlc.pc" "$lib/cmake/mlc/mlcConfig.cmake" "$place/include/mlc/mlc.h"; do
    [ -e "$file" ] || complain "${file#"$place"/} is not installed"
done

cat >"$work/use.c" <<'C'
#include <stdio.h>
#include "mlcrt.h"
int main(void)
{
    MlcrtContext *c = NULL;
    MlcrtStatus s = mlcrt_context_new(NULL, &c);
    mlcrt_context_free(c);
    puts(s == 0 && c ? "fine" : "no context");
    return s != 0;
}
C
sed 's/mlcrt.h/mlc.h/; s/MlcrtContext \*c/MlcCompiler *c/; s/mlcrt_context/mlc_compiler/g' "$work/use.c" >"$work/compiler.c"

export PKG_CONFIG_PATH=$lib/pkgconfig
$CC "$work/use.c" -o "$work/use" $(pkg-config --cflags --libs mlcrt) -Wl,-rpath,"$lib" && [ "$("$work/use")" = fine ] || complain "pkg-config mlcrt"
$CC "$work/use.c" -o "$work/static" $(pkg-config --cflags mlcrt) "$lib/libmlcrt.a" -lm -pthread && [ "$("$work/static")" = fine ] || complain "libmlcrt.a"
$CC "$work/compiler.c" -o "$work/compiler" $(pkg-config --cflags --libs mlc) -Wl,-rpath,"$lib" && [ "$("$work/compiler")" = fine ] ||
    complain "pkg-config mlc"

mkdir "$work/package"
cat >"$work/package/CMakeLists.txt" <<'C'
cmake_minimum_required(VERSION 3.25)
project(use C)
find_package(mlc 0.1 REQUIRED)
add_executable(use ../use.c)
target_link_libraries(use mlc::mlcrt)
add_executable(static ../use.c)
target_link_libraries(static mlc::mlcrt_static)
add_executable(compiler ../compiler.c)
target_link_libraries(compiler mlc::mlc)
C
{ cmake -G Ninja -S "$work/package" -B "$work/package/b" -DCMAKE_PREFIX_PATH="$place" -DCMAKE_C_COMPILER="$CC" && cmake --build "$work/package/b"; } \
    >"$work/log" 2>&1 || { cat "$work/log"; complain "find_package(mlc)"; }
for program in use static compiler; do
    [ "$("$work/package/b/$program")" = fine ] || complain "find_package(mlc): $program"
done

printf 'export fn one() -> i32 {\n    return 1\n}\nprint(one())\n' >"$work/one.ml"
ln -s "$place/bin/mlc" "$work/linked"
if [ -e "$lib/libmlc-llvm.so" ]; then
    for mlc in "$place/bin/mlc" "$work/linked"; do
        [ "$(cd "$work" && "$mlc" run --no-cache one.ml)" = 1 ] || complain "$(basename "$mlc"): the installed mlc does not run"
    done
    (cd "$work" && PATH=$place/bin:$PATH mlc -c --no-cache one.ml) && [ -s "$work/one.o" ] || complain "the installed mlc does not compile"
else
    (cd "$work" && "$place/bin/mlc" check one.ml) || complain "the installed mlc does not run"
fi
verdict
