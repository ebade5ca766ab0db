/* distribute.c - a loop of the function of which each turn fills a place of its own and needs no other turn is a tensor for each thing that a turn
 * computes (loop distribution, scalar expansion).
 *
 *     %y = for 0, T, %blank [i: T] (%t: f32[T, S]) {           %m = map [i: T] { reduce max [j: S] { %x[i, j] } }
 *       %m = reduce max [j: S] { %x[i, j] }                    %y = map [i: T, j: S] { exp(%x[i, j] - %m[i]) }
 *       %p = map [j: S] { exp(%x[i, j] - %m) }
 *       yield update %t[i, 0: S], %p }
 *
 * So a function of a row that is called for each row is what the same is with names for all rows: it is fused, streamed and shared by threads like it.
 * Turns are of numbers and vectors: those that compute matrices have kernels that are large enough, and their tensors would all be there at once.
 * Loops of a turn that carry numbers stay in the element; those that carry vectors go over all turns at once. One thing in it may fault: of
 * several the first turn's would be the first. Inner loops first.
 */
#include "passes/distribute_int.h"
#include "passes/stream_int.h"

bool distribute_goes_inside(const IrNode *n)
{
    bool tensors = false;
    for (int i = 1; n->op == OP_for && i < n->regions[0]->params.n; i++)
        tensors = tensors || pass_is_tensor(n->regions[0]->params.p[i]);
    return tensors;
}

static void see_costs(void *user, IrNode *n)
{
    *(bool *)user |= n->op == OP_reduce || n->op == OP_for || n->op == OP_while || pass_is_elementary((IrOp)n->op) || pass_is_fault(n);
}

bool distribute_costs(const IrNode *n)
{
    bool costs = false;
    see_costs(&costs, (IrNode *)(uintptr_t)n);
    for (int i = 0; i < n->nregions && !costs; i++)
        ir_walk(n->regions[i], see_costs, &costs);
    return costs;
}

int distribute_axis(const IrNode *update, const IrNode *x)
{
    int axis = -1;
    for (int a = 0; a < update->type.rank; a++) {
        const IrNode *at = update->in[2 + a];
        if (at == x && axis < 0 && !update->box[a])
            axis = a;
        else if (at->op != OP_const && ir_inside(at, x->parent))
            return -1;
    }
    return axis >= 0 && update->type.rank && x->dim == update->type.dims[axis] ? axis : -1;
}

/* ---- may it be? ------------------------------------------------------------------------------------------------------------ */

typedef struct Asked { PassCx *cx; const IrNode *loop, *x; const Map *made; } Asked;

static bool sizes_are_outside(const Asked *a, const IrNode *n)
{
    for (int i = 0; i < n->type.rank; i++)
        if (pass_dim_depends(a->cx, n->type.dims[i], a->loop->regions[0]))
            return false;
    return true;
}

/* A part of a tensor from outside (a matrix that a function of the turn takes), which is never in memory. */
static bool is_part_of_another(const Asked *a, const IrNode *n)
{
    const IrNode *v = n->op == OP_map && !pass_guard(n->regions[0]) ? ir_terminator(n->regions[0])->in[0] : NULL;
    bool part = v && v->op == OP_load && !ir_inside(v->in[0], a->loop->regions[0]);
    for (const IrNode *x = part ? n->regions[0]->first : NULL; x && part; x = x->next)
        part = x == v || x->op == OP_yield || x->op == OP_const || x->op == OP_dim;
    return part;
}

/* A vector, or what loops inside of this one have become. */
static bool is_small(const Asked *a, const IrNode *n) { return n->type.rank <= 1 || map_find(a->made, n) || is_part_of_another(a, n); }

/* Read element by element, sorted, carried on, or put into its place. */
static bool is_read_by_place(const IrNode *n)
{
    for (const IrUse *u = n->uses; u; u = u->next) {
        IrOp op = (IrOp)u->user->op;
        bool carried = ((op == OP_for || op == OP_update) && u->slot != 1) || (op == OP_yield && u->user->parent->owner->op == OP_for);
        if (op != OP_result && !(op == OP_load && u->slot == 0) && !(op == OP_update && u->slot == 1) &&
            !((op == OP_topk || op == OP_sort) && u->slot == 0) && !carried)
            return false;
    }
    return true;
}

/* It has one value for all turns: made of what is outside, and of indices of loops inside. */
static bool is_same(const Asked *a, const IrNode *n)
{
    const IrRegion *r = a->loop->regions[0];
    bool same = !ir_inside(n, r) || n->op == OP_const || (n->op == OP_index && n->parent != r && distribute_goes_inside(n->parent->owner)) ||
                (n->op == OP_dim && !pass_dim_depends(a->cx, n->dim, r)) || (ir_is_scalar_op(n) && n->op != OP_load && n->nin);
    for (int i = 0; i < n->nin && same && ir_inside(n, r); i++)
        same = is_same(a, n->in[i]);
    return same;
}

static bool has_same_places(const Asked *a, const IrNode *update)
{
    bool same = !update->inplace && ir_inside(update->in[0], a->loop->regions[0]) && (!pass_is_tensor(update->in[1]) || ir_inside(update->in[1], a->loop->regions[0]));
    for (int i = 2; i < update->nin && same; i++)
        same = is_same(a, update->in[i]);
    return same;
}

static bool may_be(const Asked *a, const IrNode *n);

/* A loop over vectors: as many turns for all x. */
static bool may_go_inside(const Asked *a, const IrNode *n)
{
    const IrRegion *r = n->regions[0];
    bool may = true;
    for (int i = 0; i < 2; i++)
        may = may && is_same(a, n->in[i]);
    for (int i = 1; i < r->params.n && may; i++)
        may = !pass_is_tensor(r->params.p[i]) || (is_small(a, r->params.p[i]) && is_read_by_place(r->params.p[i]) && ir_inside(n->in[1 + i], a->loop->regions[0]) &&
                                                  ir_inside(ir_terminator(r)->in[i - 1], a->loop->regions[0]));
    for (const IrNode *x = r->first; x && may; x = x->next)
        may = x->op == OP_yield || may_be(a, x);
    return may && sizes_are_outside(a, n);
}

static bool may_be(const Asked *a, const IrNode *n)
{
    if ((pass_faults(n) && n->parent != a->loop->regions[0]) || (ir_info(n)->effects & PINNED))
        return false;
    if (pass_is_tensor(n) && (!is_small(a, n) || !sizes_are_outside(a, n) || !is_read_by_place(n)))
        return false;
    switch (n->op) {
    case OP_map: return !pass_holds_tensors(n);
    case OP_topk:
    case OP_sort: return n->nin == 1 && ir_inside(n->in[0], a->loop->regions[0]);
    case OP_update: return n->parent != a->loop->regions[0] && has_same_places(a, n);
    case OP_for: return distribute_goes_inside(n) ? !pass_faults(n) && may_go_inside(a, n) : !pass_holds_tensors(n);
    case OP_reduce:
    case OP_while:
    case OP_if: return !pass_is_tensor(n) && !pass_holds_tensors(n);
    case OP_result:
    case OP_const:
    case OP_dim:
    case OP_load: return true;
    default: return ir_is_scalar_op(n) && !pass_is_tensor(n);
    }
}

/* What is carried is filled at the turn's place, and nobody reads it. */
static bool fills_places(const Asked *a)
{
    const IrRegion *r = a->loop->regions[0];
    const IrNode *end = ir_terminator(r);
    bool fills = end->nin > 0;
    for (int k = 0; k < end->nin && fills; k++) {
        const IrNode *u = end->in[k], *arg = r->params.p[1 + k];
        fills = u->op == OP_update && u->parent == r && u->in[0] == arg && arg->uses && !arg->uses->next && u->uses && !u->uses->next && !u->inplace &&
                distribute_axis(u, a->x) >= 0 && !(pass_is_tensor(u->in[1]) && !ir_inside(u->in[1], r));
    }
    return fills;
}

static bool may_distribute(PassCx *cx, const IrNode *loop, const Map *made)
{
    const IrRegion *r = loop->regions[0];
    const IrNode *x = r->params.p[0];
    Asked a = { cx, loop, x, made };
    bool may = x->dim && pass_from_zero(x) && loop->in[0]->op == OP_const && loop->in[0]->imm == 0 && fills_places(&a);
    int faults = 0;
    for (const IrNode *n = r->first; n && may; n = n->next) {
        bool ends = n->op == OP_yield || (n->op == OP_update && n->uses && n->uses->user->op == OP_yield);
        faults += pass_faults(n);
        may = ends || may_be(&a, n);
    }
    return may && faults < 2;
}

static void note_made(void *user, IrNode *n)
{
    map_put(user, n, n);
    for (int k = 0; k < n->nregions; k++)
        for (int i = 0; i < n->regions[k]->params.n; i++)
            map_put(user, n->regions[k]->params.p[i], n);
}

static void note_all_made(Map *made, IrNode *n)
{
    note_made(made, n);
    for (int k = 0; k < n->nregions; k++)
        ir_walk(n->regions[k], note_made, made);
}

static void visit(PassCx *cx, IrRegion *r, Map *made)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (n->op != OP_for && n->op != OP_while && n->op != OP_if)
            continue;
        for (int i = 0; i < n->nregions; i++)
            visit(cx, n->regions[i], made);
        if (n->op != OP_for || !may_distribute(cx, n, made))
            continue;
        Turns t = { .cx = cx, .loop = n, .x = n->regions[0]->params.p[0], .at = { r->fn, r, n, n->span }, .all = map_new(cx->arena), .same = map_new(cx->arena) };
        IrNode *before = n->prev;
        distribute_build(&t);
        for (IrNode *x = before ? before->next : r->first; x && x != next; x = x->next)
            note_all_made(made, x);
        cx->changed++;
    }
}

bool pass_distribute(PassCx *cx, IrFn *fn)
{
    Map made = map_new(cx->arena);
    visit(cx, fn->body, &made);
    return true;
}
