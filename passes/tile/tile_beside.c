/* tile_beside.c - streams that share what they make of each pair are moved to stand side by side, so that one kernel computes it once (tile_stream_also.c).
 *
 *     %dv = map [j, d] { stream [i] (sum) }                      %l = map [i] { .. }
 *     %l  = map [i] { .. }                                       %dv = map [j, d] { stream [i] (sum) }
 *     %dk = map [j, d] { stream [i] (sum) }, which reads %l      %dk = map [j, d] { stream [i] (sum) }
 *
 * The earlier one moves down, where nobody in between reads it.
 */
#include "passes/tile/tile_stream_int.h"

bool stream_is_map(const IrNode *n) { return n->op == OP_map && pass_has_stream(n); }

bool stream_has_rows_of(const IrNode *map, const IrNode *main)
{
    const IrRegion *a = map->regions[0], *b = main->regions[0];
    bool same = a->params.n <= b->params.n && !pass_guard(a);
    for (int i = 0; i < a->params.n && same; i++) {
        const IrNode *x = a->params.p[i], *y = b->params.p[i];
        same = x->dim == y->dim && !x->lo && !y->lo;
    }
    return same;
}

/* Is there a loop, or an elementary function, for each place that all members need? */
static bool share_places(Cascade *c)
{
    bool found = false;
    for (const IrNode *n = c->host->regions[0]->first; n && !found; n = n->next) {
        found = (n->nregions || pass_is_elementary((IrOp)n->op)) && cascade_varies(c, n);
        for (int i = 0; i < c->n && found; i++)
            found = c->m[i].value && pass_depends_on(c->cx, c->m[i].value, n);
    }
    return found;
}

static void see_run(void *user, IrNode *n)
{
    bool *runs = user;
    *runs = *runs || n->op == OP_running;
}

/* Its blocks may descend: what would be beside it must not tell. */
static bool runs(IrNode *map)
{
    bool found = false;
    ir_walk(map->regions[0], see_run, &found);
    return found;
}

/* Without columns any cascade is one pass; where both have them, sums that share what is made of pairs (gradients of keys and of values). */
bool stream_fits(PassCx *cx, IrNode *a, IrNode *b)
{
    if (runs(a) || runs(b))
        return false;
    Also also[1];
    Cascade c;
    IrNode *maps[] = { a, b }, *both = stream_join(cx, maps, 2, pass_is_before(a, b) ? b : a, also);
    bool good = cascade_find(cx, both, NULL, &c);
    if (good) {
        good = !c.column || b->regions[0]->params.n < a->regions[0]->params.n || share_places(&c);
        cascade_drop(&c);
    }
    ir_drop(both);
    return good;
}

static bool is_read_before(const IrNode *x, const IrNode *m)
{
    bool read = false;
    for (const IrUse *u = x->uses; u && !read; u = u->next) {
        const IrNode *top = pass_ancestor_in(u->user, x->parent);
        read = !top || top == m || pass_is_before(top, m);
    }
    return read;
}

static void bring(PassCx *cx, IrNode *m)
{
    for (IrNode *x = m->prev, *before; x; x = before) {
        before = x->prev;
        bool equal = stream_is_map(x) && x->regions[0]->params.n == m->regions[0]->params.n && stream_has_rows_of(x, m);
        if (equal && x != m->prev && !pass_faults(x) && !is_read_before(x, m) && stream_fits(cx, m, x))
            ir_move_before(x, m);
    }
}

void tile_beside(PassCx *cx, IrRegion *r)
{
    for (IrNode *m = r->first; m; m = m->next) {
        if (stream_is_map(m))
            bring(cx, m);
        for (int i = 0; i < m->nregions && (m->op == OP_for || m->op == OP_while || m->op == OP_if); i++)
            tile_beside(cx, m->regions[i]);
    }
}
