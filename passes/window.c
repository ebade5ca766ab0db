/* window.c - sums over a few neighbours, channels last: w[i, j, c] * x[y + i, z + j, c], rows z, lanes c.
 *
 * The backend writes their last index out (be_window.c), so that a vector of x is loaded once for all rows that read it, and what is asked of a place at an edge is a
 * mask of that load: no row needs to run apart.
 */
#include "passes/stream_int.h"

enum { PLACES_MOST = 256, LAST_MOST = 8 }; /* as be_window.c has them */

typedef struct Slides { PassCx *cx; const IrNode *row, *lane, *last; bool found; } Slides;

static void see_load(void *user, IrNode *n)
{
    Slides *s = user;
    if (n->op != OP_load || !pass_depends_on(s->cx, n, s->lane))
        return;
    for (int i = 1; i < n->nin; i++)
        s->found = s->found || (n->in[i]->op != OP_load && pass_depends_on(s->cx, n->in[i], s->row) && pass_depends_on(s->cx, n->in[i], s->last));
}

bool pass_slides(PassCx *cx, const IrNode *reduce, const IrNode *row, const IrNode *lane)
{
    IrRegion *r = reduce->regions[0];
    int64_t n = 0, all = 1;
    if (reduce->op != OP_reduce || reduce->order != ORDER_contract || reduce->stream || !r->params.n || pass_guard(r) || !dtype_is_float(reduce->type.dtype))
        return false;
    for (int i = 0; i < r->params.n; i++)
        if (!dim_is_const(r->params.p[i]->dim, &n) || n < 1 || r->params.p[i]->from || r->params.p[i]->to || (all *= n) > PLACES_MOST)
            return false;
    Slides s = { cx, row, lane, vec_last(&r->params), false };
    ir_walk(r, see_load, &s);
    return n > 1 && n <= LAST_MOST && s.found;
}
