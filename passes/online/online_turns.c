/* online_turns.c - a tensor of pairs whose rows and columns a loop reduces in turn is made in the loop, so that it can be taken in.
 *
 *     %c = map [i, j] { .. }                                    %c = map [i, j] { .. }
 *     for 0, n [t] (%u, %v) {                                   for 0, n [t] (%u, %v) {
 *       %a = map [i] { .. sum [j] { exp(%v[j] - %c[i, j]) } }     %own = map [i, j] { .. }
 *       %b = map [j] { .. sum [i] { exp(%a[i] - %c[i, j]) } } }   %a = map [i] { .. %own .. };  %b = map [j] { .. %own .. } }
 *
 * Sinkhorn's scaling, in logarithms: a turn needs all rows and all columns, so no strip does; as passes they compute the pairs again, twice in a turn. That is where
 * it costs no more than the exponential of each: distances of points in few dimensions, if that is a number (64 features take 2.7 times as long as reading them). What
 * no pass has taken in is read from outside again. Without elementary functions (products with a stored kernel, turn after turn) it stays where it is.
 */
#include "passes/online/online_int.h"

enum { FEATURES_MOST = 8 };

static void see_features(void *user, IrNode *n)
{
    int64_t k = 1, size;
    for (int i = 0; n->op == OP_reduce && i < n->regions[0]->params.n; i++)
        k = dim_is_const(n->regions[0]->params.p[i]->dim, &size) && size <= FEATURES_MOST ? k * size : FEATURES_MOST + 1;
    *(bool *)user |= k > FEATURES_MOST || n->op == OP_for || n->op == OP_while;
}

/* Do its elements cost as much as an exponential, or less? */
static bool is_cheap(const IrNode *of)
{
    bool much = false;
    ir_walk(of->regions[0], see_features, &much);
    return !much;
}

typedef struct Swept { const IrNode *of; unsigned axes; bool costs; } Swept;

static void see_elementary(void *user, IrNode *n) { *(bool *)user |= pass_is_elementary((IrOp)n->op); }

/* Along which axes reductions in the loop go, and whether each sum computes an elementary function for each place. */
static void see_swept(void *user, IrNode *n)
{
    Swept *s = user;
    if (n->op != OP_load || n->in[0] != s->of)
        return;
    bool reduced = n->parent->owner->op == OP_reduce, costly = n->parent->owner->redop != RED_sum;
    for (int i = 1; i < n->nin && reduced; i++)
        s->axes |= n->in[i]->parent == n->parent ? 1u << i : 0;
    ir_walk(n->parent, see_elementary, &costly);
    s->costs = s->costs && reduced && costly;
}

static bool is_swept_both_ways(const IrNode *of, IrRegion *body)
{
    Swept s = { of, 0, true };
    ir_walk(body, see_swept, &s);
    return s.costs && (s.axes & (s.axes - 1));
}

typedef struct Read { PassCx *cx; const IrNode *loop; VEC(IrNode *) of; } Read;

static void see_read(void *user, IrNode *n)
{
    Read *r = user;
    IrNode *x = n->op == OP_load ? n->in[0] : NULL;
    if (x && online_is_plain_map(x) && x->type.rank > 1 && x->parent == r->loop->parent && !online_is_among(r->of.p, r->of.n, x) && online_is_dear(n))
        vec_push(r->cx->arena, &r->of, x);
}

typedef struct Put { const IrNode *of; IrNode *by; } Put;

static void read_other(void *user, IrNode *n)
{
    const Put *p = user;
    if (n->op == OP_load && n->in[0] == p->of)
        ir_set_in(n, 0, p->by);
}

void online_make_in_turns(PassCx *cx, IrNode *loop, OwnMaps *made)
{
    IrRegion *body = loop->regions[loop->nregions - 1];
    Read r = { cx, loop, { 0 } };
    ir_walk(body, see_read, &r);
    for (int i = 0; i < r.of.n; i++) {
        IrNode *of = r.of.p[i];
        if (pass_faults(of) || pass_guard(of->regions[0]) || !is_cheap(of) || !is_swept_both_ways(of, body))
            continue;
        Map nodes = map_new(cx->arena);
        IrBuilder b = { loop->parent->fn, body, body->first, of->span };
        Put put = { of, ir_clone_node(&b, of, &nodes, NULL, NULL) };
        pass_note_symbols(cx, put.by->regions[0]);
        ir_walk(body, read_other, &put);
        vec_push(cx->arena, &made->of, ((OwnMap){ of, put.by, loop, -1 }));
    }
}

void online_read_from_outside(const OwnMaps *made)
{
    for (int i = 0; i < made->of.n; i++) {
        OwnMap x = made->of.p[i];
        if (x.copy->dropped)
            continue;
        ir_replace(x.copy, x.old);
        ir_drop(x.copy);
    }
}
