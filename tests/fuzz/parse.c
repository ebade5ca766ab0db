/* parse.c - libFuzzer target: any bytes parse without a crash, leak or endless loop, under a memory limit; what parses
 * without an error prints to text that reads back to an equal tree; the printed text of any input is readable, too. The
 * first byte chooses between file, REPL and printed tree.
 *
 *     clang -fsanitize=fuzzer,address,undefined -I. ... tests/fuzz/parse.c && ./parse_fuzz CORPUS
 */
#include "frontend/tree.h"

typedef struct Input { Mem mem; const uint8_t *data; size_t size; } Input;

static void render(Diags *d)
{
    Buf out = buf_new(d->arena);
    diags_sort(d);
    diags_render(d, &out, true);
    diags_render_json(d, &out);
}

static void run(void *arg)
{
    Input *in = arg;
    Arena *a = arena_new(&in->mem);
    Sources *ss = sources_new(a);
    Diags *d = diags_new(a, ss);
    Parse p = { .arena = a, .names = names_new(a), .diags = d, .repl = in->data[0] & 1 };
    const Source *src = source_add(ss, "fuzz.ml", (const char *)in->data + 1, in->size - 1);
    Tree *t = in->data[0] & 2 ? tree_read(&p, src) : parse_source(&p, src);
    if (!t && d->errors == 0)
        __builtin_trap();
    if (t) {
        Buf text = buf_new(a);
        tree_print(t, &text);
        Tree *u = tree_read(&p, source_add(ss, "printed", text.p, text.n));
        if (!u || !tree_equal(t, u))
            __builtin_trap();
    }
    render(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    Input in = { .data = data, .size = size };
    mem_init(&in.mem, mem_malloc_hooks(), 64 << 20);
    mem_try(&in.mem, run, &in);
    mem_drop(&in.mem);
    return 0;
}
