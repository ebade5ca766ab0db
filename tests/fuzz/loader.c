/* loader.c - libFuzzer target: any bytes as a compiled object are mapped or refused, never a crash or a leak. Nothing is run.
 *
 *     clang -fsanitize=fuzzer,address,undefined -I. tests/fuzz/loader.c libmlcrt.a -lm -o loader_fuzz && ./loader_fuzz CORPUS
 *
 * A good corpus: the objects that `mlc -c` makes of the example programs.
 */
#include <stdint.h>
#include <string.h>

#include "runtime/loader.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    RtObject *o;
    RtError err = { 0 };
    MlcrtStatus status = rt_object_load(NULL, bytes, n, NULL, &o, &err);
    if (status ? o != NULL || !*err.text : o == NULL)
        __builtin_trap();
    if (o && rt_object_symbol(o, "no such symbol"))
        __builtin_trap();
    rt_object_unload(o);
    return 0;
}
