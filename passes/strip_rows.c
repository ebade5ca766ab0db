/* strip_rows.c - by which axis a tensor goes over the rows of a strip, and does each row of it need that row of others alone? */
#include "passes/strip_int.h"

typedef struct Reads { const Strip *s; const IrNode *of; bool found; } Reads;

static void see_read(void *user, IrNode *n)
{
    Reads *r = user;
    for (int i = 0; i < n->nin; i++)
        r->found = r->found || (r->of ? n->in[i] == r->of : strip_axis(r->s, n->in[i]) >= 0);
}

bool strip_reads(const Strip *s, IrNode *n, const IrNode *of)
{
    Reads r = { s, of, false };
    see_read(&r, n);
    for (int i = 0; i < n->nregions && !r.found; i++)
        ir_walk(n->regions[i], see_read, &r);
    return r.found;
}

static bool note(Strip *s, IrNode *n, int axis)
{
    int old = strip_axis(s, n);
    if (axis < 0 || axis >= n->type.rank || n->type.dims[axis] != s->rows)
        return false;
    if (old >= 0)
        return old == axis;
    map_put(&s->axis, n, (void *)(uintptr_t)(axis + 1));
    vec_push(s->cx->arena, &s->values, n);
    return true;
}

/* ---- maps: each element reads its own row ---------------------------------------------------------------------------------- */

typedef struct Rows { Strip *s; const IrNode *map, *row; bool ok; } Rows;

static void see_row(void *user, IrNode *n)
{
    Rows *r = user;
    for (int i = 0; i < n->nin; i++) {
        int a = strip_axis(r->s, n->in[i]);
        if (a < 0)
            continue;
        const IrNode *at = n->op == OP_load && i == 0 ? n->in[1 + a] : NULL;
        r->ok = r->ok && at && at->op == OP_index && at->parent == r->map->regions[0] && (!r->row || at == r->row);
        r->row = r->ok ? at : NULL;
    }
}

static bool give_map(Strip *s, IrNode *n, int axis)
{
    Rows r = { s, n, axis < 0 ? NULL : n->regions[0]->params.p[axis], true };
    ir_walk(n->regions[0], see_row, &r);
    if (!r.ok || !r.row || !pass_is_whole(r.row))
        return false;
    for (int i = 0; i < n->regions[0]->params.n; i++)
        axis = n->regions[0]->params.p[i] == r.row ? i : axis;
    return note(s, n, axis);
}

/* ---- loops: what they carry goes over the rows -------------------------------------------------------------------------------- */

/* The axis of an update's value that is this one of the tensor; -1: it is a place. */
static int axis_of_value(const IrNode *update, int axis)
{
    int k = 0;
    for (int i = 0; i < axis; i++)
        k += update->box[i] != NULL;
    return update->box[axis] ? k : -1;
}

static bool give_update(Strip *s, IrNode *n, int axis)
{
    axis = axis < 0 ? strip_axis(s, n->in[0]) : axis;
    if (axis < 0 || n->box[axis] != s->rows)
        return false;
    return strip_give(s, n->in[0], axis) && strip_give(s, n->in[1], axis_of_value(n, axis)) && note(s, n, axis);
}

static bool give_body(Strip *s, IrRegion *r)
{
    for (IrNode *n = r->first; n; n = n->next)
        if (n->op != OP_yield && strip_reads(s, n, NULL) && !strip_give(s, n, -1))
            return false;
    return true;
}

static bool give_for(Strip *s, IrNode *n, int axis)
{
    IrRegion *r = n->regions[0];
    if (n->type.dtype == DT_none) /* one tensor is carried */
        return false;
    axis = axis < 0 ? strip_axis(s, n->in[2]) : axis;
    for (IrNode *x = r->first; x && axis < 0; x = x->next) /* what it reads tells, if what it begins with does not */
        if (x->op == OP_update && x->in[0] == r->params.p[1] && strip_give(s, x->in[1], -1))
            for (int a = 0; a < n->type.rank; a++)
                axis = axis_of_value(x, a) == strip_axis(s, x->in[1]) ? a : axis;
    return axis >= 0 && strip_give(s, n->in[2], axis) && note(s, r->params.p[1], axis) && give_body(s, r) &&
           strip_give(s, ir_terminator(r)->in[0], axis) && note(s, n, axis);
}

/* Values and places: each is a tensor of the group by itself. */
static bool give_sorted(Strip *s, IrNode *n)
{
    int axis = strip_axis(s, n->in[0]);
    bool all = axis >= 0 && axis != n->type.rank - 1 && note(s, n, axis);
    for (IrUse *u = n->uses; u && all; u = u->next)
        all = u->user->op == OP_result && note(s, u->user, axis);
    return all;
}

bool strip_give(Strip *s, IrNode *n, int axis)
{
    int old = strip_axis(s, n);
    if (old >= 0)
        return axis < 0 || old == axis;
    switch (n->op) {
    case OP_map: return give_map(s, n, axis);
    case OP_for: return give_for(s, n, axis);
    case OP_update: return give_update(s, n, axis);
    case OP_topk:
    case OP_sort: return give_sorted(s, n);
    default: return false;
    }
}
