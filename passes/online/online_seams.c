/* online_seams.c - a reduction over places that are joined with a few others (`concat(s, sink)`) is one over the many and these.
 *
 *     max [j: T + 1] { if j < T { s(j) } else { %sink } }                        max(max [j: T] { s(j) }, %sink)
 *     sum [j: T + 1] { exp((if j < T { s(j) } else { %sink }) - %m) }            sum [j: T] { exp(s(j) - %m) } + exp(%sink - %m)
 *
 * So what is reduced behind a softmax without the joined places (`p[.., :T]`) goes over the same axis, and conditions of the many (a mask) are guards.
 * In another order than the interpreter's, as a pass may have (PASSES.md, Laws 1): where a pass is not found otherwise.
 */
#include "passes/online/online_int.h"

enum { FEW = 4 };

/* Places below `at`, and from there on; few: how many the short side has; first: it is the one below. */
typedef struct Seam { PassCx *cx; IrNode *reduce, *x; Dim at; int64_t few; bool first; } Seam;

/* Where the condition changes; NULL: it is no comparison of the place with a size. *below: it holds below. */
static Dim turns_at(const Seam *s, const IrNode *c, bool *below)
{
    DimCx *d = s->cx->module->dims;
    if ((c->op != OP_lt && c->op != OP_le) || c->in[0]->type.dtype != DT_i64)
        return NULL;
    Dim slack = dim_sub(d, pass_dim_through(s->cx, c->in[1]), pass_dim_through(s->cx, c->in[0])), x = dim_sym(d, s->x->sym), one = dim_const(d, 1);
    slack = c->op == OP_lt ? dim_sub(d, slack, one) : slack;
    Dim up = dim_add(d, slack, x), down = dim_sub(d, x, slack);
    *below = !dim_mentions(up, s->x->sym);
    Dim at = *below ? dim_add(d, up, one) : down;
    return dim_mentions(at, s->x->sym) || pass_dim_depends(s->cx, at, s->reduce->parent) ? NULL : at;
}

static bool is_choice(const IrNode *n) { return n->op == OP_if && n->nregions == 2 && !n->sym && !n->type.rank && dtype_is_float(n->type.dtype); }

/* A number of places on one side of it, some on both for all sizes. */
static bool is_short(Seam *s, Dim at)
{
    DimCx *d = s->cx->module->dims;
    Facts *f = pass_ranges_around(s->cx, s->reduce->parent);
    Dim zero = dim_const(d, 0), behind = dim_sub(d, s->x->dim, at);
    bool last = dim_is_const(behind, &s->few), first = !last && dim_is_const(at, &s->few);
    s->at = at;
    s->first = first;
    return (last || first) && s->few >= 1 && s->few <= FEW && facts_prove_le(f, zero, first ? behind : at) == YES;
}

static bool find_seam(Seam *s)
{
    const IrRegion *r = s->reduce->regions[0];
    RedOp op = (RedOp)s->reduce->redop;
    bool below, may = (op == RED_max || op == RED_min || op == RED_sum) && r->params.n == 1 && dtype_is_float(s->reduce->type.dtype) && !s->reduce->sym && !pass_guard(r);
    s->x = may ? r->params.p[0] : NULL;
    if (!may || s->x->op != OP_index || !s->x->sym || !pass_is_whole(s->x) || pass_dim_depends(s->cx, s->x->dim, s->reduce->parent) || pass_faults(s->reduce))
        return false;
    for (IrNode *n = r->first; n; n = n->next) {
        Dim at = is_choice(n) ? turns_at(s, n->in[0], &below) : NULL;
        if (at && is_short(s, at))
            return true;
    }
    return false;
}

/* Choices at the seam, in a copy of the body on one side of it. */
static void take_side(const Seam *s, const Map *nodes, bool below)
{
    const IrRegion *r = s->reduce->regions[0];
    bool holds_below;
    for (IrNode *n = r->first; n; n = n->next)
        if (is_choice(n) && turns_at(s, n->in[0], &holds_below) == s->at)
            pass_take_branch(map_find((Map *)(uintptr_t)nodes, n), holds_below != below);
}

static IrNode *copied_at(const Seam *s, IrBuilder *b, IrNode *place, Dim of, bool below)
{
    const IrRegion *r = s->reduce->regions[0];
    Map nodes = map_new(s->cx->arena);
    SymMap syms = symmap_new(s->cx);
    map_put(&nodes, s->x, place);
    symmap_put(&syms, s->x->sym, of);
    IrNode *v = ir_clone_region(b, r, &nodes, symmap_subst, &syms)[0], *hold = ir_yield(b, 1, &v);
    take_side(s, &nodes, below);
    v = hold->in[0];
    ir_drop(hold);
    return v;
}

static IrNode *the_many(const Seam *s)
{
    DimCx *d = s->cx->module->dims;
    IrNode *n = s->reduce;
    IrBuilder at = { n->parent->fn, n->parent, n, n->span };
    IrNode *r = ir_add0(&at, OP_reduce, n->type);
    IrBuilder b = { at.fn, ir_region_new(at.fn, r), NULL, n->span };
    r->redop = n->redop;
    r->order = n->order;
    IrNode *x = ir_index_new(b.region, s->x->name, NULL, dim_sub(d, s->x->dim, dim_const(d, s->few)), s->x->span);
    Dim place = s->first ? dim_add(d, dim_sym(d, x->sym), s->at) : dim_sym(d, x->sym);
    IrNode *v = copied_at(s, &b, s->first ? ir_dim_value(&b, place) : x, place, !s->first);
    ir_yield(&b, 1, &v);
    return r;
}

/* What is the place itself (`1 + j - 1`). */
static void settle_places(const Seam *s)
{
    for (IrNode *n = s->reduce->regions[0]->first, *next; n; n = next) {
        DimSym *sym;
        next = n->next;
        bool sum = n->type.dtype == DT_i64 && !n->type.rank && (n->op == OP_add || n->op == OP_sub);
        if (!sum || !dim_is_sym(pass_dim_through(s->cx, n), &sym) || sym != s->x->sym)
            continue;
        if (n->sym && pass_is_spoken_of(n))
            continue;
        ir_replace(n, s->x);
        ir_drop(n);
    }
}

/* All places of the reduction lie on one side of what another one goes beyond. */
static void take_known(PassCx *cx, IrNode *reduce)
{
    IrRegion *r = reduce->regions[0];
    bool below;
    Seam s = { .cx = cx, .reduce = reduce, .x = r->params.n == 1 && pass_from_zero(r->params.p[0]) ? r->params.p[0] : NULL };
    for (IrNode *n = s.x && s.x->op == OP_index && s.x->sym ? r->first : NULL, *next; n; n = next) {
        next = n->next;
        Dim at = is_choice(n) ? turns_at(&s, n->in[0], &below) : NULL;
        bool all = at == s.x->dim, none = at == dim_const(cx->module->dims, 0);
        if (at && (all || none)) {
            int k = all ? !below : below;
            next = n->regions[k]->first->op == OP_yield ? next : n->regions[k]->first;
            pass_take_branch(n, k);
        }
    }
    if (s.x && s.x->op == OP_index && s.x->sym)
        settle_places(&s);
}

static void part(const Seam *s)
{
    DimCx *d = s->cx->module->dims;
    IrNode *n = s->reduce, *all = the_many(s);
    take_known(s->cx, all);
    IrBuilder b = { n->parent->fn, n->parent, n, n->span };
    IrOp op = n->redop == RED_max ? OP_max : n->redop == RED_min ? OP_min : OP_add;
    for (int64_t i = 0; i < s->few; i++) {
        Dim place = s->first ? dim_const(d, i) : dim_add(d, s->at, dim_const(d, i));
        all = ir_add2(&b, op, n->type, all, copied_at(s, &b, ir_dim_value(&b, place), place, s->first));
    }
    ir_replace(n, all);
    ir_drop(n);
}

bool online_part_at_seams(Online *o, IrRegion *r)
{
    bool found = false;
    for (IrNode *n = r->first, *next; n; n = next) {
        Seam s = { .cx = o->cx, .reduce = n };
        next = n->next;
        for (int k = 0; k < n->nregions && n->op == OP_if; k++)
            found = online_part_at_seams(o, n->regions[k]) || found;
        if (n->op == OP_reduce && o->parts)
            take_known(o->cx, n);
        if (n->op != OP_reduce || !find_seam(&s))
            continue;
        found = true;
        if (o->parts)
            part(&s);
    }
    if (found && o->parts)
        pass_note_symbols(o->cx, r);
    return found;
}
