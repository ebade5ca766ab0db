/* stage_part.c - a product with a part of a weight is a tensor of its own, whose lanes begin where a panel does.
 *
 *     map [t, n: N] { sum [i] { %x[t, i] * %w[n + C, i] } .. }
 *
 *     %0 = map [t, m: N + C % 16] { sum [i] { %x[t, i] * %w[m + 16 * (C // 16), i] } }      map [t, n: N] { %0[t, n + C % 16] .. }
 *
 * Parts that lie one behind the other are one: the heads of `%w[h * K + d, i]`, h of H and d of K, are `%w[m, i]`, m of H * K. Others have lanes of
 * their own each (`%w[(3 * h + 1) * K + d, i]`). At most 15 lanes are more than are read, and a number written and read costs less than lanes across
 * panels. Not of sums of few places. No bit changes.
 */
#include "passes/stage/stage_int.h"
#include "passes/stream_int.h"

enum { FEW = 32, FEW_LANES = 8 }; /* places of a sum that is cheaper than a number that is stored; lanes of a part among others, of which two panels are read */

typedef struct Section {
    PassCx *cx;
    const IrRegion *r;
    IrNode *load, *lane;
    const IrNode *other;      /* factor */
    int axis;
    int64_t step;             /* places of the weight from lane to lane; -1: backwards */
    bool one[IR_RANK_MOST];   /* indices of the map that make one with the lane */
    Dim within, from, places; /* place in the part: the lane, with those; where it begins; how many */
} Section;

#define DIM(p) ((p)->cx->module->dims)

static IrNode *weight_of(IrNode *x)
{
    while (x->op == OP_cast)
        x = x->in[0];
    return x->op == OP_load && x->in[0]->op == OP_param && x->in[0]->load_time && !stage_is_prepared(x->in[0]) ? x : NULL;
}

/* The only subscript that needs the index; -1: there is none, or several need it. */
static int axis_of(PassCx *cx, const IrNode *load, const IrNode *index)
{
    int axis = -1;
    for (int i = 1; i < load->nin; i++)
        if (pass_depends_on(cx, load->in[i], index)) {
            if (axis >= 0)
                return -1;
            axis = i - 1;
        }
    return axis;
}

/* Along the last axis a weight lies in panels if the sum runs along another one (stage.c). */
static bool has_panels(const Section *p, const IrNode *reduce)
{
    bool along = p->axis < p->load->nin - 2;
    for (int i = 1; i < p->load->nin - 1; i++)
        along = along || pass_depends(p->cx, p->load->in[i], reduce->regions[0]);
    return p->axis >= 0 && along;
}

static bool find_factors(Section *p, const IrNode *reduce)
{
    const IrNode *y = ir_terminator(reduce->regions[0]), *product = y->in[0];
    if (reduce->order != ORDER_contract || reduce->redop != RED_sum || reduce->stream || y->nin > 1)
        return false;
    if (product->op != OP_mul || !dtype_is_float(product->type.dtype))
        return false;
    for (int k = 0; k < 2; k++) {
        p->load = weight_of(product->in[k]);
        p->other = product->in[1 - k];
        p->axis = p->load ? axis_of(p->cx, p->load, p->lane) : -1;
        if (p->load && has_panels(p, reduce) && !pass_depends_on(p->cx, p->other, p->lane))
            return true;
    }
    return false;
}

static bool is_long(Section *p, const IrNode *reduce)
{
    int64_t few;
    const IrRegion *r = reduce->regions[0];
    for (int i = 0; i < r->params.n; i++)
        if (!pass_is_whole(r->params.p[i]) || pass_dim_depends(p->cx, r->params.p[i]->dim, p->r))
            return false;
    return r->params.n && !(dim_is_const(vec_last(&r->params)->dim, &few) && few < FEW);
}

/* The place of the index counts stretches as long as what is one already, and nothing else needs it. */
static bool goes_on(Section *p, int i)
{
    const IrNode *x = p->r->params.p[i];
    if (p->one[i] || !dim_mentions(p->from, x->sym) || pass_depends_on(p->cx, p->other, x) || axis_of(p->cx, p->load, x) != p->axis)
        return false;
    Dim stretches = dim_mul(DIM(p), dim_sym(DIM(p), x->sym), p->places), rest = dim_sub(DIM(p), p->from, stretches);
    if (dim_mentions(rest, x->sym))
        return false;
    p->one[i] = true;
    p->within = dim_add(DIM(p), p->within, stretches);
    p->from = rest;
    p->places = dim_mul(DIM(p), p->places, x->dim);
    return true;
}

/* What the lane's place is without the lane; NULL: it is no step of a few. */
static Dim find_step(Section *p)
{
    static const int64_t steps[] = { 1, -1, 2, 3, 4 };
    DimCx *d = DIM(p);
    Dim sub = pass_dim_through(p->cx, p->load->in[p->axis + 1]);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        Dim rest = dim_sub(d, sub, dim_mul(d, dim_const(d, steps[i]), dim_sym(d, p->lane->sym)));
        p->step = steps[i];
        if (!dim_mentions(rest, p->lane->sym))
            return rest;
    }
    return NULL;
}

/* Backwards a part is what it is forwards; of a step of several the part has the places between, too, so that others which begin there have the same one. */
static bool find_place(Section *p)
{
    DimCx *d = DIM(p);
    int last = p->r->params.n - 1;
    int64_t before = 0;
    Dim rest = find_step(p), lane = dim_sym(d, p->lane->sym), step = dim_const(d, p->step);
    if (!rest || (p->step > 1 && !dim_is_const(dim_mod(d, rest, step), &before)))
        return false;
    p->one[last] = true;
    p->within = p->step > 0 ? dim_add(d, dim_mul(d, step, lane), dim_const(d, before)) : dim_sub(d, dim_sub(d, p->lane->dim, dim_const(d, 1)), lane);
    p->from = dim_sub(d, dim_add(d, rest, dim_mul(d, step, lane)), p->within);
    p->places = p->step > 1 ? dim_mul(d, step, p->lane->dim) : p->lane->dim;
    for (int i = 0; i < last && p->step <= 1; i++)
        if (goes_on(p, i))
            i = -1;
    return true;
}

static bool begins_at(const Section *p, int64_t place) { return p->from == dim_const(DIM(p), place); }

/* In words, tiles and blocks, and beside another function's other lanes, only what has lanes as a whole weight has them. */
static bool may_begin(const Section *p)
{
    const IrNode *w = p->load->in[0];
    if (w->packed && w->packed - 1 != p->axis)
        return false;
    return begins_at(p, 0) || (!w->tiled && stage_forms(w) == 1u << FORM_plain);
}

static Dim first_place(void *user, DimSym *s)
{
    Section *p = user;
    for (int i = 0; i < p->r->params.n; i++)
        if (p->r->params.p[i]->sym == s)
            return dim_const(DIM(p), 0);
    return NULL;
}

/* Of sizes, and indices of the map. */
static bool is_known(Section *p)
{
    return !dim_mentions(p->from, p->lane->sym) && pass_known_at_entry(p->r->fn, dim_subst(DIM(p), p->from, first_place, p));
}

/* It ends in the weight. */
static bool is_inside(const Section *p)
{
    DimCx *d = DIM(p);
    Facts *f = pass_ranges_around(p->cx, p->r->owner->parent);
    return facts_prove_le(f, dim_const(d, 0), p->from) == YES && facts_prove_le(f, dim_add(d, p->from, p->places), p->load->in[0]->type.dims[p->axis]) == YES;
}

static bool find(Section *p, const IrNode *reduce)
{
    for (int i = 0; i < p->r->params.n; i++)
        if (!pass_is_whole(p->r->params.p[i]) || p->r->params.p[i]->lo || pass_dim_depends(p->cx, p->r->params.p[i]->dim, p->r))
            return false;
    if (!find_factors(p, reduce) || !is_long(p, reduce))
        return false;
    return find_place(p) && is_known(p) && may_begin(p) && (p->step == 1 || is_inside(p));
}

static Dim beyond(const Section *p) { return dim_mod(DIM(p), p->from, dim_const(DIM(p), PANEL)); }

/* Where it begins depends on an index. */
static bool begins_apart(const Section *p) { return pass_dim_depends(p->cx, p->from, p->r); }

/* Lanes before the part count where it has any: a part of no places may begin anywhere. Where others begin elsewhere, as many as any of them has. */
static Dim lanes_of(const Section *p)
{
    DimCx *d = DIM(p);
    Dim one = dim_const(d, 1), panel = dim_const(d, PANEL), most = beyond(p);
    bool inside = is_inside(p);
    if (begins_apart(p)) {
        bool whole = dim_mod(d, p->from, p->places) == dim_const(d, 0);
        most = dim_mul(d, dim_const(d, PANEL - 1), whole ? dim_min(d, one, dim_mod(d, p->places, panel)) : one);
    }
    return dim_add(d, p->places, inside ? most : dim_min(d, dim_mul(d, p->places, panel), most));
}

static IrNode *with_dim(IrBuilder *b, IrNode *x, Dim d)
{
    int64_t c;
    return dim_is_const(d, &c) && !c ? x : ir_add2(b, OP_add, ir_scalar(DT_i64), x, ir_dim_value(b, d));
}

/* No lanes behind the part: the weight may end there. */
static void end_lanes(Section *p, IrRegion *r, IrNode *lane, Dim beyond)
{
    DimCx *d = DIM(p);
    IrNode *y = ir_terminator(r), *value = y->in[0];
    IrBuilder in = { r->fn, r, y, y->span };
    Dim end = dim_add(d, p->places, beyond);
    IrNode *values[] = { value, ir_add2(&in, OP_lt, ir_scalar(DT_bool), lane, ir_dim_value(&in, end)) };
    ir_yield(&in, 2, values);
    ir_drop(y);
    lane->to = dim_min(d, lane->dim, end);
}

/* The weight in the tensor's sum. */
static IrNode *weight_in(const Section *p, const IrRegion *r, const IrNode *lane)
{
    const IrNode *product = ir_terminator(ir_terminator(r)->in[0]->regions[0])->in[0];
    IrNode *load = weight_of(product->in[0]);
    return load && load->in[0] == p->load->in[0] && axis_of(p->cx, load, lane) == p->axis ? load : weight_of(product->in[1]);
}

/* Axes that are one with the lane go. How many stay; in subs they are the map's, whose symbols are now those of r. */
static int keep_axes(const Section *p, IrRegion *r, const IrNode *reads, IrNode **subs, IrNode **lane, SymMap *syms)
{
    int n = 0;
    for (int i = 0; i < r->params.n; i++) {
        IrNode *x = r->params.p[i], *old = reads->in[i + 1];
        symmap_put(syms, old->sym, dim_sym(DIM(p), x->sym));
        int at = 0;
        while (p->r->params.p[at] != old)
            at++;
        if (old == p->lane)
            *lane = x;
        if (p->one[at])
            continue;
        r->params.p[n] = x;
        subs[n++] = old;
    }
    r->params.n = n;
    return n;
}

/* Nothing that is left may need an axis that goes. */
static void drop_unused(IrRegion *r)
{
    for (IrNode *n = r->last->prev, *prev; n; n = prev) {
        prev = n->prev;
        if (!n->uses)
            ir_drop(n);
        for (int i = 0; i < n->nregions && !n->dropped; i++)
            drop_unused(n->regions[i]);
    }
}

static IrNode *place_in_part(const Section *p, IrBuilder *b)
{
    DimCx *d = DIM(p);
    Dim step = dim_const(d, p->step);
    IrNode *x = p->step == 1 ? p->lane : ir_add2(b, OP_mul, ir_scalar(DT_i64), p->lane, ir_int(b, p->step));
    return with_dim(b, x, dim_add(d, dim_sub(d, p->within, dim_mul(d, step, dim_sym(d, p->lane->sym))), beyond(p)));
}

/* The tensor's axes: those that are not one with the lane, and behind them places of the part. `reads`: its only reader, by indices of the map. */
static void widen(Section *p, IrNode *map, IrNode *reads)
{
    DimCx *d = DIM(p);
    IrRegion *r = map->regions[0];
    IrNode *lane = NULL, *subs[IR_RANK_MOST];
    SymMap syms = symmap_new(p->cx);
    IrBuilder in = { r->fn, r, r->first, map->span }, here = { r->fn, reads->parent, reads, reads->span };
    int n = keep_axes(p, r, reads, subs, &lane, &syms);
    IrNode *load = weight_in(p, r, lane);
    Dim from = dim_subst(d, p->from, symmap_subst, &syms), panel = dim_const(d, PANEL);
    lane->dim = lanes_of(p);
    ir_set_in(load, p->axis + 1, with_dim(&in, lane, dim_mul(d, dim_floordiv(d, from, panel), panel)));
    drop_unused(r);
    if (begins_apart(p))
        end_lanes(p, r, lane, dim_mod(d, from, panel));
    subs[n] = place_in_part(p, &here);
    vec_push(p->cx->module->arena, &r->params, lane);
    map->type = (IrType){ map->type.dtype, n + 1, NEWN(p->cx->module->arena, Dim, n + 1) };
    for (int i = 0; i <= n; i++)
        map->type.dims[i] = r->params.p[i]->dim;
    ir_replace(reads, ir_load(&here, map, n + 1, subs));
    ir_drop(reads);
    pass_note_symbols(p->cx, r);
}

static bool has_few_lanes(const Section *p)
{
    int64_t n;
    return begins_apart(p) && dim_is_const(p->places, &n) && n < FEW_LANES;
}

static bool is_as_it_lies(const Section *p)
{
    int many = 0;
    for (int i = 0; i < p->r->params.n; i++)
        many += p->one[i];
    int64_t rest;
    return many == 1 && p->step == 1 && dim_is_const(beyond(p), &rest) && !rest;
}

static void see_bf16(void *user, IrNode *n)
{
    bool *found = user;
    *found = *found || (n->op == OP_reduce && n->order == ORDER_contract && ir_terminator(n->regions[0])->in[0]->type.dtype == DT_bf16);
}

/* Sums of bf16 have another order where an instruction takes them, which the form of the map decides: it stays. */
static bool has_dots16(PassCx *cx, const IrNode *map)
{
    bool found = false;
    if (cx->options->dots16)
        ir_walk(map->regions[0], see_bf16, &found);
    return found;
}

/* ---- steps: gates and values that take turns, `w[2 * n, k]` and `w[2 * n + 1, k]` --------------------------------------------- */

typedef struct Made { Section part; IrNode *sum, *reads; } Made; /* the sum that it was, which nobody reads any more; the load that reads the tensor */

/* The same sum but for where the weight is read: x and y, in the regions p and q of the sums. */
static bool is_same(const IrNode *x, const IrNode *y, const IrRegion *p, const IrRegion *q)
{
    for (int i = 0; i < p->params.n && i < q->params.n; i++)
        if (x == p->params.p[i] || y == q->params.p[i])
            return x == p->params.p[i] && y == q->params.p[i];
    bool leaf = x->op == OP_index || x->op == OP_param || x->op == OP_map || x->nregions;
    if (x == y || leaf || x->op != y->op || x->nin != y->nin || x->imm != y->imm || x->dim != y->dim || !ir_type_equal(x->type, y->type))
        return x == y;
    for (int i = 0; i < x->nin; i++)
        if (!is_same(x->in[i], y->in[i], p, q))
            return false;
    return true;
}

/* Do both read the same weight in the same steps of the same part, times the same factor? */
static bool is_same_part(const Section *a, const Section *b)
{
    const IrRegion *p = a->load->parent, *q = b->load->parent;
    if (a->step != b->step || a->load->in[0] != b->load->in[0] || a->axis != b->axis || a->from != b->from || a->places != b->places || p->params.n != q->params.n)
        return false;
    for (int i = 0; i < p->params.n; i++)
        if (p->params.p[i]->dim != q->params.p[i]->dim)
            return false;
    for (int i = 1; i < a->load->nin; i++)
        if (i != a->axis + 1 && !is_same(a->load->in[i], b->load->in[i], p, q))
            return false;
    return is_same(a->other, b->other, p, q);
}

/* How many places of a step the map reads; a part is computed whole, so it must be more than half of them. */
static bool reads_most(PassCx *cx, const IrNode *map, const Section *p)
{
    int64_t most = 0;
    for (IrNode *n = map->regions[0]->first; n; n = n->next) {
        Section q = { .cx = cx, .r = map->regions[0], .lane = p->lane };
        most += n->op == OP_reduce && find(&q, n) && is_same_part(p, &q) ? 1 : 0;
    }
    return 2 * most > p->step;
}

static void read_again(const Section *p, const Made *made, IrNode *sum)
{
    IrNode *subs[IR_RANK_MOST];
    IrBuilder here = { sum->parent->fn, sum->parent, sum, sum->span };
    int rank = made->reads->nin - 1;
    for (int i = 0; i + 1 < rank; i++)
        subs[i] = made->reads->in[i + 1];
    subs[rank - 1] = place_in_part(p, &here);
    ir_replace(sum, ir_load(&here, made->reads->in[0], rank, subs));
    ir_drop(sum);
}

static void find_parts(PassCx *cx, IrNode *map)
{
    IrRegion *r = map->regions[0];
    if (!r->params.n || pass_guard(r) || map->load_time || pass_has_stream(map) || has_dots16(cx, map))
        return;
    VEC(Made) made = { 0 };
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        Section p = { .cx = cx, .r = r, .lane = vec_last(&r->params) };
        if (n->op != OP_reduce || !find(&p, n) || is_as_it_lies(&p) || has_few_lanes(&p))
            continue;
        const Made *same = NULL;
        for (int i = 0; i < made.n && p.step > 1; i++)
            same = is_same_part(&made.p[i].part, &p) ? &made.p[i] : same;
        if (same)
            read_again(&p, same, n);
        IrNode *tensor = same || (p.step > 1 && !reads_most(cx, map, &p)) ? NULL : pass_give_name(cx, map, n, false);
        if (!tensor)
            continue;
        Made m = { p, n, NULL };
        widen(&p, tensor, tensor->uses->user);
        m.reads = tensor->uses->user;
        vec_push(cx->arena, &made, m);
    }
    for (int i = 0; i < made.n; i++)
        ir_drop(made.p[i].sum);
}

static void visit(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (n->op == OP_map && n->uses)
            find_parts(cx, n);
        for (int i = 0; i < n->nregions && (n->op == OP_for || n->op == OP_while || n->op == OP_if); i++)
            visit(cx, n->regions[i]);
    }
}

void stage_parts(PassCx *cx, IrFn *fn) { visit(cx, fn->body); }
