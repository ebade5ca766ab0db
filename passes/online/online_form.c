/* online_form.c - gives the reductions of a copy the form that a cascade has: one axis, products.
 *
 *     sum [y: Y, x: X] { f(y, x) }         sum [p: Y * X] { f(p // X, p % X) }            the same positions in the same order
 *     load k[p // X, p % X, d]             load k'[p, d]        where k' is k with Y and X as one axis
 *     (g * R + p // X) // R                g                    in sum [p: R * X]
 *     sum [j] { (e_j - c f_j) v_j }        sum [j] { e_j v_j } - sum [j] { c f_j v_j }    weights of two softmaxes
 *     sum [j] { if g { f } else { 0 } }    sum [j | g] { f }
 */
#include "passes/online/online_int.h"

enum { AXES_MOST = 16 };

/* ---- one axis ---------------------------------------------------------------------------------------------------------- */

/* Subscript k of place p of a tensor with these axes. */
static Dim place_in(DimCx *d, Dim p, const Dim *sizes, int n, int k)
{
    Dim after = dim_const(d, 1);
    int64_t size;
    for (int i = k + 1; i < n; i++)
        after = dim_mul(d, after, sizes[i]);
    for (int i = 0; i < n; i++)
        if (dim_is_const(sizes[i], &size) && !size)
            return sizes[i]; /* there is no place, and nothing to divide by */
    p = k + 1 < n ? dim_floordiv(d, p, after) : p;
    return k ? dim_mod(d, p, sizes[k]) : p;
}

static bool has_axes(const IrNode *n)
{
    const IrRegion *r = n->regions[0];
    bool several = r->params.n > 1 && r->params.n < AXES_MOST && !n->sym;
    for (int i = 0; i < r->params.n && several; i++) {
        const IrNode *x = r->params.p[i];
        several = x->op == OP_index && pass_from_zero(x) && (i == 0 || (!x->from && !x->to));
    }
    return several;
}

/* What a guard says about the first axis bounds the places. */
static void bound_places(PassCx *cx, IrNode *p, const IrNode *first, Dim rest)
{
    DimCx *d = cx->module->dims;
    p->from = first->from ? dim_mul(d, first->from, rest) : NULL;
    p->to = first->to ? dim_mul(d, first->to, rest) : NULL;
}

static void flatten(PassCx *cx, IrNode *n)
{
    DimCx *d = cx->module->dims;
    IrRegion *from = n->regions[0];
    IrBuilder at = { n->parent->fn, n->parent, n, n->span };
    Dim sizes[AXES_MOST], rest = dim_const(d, 1);
    int rank = from->params.n;
    pass_narrow_first(cx, from);
    for (int i = 0; i < rank; i++) {
        sizes[i] = from->params.p[i]->dim;
        rest = i ? dim_mul(d, rest, sizes[i]) : rest;
    }
    IrNode *r = ir_add0(&at, OP_reduce, n->type), *first = from->params.p[0];
    IrRegion *to = ir_region_new(at.fn, r);
    r->redop = n->redop;
    r->order = n->order;
    IrNode *p = ir_index_new(to, first->name, NULL, dim_mul(d, first->dim, rest), first->span);
    bound_places(cx, p, first, rest);
    IrBuilder b = { at.fn, to, NULL, n->span };
    Map nodes = map_new(cx->arena);
    SymMap syms = symmap_new(cx);
    for (int i = 0; i < rank; i++) {
        Dim sub = place_in(d, dim_sym(d, p->sym), sizes, rank, i);
        map_put(&nodes, from->params.p[i], ir_dim_value(&b, sub));
        symmap_put(&syms, from->params.p[i]->sym, sub);
    }
    IrNode **v = ir_clone_region(&b, from, &nodes, symmap_subst, &syms);
    ir_yield(&b, ir_terminator(from)->nin, v);
    ir_replace(n, r);
    ir_drop(n);
    pass_note_symbols(cx, to);
}

void online_flatten(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        for (int k = 0; k < n->nregions && n->op == OP_if; k++)
            online_flatten(cx, n->regions[k]);
        if (n->op == OP_reduce && has_axes(n))
            flatten(cx, n);
    }
}

/* ---- equal values ---------------------------------------------------------------------------------------------------------- */

typedef struct Symbols { PassCx *cx; Map mentioned; VEC(IrNode *) all; VEC(DimSym *) of; } Symbols;

static void mention(void *user, DimSym *s) { map_put(&((Symbols *)user)->mentioned, s, s); }
static void see_mentioned(void *user, IrNode *n) { pass_each_dim(n, mention, user); }

static void see_symbol(void *user, IrNode *n)
{
    Symbols *s = user;
    if (!n->sym || n->nregions || map_find(&s->mentioned, n->sym))
        return;
    vec_push(s->cx->arena, &s->all, n);
    vec_push(s->cx->arena, &s->of, n->sym);
    n->sym = NULL;
}

void online_merge(PassCx *cx, IrRegion *r)
{
    Symbols s = { .cx = cx, .mentioned = map_new(cx->arena) };
    ir_walk(r, see_mentioned, &s);
    ir_walk(r, see_symbol, &s);
    pass_merge_equal(cx, r);
    for (int i = 0; i < s.all.n; i++)
        if (!s.all.p[i]->dropped && !s.all.p[i]->sym) /* else it has the symbol of an equal value that is a size */
            s.all.p[i]->sym = s.of.p[i];
}

/* ---- quotients that are known ------------------------------------------------------------------------------------------- */

typedef struct Known { PassCx *cx; VEC(IrNode *) all; } Known;

static void see_known(void *user, IrNode *n)
{
    Known *k = user;
    if (n->type.dtype == DT_i64 && (n->op == OP_floordiv || n->op == OP_mod || n->op == OP_min || n->op == OP_max))
        vec_push(k->cx->arena, &k->all, n);
}

/* The group of `g * R + p // X` is g where p // X < R: what the head's keys are does not depend on p. */
void online_know_quotients(PassCx *cx, IrRegion *r)
{
    Known k = { .cx = cx };
    DimSym *one;
    ir_walk(r, see_known, &k);
    for (int i = 0; i < k.all.n; i++) {
        IrNode *n = k.all.p[i];
        if (n->in[0]->op != (n->op == OP_floordiv || n->op == OP_mod ? OP_add : OP_index)) /* of what has several terms; of an index and a size */
            continue;
        Dim d = pass_dim_through(cx, n), known = pass_decide(cx, pass_ranges_around(cx, n->parent), d);
        IrNode *x = known != d && dim_is_sym(known, &one) ? map_find(&cx->sym_nodes, one) : NULL;
        if (!x || x->op != OP_index || !ir_inside(n, x->parent))
            continue;
        ir_replace(n, pass_keeps_symbol(cx, n, x));
        ir_drop(n);
    }
}

/* ---- guards --------------------------------------------------------------------------------------------------------------- */

void pass_open_guards(PassCx *cx, IrRegion *r, bool loads)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        for (int i = 0; i < n->nregions && n->op == OP_if && !n->type.rank && !dtype_is_float(n->type.dtype); i++)
            pass_open_guards(cx, n->regions[i], loads);
        pass_open_choice(cx, n, loads);
    }
}

void online_open_guards(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first; n; n = n->next)
        if (n->op == OP_reduce)
            pass_open_guards(cx, n->regions[0], true);
}

static bool is_cheap_side(PassCx *cx, const IrRegion *r)
{
    bool cheap = true;
    for (const IrNode *x = r->first; x->op != OP_yield && cheap; x = x->next)
        cheap = !x->nregions && !pass_is_elementary((IrOp)x->op) && pass_is_total(cx, x);
    return cheap;
}

/* What costs little on both sides of a choice is computed always: pairs that choose differently go side by side. Inner ones first. */
static void choose_late(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        for (int i = 0; i < n->nregions; i++)
            choose_late(cx, n->regions[i]);
        bool number = n->op == OP_if && n->nregions == 2 && !n->sym && !n->type.rank && ir_terminator(n->regions[0])->nin == 1;
        if (!number || !is_cheap_side(cx, n->regions[0]) || !is_cheap_side(cx, n->regions[1]))
            continue;
        IrNode *side[2] = { ir_terminator(n->regions[0])->in[0], ir_terminator(n->regions[1])->in[0] };
        for (int k = 0; k < 2; k++)
            while (n->regions[k]->first->op != OP_yield)
                ir_move_before(n->regions[k]->first, n);
        IrBuilder b = { r->fn, r, n, n->span };
        IrNode *joined = pass_joined_condition(&b, n->in[0], side[0], side[1]);
        ir_replace(n, joined ? joined : ir_add3(&b, OP_select, n->type, n->in[0], side[0], side[1]));
        ir_drop(n);
    }
}

void online_choose_late(PassCx *cx, IrNode *map)
{
    for (IrNode *n = map->regions[0]->first; n; n = n->next)
        if (n->op == OP_reduce && n->stream)
            choose_late(cx, n->regions[0]);
}

void online_guard_sums(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first; n; n = n->next)
        if (n->op == OP_reduce && n->redop == RED_sum)
            pass_guard_choice(cx, n, true);
}

/* ---- loads along it ------------------------------------------------------------------------------------------------------ */

typedef struct Loads { PassCx *cx; VEC(IrNode *) all; } Loads;

static void see_load(void *user, IrNode *n)
{
    Loads *l = user;
    if (n->op == OP_load && !n->in[0]->load_time && n->nin > 2)
        vec_push(l->cx->arena, &l->all, n);
}

/* The index whose places the subscripts from `at` on are, over `count` axes; NULL: none. *first: where its first one is (`x[g * R + p // X, p % X]`: g * R * X). */
static IrNode *place_of(PassCx *cx, const IrNode *load, int at, int count, Dim *first)
{
    DimCx *d = cx->module->dims;
    const Dim *sizes = load->in[0]->type.dims + at;
    Dim rest = dim_const(d, 1);
    for (int i = 1; i < count; i++)
        rest = dim_mul(d, rest, sizes[i]);
    for (const IrRegion *r = load->parent; r && r->owner; r = r->owner->parent)
        for (int k = 0; k < r->params.n; k++) {
            IrNode *p = r->params.p[k];
            bool same = p->op == OP_index && r->owner->op == OP_reduce;
            for (int i = count - 1; i > 0 && same; i--)
                same = load->in[at + i + 1]->op == OP_dim && load->in[at + i + 1]->dim == place_in(d, dim_sym(d, p->sym), sizes, count, i);
            if (!same)
                continue;
            Dim row = dim_sub(d, pass_dim_through(cx, load->in[at + 1]), dim_floordiv(d, dim_sym(d, p->sym), rest));
            *first = dim_mul(d, row, rest);
            if (!dim_is_poison(*first) && !pass_dim_depends_on(cx, row, p))
                return p;
        }
    return NULL;
}

static void load_flat(PassCx *cx, IrNode *load, int at, int count, IrNode *place, Dim first, IrNode *map)
{
    DimCx *d = cx->module->dims;
    IrNode *of = load->in[0], *subs[AXES_MOST];
    int rank = of->type.rank - count + 1;
    int64_t zero;
    IrType type = { of->type.dtype, rank, NEWN(cx->module->arena, Dim, rank) };
    IrBuilder before = { map->parent->fn, map->parent, map, load->span }, b = { load->parent->fn, load->parent, load, load->span };
    bool moved = !dim_is_const(first, &zero) || zero;
    for (int i = 0; i < rank; i++) {
        type.dims[i] = of->type.dims[i < at ? i : i + count - 1];
        subs[i] = load->in[(i < at ? i : i + count - 1) + 1];
    }
    for (int i = 0; i < count - 1; i++)
        type.dims[at] = dim_mul(d, type.dims[at], of->type.dims[at + i]);
    subs[at] = moved ? ir_add2(&b, OP_add, ir_scalar(DT_i64), ir_dim_value(&b, first), place) : place;
    IrNode *flat = ir_add1(&before, OP_reshape, type, of);
    ir_replace(load, ir_load(&b, flat, rank, subs));
    ir_drop(load);
}

void online_load_flat(PassCx *cx, IrNode *map)
{
    Loads l = { .cx = cx };
    ir_walk(map->regions[0], see_load, &l);
    for (int k = 0; k < l.all.n; k++) {
        IrNode *n = l.all.p[k], *place = NULL;
        Dim first;
        int rank = n->in[0]->type.rank;
        for (int count = rank; count > 1 && !place && rank < AXES_MOST; count--)
            for (int at = 0; at + count <= rank && !place; at++)
                if ((place = place_of(cx, n, at, count, &first)))
                    load_flat(cx, n, at, count, place, first, map);
    }
}

/* ---- products -------------------------------------------------------------------------------------------------------------- */

typedef struct Fork { PassCx *cx; const IrNode *sum, *j; Map seen; } Fork;

/* Does it need another reduction of the map? */
static bool needs_another(Fork *f, const IrNode *n)
{
    if (!ir_inside(n, f->sum->parent) || map_find(&f->seen, n))
        return false;
    map_put(&f->seen, n, f);
    bool found = n->op == OP_reduce && n->parent == f->sum->parent;
    for (int i = 0; i < n->nin && !found; i++)
        found = needs_another(f, n->in[i]);
    return found;
}

/* Is it a weight: exp of what needs reductions beside this one, with factors? */
static bool is_weight(Fork *f, const IrNode *n)
{
    if (!ir_inside(n, f->sum->regions[0]))
        return false;
    switch (n->op) {
    case OP_mul: return is_weight(f, n->in[0]) || is_weight(f, n->in[1]);
    case OP_neg:
    case OP_div: return is_weight(f, n->in[0]);
    case OP_add:
    case OP_sub: return is_weight(f, n->in[0]) && is_weight(f, n->in[1]);
    case OP_exp: f->seen = map_new(f->cx->arena); return needs_another(f, n) && pass_depends_on(f->cx, n, f->j);
    default: return false;
    }
}

static bool is_single(const IrNode *n) { return n->uses && !n->uses->next; }

/* The sum or difference of two weights that is a factor of the value. */
static IrNode *find_fork(Fork *f, IrNode *n)
{
    if (!ir_inside(n, f->sum->regions[0]) || !is_single(n))
        return NULL;
    if (n->op == OP_add || n->op == OP_sub)
        return is_weight(f, n->in[0]) && is_weight(f, n->in[1]) ? n : NULL;
    if (n->op != OP_mul && n->op != OP_div && n->op != OP_neg)
        return NULL;
    IrNode *x = find_fork(f, n->in[0]);
    return x || n->op != OP_mul ? x : find_fork(f, n->in[1]);
}

static IrNode *side(PassCx *cx, IrNode *sum, IrNode *fork, int k)
{
    IrBuilder at = { sum->parent->fn, sum->parent, sum, sum->span };
    Map nodes = map_new(cx->arena);
    IrNode *copy = ir_clone_node(&at, sum, &nodes, NULL, NULL), *here = map_find(&nodes, fork);
    ir_replace(here, here->in[k]);
    ir_drop(here);
    pass_note_symbols(cx, copy->regions[0]);
    return copy;
}

bool online_split(PassCx *cx, IrRegion *r)
{
    bool any = false;
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (n->op != OP_reduce || n->redop != RED_sum || n->regions[0]->params.n != 1 || (n->type.dtype != DT_f32 && n->type.dtype != DT_f64))
            continue;
        Fork f = { .cx = cx, .sum = n, .j = n->regions[0]->params.p[0] };
        IrNode *fork = find_fork(&f, ir_terminator(n->regions[0])->in[0]);
        if (!fork)
            continue;
        IrNode *x = side(cx, n, fork, 0), *y = side(cx, n, fork, 1);
        IrBuilder at = { n->parent->fn, n->parent, n, n->span };
        ir_replace(n, ir_add2(&at, (IrOp)fork->op, n->type, x, y));
        ir_drop(n);
        next = x; /* either may be one of three */
        any = true;
    }
    return any;
}
