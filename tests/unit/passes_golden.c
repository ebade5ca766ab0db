/* passes_golden.c - golden files of passes: tensor IR in, counts of nodes out.
 *
 *     // passes: fuse,dce                     run on the last function of the file (without: the default pipeline)
 *     // count: map 1, reduce 1, arena 0      nodes of that operation anywhere in it; `arena`: buffers in the arena
 *     // says: in ..n + 1                     the printed result has this text; `a ... b`: b behind the first a
 *     // error: a tensor                      the pipeline fails with this text
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "passes/passes.h"

typedef struct Case { const char *path, *passes; char *text; size_t len; Arena *a; int failures; } Case;

static char *slurp(Arena *a, const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    char *p = arena_alloc(a, 1 << 20);
    *n = f ? fread(p, 1, (1 << 20) - 1, f) : 0;
    if (f)
        fclose(f);
    return p;
}

/* The rest of the line that begins with "// KEY: " after *from; NULL if there is none. */
static char *line_of(Arena *a, const char *key, const char **from)
{
    const char *at = strstr(*from, key);
    if (!at)
        return NULL;
    at += strlen(key);
    size_t n = strcspn(at, "\n");
    *from = at + n;
    return arena_text(a, at, n);
}

typedef struct Count { const char *name; size_t len; int n; } Count;

static void count_node(void *user, IrNode *n)
{
    Count *c = user;
    const char *name = ir_info(n)->name;
    if (n->op == OP_buffer && n->place == PLACE_arena && c->len == 5 && !memcmp(c->name, "arena", 5))
        c->n++;
    if (strlen(name) == c->len && !memcmp(name, c->name, c->len))
        c->n++;
}

static void fail(Case *c, IrFn *fn, const char *what, const char *detail)
{
    Buf b = buf_new(c->a);
    ir_print_fn(fn, &b);
    fprintf(stderr, "%s: %s%s\n%s\n", c->path, what, detail, buf_text(&b));
    c->failures++;
}

static void check_counts(Case *c, IrFn *fn, char *wanted)
{
    for (char *p = wanted; *p;) {
        Count k = { p, strcspn(p, " "), 0 };
        int n = atoi(p + k.len);
        ir_walk(fn->body, count_node, &k);
        if (k.n != n)
            fail(c, fn, "counted otherwise: ", arena_printf(c->a, "%.*s %d, not %d", (int)k.len, k.name, k.n, n));
        p += strcspn(p, ",");
        p += strspn(p, ", ");
    }
}

/* All parts of `a ... b`, each behind the one before. */
static bool says(Arena *a, const char *text, const char *wanted)
{
    static const char gap[] = " ... ";
    for (const char *end; text && (end = strstr(wanted, gap)); wanted = end + sizeof gap - 1)
        text = strstr(text, arena_text(a, wanted, (size_t)(end - wanted)));
    return text && strstr(text, wanted);
}

static void check_result(Case *c, IrFn *fn)
{
    const char *from = c->text;
    char *wanted;
    Buf b = buf_new(c->a);
    while ((wanted = line_of(c->a, "// count: ", &from)))
        check_counts(c, fn, wanted);
    ir_print_fn(fn, &b);
    for (from = c->text; (wanted = line_of(c->a, "// says: ", &from));)
        if (!says(c->a, buf_text(&b), wanted))
            fail(c, fn, "does not say: ", wanted);
}

static void run(void *arg)
{
    Case *c = arg;
    const char *from = c->text, *at = c->text;
    char *passes = line_of(c->a, "// passes: ", &from), *error = line_of(c->a, "// error: ", &at);
    Sources *ss = sources_new(c->a);
    Diags *d = diags_new(c->a, ss);
    IrModule *m = ir_module_new(c->a, names_new(c->a), dims_new(c->a), ss);
    Buf errors = buf_new(c->a);
    c->failures++;
    if (!ir_parse(m, source_add(ss, c->path, c->text, c->len), d)) {
        diags_render(d, &errors, false);
        fprintf(stderr, "%s", buf_text(&errors));
        return;
    }
    c->failures--;
    IrFn *fn = vec_last(&m->fns);
    PassOptions o = { .pipeline = passes, .verify = true, .target = { 32, 16, 32768, 1 << 20 } };
    bool ok = passes_run(m, fn, &o, &errors);
    if (ok == (error != NULL) || (error && !strstr(buf_text(&errors), error)))
        fail(c, fn, "the pipeline says: ", buf_text(&errors));
    else if (ok)
        check_result(c, fn);
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++) {
        Mem mem;
        mem_init(&mem, mem_malloc_hooks(), 0);
        Case c = { .path = argv[i], .a = arena_new(&mem) };
        c.text = slurp(c.a, argv[i], &c.len);
        bool ran = mem_try(&mem, run, &c);
        failed += !ran || c.failures;
        mem_drop(&mem);
    }
    printf("%d passed, %d failed\n", argc - 1 - failed, failed);
    return failed || argc < 2;
}
