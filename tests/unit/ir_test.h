/* ir_test.h - a fixture for tests of room ir: a module in an arena, parsed from text. */
#ifndef MLC_TESTS_IR_TEST_H
#define MLC_TESTS_IR_TEST_H

#include <check.h>
#include <string.h>

#include "ir/ir.h"
#include "test_main.h"

typedef struct IrTest { Mem mem; Arena *arena; IrModule *m; Diags *diags; } IrTest;

static inline void ir_test_init(IrTest *t)
{
    mem_init(&t->mem, mem_malloc_hooks(), 0);
    t->arena = arena_new(&t->mem);
    Names *ns = names_new(t->arena);
    Sources *ss = sources_new(t->arena);
    t->diags = diags_new(t->arena, ss);
    t->m = ir_module_new(t->arena, ns, dims_new(t->arena), ss);
}

static inline void ir_test_drop(IrTest *t)
{
    mem_drop(&t->mem);
}

/* The last function of the text, NULL if it does not parse or has none. */
static inline IrFn *ir_test_parse(IrTest *t, const char *text)
{
    Source *src = source_add(t->m->sources, "test.ir", text, strlen(text));
    return ir_parse(t->m, src, t->diags) && t->m->fns.n ? vec_last(&t->m->fns) : NULL;
}

static inline const char *ir_test_text(IrTest *t, const IrFn *fn)
{
    Buf b = buf_new(t->arena);
    ir_print_fn(fn, &b);
    return buf_text(&b);
}

/* NULL if fn is sound, else what the verifier says. */
static inline const char *ir_test_broken(IrTest *t, const IrFn *fn)
{
    Buf b = buf_new(t->arena);
    return ir_verify(fn, &b) ? NULL : buf_text(&b);
}

#endif
