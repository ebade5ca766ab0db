/* check.c - libFuzzer target: any text is checked, and what is without errors is lowered to tensor IR that verifies, goes through the
 * passes and still verifies. Never a crash, a leak or an endless loop, under a memory limit. The first byte chooses between a file and
 * a session of its lines.
 */
#include <string.h>

#include "driver/unit.h"

typedef struct Input { Mem mem; const char *text; size_t size; bool session; MlcrtContext *context; } Input;

static void use_functions(Unit *u)
{
    for (int i = 0; i < u->core->fns.n && i < 8; i++) {
        CoreFn *fn = unit_find(u, u->core->fns.p[i]->name);
        if (fn && unit_usable(u, fn))
            unit_tile(u, fn);
    }
}

static void run(void *arg)
{
    Input *in = arg;
    UnitOptions o = { .cpu = "x86-64-v3", .verify = true };
    Unit *u = unit_new(&in->mem, &o, NULL, in->context);
    if (!in->session) {
        if (unit_check_text(u, "fuzz.ml", in->text, in->size))
            use_functions(u);
    } else
        for (size_t at = 0, n; at < in->size; at += n + 1) {
            const char *end = memchr(in->text + at, '\n', in->size - at);
            n = end ? (size_t)(end - in->text) - at : in->size - at;
            unit_more(u, "repl", in->text + at, n, NULL);
        }
    Buf out = buf_new(u->arena);
    diags_render(u->diags, &out, true);
    for (int i = 0; i < u->diags->list.n; i++)
        if (strstr(u->diags->list.p[i]->text, "after pass")) /* the verifier found something */
            __builtin_trap();
    unit_drop(u);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 8192)
        return 0;
    Input in = { .text = (const char *)data + 1, .size = size - 1, .session = data[0] % 4 == 0 };
    if (mlcrt_context_new(NULL, &in.context))
        return 0;
    mem_init(&in.mem, mem_malloc_hooks(), 256 << 20);
    mem_try(&in.mem, run, &in);
    mem_drop(&in.mem);
    mlcrt_context_free(in.context);
    return 0;
}
