/* explain_again.c - what an operation of an element is computed for, and how often with the same operands.
 *
 *     out[n, d] = x[n, d] * exp(w[d % 8])      exp takes d % 8 and nothing of n, but is computed for each n and d: N * (D // 8) times each value
 *
 * Loops stand in the order of their indices, and an operation stands in the innermost one that it depends on. A factor of a sum of products is
 * an exception: it is computed for its own indices, when it is copied, in lanes along the last one of the result if it has that.
 */
#include "passes/stream_int.h"

static bool is_apart(const IrNode *owner, const IrNode *host)
{
    return owner && (owner == host || (owner->op == OP_reduce && (owner->stream || owner->order == ORDER_contract)));
}

/* Does what the region yields need an index that n does not? */
static bool lacks_an_index(PassCx *cx, const IrNode *n, const IrRegion *r)
{
    for (const IrRegion *at = r; at && at->owner; at = at->owner->parent) {
        for (int i = 0; i < at->params.n; i++) {
            const IrNode *x = at->params.p[i];
            bool wanted = false;
            for (int k = 0; k < r->last->nin && x->op == OP_index; k++)
                wanted = wanted || pass_depends_on(cx, r->last->in[k], x);
            if (wanted && !pass_depends_on(cx, n, x))
                return true;
        }
    }
    return false;
}

static const IrRegion *element_of(const IrNode *n)
{
    const IrRegion *r = n->parent;
    while (r->owner && (r->owner->op == OP_if || r->owner->op == OP_for || r->owner->op == OP_while))
        r = r->owner->parent;
    return r;
}

const IrNode *pass_computed_for(PassCx *cx, const IrNode *n, const IrNode *host)
{
    const IrRegion *element = element_of(n);
    bool apart = is_apart(element->owner, host);
    for (const IrNode *m = n; m->uses; n = m) {
        const IrNode *u = m->uses->user;
        m = u->op == OP_yield && u->parent != element ? u->parent->owner : u;
        if (m->op == OP_yield || element_of(m) != element || (apart && !lacks_an_index(cx, m, element)))
            break;
    }
    return n;
}

const IrNode *pass_lane_of(PassCx *cx, const IrNode *n, const IrNode *of, const IrNode *kernel, const IrNode *host)
{
    const IrRegion *element = element_of(n), *r = kernel->regions[0];
    const IrNode *last = r->params.n ? r->params.p[r->params.n - 1] : NULL;
    bool factor = is_apart(element->owner, host) && last && lacks_an_index(cx, of, element);
    return factor && pass_depends_on(cx, of, last) ? last : NULL;
}

/* ---- how often each value -------------------------------------------------------------------------------------- */

typedef enum { TAKES_nothing, TAKES_all, TAKES_quotient, TAKES_residue } Takes;
typedef struct Taken { Takes of; Dim by; } Taken; /* x // by, x % by */

static Dim number_of(PassCx *cx, const IrNode *n)
{
    return n->op == OP_dim ? n->dim : n->op == OP_const ? dim_const(cx->module->dims, n->imm) : NULL;
}

/* steps: that may be taken still; an element has few. */
static Taken taken(PassCx *cx, const IrNode *n, const IrNode *x, int *steps)
{
    Taken all = { TAKES_nothing, NULL };
    if (n == x || --*steps < 0)
        return (Taken){ TAKES_all, NULL };
    if (!pass_depends_on(cx, n, x))
        return all;
    Dim by = (n->op == OP_floordiv || n->op == OP_mod) && n->in[0] == x ? number_of(cx, n->in[1]) : NULL;
    if (by)
        return (Taken){ n->op == OP_mod ? TAKES_residue : TAKES_quotient, by };
    if (n->nregions || !n->nin)
        return (Taken){ TAKES_all, NULL };
    for (int i = 0; i < n->nin; i++) {
        Taken t = taken(cx, n->in[i], x, steps);
        if (t.of == TAKES_nothing)
            continue;
        if (all.of != TAKES_nothing && (t.of != all.of || t.by != all.by))
            return (Taken){ TAKES_all, NULL };
        all = t;
    }
    return all.of == TAKES_nothing ? (Taken){ TAKES_all, NULL } : all; /* a dim mentions it */
}

/* Says of index x what n takes of it; returns how often n then is the same. */
static Dim says(PassCx *cx, const IrNode *x, Taken t, Buf *b)
{
    DimCx *d = cx->module->dims;
    const char *name = x->name ? x->name : "_";
    if (t.of == TAKES_all)
        return dim_const(d, 1);
    buf_puts(b, b->n ? " and " : "");
    if (t.of == TAKES_nothing) {
        buf_printf(b, "nothing of %s", name);
        return x->dim;
    }
    buf_printf(b, "%s %s %s", name, t.of == TAKES_residue ? "%" : "//", dim_text(d, t.by));
    return t.of == TAKES_residue ? dim_floordiv(d, x->dim, t.by) : t.by;
}

const char *pass_repeats(PassCx *cx, const IrNode *n, const PassTurns *turns)
{
    DimCx *d = cx->module->dims;
    Dim times = dim_const(d, 1);
    Buf b = buf_new(cx->arena);
    for (int i = turns->n - 1; i >= 0; i--) {
        int steps = 200;
        times = dim_mul(d, times, says(cx, turns->p[i].index, taken(cx, n, turns->p[i].index, &steps), &b));
    }
    return times == dim_const(d, 1) ? NULL : arena_printf(cx->arena, "%s takes %s: each value is computed %s times; a 'let' over what it takes computes it once",
                                                          ir_info(n)->name, buf_text(&b), dim_text(d, times));
}
