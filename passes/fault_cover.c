/* fault_cover.c - does a reader look for the faults of a map itself, at all places?
 *
 *     %m = map [t] { max [j | %a[c(t), j] > 0] { .. } }        %c = clampi may fault in both; the reader's guard is asked at every t and j,
 *     %o = map [t, e] { sum [j | %a[c(t), j] > 0] { .. } }     so that nothing has to be left where %m stood, unless there is no e
 *
 * A fault of the map is covered by an equal one of the reader whose indices take all values that those of the map take, under no other
 * conditions than the map's fault.
 */
#include <string.h>

#include "passes/stream_int.h"

enum { PAIRS_MOST = 2 * IR_RANK_MOST };

typedef struct Cover {
    PassCx *cx;
    const IrNode *fault, *other;                    /* of the map; of the reader */
    const IrNode *a[PAIRS_MOST], *b[PAIRS_MOST];    /* indices of the one and the other that run over the same places */
    int n;
} Cover;

static bool same_index(Cover *c, const IrNode *a, const IrNode *b)
{
    for (int i = 0; i < c->n; i++)
        if (c->a[i] == a || c->b[i] == b)
            return c->a[i] == a && c->b[i] == b;
    if (c->n == PAIRS_MOST || a->dim != b->dim || !pass_is_whole(a) || !pass_is_whole(b))
        return false;
    c->a[c->n] = a;
    c->b[c->n++] = b;
    return true;
}

/* Is the fault asked for by the guard of a region around it, at each place? */
static bool asks_itself(PassCx *cx, const IrRegion *r, const IrNode *fault)
{
    const IrNode *guard = pass_guard(r);
    return guard && pass_depends_on(cx, guard, pass_ancestor_in((IrNode *)(uintptr_t)fault, r));
}

static bool same_value(Cover *c, const IrNode *a, const IrNode *b)
{
    if (a == b)
        return true;
    if (a->op != b->op || a->nin != b->nin || !ir_type_equal(a->type, b->type) || a->nregions)
        return false;
    if (a->op == OP_index)
        return same_index(c, a, b);
    if (!(ir_info(a)->effects & PURE) || a->op == OP_arg || a->op == OP_param || (a->op == OP_const && memcmp(a->key, b->key, sizeof a->key)) || (a->op == OP_dim && a->dim != b->dim))
        return false;
    for (int i = 0; i < a->nin; i++)
        if (!same_value(c, a->in[i], b->in[i]))
            return false;
    return true;
}

/* Is the map's fault in branch `side` of a choice by the same condition, or under a guard that says it? */
static bool is_under(Cover *c, const IrNode *condition, int side)
{
    for (const IrRegion *r = c->fault->parent; r && r->owner; r = r->owner->parent) {
        const IrNode *said = r->owner->op == OP_if ? (r == r->owner->regions[side] ? r->owner->in[0] : NULL) : side == 0 && !asks_itself(c->cx, r, c->fault) ? pass_guard(r) : NULL;
        Cover before = *c;
        if (said && same_value(c, said, condition))
            return true;
        *c = before;
    }
    return false;
}

static bool is_paired(const Cover *c, const IrNode *x)
{
    for (int i = 0; i < c->n; i++)
        if (c->b[i] == x)
            return true;
    return false;
}

/* Does the reader come to its fault wherever the map does? *empty: unless this size is 0; NULL: always. */
static bool is_reached(Cover *c, const IrNode *reader, Dim *empty)
{
    *empty = NULL;
    for (const IrRegion *r = c->other->parent; r != reader->parent; r = r->owner->parent) {
        const IrNode *owner = r->owner;
        if (owner->op == OP_if ? !is_under(c, owner->in[0], r == owner->regions[1]) : owner->op != OP_map && owner->op != OP_reduce)
            return false;
        if (owner->op != OP_if && pass_guard(r) && !asks_itself(c->cx, r, c->other) && !is_under(c, pass_guard(r), 0))
            return false;
    }
    for (const IrRegion *r = c->other->parent; r != reader->parent; r = r->owner->parent)
        for (int i = 0; i < r->params.n; i++) {
            const IrNode *x = r->params.p[i];
            int64_t n;
            if (is_paired(c, x) || ir_inside(c->fault, r) || (dim_is_const(x->dim, &n) && n > 0 && pass_is_whole(x)))
                continue;
            if (!pass_is_whole(x) || !pass_known_at_entry(r->fn, x->dim))
                return false;
            *empty = *empty ? dim_min(c->cx->module->dims, *empty, x->dim) : x->dim;
        }
    return true;
}

typedef struct Faults { PassCx *cx; VEC(const IrNode *) all; } Faults;

static void see_fault(void *user, IrNode *n)
{
    Faults *f = user;
    if (pass_is_fault(n))
        vec_push(f->cx->arena, &f->all, n);
}

static bool covers(PassCx *cx, const Faults *of_reader, const IrNode *reader, const IrNode *fault, Dim *empty)
{
    for (int i = 0; i < of_reader->all.n; i++) {
        Cover c = { .cx = cx, .fault = fault, .other = of_reader->all.p[i] };
        if (c.other->op == fault->op && same_value(&c, fault, c.other) && is_reached(&c, reader, empty))
            return true;
    }
    return false;
}

bool pass_covers_faults(PassCx *cx, const IrNode *reader, const IrNode *map, Dim *empty)
{
    Faults all = { .cx = cx }, own = { .cx = cx };
    ir_walk(reader->regions[0], see_fault, &all);
    ir_walk(map->regions[0], see_fault, &own);
    *empty = NULL;
    for (int i = 0; i < own.all.n; i++) {
        Dim d;
        if (!covers(cx, &all, reader, own.all.p[i], &d))
            return false;
        *empty = *empty && d ? dim_min(cx->module->dims, *empty, d) : *empty ? *empty : d;
    }
    return true;
}

bool pass_repeats_fault(PassCx *cx, const IrNode *map, const IrNode *fault, const IrNode *other)
{
    Cover c = { .cx = cx, .fault = fault, .other = other };
    Dim empty;
    return other->op == fault->op && fault->op != OP_check && same_value(&c, fault, other) && is_reached(&c, map, &empty) && !empty;
}
