/* stage_factors.c - what all lanes of a product with a weight share, and costs more than to be read, is a tensor of its own.
 *
 *     map [t, n] { sum [k] { (%e[%i[t], k] + %x[t, k]) * %w[n, k] } }
 *
 *     %0 = map [t, k] { %e[%i[t], k] + %x[t, k] }      map [t, n] { sum [k] { %0[t, k] * %w[n, k] } }
 *
 * The loops over lanes would compute it again for every two vectors of them. It is as large as something that it reads. What may fault in it faults where
 * the product would: where there is any lane, and nothing else of the map may fault. No bit changes.
 */
#include "passes/stage/stage_int.h"
#include "passes/stream_int.h"

enum { EXTRA = 2, LANES_LEAST = 64 }; /* nodes beside one load; lanes for which a factor is computed again */

static void see_fault(void *user, IrNode *n) { *(int *)user += (ir_info(n)->effects & (FAULTS | PINNED)) != 0; }

typedef struct Factor { PassCx *cx; const IrRegion *r; Map seen; int nodes, faults; } Factor;

static bool needs_place(const Factor *f, const IrNode *x)
{
    bool found = false;
    for (int i = 0; i < f->r->params.n; i++)
        found = found || pass_depends_on(f->cx, x, f->r->params.p[i]);
    return found;
}

/* Nodes of the factor that each place of the sum computes; faults: of all. */
static void see(Factor *f, IrNode *x)
{
    if (x->op == OP_index || x->op == OP_const || map_find(&f->seen, x))
        return;
    map_put(&f->seen, x, x);
    bool inside = ir_inside(x, f->r);
    f->nodes += inside && (needs_place(f, x) || (ir_info(x)->effects & FAULTS)) ? 1 + 2 * x->nregions : 0;
    f->faults += (ir_info(x)->effects & FAULTS) != 0;
    for (int i = 0; i < x->nregions; i++)
        ir_walk(x->regions[i], see_fault, &f->faults);
    for (int i = 0; i < x->nin; i++)
        see(f, x->in[i]);
}

static bool is_dear(PassCx *cx, IrNode *map, IrNode *reduce, IrNode *x)
{
    Factor f = { cx, reduce->regions[0], map_new(cx->arena), 0, 0 };
    int faults = 0;
    see(&f, x);
    ir_walk(map->regions[0], see_fault, &faults);
    return f.nodes > EXTRA && (!f.faults || f.faults == faults);
}

static bool reads_weight(const IrNode *x)
{
    while (x->op == OP_cast)
        x = x->in[0];
    return x->op == OP_load && x->in[0]->op == OP_param && x->in[0]->load_time;
}

/* The factor of the weight; NULL: the sum is no such product. */
static IrNode *shared_factor(PassCx *cx, const IrNode *lanes, IrNode *n)
{
    IrNode *y = n->op == OP_reduce && n->order == ORDER_contract && n->redop == RED_sum && !n->stream ? ir_terminator(n->regions[0]) : NULL;
    if (!y || y->nin > 1 || y->in[0]->op != OP_mul || !dtype_is_float(y->in[0]->type.dtype))
        return NULL;
    for (int i = 0; i < 2; i++)
        if (reads_weight(y->in[0]->in[i]) && pass_depends_on(cx, y->in[0]->in[i], lanes) && !pass_depends_on(cx, y->in[0]->in[1 - i], lanes))
            return y->in[0]->in[1 - i];
    return NULL;
}

static void give_names(PassCx *cx, IrNode *map)
{
    IrRegion *r = map->regions[0];
    IrNode *lanes = r->params.n ? tile_lane_axis(cx, map) : NULL;
    int64_t few;
    if (!lanes || pass_guard(r) || map->load_time || pass_has_stream(map) || (dim_is_const(lanes->dim, &few) && few < LANES_LEAST))
        return;
    for (IrNode *n = r->first; n; n = n->next) {
        IrNode *x = shared_factor(cx, lanes, n);
        if (x && is_dear(cx, map, n, x))
            pass_give_name_as_asked(cx, map, x);
    }
}

void stage_factors(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first; n; n = n->next) {
        if (n->op == OP_map && n->uses)
            give_names(cx, n);
        for (int i = 0; i < n->nregions && (n->op == OP_for || n->op == OP_while || n->op == OP_if); i++)
            stage_factors(cx, n->regions[i]);
    }
}
