/* check_fits.c - which ints are sure to fit 64 bits, and what becomes of the others.
 *
 *     let y[i, j] = x[i] * f32(i + S - T)      sizes are below 2^56 each: nothing is asked
 *     let y[i] = x[i] * f32(i - w)             w: int. That -w and N - w fit is a condition at entry
 *     let y[i] = x[i] * f32(i * w)             asked for each element (iadd, isub, imul of ir/ops.def)
 *     n * n                                    n: int. A size as a value: each step is asked where it is computed
 *
 * No tensor has more than 2^56 bytes, even where an axis of 0 is left out (the run time looks at every one at entry), and no header
 * number is larger: so much is known of sizes and of what is added up of them. A product of sizes is as small if one tensor has them all
 * as axes. Of other ints the facts may tell. A value that is asked is no proof: conditions that need it tell nothing (check_compare.c), and
 * subscripts that need it are checked (check_index.c), since after a fault it is 1.
 */
#include "frontend/check/check_int.h"

static const long double SIZE = 0x1p56L, WHOLE = 0x1p63L, SURE = 0x1p62L;

/* ---- how large a value can be ---- */

static long double most_of(Fx *f, Dim d, int depth);

static bool is_static(const Fx *f, const DimSym *s)
{
    for (int i = 0; f->inst && i < f->inst->statics.n; i++)
        if (f->inst->statics.p[i] == s)
            return true;
    return false;
}

static bool is_size(const Fx *f, const DimSym *s)
{
    return !s->index && (s->late || (!s->user && !is_static(f, s)));
}

/* Is 0 <= d, and d at most a number, or a size of this function? */
static bool is_up_to_size(Fx *f, Dim d)
{
    if (facts_prove_le(f->facts, dim_int(f, 0), d) != YES)
        return false;
    if (facts_prove_le(f->facts, d, dim_int(f, INT64_C(1) << 56)) == YES)
        return true;
    for (int i = 0; f->fn && i < f->fn->dims.n; i++)
        if (is_size(f, f->fn->dims.p[i]) && facts_prove_le(f->facts, d, dim_sym(f->dims, f->fn->dims.p[i])) == YES)
            return true;
    return false;
}

static long double most_of_core(Fx *f, const Core *c, int depth);

/* An int of the program: at most as large as its value, or as the facts say. */
static long double most_of_int(Fx *f, DimSym *s, int depth)
{
    const Core *def = s->user ? ((Var *)s->user)->def : NULL; /* a static argument has none */
    long double x = def && def->type.rank == 0 ? most_of_core(f, def, depth) : WHOLE;
    return x > SIZE && is_up_to_size(f, dim_sym(f->dims, s)) ? SIZE : x;
}

static long double most_of_symbol(Fx *f, DimSym *s, int depth)
{
    if (s->index) {
        const CoreIndex *x = s->user;
        return x && x->extent ? most_of(f, x->lo, depth) + most_of(f, x->extent, depth) : 0; /* without a range: a trial */
    }
    if (is_size(f, s))
        return SIZE;
    return most_of_int(f, s, depth);
}

static long double most_of_atom(Fx *f, const DimAtom *a, int depth)
{
    if (a->kind == DA_SYM)
        return most_of_symbol(f, a->sym, depth);
    long double x = most_of(f, a->a, depth), y = most_of(f, a->b, depth);
    switch (a->kind) {
    case DA_MOD: return y;
    case DA_MIN:
    case DA_MAX: return x > y ? x : y;
    default: return x;
    }
}

/* The size that a factor of a product is at most: itself, or the range of an index from 0. */
static Dim size_above(Fx *f, const DimAtom *a)
{
    if (a->kind != DA_SYM)
        return NULL;
    if (!a->sym->index)
        return is_size(f, a->sym) ? dim_of_atom(a) : NULL;
    const CoreIndex *x = a->sym->user;
    return x && x->extent && x->lo == dim_int(f, 0) ? x->extent : NULL;
}

/* Are these sizes axes of one tensor, each one of its own? */
static bool axes_of(const IrType *t, int n, Dim const *sizes)
{
    bool taken[RANK_MOST] = { 0 };
    for (int i = 0; i < n; i++) {
        int k = 0;
        while (k < t->rank && (taken[k] || t->dims[k] != sizes[i]))
            k++;
        if (k == t->rank)
            return false;
        taken[k] = true;
    }
    return true;
}

static bool is_of_one_tensor(Fx *f, const DimTerm *t)
{
    Dim sizes[RANK_MOST];
    int n = 0;
    for (int i = 0; i < t->nfactors; i++)
        for (int k = 0; k < t->factors[i].power; k++) {
            Dim s = size_above(f, t->factors[i].atom);
            if (!s || n == RANK_MOST)
                return false;
            sizes[n++] = s;
        }
    for (int i = 0; f->fn && i < f->fn->vars.n; i++)
        if (f->fn->vars.p[i]->type.rank >= n && axes_of(&f->fn->vars.p[i]->type, n, sizes))
            return true;
    return false;
}

static long double most_of_term(Fx *f, const DimTerm *t, int depth)
{
    long double x = t->coef < 0 ? -(long double)t->coef : (long double)t->coef;
    long double alone = x;
    int n = 0;
    for (int i = 0; i < t->nfactors; i++)
        for (int k = 0; k < t->factors[i].power; k++, n++)
            x *= most_of_atom(f, t->factors[i].atom, depth);
    return n > 1 && x > SURE && is_of_one_tensor(f, t) ? alone * SIZE : x;
}

static long double most_of(Fx *f, Dim d, int depth)
{
    const DimTerm *t;
    if (dim_is_poison(d) || depth == 0)
        return WHOLE * WHOLE;
    int n = dim_terms(d, &t);
    long double sum = 0;
    for (int i = 0; i < n; i++)
        sum += most_of_term(f, &t[i], depth - 1);
    return sum;
}

static long double most(Fx *f, Dim d) { return most_of(f, d, 12); }

static long double larger(long double x, long double y) { return x > y ? x : y; }

static long double most_of_op(Fx *f, const Core *c, int depth)
{
    IrDtype from = c->kids[0]->type.dtype;
    long double x = most_of_core(f, c->kids[0], depth), y = c->nkids > 1 ? most_of_core(f, c->kids[1], depth) : 0;
    switch (c->op) {
    case OP_add: case OP_sub: case OP_iadd: case OP_isub: return x + y;
    case OP_mul: case OP_imul: return x * y;
    case OP_min: case OP_max: return larger(x, y);
    case OP_mod: return y;
    case OP_select: return larger(y, most_of_core(f, c->kids[2], depth));
    case OP_clampi: return larger(y, most_of_core(f, c->kids[2], depth));
    case OP_neg: case OP_abs: case OP_floordiv: case OP_nonzero: case OP_divisor: return x;
    case OP_sign: return 1;
    case OP_cast: case OP_narrow: return dtype_is_int(from) && dtype_bytes(from) < 8 ? 0x1p32L : from == DT_bool ? 1 : from == DT_i64 ? x : WHOLE;
    default: return WHOLE;
    }
}

/* A count is of places that were gone through one by one. */
static long double most_of_reduce(Fx *f, const Core *c, int depth)
{
    const CoreIndex *x = c->indices[0];
    switch (c->redop) {
    case RED_count: return SIZE;
    case RED_argmax:
    case RED_argmin: return x->extent ? 1 + most_of(f, x->lo, depth) + most_of(f, x->extent, depth) : 0;
    default: return WHOLE;
    }
}

static long double most_of_core(Fx *f, const Core *c, int depth)
{
    long double v = c->type.dtype == DT_i64 || depth == 0 ? WHOLE : 0x1p32L;
    if (depth-- == 0)
        return WHOLE;
    switch (c->kind) {
    case C_const: v = c->ival < 0 ? -(long double)c->ival : (long double)c->ival; break;
    case C_dim: v = most_of(f, c->dim, depth); break;
    case C_index: v = most_of_symbol(f, c->index->sym, depth); break;
    case C_var: v = c->var->sym && !c->var->mut ? most_of_int(f, c->var->sym, depth) : v; break;
    case C_op: v = c->nkids ? most_of_op(f, c, depth) : v; break;
    case C_if: v = larger(most_of_core(f, c->kids[1], depth), most_of_core(f, c->kids[2], depth)); break;
    case C_block: v = most_of_core(f, c->kids[c->nkids - 1], depth); break;
    case C_reduce: v = most_of_reduce(f, c, depth); break;
    default: break;
    }
    return c->type.dtype == DT_i64 && v > WHOLE ? WHOLE : v;
}

/* ---- between other ints ---- */

typedef struct Below { Fx *f; Dim d; bool found; } Below;

static void see_above(void *user, DimSym *s)
{
    Below *b = user;
    Fx *f = b->f;
    const CoreIndex *x = s->index ? s->user : NULL;
    Dim above = !s->index ? dim_sym(f->dims, s) : x && x->extent ? x->extent : NULL;
    b->found = b->found || (above && facts_prove_le(f->facts, b->d, above) == YES);
}

/* 0 <= d <= n for a size or an int n that is there: n - 1 - i. */
static bool is_between(Fx *f, Dim d)
{
    Below b = { f, d, false };
    if (is_up_to_size(f, d))
        return true;
    if (facts_prove_le(f->facts, dim_int(f, 0), d) != YES)
        return false;
    dim_syms(d, see_above, &b);
    return b.found;
}

/* A quotient, a rest, the smaller or the larger of two that fit. */
static bool is_of_two(Fx *f, Dim d)
{
    const DimTerm *t;
    bool one = dim_terms(d, &t) == 1 && t->coef == 1 && t->nfactors == 1 && t->factors[0].power == 1;
    const DimAtom *a = one ? t->factors[0].atom : NULL;
    return a && a->kind != DA_SYM && int_fits(f, a->a) && int_fits(f, a->b);
}

bool int_fits(Fx *f, Dim d)
{
    DimSym *s;
    int64_t v;
    if (!dim_is_poison(d) && is_of_two(f, d))
        return true;
    return dim_is_const(d, &v) || dim_is_sym(d, &s) || most(f, d) <= SURE || (!dim_is_poison(d) && is_between(f, d));
}

/* ---- a condition at entry in place of one for each element ---- */

static Dim term_dim(Fx *f, const DimTerm *t)
{
    Dim x = dim_int(f, t->coef);
    for (int k = 0; k < t->nfactors; k++)
        for (int p = 0; p < t->factors[k].power; p++)
            x = dim_mul(f->dims, x, dim_of_atom(t->factors[k].atom));
    return x;
}

/* d as a part of sizes and ints, and a part with indices. */
static Dim part_without_indices(Fx *f, Dim d)
{
    const DimTerm *t;
    int n = dim_terms(d, &t);
    Dim sum = dim_int(f, 0);
    for (int i = 0; i < n; i++) {
        Dim x = term_dim(f, &t[i]);
        if (!dim_has_index(x))
            sum = dim_add(f->dims, sum, x);
    }
    return sum;
}

/* a fits beside what is between -below and above, as rows of the entry plan. What a itself is, is computed there, too. */
static bool fits_beside(Fx *f, Dim a, int64_t below, int64_t above, Span s, const char *text)
{
    Dim least = dim_sub(f->dims, a, dim_int(f, below)), greatest = dim_add(f->dims, a, dim_int(f, above)), most = dim_int(f, INT64_MAX);
    return (!below || oblige(f, PLAN_le, least, most, s, text)) && ((below && !above) || oblige(f, PLAN_le, greatest, most, s, text));
}

static bool fits_at_entry(Fx *f, Dim d, Span s)
{
    Dim rest = part_without_indices(f, d), with = dim_sub(f->dims, d, rest);
    long double room = most(f, with);
    if (dim_is_poison(rest) || dim_is_poison(with) || room > SURE || !dim_known_at_entry(f, rest))
        return false;
    Dim zero = dim_int(f, 0);
    int64_t below = facts_prove_le(f->facts, zero, with) == YES ? 0 : (int64_t)room;
    int64_t above = facts_prove_le(f->facts, with, zero) == YES ? 0 : (int64_t)room;
    return fits_beside(f, rest, below, above, s, arena_printf(f->a, "%s within 64 bits", dim_say(f, d)));
}

/* ---- the same, where a range is that of an int: what d is at most, and at least */

static Dim extreme(Fx *f, Dim d, bool largest, int depth);

static bool is_natural(Fx *f, Dim d) { return facts_prove_le(f->facts, dim_int(f, 0), d) == YES; }

static Dim extreme_of_index(Fx *f, const DimSym *s, bool largest, int depth)
{
    const CoreIndex *x = s->user;
    if (!x || !x->extent)
        return NULL;
    Dim end = dim_sub(f->dims, dim_add(f->dims, x->lo, x->extent), dim_int(f, 1));
    return extreme(f, largest ? end : x->lo, largest, depth);
}

/* NULL: not known. */
static Dim extreme_of_atom(Fx *f, const DimAtom *a, bool largest, int depth)
{
    Dim self = dim_of_atom(a);
    if (!dim_has_index(self))
        return self;
    if (a->kind == DA_SYM)
        return extreme_of_index(f, a->sym, largest, depth);
    if (a->kind == DA_MIN || a->kind == DA_MAX) {
        Dim x = extreme(f, a->a, largest, depth), y = extreme(f, a->b, largest, depth);
        return x && y ? (a->kind == DA_MIN ? dim_min : dim_max)(f->dims, x, y) : NULL;
    }
    if (facts_prove_le(f->facts, dim_int(f, 1), a->b) != YES || dim_has_index(a->b))
        return NULL;
    if (a->kind == DA_MOD)
        return largest ? a->b : dim_int(f, 0);
    Dim x = extreme(f, a->a, largest, depth);
    return x ? dim_floordiv(f->dims, x, a->b) : NULL;
}

/* Of an index with factors of any sign: the product grows with it, or falls. */
static Dim extreme_of_either(Fx *f, const DimTerm *t, bool largest, int depth)
{
    Dim ends[2] = { dim_int(f, t->coef), dim_int(f, t->coef) };
    int n = 0;
    for (int i = 0; i < t->nfactors; i++) {
        const DimAtom *a = t->factors[i].atom;
        bool has = dim_has_index(dim_of_atom(a));
        n += has;
        if (has && (a->kind != DA_SYM || t->factors[i].power > 1))
            return NULL;
        for (int k = 0; k < t->factors[i].power; k++)
            for (int end = 0; end < 2; end++) {
                Dim y = extreme_of_atom(f, a, end == 1, depth);
                if (!y)
                    return NULL;
                ends[end] = dim_mul(f->dims, ends[end], y);
            }
    }
    return n == 1 ? (largest ? dim_max : dim_min)(f->dims, ends[0], ends[1]) : NULL;
}

/* Of one factor, or of a product each factor of which is at least 0. */
static Dim extreme_of_term(Fx *f, const DimTerm *t, bool largest, int depth)
{
    bool up = t->coef > 0 ? largest : !largest;
    Dim x = dim_int(f, t->coef);
    for (int i = 0; i < t->nfactors; i++) {
        if (t->nfactors + t->factors[i].power > 2 && !is_natural(f, dim_of_atom(t->factors[i].atom)))
            return extreme_of_either(f, t, largest, depth);
        Dim y = extreme_of_atom(f, t->factors[i].atom, up, depth);
        for (int k = 0; y && k < t->factors[i].power; k++)
            x = dim_mul(f->dims, x, y);
        if (!y)
            return NULL;
    }
    return x;
}

static Dim extreme(Fx *f, Dim d, bool largest, int depth)
{
    const DimTerm *t;
    int n = dim_terms(d, &t);
    Dim sum = dim_int(f, 0);
    for (int i = 0; i < n; i++) {
        Dim x = term_dim(f, &t[i]);
        if (dim_has_index(x))
            x = depth ? extreme_of_term(f, &t[i], largest, depth - 1) : NULL;
        if (!x)
            return NULL;
        sum = dim_add(f->dims, sum, x);
    }
    return dim_is_poison(sum) ? NULL : sum;
}

typedef struct Ends { Fx *f; bool last; int n; } Ends;

static Dim index_at(void *user, DimSym *s)
{
    const Ends *c = user;
    return s->index ? extreme_of_index(c->f, s, c->last, 4) : NULL;
}

static void count_index(void *user, DimSym *s) { ((Ends *)user)->n += s->index; }

/* A product with an int of any sign, of one index: it grows with the index, or falls. */
static bool ends_of_one(Fx *f, Dim d, Dim *first, Dim *last)
{
    const DimTerm *t;
    Ends e = { f, false, 0 };
    int n = dim_terms(d, &t);
    dim_syms(d, count_index, &e);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < t[i].nfactors; k++) {
            const DimAtom *a = t[i].factors[k].atom;
            bool has = dim_has_index(dim_of_atom(a));
            if (has && (a->kind != DA_SYM || t[i].factors[k].power > 1))
                return false;
        }
    if (e.n != 1)
        return false;
    *first = dim_subst(f->dims, d, index_at, &e);
    e.last = true;
    *last = dim_subst(f->dims, d, index_at, &e);
    return !dim_is_poison(*first) && !dim_is_poison(*last);
}

static bool fits_at_ends(Fx *f, Dim d, Span s)
{
    Dim least = extreme(f, d, false, 6), greatest = least ? extreme(f, d, true, 6) : NULL;
    if (!greatest && !ends_of_one(f, d, &least, &greatest))
        return false;
    if (!dim_known_at_entry(f, least) || !dim_known_at_entry(f, greatest))
        return false;
    return oblige_fits(f, least, s) && oblige_fits(f, greatest, s);
}

/* Does the place that is checked run whenever the function does? */
static bool always(const Fx *f)
{
    for (const Frame *fr = f->frame; fr; fr = fr->outer)
        if (fr->kind == FRAME_block ? fr->outer != NULL : fr->kind != FRAME_index && fr->where)
            return false;
    return true;
}

/* A condition at entry says so. Of a product that conditions may leave out none is made: it is asked where it is computed. */
static bool is_obliged(Fx *f, IrOp op, Dim d, Span s)
{
    return (op != OP_mul || always(f)) && (fits_at_entry(f, d, s) || fits_at_ends(f, d, s));
}

bool oblige_fits(Fx *f, Dim d, Span s)
{
    if (int_fits(f, d))
        return true;
    return oblige(f, PLAN_le, d, dim_int(f, INT64_MAX), s, arena_printf(f->a, "%s within 64 bits", dim_say(f, d)));
}

bool oblige_range(Fx *f, Dim d, Span s)
{
    if (f->trial || int_fits(f, d) || (dim_has_index(d) && is_obliged(f, OP_add, d, s)))
        return true;
    bool per_element = !dim_known_at_entry(f, d) && f->frame->kind != FRAME_block; /* between ends that are data: none is as long */
    return dim_has_index(d) || per_element || oblige_fits(f, d, s);
}

/* So many times those that a count goes through. */
static Dim places_of(Fx *f, Dim n, const Core *count)
{
    for (int i = 0; i < count->nindices; i++)
        n = count->indices[i]->extent ? dim_mul(f->dims, n, count->indices[i]->extent) : n;
    return n;
}

bool int_sum_fits(Fx *f, const Group *g, const Val *v, Span s)
{
    Dim n = dim_int(f, 1);
    for (int i = 0; i < g->n; i++)
        n = dim_mul(f->dims, n, g->idx[i]->extent ? g->idx[i]->extent : dim_int(f, 1));
    if (v->core->kind == C_reduce && v->core->redop == RED_count && most(f, places_of(f, n, v->core)) <= SURE)
        return true;
    long double places = most(f, n), one = v->dim ? most(f, v->dim) : WHOLE, other = most_of_core(f, v->core, 12);
    if (places * (one < other ? one : other) <= SURE)
        return true;
    Dim low = v->dim ? extreme(f, v->dim, false, 6) : NULL, high = low ? extreme(f, v->dim, true, 6) : NULL;
    for (int end = 0; high && end < 2; end++) { /* ranges of the sum may have indices of what is around it, too */
        Dim d = extreme(f, dim_mul(f->dims, n, end ? high : low), end, 6);
        if (!d || dim_is_poison(d) || !dim_known_at_entry(f, d) || !oblige_fits(f, d, s))
            return false;
    }
    return high != NULL;
}

bool int_power_fits(Fx *f, const Core *a, const Core *k)
{
    long double x = most_of_core(f, a, 12), n = most_of_core(f, k, 12), all = 1;
    for (int i = 0; i < 64 && i < n; i++)
        all *= x > 1 ? x : 1;
    return x <= 1 || (n < 64 && all <= SURE);
}

bool oblige_size(Fx *f, Dim d, Span s)
{
    if (most(f, d) <= SURE)
        return true;
    return oblige(f, PLAN_le, d, dim_int(f, INT64_C(1) << 56), s, arena_printf(f->a, "%s <= 2^56", dim_say(f, d)));
}

/* ---- values ---- */

Core *core_asked(Fx *f, IrOp op, Core *x, Core *y, Span s)
{
    Core *c = core_op2(f, op, DT_i64, x, y);
    c->text = "an int passes 2^63";
    c->code = STATUS_RANGE;
    c->span = s;
    return c;
}

Val *int_made(Fx *f, IrOp op, Core *a, Core *b, Dim d, Span s)
{
    Core *c = core_op2(f, op, DT_i64, a, b);
    bool ring = op == OP_add || op == OP_sub || op == OP_mul;
    if (!ring || c->kind != C_op || f->trial || most_of_core(f, c, 12) <= SURE || (d && (int_fits(f, d) || is_obliged(f, op, d, s))))
        return val_int(f, c, d);
    return val_int(f, core_asked(f, op == OP_add ? OP_iadd : op == OP_sub ? OP_isub : OP_imul, a, b, s), d);
}

Val *int_of_sizes(Fx *f, Dim d, Span s)
{
    Val *v = val_dim(f, d);
    if (f->trial || v->core->kind != C_dim || int_fits(f, d))
        return v;
    if (always(f))
        oblige_fits(f, d, s);
    else
        v->core->checked = true;
    v->core->span = s;
    return v;
}

Val *int_abs(Fx *f, Core *x, Dim d, Span s)
{
    d = d && dim_has_index(d) ? dim_max(f->dims, d, dim_neg(f->dims, d)) : NULL; /* of places; of what is there at entry it would be a size */
    d = d && dim_is_poison(d) ? NULL : d;
    if (f->trial || most_of_core(f, x, 12) <= SURE)
        return val_int(f, core_op1(f, OP_abs, DT_i64, x), d);
    x = core_is_cheap(x) ? x : let_here(f, x, "x");
    return val_int(f, core_op2(f, OP_max, DT_i64, x, int_made(f, OP_sub, core_i64(f, 0), x, NULL, s)->core), d);
}

bool core_is_asked(const Core *c)
{
    if (!c)
        return false;
    if ((c->kind == C_dim && c->checked) || (c->kind == C_op && (c->op == OP_iadd || c->op == OP_isub || c->op == OP_imul)))
        return true;
    for (int i = 0; i < c->nkids; i++)
        if (core_is_asked(c->kids[i]))
            return true;
    return false;
}

/* c, whose value is known to fit: sums and products that wrap on the way come out right. */
Core *core_unasked(Fx *f, Core *c)
{
    static const uint16_t plain[][2] = { { OP_iadd, OP_add }, { OP_isub, OP_sub }, { OP_imul, OP_mul } };
    if (c->kind != C_op || !core_is_asked(c))
        return c;
    for (int i = 0; i < 3; i++)
        if (c->op == plain[i][0] || c->op == plain[i][1]) {
            Core *a = core_unasked(f, c->kids[0]), *b = core_unasked(f, c->kids[1]);
            return core_op2(f, (IrOp)plain[i][1], DT_i64, a, b);
        }
    return c;
}
