/* known.c - choices by a condition that is known where they stand.
 *
 *     sum [j] { if %g { a } else { b }, %g }          sum [j] { a, %g }          what a guard turns off is never asked for
 *     if %c { if %c { a } else { b } } else { .. }    if %c { a } else { .. }
 *     or %g, %g                                       %g
 *
 * A guard is known in what only the value needs: not in what the guard itself is computed from. Linear in nodes, times the conditions
 * that are known at one place.
 */
#include "passes/stream_int.h"

typedef struct Known { const struct Known *outer; const IrNode *condition; bool holds; const Map *but; } Known;

static const Known *look_up(const Known *k, const IrNode *condition, const IrNode *at)
{
    while (k && (k->condition != condition || (k->but && map_find(k->but, at))))
        k = k->outer;
    return k;
}

static void visit(PassCx *cx, IrRegion *r, const Known *known);

static bool is_twice(const IrNode *n) { return (n->op == OP_or || n->op == OP_and) && n->in[0] == n->in[1]; }

/* Each part of a conjunction is known. */
static void visit_guarded(PassCx *cx, IrRegion *r, const IrNode *guard, const Map *cone, const Known *known)
{
    while (is_twice(guard))
        guard = guard->in[0];
    Known k = { known, guard, true, cone };
    if (guard->op != OP_and) {
        visit(cx, r, &k);
        return;
    }
    const IrNode *parts[16];
    Known all[16];
    int n = 0, todo = 0;
    for (parts[n++] = guard; todo < n; todo++)
        for (int i = 0; i < 2 && parts[todo]->op == OP_and && n < 16; i++)
            parts[n++] = parts[todo]->in[i];
    for (int i = 0; i < n; i++)
        all[i] = (Known){ i ? &all[i - 1] : known, parts[i], true, cone };
    visit(cx, r, &all[n - 1]);
}

static void visit_regions(PassCx *cx, IrNode *n, const Known *known)
{
    for (int i = 0; i < n->nregions; i++) {
        IrNode *guard = n->op == OP_reduce || n->op == OP_map || n->op == OP_scatter ? pass_guard(n->regions[i]) : NULL;
        Known branch = { known, n->nin ? n->in[0] : NULL, i == 0, NULL };
        Map cone = map_new(cx->arena);
        if (guard) {
            pass_note_cone(n->regions[i], guard, &cone);
            visit_guarded(cx, n->regions[i], guard, &cone, known);
        } else {
            visit(cx, n->regions[i], n->op == OP_if ? &branch : known);
        }
    }
}

static bool decide(PassCx *cx, IrNode *n, const Known *known)
{
    const Known *k = n->op == OP_if || n->op == OP_select ? look_up(known, n->in[0], n) : NULL;
    bool twice = is_twice(n);
    if ((!k && !twice) || n->sym || n->type.dtype == DT_none)
        return false;
    if (n->op == OP_if) {
        visit(cx, n->regions[!k->holds], known);
        pass_take_branch(n, !k->holds);
        return true;
    }
    ir_replace(n, n->in[twice ? 0 : k->holds ? 1 : 2]);
    ir_drop(n);
    return true;
}

static void visit(PassCx *cx, IrRegion *r, const Known *known)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (decide(cx, n, known))
            cx->changed++;
        else
            visit_regions(cx, n, known);
    }
}

void pass_know_region(PassCx *cx, IrRegion *r) { visit(cx, r, NULL); }

bool pass_known(PassCx *cx, IrFn *fn)
{
    visit(cx, fn->body, NULL);
    return true;
}
