/* strip_build.c - the loop over strips: members with fewer rows, and the results that they fill strip by strip. */
#include "passes/merge_int.h"
#include "passes/strip_int.h"

typedef struct Own { Halo halo; Dim rows; IrNode *start; } Own; /* of members that have these rows beside the strip's: how many they are, and the first one */

typedef struct Loop {
    Strip *s;
    IrBuilder at, in;       /* before the loop; in its body */
    Dim first;              /* the first row that no strip before had */
    Dim most;               /* rows of a strip, if there are as many */
    VEC(const Own *) owns;  /* the different ones */
    Map nodes;              /* members to their copies, and what stands in them */
    Map axis;               /* copies: 1 + the row axis */
    Map starts;             /* copies: their first row */
} Loop;

static int axis_of_copy(const Loop *l, const IrNode *n) { return (int)(uintptr_t)map_find(&l->axis, n) - 1; }

/* Begins at rows that the tensor has: all that the rows of the strip, and those beside them, need are among its own. */
static const Own *own_of(Loop *l, IrNode *old)
{
    PassCx *cx = l->s->cx;
    DimCx *d = cx->module->dims;
    Halo h = strip_halo(l->s, old);
    for (int i = 0; i < l->owns.n; i++)
        if (l->owns.p[i]->halo.before == h.before && l->owns.p[i]->halo.behind == h.behind)
            return l->owns.p[i];
    Dim beside = dim_add(d, h.before, h.behind), rows = l->s->most == 1 ? l->most : dim_min(d, l->s->rows, dim_add(d, l->most, beside));
    Dim start = l->s->most == 1 ? l->first : dim_min(d, dim_sub(d, l->first, h.before), dim_sub(d, l->s->rows, rows));
    Own *own = NEW(cx->arena, Own);
    *own = (Own){ h, rows, ir_dim_value(&l->in, h.before == dim_const(d, 0) ? start : dim_max(d, dim_const(d, 0), start)) };
    vec_push(cx->arena, &l->owns, own);
    return own;
}

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
    if (n->op == OP_update)
        n->box[axis] = own->rows;
    if (n->op == OP_map)
        fewer_rows(l, own, n, axis, axis);
    for (int p = 0; n->op == OP_scatter && p < n->regions[0]->params.n; p++)
        if (ir_terminator(n->regions[0])->in[2 + axis] == n->regions[0]->params.p[p]) {
            fewer_rows(l, own, n, p, axis);
            break;
        }
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
    ir_set_in(n, 1 + axis, same ? at->in[0] : ir_add2(&b, OP_sub, at->type, at, start));
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

static IrNode *loop(Loop *l)
{
    DimCx *d = l->s->cx->module->dims;
    int n = l->s->outputs.n;
    IrNode **in = NEWN(l->s->cx->arena, IrNode *, n + 2);
    Dim most = dim_max(d, dim_const(d, l->s->most), l->s->beside);
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
    IrNode *f = ir_add(&l->at, OP_for, n == 1 ? in[2]->type : ir_scalar(DT_none), n + 2, in);
    l->in = (IrBuilder){ l->at.fn, ir_region_new(l->at.fn, f), NULL, l->at.span };
    IrNode *t = ir_index_new(l->in.region, name_of(l->at.fn->module->names, "strip"), NULL, count, l->at.span);
    for (int k = 0; k < n; k++)
        ir_arg_new(l->in.region, l->s->outputs.p[k]->name, in[2 + k]->type);
    l->first = dim_mul(d, dim_sym(d, t->sym), most);
    for (int i = 0; i < l->s->values.n; i++)
        own_of(l, l->s->values.p[i]);
    pass_note_symbols(l->s->cx, l->in.region);
    return f;
}

static void fill(Loop *l)
{
    Strip *s = l->s;
    for (int i = 0; i < s->members.n; i++) {
        IrNode *n = ir_clone_node(&l->in, s->members.p[i], &l->nodes, NULL, NULL);
        if (pass_faults(n) && strip_faults_before(s, s->members.p[i]))
            pass_quiet_faults(s->cx, n->regions[0]);
    }
    for (int i = 0; i < s->values.n; i++)
        adjust(l, s->values.p[i]);
    ir_walk(l->in.region, read_strip, l);
    IrNode **v = NEWN(s->cx->arena, IrNode *, s->outputs.n);
    for (int k = 0; k < s->outputs.n; k++)
        v[k] = updated(l, l->in.region->params.p[1 + k], s->outputs.p[k]);
    ir_yield(&l->in, s->outputs.n, v);
}

IrNode *strip_build(Strip *s)
{
    IrNode *last = vec_last(&s->members);
    s->cx->changed++;
    Loop l = { .s = s, .at = { last->parent->fn, last->parent, last->next, last->span }, .nodes = map_new(s->cx->arena), .axis = map_new(s->cx->arena), .starts = map_new(s->cx->arena) };
    for (int i = 0; i < s->members.n; i++)
        if (pass_faults(s->members.p[i]) && strip_faults_before(s, s->members.p[i]))
            pass_search_faults(s->cx, l.at, s->members.p[i], NULL);
    IrNode *f = loop(&l);
    fill(&l);
    for (int k = 0; k < s->outputs.n; k++) {
        IrNode *old = s->outputs.p[k], *by = f;
        if (s->outputs.n > 1) {
            by = ir_add1(&l.at, OP_result, old->type, f);
            by->imm = k;
        }
        by->name = old->name;
        for (IrUse *u = old->uses, *next; u; u = next) {
            next = u->next;
            if (!strip_is_in(s, pass_ancestor_in(u->user, s->region)))
                ir_set_in(u->user, u->slot, by);
        }
    }
    for (int i = s->members.n - 1; i >= 0; i--)
        ir_drop(s->members.p[i]);
    return f;
}
