/* spoken.c - symbols of values: whether a dim says one.
 *
 *     %v = add %p, u : i64 sym v           %v = add %p, u : i64          where no size and no bound says v
 *
 * An analysis that asks for a value's dim leaves a symbol, as do parameters of functions that were put in place of their calls. A value that has one is
 * taken to be asked for by name, and stays as it is.
 */
#include "passes/pass_int.h"

typedef struct Spoken { const DimSym *sym; bool found; } Spoken;

static void see_symbol(void *user, DimSym *x)
{
    Spoken *s = user;
    s->found = s->found || x == s->sym;
}

static void see_dims(void *user, IrNode *n)
{
    pass_each_dim(n, see_symbol, user);
}

/* Does a dim where n can be seen say its symbol? An analysis that asks for a value's dim leaves one that none says. */
bool pass_is_spoken_of(const IrNode *n)
{
    Spoken s = { n->sym, false };
    ir_walk(n->parent, see_dims, &s);
    return s.found;
}

typedef struct Symbols { Map spoken; } Symbols;

static void note_symbol(void *user, DimSym *x) { map_put(&((Symbols *)user)->spoken, x, x); }
static void note_dims(void *user, IrNode *n) { pass_each_dim(n, note_symbol, user); }

static void forget(void *user, IrNode *n)
{
    Symbols *s = user;
    bool inner = n->parent->owner && (n->op == OP_load || ir_is_scalar_op(n));
    if (inner && n->sym && !n->nregions && !map_find(&s->spoken, n->sym))
        n->sym = NULL;
}

void pass_forget_symbols(PassCx *cx, IrFn *fn)
{
    Symbols s = { .spoken = map_new(cx->arena) };
    ir_walk(fn->body, note_dims, &s);
    ir_walk(fn->body, forget, &s);
}
