/* strip_build.c - the loop over strips: members with fewer rows, and the results that they fill strip by strip. */
#include <string.h>

#include "passes/merge_int.h"
#include "passes/strip_int.h"

typedef struct Own { Halo halo; Dim rows; IrNode *start; } Own; /* of members that have these rows beside the strip's: how many they are, and the first one */

/* What a loop over the rows carries as its k-th, and what the strip before has left of it. axis: of its rows, -1: there are none. */
typedef struct Going { IrNode *old; int k, axis; IrNode *kept; } Going;

typedef struct Loop {
    Strip *s;
    IrBuilder at, in;       /* before the loop; in its body */
    Dim first;              /* the first row that no strip before had */
    Dim most;               /* rows of a strip, if there are as many */
    VEC(const Own *) owns;  /* the different ones */
    VEC(Going *) going;      /* what loops over the rows carry */
    Map nodes;              /* members to their copies, and what stands in them */
    Map axis;               /* copies: 1 + the row axis */
    Map starts;             /* copies: their first row */
} Loop;

static int axis_of_copy(const Loop *l, const IrNode *n) { return (int)(uintptr_t)map_find(&l->axis, n) - 1; }

static Dim rows_of(const Loop *l, Halo h)
{
    DimCx *d = l->s->cx->module->dims;
    return l->s->most == 1 ? l->most : dim_min(d, l->s->rows, dim_add(d, l->most, dim_add(d, h.before, h.behind)));
}

/* Of the strip whose own first row, where there are as many, is that one. */
static Dim start_of(const Loop *l, Halo h, Dim first)
{
    DimCx *d = l->s->cx->module->dims;
    Dim start = l->s->most == 1 ? first : dim_min(d, dim_sub(d, first, h.before), dim_sub(d, l->s->rows, rows_of(l, h)));
    return h.before == dim_const(d, 0) ? start : dim_max(d, dim_const(d, 0), start);
}

/* Begins at rows that the tensor has: all that the rows of the strip, and those beside them, need are among its own. */
static const Own *own(Loop *l, Halo h)
{
    PassCx *cx = l->s->cx;
    for (int i = 0; i < l->owns.n; i++)
        if (l->owns.p[i]->halo.before == h.before && l->owns.p[i]->halo.behind == h.behind)
            return l->owns.p[i];
    Own *own = NEW(cx->arena, Own);
    *own = (Own){ h, rows_of(l, h), ir_dim_value(&l->in, start_of(l, h, l->first)) };
    vec_push(cx->arena, &l->owns, own);
    return own;
}

static const Own *own_of(Loop *l, IrNode *old) { return own(l, strip_halo(l->s, old)); }

/* An index over a strip's rows in place of that over all, the region's p-th; what a scatter puts into its rows lies at the row of the strip.
 * Gives the row among all. */
static IrNode *fewer_rows(Loop *l, const Own *own, IrNode *map, int p, int place)
{
    PassCx *cx = l->s->cx;
    DimCx *d = cx->module->dims;
    IrRegion *r = map->regions[0];
    IrNode *old = r->params.p[p], *row = ir_index_new(r, old->name, NULL, own->rows, old->span);
    IrBuilder b = { r->fn, r, r->first, old->span };
    SymMap syms = symmap_new(cx);
    r->params.p[p] = row;
    r->params.n--;
    IrNode *at = ir_add2(&b, OP_add, ir_scalar(DT_i64), row, own->start);
    symmap_put(&syms, old->sym, dim_add(d, dim_sym(d, row->sym), own->start->dim));
    ir_replace(old, at);
    if (map->op == OP_scatter && place != STRIP_SUM)
        ir_set_in(ir_terminator(r), 2 + place, row);
    pass_note_symbols(cx, r);
    merge_rename(cx, r, &syms);
    return at;
}

/* What the strips before have left of a result. */
static IrNode *left(const Loop *l, const IrNode *old)
{
    int k = 0;
    while (l->s->outputs.p[k] != old)
        k++;
    return l->in.region->params.p[1 + k];
}

/* The rows that no strip before had. */
static IrNode *is_fresh(Loop *l, IrBuilder *b, IrNode *at) { return ir_add2(b, OP_le, ir_scalar(DT_bool), ir_dim_value(b, l->first), at); }

/* A scatter goes on with what the strips before have left, and leaves out the rows that they had. */
static void go_on(Loop *l, IrNode *old)
{
    IrNode *n = map_find(&l->nodes, old), *row = strip_turn(l->s, old), *end = ir_terminator(n->regions[0]);
    int p = 0;
    while (old->regions[0]->params.p[p] != row)
        p++;
    IrNode *at = fewer_rows(l, own_of(l, old), n, p, STRIP_SUM);
    IrBuilder b = { l->in.fn, n->regions[0], end, n->span };
    if (l->s->most > 1)
        ir_set_in(end, 1, ir_add2(&b, OP_and, ir_scalar(DT_bool), is_fresh(l, &b, at), end->in[1]));
    if (n->nin)
        ir_set_in(n, 0, left(l, old));
    else
        ir_take_in(l->in.fn, n, left(l, old));
}

/* A strip is a block of a sum of columns, which is added to those before. */
static void add_block(Loop *l, IrNode *old)
{
    IrNode *n = map_find(&l->nodes, old), *end = ir_terminator(n->regions[0]), *sum = end->in[0], *value = ir_terminator(sum->regions[0]);
    IrNode *at = fewer_rows(l, own_of(l, old), sum, 0, STRIP_SUM);
    IrBuilder in = { l->in.fn, sum->regions[0], value, n->span }, b = { l->in.fn, n->regions[0], end, n->span };
    IrNode *fresh = is_fresh(l, &in, at), *y[2] = { value->in[0], value->nin > 1 ? ir_add2(&in, OP_and, fresh->type, fresh, value->in[1]) : fresh };
    ir_yield(&in, 2, y);
    ir_drop(value);
    ir_set_in(end, 0, ir_add2(&b, OP_add, sum->type, ir_load(&b, left(l, old), n->type.rank, n->regions[0]->params.p), sum));
}

static void adjust(Loop *l, IrNode *old)
{
    IrNode *n = map_find(&l->nodes, old);
    int axis = strip_axis(l->s, old);
    if (axis == STRIP_SUM && old->op == OP_map)
        add_block(l, old);
    else if (axis == STRIP_SUM)
        go_on(l, old);
    if (axis >= STRIP_SEVERAL)
        return;
    const Own *own = own_of(l, old);
    map_put(&l->axis, n, (void *)(uintptr_t)(axis + 1));
    map_put(&l->starts, n, own->start);
    n->type.dims[axis] = own->rows;
    if (n->op == OP_update && n->box[axis])
        n->box[axis] = own->rows;
    else if (n->op == OP_update)
        ir_set_in(n, 2 + axis, ir_add2(&(IrBuilder){ l->in.fn, n->parent, n, n->span }, OP_sub, ir_scalar(DT_i64), n->in[2 + axis], own->start));
    if (n->op == OP_map)
        fewer_rows(l, own, n, axis, axis);
    for (int p = 0; n->op == OP_scatter && p < n->regions[0]->params.n; p++)
        if (ir_terminator(n->regions[0])->in[2 + axis] == n->regions[0]->params.p[p]) {
            fewer_rows(l, own, n, p, axis);
            break;
        }
}

/* It lies within the rows wherever it is asked. Held there it does so everywhere, and loops that need the read run before guards are asked. */
static IrNode *from_start(IrBuilder *b, IrNode *at, IrNode *start, Dim rows)
{
    IrNode *x = ir_add2(b, OP_sub, at->type, at, start), *last = ir_add2(b, OP_sub, at->type, ir_dim_value(b, rows), ir_int(b, 1));
    return ir_add2(b, OP_max, at->type, ir_add2(b, OP_min, at->type, x, last), ir_int(b, 0));
}

/* A strip's tensor is read at the row of the strip, or as far from its first one as the subscript is. */
static void read_strip(void *user, IrNode *n)
{
    Loop *l = user;
    int axis = n->op == OP_load ? axis_of_copy(l, n->in[0]) : -1;
    if (axis < 0)
        return;
    IrNode *at = n->in[1 + axis], *start = map_find(&l->starts, n->in[0]);
    IrBuilder b = { l->in.fn, n->parent, n, n->span };
    bool same = at->op == OP_add && at->in[1] == start && at->in[0]->op == OP_index;
    ir_set_in(n, 1 + axis, same ? at->in[0] : from_start(&b, at, start, n->in[0]->type.dims[axis]));
}

/* Memory for a result, in which nothing stands yet; op: of a scatter, which begins with its identity. */
static IrNode *blank(Loop *l, IrType type, const RedOp *op)
{
    IrNode *map = ir_add0(&l->at, OP_map, type), *v[2];
    IrBuilder b = { l->at.fn, ir_region_new(l->at.fn, map), NULL, l->at.span };
    for (int i = 0; i < type.rank; i++)
        ir_index_new(b.region, name_of(b.fn->module->names, "i"), NULL, type.dims[i], b.span);
    v[0] = pass_identity(&b, op ? *op : RED_sum, type.dtype);
    v[1] = ir_const_int(&b, DT_bool, 0);
    ir_yield(&b, op ? 1 : 2, v);
    pass_note_symbols(l->s->cx, b.region);
    return map;
}

static IrNode *updated(Loop *l, IrNode *tensor, IrNode *old)
{
    IrNode *in[2 + IR_RANK_MOST] = { tensor, map_find(&l->nodes, old) };
    int rank = old->type.rank, axis = strip_axis(l->s, old);
    if (axis == STRIP_SUM)
        return in[1];
    const Own *own = own_of(l, old);
    IrNode *zero = ir_int(&l->in, 0);
    for (int i = 0; i < rank; i++)
        in[2 + i] = i == axis ? own->start : zero;
    IrNode *u = ir_add(&l->in, OP_update, old->type, rank + 2, in);
    u->box = NEWN(l->s->cx->module->arena, Dim, rank + 1);
    for (int i = 0; i < rank; i++)
        u->box[i] = i == axis ? own->rows : old->type.dims[i];
    return u;
}

/* ---- loops over the rows: they go on from strip to strip ------------------------------------------------------------------------ */

static void list_going(Loop *l)
{
    for (int i = 0; i < l->s->members.n; i++) {
        IrNode *n = l->s->members.p[i];
        for (int k = 0; k < n->nin - 2 && strip_is_scan(l->s, n); k++) {
            Going *g = NEW(l->s->cx->arena, Going);
            *g = (Going){ n, k, strip_axis(l->s, n->regions[0]->params.p[1 + k]), NULL };
            vec_push(l->s->cx->arena, &l->going, g);
        }
    }
}

/* Before the first strip. */
static IrNode *nothing_yet(Loop *l, const Going *g)
{
    IrNode *begin = g->old->in[2 + g->k];
    if (g->axis < 0)
        return begin;
    IrType t = begin->type;
    t.dims = NEWN(l->s->cx->module->arena, Dim, t.rank);
    memcpy(t.dims, begin->type.dims, sizeof *t.dims * (size_t)t.rank);
    t.dims[g->axis] = rows_of(l, strip_halo(l->s, g->old));
    return blank(l, t, NULL);
}

/* The first row that no strip before has made. */
static IrNode *first_new(Loop *l, IrBuilder *b, Halo made)
{
    DimCx *d = l->s->cx->module->dims;
    IrNode *zero = ir_int(b, 0), *first = ir_add2(b, OP_eq, ir_scalar(DT_bool), ir_dim_value(b, l->first), zero);
    Dim end = dim_add(d, start_of(l, made, dim_sub(d, l->first, l->most)), rows_of(l, made));
    return ir_add3(b, OP_select, ir_scalar(DT_i64), first, zero, ir_dim_value(b, end));
}

/* The rows of the strip before that lie in this one: all but the new ones. */
static IrNode *kept_rows(Loop *l, IrBuilder *at, const Going *g, IrNode *fresh)
{
    Halo held = strip_halo(l->s, g->old);
    IrNode *map = ir_add0(at, OP_map, g->kept->type), *in[IR_RANK_MOST], *v[2];
    IrBuilder b = { at->fn, ir_region_new(at->fn, map), NULL, at->span };
    for (int i = 0; i < map->type.rank; i++)
        in[i] = ir_index_new(b.region, name_of(b.fn->module->names, "i"), NULL, map->type.dims[i], b.span);
    IrNode *row = ir_add2(&b, OP_add, ir_scalar(DT_i64), in[g->axis], own(l, held)->start);
    Dim before = start_of(l, held, dim_sub(l->s->cx->module->dims, l->first, l->most));
    v[1] = ir_add2(&b, OP_lt, ir_scalar(DT_bool), row, fresh);
    in[g->axis] = ir_add2(&b, OP_sub, ir_scalar(DT_i64), row, ir_dim_value(&b, before));
    v[0] = ir_load(&b, g->kept, map->type.rank, in);
    ir_yield(&b, 2, v);
    pass_note_symbols(l->s->cx, b.region);
    return map;
}

/* Its turns are those that are new. */
static void go_on_turns(Loop *l, IrNode *old)
{
    IrNode *n = map_find(&l->nodes, old);
    IrBuilder b = { l->in.fn, l->in.region, n, n->span };
    const Own *made = own(l, strip_made(l->s, old));
    IrNode *fresh = first_new(l, &b, made->halo);
    ir_set_in(n, 0, old->in[0]->imm ? ir_add2(&b, OP_max, fresh->type, fresh, old->in[0]) : fresh);
    ir_set_in(n, 1, ir_add2(&b, OP_add, ir_scalar(DT_i64), made->start, ir_dim_value(&b, made->rows)));
    for (int i = 0; i < l->going.n; i++) {
        const Going *g = l->going.p[i];
        if (g->old == old)
            ir_set_in(n, 2 + g->k, g->axis < 0 ? g->kept : kept_rows(l, &b, g, fresh));
    }
}

/* What it leaves for the next strip. */
static IrNode *goes_on(Loop *l, const Going *g)
{
    IrNode *n = map_find(&l->nodes, g->old);
    if (n->type.dtype != DT_none)
        return n;
    IrNode *r = ir_add1(&l->in, OP_result, g->kept->type, n);
    r->imm = g->k;
    return r;
}

/* ---- the loop over strips --------------------------------------------------------------------------------------------------------- */

static IrNode *loop(Loop *l)
{
    DimCx *d = l->s->cx->module->dims;
    int n = l->s->outputs.n, all = n + l->going.n;
    IrNode **in = NEWN(l->s->cx->arena, IrNode *, all + 2);
    Dim few = dim_const(d, l->s->most);
    if (l->s->others && l->s->most == STRIP_ROWS)
        few = dim_max(d, dim_const(d, STRIP_LEAST), dim_floordiv(d, few, l->s->others));
    Dim most = dim_max(d, few, l->s->beside);
    Dim count = dim_floordiv(d, dim_add(d, l->s->rows, dim_sub(d, most, dim_const(d, 1))), most);
    if (strip_fails_in_turns(l->s))
        count = dim_max(d, count, dim_const(d, 1));
    l->most = most;
    in[0] = ir_int(&l->at, 0);
    in[1] = ir_dim_value(&l->at, count);
    for (int k = 0; k < n; k++) {
        const IrNode *x = l->s->outputs.p[k];
        in[2 + k] = x->op == OP_scatter && x->nin ? x->in[0] : blank(l, x->type, strip_axis(l->s, x) != STRIP_SUM ? NULL : &(RedOp){ x->op == OP_map ? RED_sum : (RedOp)x->redop });
    }
    for (int k = n; k < all; k++)
        in[2 + k] = nothing_yet(l, l->going.p[k - n]);
    IrNode *f = ir_add(&l->at, OP_for, all == 1 ? in[2]->type : ir_scalar(DT_none), all + 2, in);
    l->in = (IrBuilder){ l->at.fn, ir_region_new(l->at.fn, f), NULL, l->at.span };
    IrNode *t = ir_index_new(l->in.region, name_of(l->at.fn->module->names, "strip"), NULL, count, l->at.span);
    for (int k = 0; k < n; k++)
        ir_arg_new(l->in.region, l->s->outputs.p[k]->name, in[2 + k]->type);
    for (int k = n; k < all; k++)
        l->going.p[k - n]->kept = ir_arg_new(l->in.region, l->going.p[k - n]->old->regions[0]->params.p[1 + l->going.p[k - n]->k]->name, in[2 + k]->type);
    l->first = dim_mul(d, dim_sym(d, t->sym), most);
    for (int i = 0; i < l->s->values.n; i++)
        own_of(l, l->s->values.p[i]);
    for (int i = 0; i < l->going.n; i++)
        own(l, strip_made(l->s, l->going.p[i]->old));
    pass_note_symbols(l->s->cx, l->in.region);
    return f;
}

static void fill(Loop *l)
{
    Strip *s = l->s;
    for (int i = 0; i < s->members.n; i++) {
        if (s->members.p[i]->op == OP_result && strip_axis(s, s->members.p[i]) == STRIP_GOES)
            continue; /* the loop over strips has it */
        IrNode *n = ir_clone_node(&l->in, s->members.p[i], &l->nodes, NULL, NULL);
        if (pass_faults(n) && strip_faults_before(s, s->members.p[i]))
            pass_quiet_faults(s->cx, n->regions[0]);
    }
    for (int i = 0; i < s->values.n; i++)
        adjust(l, s->values.p[i]);
    ir_walk(l->in.region, read_strip, l);
    for (int i = 0; i < s->members.n; i++)
        if (strip_is_scan(s, s->members.p[i]))
            go_on_turns(l, s->members.p[i]);
    IrNode **v = NEWN(s->cx->arena, IrNode *, s->outputs.n + l->going.n);
    for (int k = 0; k < s->outputs.n; k++)
        v[k] = updated(l, l->in.region->params.p[1 + k], s->outputs.p[k]);
    for (int k = 0; k < l->going.n; k++)
        v[s->outputs.n + k] = goes_on(l, l->going.p[k]);
    ir_yield(&l->in, s->outputs.n + l->going.n, v);
}

/* The k-th result of the loop over strips, for who stands behind it and reads the old one. */
static void put_result(Loop *l, IrNode *f, int k, IrNode *old)
{
    IrNode *by = f;
    if (f->type.dtype == DT_none) {
        by = ir_add1(&l->at, OP_result, old->type, f);
        by->imm = k;
    }
    by->name = old->name;
    for (IrUse *u = old->uses, *next; u; u = next) {
        next = u->next;
        if (!strip_is_in(l->s, pass_ancestor_in(u->user, l->s->region)))
            ir_set_in(u->user, u->slot, by);
    }
}

IrNode *strip_build(Strip *s)
{
    IrNode *last = vec_last(&s->members);
    s->cx->changed++;
    for (int i = s->nbehind - 1; i >= 0; i--)
        ir_move_before(s->behind.p[i], last->next);
    Loop l = { .s = s, .at = { last->parent->fn, last->parent, last->next, last->span }, .nodes = map_new(s->cx->arena), .axis = map_new(s->cx->arena), .starts = map_new(s->cx->arena) };
    for (int i = 0; i < s->members.n; i++)
        if (pass_faults(s->members.p[i]) && strip_faults_before(s, s->members.p[i]))
            pass_search_faults(s->cx, l.at, s->members.p[i], NULL);
    list_going(&l);
    IrNode *f = loop(&l);
    fill(&l);
    for (int k = 0; k < s->outputs.n; k++)
        put_result(&l, f, k, s->outputs.p[k]);
    for (int k = 0; k < l.going.n; k++) {
        IrNode *old;
        if (l.going.p[k]->axis < 0 && strip_has_result(l.going.p[k]->old, l.going.p[k]->k, &old))
            put_result(&l, f, s->outputs.n + k, old);
    }
    for (int i = s->members.n - 1; i >= 0; i--)
        ir_drop(s->members.p[i]);
    return f;
}
