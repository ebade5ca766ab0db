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
    if (axis != STRIP_SUM && (axis < 0 || axis >= n->type.rank || n->type.dims[axis] != s->rows))
        return false;
    if (old >= 0)
        return old == axis;
    map_put(&s->axis, n, (void *)(uintptr_t)(axis + 1));
    vec_push(s->cx->arena, &s->values, n);
    return true;
}

void strip_take_back(Strip *s, int n)
{
    while (s->values.n > n)
        map_put(&s->axis, s->values.p[--s->values.n], NULL);
}

/* ---- maps: each element reads its own row ---------------------------------------------------------------------------------- */

typedef struct Rows { Strip *s; const IrRegion *in; const IrNode *row; bool ok; } Rows; /* in: that has the row among its indices */

/* The row in a subscript of a member. What a loop makes is read at the row within it. */
static const IrNode *row_in(Rows *r, const IrNode *of, const IrNode *at)
{
    if (at->op == OP_index && at->parent == r->in)
        return at;
    if (of->parent != r->s->region)
        return NULL;
    r->s->met = true;
    return r->s->near ? strip_beside(r->s, at, r->in, r->row, NULL) : NULL;
}

static void see_row(void *user, IrNode *n)
{
    Rows *r = user;
    for (int i = 0; i < n->nin; i++) {
        int a = strip_axis(r->s, n->in[i]);
        if (a < 0)
            continue;
        const IrNode *at = n->op == OP_load && i == 0 && a < n->in[0]->type.rank ? row_in(r, n->in[0], n->in[1 + a]) : NULL;
        r->ok = r->ok && at && (!r->row || at == r->row);
        r->row = r->ok ? at : NULL;
    }
}

/* Of a map's elements, or of the places of a scatter. row: the index; NULL: what the loads say. */
static Rows rows_of(Strip *s, IrNode *n, const IrNode *row)
{
    Rows r = { s, n->regions[0], row, true };
    ir_walk(n->regions[0], see_row, &r);
    r.ok = r.ok && r.row && pass_is_whole(r.row);
    return r;
}

/* The index that is that axis of the map or scatter. */
static const IrNode *index_of(const IrNode *n, int axis)
{
    const IrNode *x = axis < 0 || axis >= n->type.rank ? NULL : n->op == OP_map ? n->regions[0]->params.p[axis] : ir_terminator(n->regions[0])->in[2 + axis];
    return x && x->op == OP_index && x->parent == n->regions[0] ? x : NULL;
}

bool strip_holds(Strip *s)
{
    bool ok = true;
    for (int i = 0; i < s->values.n && ok; i++) {
        IrNode *n = s->values.p[i];
        ok = (n->op != OP_map && n->op != OP_scatter) || rows_of(s, n, index_of(n, strip_axis(s, n))).ok;
        ok = ok && (!strip_is_scan(s, n) || strip_depth(s, n));
        ok = strip_axis(s, n) == STRIP_SUM ? (n->op == OP_map ? strip_sum(s, n) : strip_turn(s, n)) != NULL : ok;
    }
    return ok;
}

/* ---- sums of columns: blocks of their order are strips ---------------------------------------------------------------------- */

IrNode *strip_sum(Strip *s, IrNode *n)
{
    const IrNode *end = ir_terminator(n->regions[0]);
    IrNode *sum = end->in[0];
    bool whole = end->nin == 1 && sum->op == OP_reduce && sum->parent == n->regions[0] && sum->redop == RED_sum && sum->order == ORDER_contract && !sum->stream;
    if (!whole || sum->regions[0]->params.n != 1 || sum->regions[0]->params.p[0]->dim != s->rows || !pass_is_whole(sum->regions[0]->params.p[0]))
        return NULL;
    Rows r = { s, sum->regions[0], sum->regions[0]->params.p[0], true };
    ir_walk(n->regions[0], see_row, &r);
    return r.ok && r.row ? sum : NULL;
}

static bool give_map(Strip *s, IrNode *n, int axis)
{
    Rows r = rows_of(s, n, index_of(n, axis));
    if (!r.ok)
        return axis < 0 && strip_sum(s, n) && note(s, n, STRIP_SUM);
    for (int i = 0; i < n->regions[0]->params.n; i++)
        axis = n->regions[0]->params.p[i] == r.row ? i : axis;
    return note(s, n, axis);
}

/* ---- scatters: what goes to a row's places comes from that row, or the rows go in turn to the same places -------------------------- */

static bool is_place(const IrNode *scatter, const IrNode *x)
{
    bool place = false;
    for (int a = 0; a < scatter->type.rank; a++)
        place = place || index_of(scatter, a) == x;
    return place;
}

IrNode *strip_turn(Strip *s, IrNode *n)
{
    Rows r = rows_of(s, n, NULL);
    int64_t one;
    for (int i = 0; i < n->regions[0]->params.n && r.ok; i++) {
        IrNode *x = n->regions[0]->params.p[i];
        if (x == r.row)
            return is_place(n, x) ? NULL : x;
        if (!is_place(n, x) && !(dim_is_const(x->dim, &one) && one == 1))
            break;
    }
    return NULL;
}

static bool give_scatter(Strip *s, IrNode *n, int axis)
{
    Rows r = rows_of(s, n, index_of(n, axis));
    int found = strip_turn(s, n) ? STRIP_SUM : -1;
    for (int a = 0; a < n->type.rank && r.ok; a++)
        found = index_of(n, a) == r.row ? a : found;
    return r.ok && found >= 0 && (axis < 0 || axis == found) && note(s, n, found);
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
    if (axis < 0 || axis >= n->type.rank || n->box[axis] != s->rows)
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

/* What a loop carries: tensor k begins with in[first + k], is parameter first_param + k of the region that makes the next one. */
typedef struct Carried { IrNode *loop; IrRegion *r; int n, operand, param, *axis; } Carried; /* axis: of each, -1: it does not go over the rows */

static Carried carried_by(Strip *s, IrNode *loop)
{
    bool counts = loop->op == OP_for;
    Carried c = { loop, loop->regions[loop->nregions - 1], loop->nin - (counts ? 2 : 0), counts ? 2 : 0, counts, NULL };
    c.axis = NEWN(s->cx->arena, int, c.n + 1);
    for (int k = 0; k < c.n; k++)
        c.axis[k] = strip_axis(s, loop->in[c.operand + k]);
    return c;
}

/* As far as what reads members tells, with the carried ones of which that is known. */
static void look_through(Strip *s, const Carried *c)
{
    for (int k = 0; k < c->n; k++)
        if (c->axis[k] >= 0)
            note(s, c->r->params.p[c->param + k], c->axis[k]);
    for (IrNode *n = c->r->first; n; n = n->next)
        if (n->op != OP_yield && strip_reads(s, n, NULL))
            strip_give(s, n, -1);
}

/* A tensor that goes into one whose rows are those of a member, by the axis at which its own rows lie in it. */
static int axis_of_next(const Strip *s, const IrNode *next)
{
    int axis = strip_axis(s, next);
    if (axis >= 0 || next->op != OP_update)
        return axis;
    int part = strip_axis(s, next->in[1]);
    for (int a = 0; a < next->type.rank && part >= 0; a++)
        axis = axis_of_value(next, a) == part ? a : axis;
    return axis;
}

/* What a turn makes of it tells the axis of a tensor, where what it begins with does not. */
static void find_axes(Strip *s, Carried *c)
{
    for (bool more = true; more;) {
        int before = s->values.n;
        more = false;
        look_through(s, c);
        for (int k = 0; k < c->n; k++) {
            int axis = c->axis[k] < 0 ? axis_of_next(s, ir_terminator(c->r)->in[k]) : -1;
            more = more || axis >= 0;
            c->axis[k] = axis >= 0 ? axis : c->axis[k];
        }
        strip_take_back(s, before);
    }
}

/* Its results are members each; none is lost. */
static bool give_results(Strip *s, const Carried *c)
{
    bool all = true;
    if (c->loop->type.dtype != DT_none)
        return note(s, c->loop, c->axis[0]);
    map_put(&s->axis, c->loop, (void *)(uintptr_t)(STRIP_SEVERAL + 1));
    vec_push(s->cx->arena, &s->values, c->loop);
    for (IrUse *u = c->loop->uses; u && all; u = u->next)
        all = u->user->op == OP_result && note(s, u->user, c->axis[u->user->imm]);
    return all;
}

static bool note_params(Strip *s, const Carried *c, int k)
{
    bool all = true;
    for (int i = 0; i < c->loop->nregions && all; i++)
        all = note(s, c->loop->regions[i]->params.p[c->param + k], c->axis[k]);
    return all;
}

/* Whether a loop goes on is one question for all rows. */
static bool reads_in(const Strip *s, IrRegion *r)
{
    Reads q = { s, NULL, false };
    ir_walk(r, see_read, &q);
    return q.found;
}

static bool give_loop(Strip *s, IrNode *n, int axis)
{
    Carried c = carried_by(s, n);
    if (axis >= 0 && c.n == 1)
        c.axis[0] = axis;
    find_axes(s, &c);
    for (int k = 0; k < c.n; k++)
        if (c.axis[k] >= 0 && (!strip_give(s, n->in[c.operand + k], c.axis[k]) || !note_params(s, &c, k)))
            return false;
    if (!give_body(s, c.r) || (n->op == OP_while && reads_in(s, n->regions[0])))
        return false;
    for (int k = 0; k < c.n; k++) {
        IrNode *next = ir_terminator(c.r)->in[k];
        if (c.axis[k] >= 0 ? !strip_give(s, next, c.axis[k]) : strip_axis(s, next) >= 0)
            return false;
    }
    return give_results(s, &c);
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
    case OP_while:
    case OP_for: return strip_give_scan(s, n) ? axis < 0 || strip_axis(s, n) == axis : give_loop(s, n, axis);
    case OP_scatter: return give_scatter(s, n, axis);
    case OP_update: return give_update(s, n, axis);
    case OP_topk:
    case OP_sort: return give_sorted(s, n);
    default: return false;
    }
}
