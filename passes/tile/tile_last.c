/* tile_last.c - the new value of a variable is computed behind the last reader of the old one, so that it may take its memory.
 *
 *     %m1 = map [i] { f(%m[i], %g[i]) }                  %w1 = map [i] { .. %m[i] .. }
 *     %w1 = map [i] { .. %m[i] .. }                      %m1 = map [i] { f(%m[i], %g[i]) }      in the memory of %m
 *     ret %w1, %m1                                       ret %w1, %m1
 *
 * Only where nobody between them needs the new value. Of two that read each other's old value one moves, and the other keeps its copy.
 */
#include <limits.h>

#include "passes/tile/tile_int.h"

/* Where n stands in r, in which each node has a number. */
static int place_of(Map *at, const IrNode *n, const IrRegion *r)
{
    IrNode *top = pass_ancestor_in((IrNode *)(uintptr_t)n, r);
    return top ? (int)(uintptr_t)map_find(at, top) : 0;
}

static Map number(PassCx *cx, const IrRegion *r)
{
    Map at = map_new(cx->arena);
    uintptr_t k = 0;
    for (const IrNode *n = r->first; n; n = n->next)
        map_put(&at, n, (void *)++k);
    return at;
}

static void settle(PassCx *cx, IrRegion *r, IrNode *map, const IrNode *old)
{
    if (map->op != OP_map || map->parent != r || map == old)
        return;
    Map at = number(cx, r);
    int here = place_of(&at, map, r), last = 0, first = INT_MAX;
    for (const IrUse *u = old->uses; u; u = u->next) {
        int k = place_of(&at, u->user, r);
        last = k > last && u->user != ir_terminator(r) ? k : last;
    }
    for (const IrUse *u = map->uses; u; u = u->next) {
        int k = place_of(&at, u->user, r);
        first = k < first ? k : first;
    }
    if (last <= here || first <= last)
        return;
    IrNode *behind = map;
    for (int k = here; k < last; k++)
        behind = behind->next;
    ir_move_before(map, behind->next);
    cx->changed++;
}

static const IrNode *old_value(const IrFn *fn, const IrRegion *r, int slot)
{
    const IrNode *owner = r->owner;
    if (!owner)
        return slot < fn->vars.n ? fn->params.p[fn->vars.p[slot]] : NULL;
    if (owner->op == OP_for)
        return slot + 1 < r->params.n ? r->params.p[slot + 1] : NULL;
    return owner->op == OP_while && r == owner->regions[1] && slot < r->params.n ? r->params.p[slot] : NULL;
}

void tile_last(PassCx *cx, IrFn *fn, IrRegion *r)
{
    const IrNode *y = ir_terminator(r);
    for (int i = 0; y && i < y->nin; i++) {
        const IrNode *old = old_value(fn, r, i);
        if (old && pass_is_tensor(old))
            settle(cx, r, y->in[i], old);
    }
    for (IrNode *n = r->first; n; n = n->next)
        for (int k = 0; k < n->nregions && (n->op == OP_for || n->op == OP_while || n->op == OP_if); k++)
            tile_last(cx, fn, n->regions[k]);
}
