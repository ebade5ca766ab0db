/* strip_scan.c - a loop over the rows: each turn makes a row of what it carries, from that row of members and from rows before it (running sums, recurrences).
 *
 *     %f = for 0, T, %blank [i: T] (%c: f32[T, S]) {         for 0, strips, .., %blank [t] (.., %k: f32[R + 1, S]) {
 *       %r = map [j: S] { %c[i - 1, j] + %s[i, j] }            %b = map [r: R + 1, j: S] { %k[..], which has that row | it is no new one }
 *       yield update %c[i, 0: S], %r }                         %f = for new, end, %b [i] (%c) { %r = map [j: S] { .. }; yield update .. }
 *     %p = map [i, j] { .. %f[i - 1, j] }                      %p = map ..; yield .., %f }
 *
 * A strip begins with the rows that the one before has left, and makes those that are new: each turn is run once, in order, whatever the strips overlap.
 * What else the loop carries goes on from strip to strip, and is what the loop over strips leaves (the last row of a dynamic program over pairs). Its rows are *held* from so far before the strip's as its own turns and others read; *made*, and so
 * read of other members, are those of its readers' rows.
 */
#include "passes/strip_int.h"

/* A loop within the turn that fills the row place by place (a dynamic program over pairs): it begins with what it stands in carries; NULL: n is none. */
static IrNode *places_of(const IrNode *n, const IrNode *begin)
{
    bool fills = n->op == OP_for && n->nin == 3 && n->type.dtype != DT_none && n->in[2] == begin;
    IrNode *update = fills ? ir_terminator(n->regions[0])->in[0] : NULL;
    return update && update->op == OP_update && update->parent == n->regions[0] && update->in[0] == n->regions[0]->params.p[1] ? update : NULL;
}

/* What a turn leaves of what it carries, if it has filled its row of that; NULL: that is nothing by rows. */
static IrNode *filled(const Strip *s, const IrNode *loop, int k, int *axis)
{
    const IrRegion *r = loop->regions[0];
    IrNode *next = ir_terminator(r)->in[k], *update = places_of(next, r->params.p[1 + k]);
    update = update ? update : next;
    if (update->op != OP_update || next->parent != r || (update == next && next->in[0] != r->params.p[1 + k]))
        return NULL;
    for (int a = 0; a < next->type.rank; a++)
        if (update->in[2 + a] == r->params.p[0] && !update->box[a] && next->type.dims[a] == s->rows) {
            *axis = a;
            return next;
        }
    return NULL;
}

static bool is_size(const IrNode *x, Dim d)
{
    int64_t n;
    return x->op == OP_dim ? x->dim == d : x->op == OP_const && dim_is_const(d, &n) && n == x->imm;
}

static bool counts_rows(const Strip *s, const IrNode *n)
{
    return n->op == OP_for && n->parent == s->region && n->nin > 2 && n->in[0]->op == OP_const && n->in[0]->imm >= 0 && is_size(n->in[1], s->rows) &&
           strip_is_turn(s, n->regions[0]->params.p[0]);
}

bool strip_is_turn(const Strip *s, const IrNode *x)
{
    int64_t first;
    bool late = x->parent->owner->op == OP_for && x->lo && dim_is_const(x->lo, &first) && first >= 0 && !x->from && !x->to;
    return (x->dim == s->rows && pass_is_whole(x)) || (late && dim_add(s->cx->module->dims, x->lo, x->dim) == s->rows);
}

bool strip_has_result(const IrNode *loop, int k, IrNode **result)
{
    *result = loop->type.dtype != DT_none && loop->uses ? (IrNode *)(uintptr_t)loop : NULL;
    for (const IrUse *u = loop->uses; u && !*result; u = u->next)
        *result = u->user->op == OP_result && u->user->imm == k && u->user->uses ? u->user : NULL;
    return *result;
}

static bool note(Strip *s, IrNode *n, int axis)
{
    int old = strip_axis(s, n);
    if (old >= 0)
        return old == axis;
    map_put(&s->axis, n, (void *)(uintptr_t)(axis + 1));
    vec_push(s->cx->arena, &s->values, n);
    return true;
}

/* In a loop that fills the row, too. */
static bool note_filled(Strip *s, IrNode *param, IrNode *next, int axis)
{
    IrNode *update = places_of(next, param);
    return note(s, param, axis) && note(s, next, axis) && (!update || (note(s, next->regions[0]->params.p[1], axis) && note(s, update, axis)));
}

/* What it does not carry by rows, and leaves: no size. */
static bool note_going(Strip *s, IrNode *n, int k, bool *some)
{
    IrNode *result;
    if (strip_axis(s, n->in[2 + k]) >= 0)
        return false;
    if (!strip_has_result(n, k, &result))
        return true;
    *some = true;
    return !result->sym && note(s, result, STRIP_GOES);
}

/* What it carries by rows, and its results. */
static bool note_carried(Strip *s, IrNode *n)
{
    bool all = true, some = false;
    for (int k = 0; k < n->nin - 2 && all; k++) {
        int axis = -1;
        IrNode *next = filled(s, n, k, &axis);
        if (!next) {
            all = note_going(s, n, k, &some);
            continue;
        }
        some = true;
        all = !n->in[0]->imm && pass_is_blank(n->in[2 + k]) && note_filled(s, n->regions[0]->params.p[1 + k], next, axis);
        if (n->type.dtype != DT_none)
            all = all && note(s, n, axis);
        for (IrUse *u = n->uses; u && all; u = u->next)
            all = u->user->op != OP_result || u->user->imm != k || note(s, u->user, axis);
    }
    if (n->type.dtype == DT_none && all && some) {
        map_put(&s->axis, n, (void *)(uintptr_t)(STRIP_SEVERAL + 1));
        vec_push(s->cx->arena, &s->values, n);
    }
    return all && some;
}

typedef struct Turn { Strip *s; IrNode *loop; Dim depth; bool ok; } Turn;

static void see_turn(void *user, IrNode *n)
{
    Turn *t = user;
    DimCx *d = t->s->cx->module->dims;
    const IrRegion *r = t->loop->regions[0];
    for (int i = 0; i < n->nin && t->ok; i++) {
        int a = strip_axis(t->s, n->in[i]);
        Halo at;
        bool fills = (n->op == OP_update && i == 0 && strip_axis(t->s, n) >= 0) || (n->op == OP_for && i == 2 && strip_axis(t->s, n) >= 0);
        bool ends = n->op == OP_yield && (n->parent == r || strip_axis(t->s, n->parent->owner) >= 0);
        if (a < 0 || fills || ends)
            continue;
        t->ok = n->op == OP_load && i == 0 && a < n->nin - 1 && strip_beside(t->s, n->in[1 + a], r, r->params.p[0], &at);
        if (!t->ok || strip_root(t->s, n->in[i]) != t->loop)
            continue;
        t->ok = at.behind == dim_const(d, 0);
        t->depth = t->depth == dim_const(d, 0) ? at.before : dim_max(d, t->depth, at.before);
    }
}

Dim strip_depth(Strip *s, IrNode *loop)
{
    Turn t = { s, loop, dim_const(s->cx->module->dims, 0), true };
    ir_walk(loop->regions[0], see_turn, &t);
    for (int k = 0, axis; k < loop->nin - 2 && t.ok; k++) /* what a turn leaves is by rows, or is made of rows */
        t.ok = filled(s, loop, k, &axis) || strip_axis(s, ir_terminator(loop->regions[0])->in[k]) < 0;
    return t.ok ? t.depth : NULL;
}

bool strip_is_scan(const Strip *s, const IrNode *n) { return map_find(&s->scans, n) != NULL; }

bool strip_give_scan(Strip *s, IrNode *n)
{
    int before = s->values.n;
    if (!counts_rows(s, n))
        return false;
    s->met = true;
    if (s->near && note_carried(s, n) && strip_depth(s, n)) {
        map_put(&s->scans, n, n);
        return true;
    }
    strip_take_back(s, before);
    return false;
}
