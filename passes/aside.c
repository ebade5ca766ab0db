/* aside.c - of several products in an element all but the last are tensors of their own, so that each goes in blocks (tile_block.c).
 *
 *     map [t, n] { silu(sum [d] { %x[t, d] * %g[n, d] }) * sum [d] { %x[t, d] * %u[n, d] } }
 *
 *     %0 = map [t, n] { sum [d] { %x[t, d] * %g[n, d] } }      map [t, n] { silu(%0[t, n]) * sum [d] { %x[t, d] * %u[n, d] } }
 *
 * The plain loops read the factors of both anew for each few rows, across them where they lie so; a number written and read costs less. Not of
 * weights in panels, which one reading serves; nor of sums of few places. The tensor is as large as the result. No bit changes.
 *
 * So are all products of an element that has no lanes, since something else in it leaves none (`max [j] { %x[t, j] + %g[n, j] }`, a loop): a product
 * whose places rows share would be a chain of single numbers.
 */
#include "passes/stage/stage_int.h"
#include "passes/stream_int.h"

enum { FEW = 32, FEW_ROWS = 12 }; /* places of a sum that is cheaper than a number that is stored; rows, if their number is written, that go in no blocks */

static bool needs_one(PassCx *cx, const IrNode *x, const IrNode *index, const IrNode *other)
{
    return pass_depends_on(cx, x, index) && !pass_depends_on(cx, x, other);
}

static void see_panels(void *user, IrNode *n)
{
    bool *panels = user;
    *panels = *panels || (n->op == OP_load && (stage_in_panels(n) || stage_is_words(n) || stage_is_prepared(n->in[0])));
}

/* A sum of products of floats, one factor for rows and one for lanes, neither from a packed weight. */
static bool is_product(PassCx *cx, const Nest *nest, const IrNode *n)
{
    const IrNode *y = n->op == OP_reduce && n->order == ORDER_contract && n->redop == RED_sum ? ir_terminator(n->regions[0]) : NULL;
    const IrNode *product = y ? y->in[0] : NULL;
    bool panels = false;
    int64_t few;
    if (!y || product->op != OP_mul || !dtype_is_float(product->type.dtype) || (dim_is_const(vec_last(&n->regions[0]->params)->dim, &few) && few < FEW))
        return false;
    ir_walk(n->regions[0], see_panels, &panels);
    const IrNode *a = product->in[0], *b = product->in[1];
    return !panels && ((needs_one(cx, a, nest->rows, nest->lanes) && needs_one(cx, b, nest->lanes, nest->rows)) ||
                       (needs_one(cx, b, nest->rows, nest->lanes) && needs_one(cx, a, nest->lanes, nest->rows)));
}

/* ---- elements without lanes ------------------------------------------------------------------------------------------- */

typedef struct Shares { PassCx *cx; const IrNode *lane, *row; bool found, loops; } Shares;

static void see_shared(void *user, IrNode *n)
{
    Shares *s = user;
    s->loops = s->loops || n->op == OP_reduce || n->op == OP_while || n->op == OP_for;
    s->found = s->found || (n->op == OP_load && needs_one(s->cx, n, s->lane, s->row));
}

static bool is_one(const IrNode *index)
{
    int64_t n;
    return dim_is_const(index->dim, &n) && n == 1;
}

/* A product that reads the same for neighbours on another axis than the last, and may have lanes of its own. */
static bool shares_rows(PassCx *cx, const IrRegion *map, const IrNode *n)
{
    bool found = false;
    for (int i = 0; i < map->params.n - 1 && !found && n->op == OP_reduce && n->order == ORDER_contract && !n->stream; i++) {
        Shares s = { cx, vec_last(&map->params), map->params.p[i], false, false };
        ir_walk(n->regions[0], see_shared, &s);
        found = s.found && !s.loops && !is_one(s.row) && !is_one(s.lane);
    }
    return found;
}

static void give_lanes(PassCx *cx, IrNode *map)
{
    IrRegion *r = map->regions[0];
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (n->op == OP_reduce && shares_rows(cx, r, n) && pass_give_name(cx, map, n, false))
            ir_drop(n);
    }
}

/* ---- several products -------------------------------------------------------------------------------------------------- */

/* Rows may need nothing else than the sum: a part that all of them share has a kernel of its own. */
static void set_aside(PassCx *cx, IrNode *map)
{
    IrRegion *r = map->regions[0];
    Nest nest = tile_nest(cx, map);
    int sums = 0;
    int64_t rows;
    if (!nest.lanes && r->params.n > 1 && !pass_guard(r) && !map->load_time && !pass_has_stream(map))
        give_lanes(cx, map);
    if (!nest.rows || !nest.lanes || pass_guard(r) || map->load_time || pass_has_stream(map) || (dim_is_const(nest.rows->dim, &rows) && rows < FEW_ROWS))
        return;
    for (IrNode *n = r->first; n; n = n->next)
        sums += n->op == OP_reduce && pass_depends_on(cx, n, nest.lanes);
    for (IrNode *n = r->first, *next; n && sums > 1; n = next) {
        next = n->next;
        if (!is_product(cx, &nest, n) || !pass_give_name(cx, map, n, false))
            continue;
        ir_drop(n);
        sums--;
    }
}

static void visit(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (n->op == OP_map && n->uses)
            set_aside(cx, n);
        for (int i = 0; i < n->nregions && (n->op == OP_for || n->op == OP_while || n->op == OP_if); i++)
            visit(cx, n->regions[i]);
    }
}

bool pass_aside(PassCx *cx, IrFn *fn)
{
    visit(cx, fn->body);
    return true;
}
