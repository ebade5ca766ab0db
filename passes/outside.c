/* outside.c - what costs much and is the same at each point of a kernel is computed once, before it.
 *
 *     kernel [i: N] { %k = key_fold %key, 5                            %k = key_fold %key, 5
 *                     tfor lanes [j: M] { store %y[i, j], .. %k .. } }    kernel [i: N] { tfor lanes [j: M] { store %y[i, j], .. %k .. } }
 *
 * Keys of draws and elementary functions move, with the constants and sizes that they need; all else is cheaper to compute again in each
 * task than to pass. Kernels that differ in such a number alone, as those that draw a model's weights, are then the same code. Linear.
 */
#include "passes/stream_int.h"

typedef struct Moved { IrNode *n; struct Moved *next; } Moved;

typedef struct Outside { PassCx *cx; Map moved; } Outside; /* what stands before the kernels of a region already: hash -> Moved */

static bool is_dear(const IrNode *n)
{
    return n->op != OP_extern && n->op != OP_random_bits && n->type.rank == 0 && (n->op == OP_key_new || pass_is_elementary((IrOp)n->op));
}

/* May stand before the kernel, if its inputs do. */
static bool is_plain(const IrNode *n)
{
    bool value = n->op == OP_const || n->op == OP_dim || (ir_is_scalar_op(n) && n->op != OP_load);
    return value && !n->sym && !n->nregions && n->type.dtype != DT_str && !(ir_info(n)->effects & (FAULTS | PINNED));
}

typedef struct Sizes { PassCx *cx; const IrRegion *kernel; bool outside; } Sizes;

static void see_symbol(void *user, DimSym *s)
{
    Sizes *z = user;
    const IrNode *def = map_find(&z->cx->sym_nodes, s);
    z->outside = z->outside && !(def && ir_inside(def, z->kernel));
}

static bool can_leave(PassCx *cx, const IrNode *n, const IrRegion *kernel)
{
    Sizes sizes = { cx, kernel, true };
    bool all = !ir_inside(n, kernel) || (n->parent == kernel && is_plain(n));
    if (all && n->op == OP_dim && n->parent == kernel)
        dim_syms(n->dim, see_symbol, &sizes);
    for (int i = 0; i < n->nin && all && n->parent == kernel; i++)
        all = can_leave(cx, n->in[i], kernel);
    return all && sizes.outside;
}

static bool is_same(const IrNode *a, const IrNode *b)
{
    bool same = a->op == b->op && a->nin == b->nin && ir_type_equal(a->type, b->type);
    for (int i = 0; i < a->nin && same; i++)
        same = a->in[i] == b->in[i];
    return same && (a->op != OP_const || (a->key[0] == b->key[0] && a->key[1] == b->key[1])) && (a->op != OP_dim || a->dim == b->dim);
}

static const void *hash(const IrNode *n)
{
    uint64_t h = (uint64_t)n->op << 8 | (uint64_t)n->type.dtype;
    for (int i = 0; i < n->nin; i++)
        h = (h ^ n->in[i]->id) * UINT64_C(0x9e3779b97f4a7c15);
    return (const void *)(uintptr_t)((n->op == OP_const ? h ^ n->key[0] * UINT64_C(0x9e3779b97f4a7c15) : h) | 1);
}

static void leave(Outside *o, IrNode *n, IrNode *kernel)
{
    if (!ir_inside(n, kernel->regions[0]))
        return;
    for (int i = 0; i < n->nin; i++)
        leave(o, n->in[i], kernel);
    const void *key = hash(n);
    Moved *first = map_find(&o->moved, key), *m = first;
    while (m && !is_same(m->n, n))
        m = m->next;
    if (m) {
        ir_replace(n, m->n);
        ir_drop(n);
        return;
    }
    ir_move_before(n, kernel);
    m = NEW(o->cx->arena, Moved);
    *m = (Moved){ n, first };
    map_put(&o->moved, key, m);
    o->cx->changed++;
}

static void leave_all(Outside *o, IrNode *kernel)
{
    for (IrNode *x = kernel->regions[0]->first, *next; x; x = next) {
        next = x->next;
        if (is_dear(x) && can_leave(o->cx, x, kernel->regions[0]))
            leave(o, x, kernel);
    }
}

static void outside(PassCx *cx, IrRegion *r)
{
    Outside o = { cx, map_new(cx->arena) };
    for (IrNode *n = r->first; n; n = n->next)
        if (n->op == OP_kernel)
            leave_all(&o, n);
        else
            for (int k = 0; k < n->nregions; k++)
                outside(cx, n->regions[k]);
}

bool pass_outside(PassCx *cx, IrFn *fn)
{
    outside(cx, fn->body);
    return true;
}
