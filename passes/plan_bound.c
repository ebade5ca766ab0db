/* plan_bound.c - the room of a tensor whose size a loop around it gives: that of the largest turn.
 *
 *     for i in 0..N { %a = buffer arena : f32[i + 1, M] }        4 * N * M bytes, since i is N - 1 at most
 *
 * A size is bounded term by term: a symbol of a loop by its first or last value, quotients, minima and maxima by what bounds their parts. What
 * no such rule bounds keeps its symbol, and the driver says that the memory is not known at entry.
 */
#include "passes/plan_int.h"

typedef struct Bound { Plan *p; DimCx *d; const IrNode *index; } Bound;

static Dim bound_of(Bound *b, Dim x, bool most);

static bool is_positive(Bound *b, Dim x) { return !dim_mentions(x, b->index->sym) && plan_le(b->p, dim_const(b->d, 1), x); }

static Dim bound_of_index(Bound *b, bool most)
{
    Dim lo = b->index->lo ? b->index->lo : dim_const(b->d, 0);
    return most ? dim_sub(b->d, dim_add(b->d, lo, b->index->dim), dim_const(b->d, 1)) : lo;
}

/* Both parts; of what a minimum is at most, and a maximum at least, one is enough. */
static Dim bound_of_two(Bound *b, const DimAtom *a, bool most)
{
    Dim x = bound_of(b, a->a, most), y = bound_of(b, a->b, most);
    if (!x || !y)
        return most == (a->kind == DA_MIN) ? (x ? x : y) : NULL;
    return a->kind == DA_MIN ? dim_min(b->d, x, y) : dim_max(b->d, x, y);
}

static Dim bound_of_atom(Bound *b, const DimAtom *a, bool most)
{
    Dim x;
    switch (a->kind) {
    case DA_SYM: return bound_of_index(b, most);
    case DA_MIN:
    case DA_MAX: return bound_of_two(b, a, most);
    case DA_FLOORDIV: return is_positive(b, a->b) && (x = bound_of(b, a->a, most)) ? dim_floordiv(b->d, x, a->b) : NULL;
    case DA_MOD: return !is_positive(b, a->b) ? NULL : most ? dim_sub(b->d, a->b, dim_const(b->d, 1)) : dim_const(b->d, 0);
    default: return NULL;
    }
}

static bool not_negative(Bound *b, Dim x) { return x && plan_le(b->p, dim_const(b->d, 0), x); }

/* Of a factor that is one of several, which must not be negative. */
static Dim bound_of_factor(Bound *b, const DimAtom *a, bool alone, bool most)
{
    Dim x = dim_of_atom(a);
    if (dim_mentions(x, b->index->sym))
        return alone || not_negative(b, bound_of_atom(b, a, false)) ? bound_of_atom(b, a, most) : NULL;
    return alone || not_negative(b, x) ? x : NULL;
}

static bool has_index(const Bound *b, const DimTerm *t)
{
    for (int i = 0; i < t->nfactors; i++)
        if (dim_mentions(dim_of_atom(t->factors[i].atom), b->index->sym))
            return true;
    return false;
}

static Dim bound_of_term(Bound *b, const DimTerm *t, bool most)
{
    bool alone = !has_index(b, t) || (t->nfactors == 1 && t->factors[0].power == 1);
    Dim all = dim_const(b->d, t->coef);
    for (int i = 0; i < t->nfactors; i++) {
        Dim x = bound_of_factor(b, t->factors[i].atom, alone, most == (t->coef > 0));
        for (int k = 0; x && k < t->factors[i].power; k++)
            all = dim_mul(b->d, all, x);
        if (!x)
            return NULL;
    }
    return all;
}

static Dim bound_of(Bound *b, Dim x, bool most)
{
    const DimTerm *t;
    int n = dim_terms(x, &t);
    Dim sum = dim_const(b->d, 0);
    for (int i = 0; i < n; i++) {
        Dim one = bound_of_term(b, &t[i], most);
        if (!one)
            return NULL;
        sum = dim_add(b->d, sum, one);
    }
    return sum;
}

static void bound_dims(Bound *b, IrNode *buffer)
{
    for (int i = 0; i < buffer->type.rank; i++) {
        Dim x = buffer->type.dims[i], most = dim_mentions(x, b->index->sym) ? bound_of(b, x, true) : NULL;
        if (most)
            buffer->type.dims[i] = plan_le(b->p, dim_const(b->d, 0), most) ? most : dim_max(b->d, dim_const(b->d, 0), most);
    }
}

Dim plan_bytes(Plan *p, const IrNode *buffer)
{
    IrNode room = *buffer;
    Dim dims[IR_RANK_MOST];
    room.type.dims = dims;
    for (int i = 0; i < buffer->type.rank; i++)
        dims[i] = buffer->type.dims[i];
    for (IrRegion *r = buffer->parent; r && r->owner; r = r->owner->parent)
        for (int i = 0; i < r->params.n; i++)
            if (r->params.p[i]->op == OP_index && r->params.p[i]->sym)
                bound_dims(&(Bound){ p, p->cx->module->dims, r->params.p[i] }, &room);
    return ir_buffer_bytes(p->cx->module->dims, &room);
}
