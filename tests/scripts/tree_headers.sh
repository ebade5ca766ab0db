#!/bin/bash
# The public headers compile alone, as C99 and as C++, with all warnings on, from the include folder of the build.
. "$MLC_SOURCE/tests/lib/script.sh"
need "$MLC_BUILD/include/mlcrt.h"

for header in "$MLC_BUILD"/include/*.h; do
    name=${header##*/}
    echo "#include \"$name\"" >"$work/alone.c"
    echo 'int unused;' >>"$work/alone.c"
    "$CC" -std=c99 -pedantic -Wall -Wextra -Wconversion -Wstrict-prototypes -Werror -I "$MLC_BUILD/include" -fsyntax-only "$work/alone.c" ||
        complain "$name is not C99"
    c++ -std=c++11 -pedantic -Wall -Wextra -Werror -x c++ -I "$MLC_BUILD/include" -fsyntax-only "$work/alone.c" ||
        complain "$name is not C++11"
done
verdict
