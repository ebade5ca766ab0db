/* online_absent_rows.c - which rows take all places although a condition masks some (online_absent.c), asked before the pass.
 *
 *     %bad = map [h] { any [j, d] { not isfinite(%v[h, j, d]) } }        before the map, of 8 rows and more
 *     %all = %bad[h] or rows < 8 or not condition(i, a place) or not (%lse[i] > -inf)
 */
#include <math.h>

#include "passes/online/online_absent_int.h"

enum { FEW_ROWS = 8, PLACES_MOST = 8 };

typedef struct Flag { Absent *a; IrBuilder at; IrNode *all; } Flag; /* all: NULL, of no row */

static IrNode *bool2(IrBuilder *b, IrOp op, IrNode *x, IrNode *y) { return ir_add2(b, op, ir_scalar(DT_bool), x, y); }

static IrNode *no(IrBuilder *b, IrNode *x) { return ir_add1(b, OP_not, ir_scalar(DT_bool), x); }

static void flag(Flag *f, IrNode *x) { f->all = f->all ? bool2(&f->at, OP_or, f->all, x) : x; }

static IrNode *brought(Flag *f, IrNode *n, const IrRegion *from)
{
    Map nodes = map_new(f->a->cx->arena);
    SymMap syms = symmap_new(f->a->cx);
    return pass_copied(f->a->cx, &f->at, n, from, &nodes, &syms);
}

/* ---- factors that are no finite numbers ------------------------------------------------------------------------------------- */

/* How many rows the condition tells apart. */
static Dim rows_of(Absent *a)
{
    DimCx *d = a->cx->module->dims;
    const IrRegion *r = a->o->copy->regions[0];
    Dim rows = dim_const(d, 1);
    for (int k = 0; k < r->params.n; k++)
        if (pass_depends_on(a->cx, a->first, r->params.p[k]))
            rows = dim_mul(d, rows, r->params.p[k]->dim);
    return rows;
}

/* any [..] { not isfinite(tensor[..]) } in region r; its axes of the map are in index already. */
static IrNode *any_bad(Absent *a, IrBuilder *b, IrNode *tensor, IrNode **index, Dim rows)
{
    DimCx *d = a->cx->module->dims;
    IrNode *any = ir_add0(b, OP_reduce, ir_scalar(DT_bool));
    IrRegion *r = ir_region_new(b->fn, any);
    IrBuilder in = { b->fn, r, NULL, b->span };
    any->redop = RED_any;
    any->order = ORDER_lanes16;
    bool first = true;
    for (int i = 0; i < tensor->type.rank; i++) {
        if (index[i])
            continue;
        index[i] = ir_index_new(r, name_of(a->cx->module->names, "p"), NULL, tensor->type.dims[i], b->span);
        if (first)
            index[i]->to = dim_mul(d, tensor->type.dims[i], dim_min(d, dim_const(d, 1), dim_floordiv(d, rows, dim_const(d, FEW_ROWS))));
        first = false;
    }
    IrNode *v = no(&in, ir_add1(&in, OP_isfinite, ir_scalar(DT_bool), ir_load(&in, tensor, tensor->type.rank, index)));
    ir_yield(&in, 1, &v);
    pass_note_symbols(a->cx, r);
    return any;
}

/* Of the axes in which the load is the same for all places and columns; subs: those of the load. */
static IrNode *bad_of(Flag *f, IrNode *load, Dim rows, IrNode **subs, int *rank)
{
    Absent *a = f->a;
    IrNode *tensor = load->in[0], *copy = a->o->copy, *index[IR_RANK_MOST] = { NULL };
    IrBuilder at = { copy->parent->fn, copy->parent, copy, load->span };
    const IrNode *j = f->a->j;
    Dim dims[IR_RANK_MOST];
    bool own[IR_RANK_MOST];
    *rank = 0;
    for (int i = 0; i < tensor->type.rank; i++) {
        IrNode *s = load->in[i + 1];
        own[i] = absent_is_own(a, s, j);
        if (own[i]) {
            dims[*rank] = tensor->type.dims[i];
            subs[(*rank)++] = s;
        }
    }
    if (!*rank)
        return any_bad(a, &at, tensor, index, rows);
    IrType type = { DT_bool, *rank, NEWN(a->cx->module->arena, Dim, *rank) };
    for (int i = 0; i < *rank; i++)
        type.dims[i] = dims[i];
    IrNode *map = ir_add0(&at, OP_map, type);
    IrRegion *r = ir_region_new(at.fn, map);
    for (int i = 0; i < tensor->type.rank; i++)
        if (own[i])
            index[i] = ir_index_new(r, name_of(a->cx->module->names, "g"), NULL, tensor->type.dims[i], load->span);
    IrBuilder b = { at.fn, r, NULL, load->span };
    IrNode *v = any_bad(a, &b, tensor, index, rows);
    ir_yield(&b, 1, &v);
    pass_note_symbols(a->cx, r);
    return map;
}

static bool ask_factors(Flag *f)
{
    Absent *a = f->a;
    DimCx *d = a->cx->module->dims;
    Dim rows = rows_of(a);
    int64_t count;
    if (!a->nothers)
        return true;
    if ((dim_is_const(rows, &count) && count < FEW_ROWS) || a->o->npicks + a->nothers > ROWS_MOST)
        return false;
    for (int i = 0; i < a->nothers; i++) {
        IrNode *subs[IR_RANK_MOST];
        int rank;
        a->j = a->other_in[i]->params.p[0];
        IrNode *bad = bad_of(f, a->other[i], rows, subs, &rank);
        a->o->picks[a->o->npicks++] = bad;
        for (int k = 0; k < rank; k++)
            subs[k] = brought(f, subs[k], a->other_in[i]);
        flag(f, rank ? ir_load(&f->at, bad, rank, subs) : bad);
    }
    if (!dim_is_const(rows, &count))
        flag(f, bool2(&f->at, OP_lt, ir_dim_value(&f->at, rows), ir_dim_value(&f->at, dim_const(d, FEW_ROWS))));
    return true;
}

/* ---- values of the row ---------------------------------------------------------------------------------------------------------- */

static void ask_values(Flag *f)
{
    for (int i = 0; i < f->a->nrows; i++) {
        IrNode *x = brought(f, f->a->row[i], f->a->row_in[i]);
        IrDtype t = x->type.dtype;
        Use use = f->a->use[i];
        if (use != ADDED)
            flag(f, no(&f->at, bool2(&f->at, OP_lt, ir_const_float(&f->at, t, use == TAKEN ? -INFINITY : 0), x)));
        if (use != TAKEN)
            flag(f, no(&f->at, bool2(&f->at, OP_lt, x, ir_const_float(&f->at, t, INFINITY))));
    }
}

/* ---- a place -------------------------------------------------------------------------------------------------------------------- */

typedef struct Stand { Flag *f; Facts *facts; Dim at; SymMap to; bool good; } Stand;

static void see_symbol(void *user, DimSym *s)
{
    Stand *p = user;
    IrNode *def = map_find(&p->f->a->cx->sym_nodes, s);
    const IrRegion *r = p->f->a->of->parent;
    if (def && (ir_inside(def, r) || def->parent == r || (ir_inside(def, p->f->a->o->copy->regions[0]) && def->op != OP_index && !pass_is_before(def, p->f->a->like))))
        p->good = false;
}

/* Of a comparison, x <= y at the place; false: it is none of whole numbers that can be told before. */
static bool sides(Stand *p, IrNode *c, bool holds, Dim *x, Dim *y)
{
    DimCx *d = p->f->a->cx->module->dims;
    if ((c->op != OP_le && c->op != OP_lt) || c->in[0]->type.dtype != DT_i64)
        return false;
    *x = pass_dim_through(p->f->a->cx, c->in[holds]);
    *y = pass_dim_through(p->f->a->cx, c->in[!holds]);
    if ((c->op == OP_lt) != holds)
        *x = dim_add(d, *x, dim_const(d, 1));
    if (p->at) {
        *x = dim_subst(d, *x, symmap_subst, &p->to);
        *y = dim_subst(d, *y, symmap_subst, &p->to);
        p->good = true;
        dim_syms(*x, see_symbol, p);
        dim_syms(*y, see_symbol, p);
    }
    return !dim_is_poison(*x) && !dim_is_poison(*y) && (!p->at || p->good);
}

/* holds: the condition's contrary is asked. */
static bool proves(Stand *p, IrNode *c, bool holds)
{
    Dim x, y;
    if (c->op == OP_not)
        return proves(p, c->in[0], !holds);
    if (c->op == OP_and || c->op == OP_or)
        return (c->op == OP_and) != holds ? proves(p, c->in[0], holds) && proves(p, c->in[1], holds) : proves(p, c->in[0], holds) || proves(p, c->in[1], holds);
    return sides(p, c, holds, &x, &y) && facts_prove_le(p->facts, x, y) == YES;
}

/* NULL: it cannot be said. */
static IrNode *said(Stand *p, IrNode *c, bool holds)
{
    Dim x, y;
    IrBuilder *b = &p->f->at;
    if (c->op == OP_not)
        return said(p, c->in[0], !holds);
    if (c->op == OP_and || c->op == OP_or) {
        IrNode *l = said(p, c->in[0], holds), *r = said(p, c->in[1], holds);
        bool both = (c->op == OP_and) != holds;
        return l && r ? bool2(b, both ? OP_and : OP_or, l, r) : both ? NULL : l ? l : r;
    }
    return sides(p, c, holds, &x, &y) ? bool2(b, OP_le, ir_dim_value(b, x), ir_dim_value(b, y)) : NULL;
}

/* Ends of what the condition leaves. */
static void find_places(Stand *p, IrNode *c, bool holds, Dim *at, int *n)
{
    DimCx *d = p->f->a->cx->module->dims;
    Dim x, y, j = dim_sym(d, p->f->a->of->sym);
    if (c->op == OP_not || c->op == OP_and || c->op == OP_or) {
        for (int i = 0; i < c->nin; i++)
            find_places(p, c->in[i], holds != (c->op == OP_not), at, n);
        return;
    }
    if (!sides(p, c, holds, &x, &y) || *n == PLACES_MOST)
        return;
    Dim slack = dim_sub(d, y, x), up = dim_add(d, slack, j), down = dim_sub(d, j, slack);
    if (!dim_mentions(up, p->f->a->of->sym))
        at[(*n)++] = up;
    else if (!dim_mentions(down, p->f->a->of->sym))
        at[(*n)++] = down;
}

static void stand_at(Stand *p, Dim at)
{
    p->at = at;
    p->to = symmap_new(p->f->a->cx);
    symmap_put(&p->to, p->f->a->of->sym, at);
}

static bool is_there(Stand *p, Dim at)
{
    DimCx *d = p->f->a->cx->module->dims;
    stand_at(p, at);
    return facts_prove_le(p->facts, dim_const(d, 0), at) == YES && facts_prove_lt(p->facts, d, at, p->f->a->of->dim) == YES && proves(p, p->f->a->first, p->f->a->holds);
}

static IrNode *says_there(Stand *p, Dim at)
{
    DimCx *d = p->f->a->cx->module->dims;
    IrBuilder *b = &p->f->at;
    stand_at(p, at);
    p->good = true;
    dim_syms(at, see_symbol, p);
    IrNode *c = p->good ? said(p, p->f->a->first, p->f->a->holds) : NULL;
    if (!c)
        return NULL;
    c = bool2(b, OP_and, c, bool2(b, OP_le, ir_dim_value(b, dim_const(d, 0)), ir_dim_value(b, at)));
    return bool2(b, OP_and, c, bool2(b, OP_lt, ir_dim_value(b, at), ir_dim_value(b, p->f->a->of->dim)));
}

/* Has a row a place that the condition leaves? The first one, an end of what it leaves. */
static bool ask_place(Flag *f)
{
    Absent *a = f->a;
    DimCx *d = a->cx->module->dims;
    Stand p = { .f = f, .facts = pass_ranges_around(a->cx, a->o->copy->regions[0]) };
    Dim at[PLACES_MOST];
    int n = 0;
    at[n++] = dim_const(d, 0);
    find_places(&p, a->first, a->holds, at, &n);
    facts_le(p.facts, dim_const(d, 1), a->of->dim); /* no places: nothing is left out */
    for (int i = 0; i < n; i++)
        if (is_there(&p, at[i]))
            return true;
    for (int i = n - 1; i >= 0; i--) {
        IrNode *c = says_there(&p, at[i]);
        if (c) {
            flag(f, no(&f->at, c));
            return true;
        }
    }
    return false;
}

bool absent_rows(Absent *a, IrNode **all)
{
    Flag f = { .a = a, .at = { a->like->parent->fn, a->like->parent, a->like, a->like->span } };
    if ((a->place && !ask_place(&f)) || !ask_factors(&f))
        return false;
    ask_values(&f);
    *all = f.all;
    return true;
}
