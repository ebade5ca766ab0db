/* fault_guard.c - what may fault in one part of a guard is looked for before the loop where another part would become a bound, or be known.
 *
 *     sum [j: S | %p[c(j), j] and j < 3]       reduce any [j: S] { %c = clampi %n[j], 0, N; yield false }      %c = clampi %n[j], 0, N
 *       c(j): clampi %n[j], 0, N               sum [j: S in 0..3 | %p[max(min(%n[j], N - 1), 0), j]]
 *
 * A guard is asked at each place, and so is each of its parts that stands under no condition (`j < 3 and x[n[j]] > 0` asks for n[j] where j < 3 only).
 * Later passes narrow a loop by one part, or take in a map that makes a condition, whose elements may be the same for all subscripts.
 */
#include "passes/stream_int.h"

typedef struct Asked { PassCx *cx; const IrRegion *r; Map seen; VEC(IrNode *) all; } Asked;

static void see(Asked *a, IrNode *n, bool apart);

static void see_region(Asked *a, IrRegion *r, bool apart)
{
    for (IrNode *n = r->first; n; n = n->next)
        see(a, n, apart);
}

/* apart: something else may say that the place is none, or that n need not be known. A node that is met as such is not met again. */
static void see(Asked *a, IrNode *n, bool apart)
{
    bool of_map = n->op == OP_load && n->in[0]->op == OP_map;
    if (!ir_inside(n, a->r) || n->op == OP_index || n->op == OP_arg || map_find(&a->seen, n))
        return;
    if (apart) {
        map_put(&a->seen, n, n);
        if (pass_is_fault(n))
            vec_push(a->cx->arena, &a->all, n);
    }
    for (int i = 0; i < n->nin; i++)
        see(a, n->in[i], apart || of_map);
    for (int i = 0; i < n->nregions; i++)
        see_region(a, n->regions[i], apart);
}

/* others: there are further parts, which are asked for whatever g says. */
static void see_part(Asked *a, IrNode *g, bool others)
{
    if (g->op == OP_and) {
        see_part(a, g->in[0], true);
        see_part(a, g->in[1], true);
    } else {
        see(a, g, others);
    }
}

static void see_guards(Asked *a, IrRegion *r)
{
    IrOp op = (IrOp)r->owner->op;
    IrNode *guard = op == OP_map || op == OP_reduce || op == OP_scatter ? pass_guard(r) : NULL;
    a->r = r;
    if (guard)
        see_part(a, guard, false);
    for (IrNode *n = r->first; n; n = n->next)
        for (int i = 0; i < n->nregions; i++)
            see_guards(a, n->regions[i]);
}

void pass_ask_guards(PassCx *cx, IrNode *root)
{
    Asked a = { .cx = cx, .seen = map_new(cx->arena) };
    IrBuilder b = { root->parent->fn, root->parent, root, root->span };
    see_guards(&a, root->regions[0]);
    if (!a.all.n || !pass_search_some(cx, b, root, a.all.p, a.all.n))
        return;
    for (int i = 0; i < a.all.n; i++)
        pass_quiet_fault(cx, a.all.p[i]);
    cx->changed++;
}
