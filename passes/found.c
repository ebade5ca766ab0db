/* found.c - the element at a place that is found in the tensor itself is computed where it is asked for.
 *
 *     %at = map [i] { argmax [j] { %p[i, j] } }         %at = map [i] { argmax [j] { %p[i, j] } }
 *     %z = map [i] { %p[i, %at[i]] }                    %z = map [i] { exp(sum [d] { %q[i, d] * %k[%at[i], d] } - %m[i]) / %l[i] }
 *
 * The place is known when all of its row has been gone over, so no pass over the rows has the element at hand, and what is read again is stored: all
 * rows, for one element of each. What it is made of and is read there (weights, their scores) is computed likewise; what rows were reduced to is read.
 */
#include "passes/stream_int.h"

enum { DEEP = 24, STEPS_MOST = 64 };

typedef struct Reach { const IrNode *of; Map seen; bool found; } Reach;

static void reach(Reach *r, const IrNode *n, int depth);

static void reach_inside(void *user, IrNode *n)
{
    Reach *r = user;
    if (n->op == OP_load)
        reach(r, n->in[0], DEEP / 2);
}

static void reach(Reach *r, const IrNode *n, int depth)
{
    if (r->found || !depth || n->op == OP_index || map_find(&r->seen, n))
        return;
    map_put(&r->seen, n, (void *)(uintptr_t)n);
    r->found = n == r->of;
    for (int i = 0; i < n->nin && !r->found; i++)
        reach(r, n->in[i], depth - 1);
    for (int i = 0; i < n->nregions && !r->found; i++)
        ir_walk(n->regions[i], reach_inside, r);
}

/* Is the place made of what the tensor holds? */
static bool is_found_in(PassCx *cx, const IrNode *place, const IrNode *of)
{
    Reach r = { of, map_new(cx->arena), false };
    if (!pass_is_affine(place))
        reach(&r, place, DEEP);
    return r.found;
}

static bool reduces_rows(const IrNode *map)
{
    bool found = false;
    for (const IrNode *n = map->regions[0]->first; n && !found; n = n->next)
        found = n->op == OP_reduce && n->order != ORDER_contract;
    return found;
}

/* Weights that something of their row norms (a softmax): a sum with them is a pass, and its result smaller than they are. */
static bool is_normed(const IrNode *map)
{
    bool elementary = false, normed = reduces_rows(map);
    for (const IrNode *n = map->regions[0]->first; n; n = n->next) {
        elementary = elementary || pass_is_elementary((IrOp)n->op);
        normed = normed || (n->op == OP_load && n->in[0]->op == OP_map && reduces_rows(n->in[0]));
    }
    return elementary && normed;
}

static void see_rows(void *user, IrNode *n)
{
    bool *rows = user;
    bool mixed = n->op == OP_load && n->in[0]->op == OP_map && n->parent->owner->op == OP_reduce && is_normed(n->in[0]);
    *rows = *rows || mixed || (n->op == OP_reduce && n->order != ORDER_contract) || n->op == OP_for || n->op == OP_while;
}

/* What costs for an element a product at most. */
static bool may_be_computed(const IrNode *of)
{
    bool rows = false;
    if (of->op != OP_map || of->type.rank < 2 || pass_guard(of->regions[0]) || pass_faults(of))
        return false;
    ir_walk(of->regions[0], see_rows, &rows);
    return !rows;
}

/* The map of which it stands in the element; NULL: in a loop of it, or in none. */
static IrNode *map_around(const IrNode *load)
{
    IrNode *x = load->parent->owner;
    while (x && x->op == OP_if)
        x = x->parent->owner;
    return x && x->op == OP_map ? x : NULL;
}

/* Does it ask for one element of each row? */
static bool asks_for_one(PassCx *cx, const IrNode *load)
{
    const IrNode *map = map_around(load);
    int needs = 0;
    for (int i = 0; map && i < map->regions[0]->params.n; i++)
        needs += pass_depends_on(cx, load, map->regions[0]->params.p[i]);
    return map && needs < load->in[0]->type.rank;
}

typedef struct Find { PassCx *cx; IrNode *load; } Find;

static void see_load(void *user, IrNode *n)
{
    Find *f = user;
    bool may = !f->load && n->op == OP_load && may_be_computed(n->in[0]) && map_around(n) && map_around(n) != n->in[0];
    bool found = false;
    for (int i = 1; may && i < n->nin && !found; i++)
        found = is_found_in(f->cx, n->in[i], n->in[0]);
    if (found && asks_for_one(f->cx, n) && pass_is_total(f->cx, n))
        f->load = n;
}

void pass_compute_found(PassCx *cx, IrFn *fn)
{
    for (int left = STEPS_MOST; left; left--) {
        Find f = { cx, NULL };
        ir_walk(fn->body, see_load, &f);
        if (!f.load)
            return;
        pass_inline_load(cx, f.load->in[0], f.load);
        cx->changed++;
    }
}
