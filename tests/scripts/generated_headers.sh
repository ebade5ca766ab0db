#!/bin/bash
# The header of a compiled program is C99 and C++ with all warnings on, and needs nothing but the public headers of the runtime.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/mlc" "$MLC_BUILD/libmlc-llvm.so"

for program in max_area operators attention_variants llama conv sampling; do
    "$MLC_BUILD/mlc" -c "$MLC_SOURCE/examples/programs/$program.ml" -o "$work/$program.o" 2>"$work/errors" ||
        { complain "$program.ml does not compile:"; head -n 20 "$work/errors"; continue; }
    printf '#include "%s.h"\nint unused;\n' "$program" >"$work/use.c"
    "$CC" -std=c99 -pedantic -Wall -Wextra -Wconversion -Wstrict-prototypes -Werror -I "$work" -I "$MLC_BUILD/include" -fsyntax-only \
        "$work/use.c" || complain "$program.h is not C99"
    c++ -std=c++11 -pedantic -Wall -Wextra -Werror -x c++ -I "$work" -I "$MLC_BUILD/include" -fsyntax-only "$work/use.c" ||
        complain "$program.h is not C++11"
done
verdict
