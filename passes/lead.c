/* lead.c - last axes of a contraction lead where others are better lanes and rows: short ones, and those of which each place is a product of its own.
 *
 *     map [o: O, c: C, i: 3, j: 3] { sum [n, y, z] { %g[n, o, y, z] * %x[n, c, y + i, z + j] } }
 *
 *     %1 = map [i: 3, j: 3, o: O, c: C] { the same }        %0 = map [o, c, i, j] { %1[i, j, o, c] }, which the first one does itself (tile_reorder.c)
 *
 * Three lanes of a vector would be on else (weights' gradients of convolutions).
 *
 *     map [b: B, p: P, q: Q] { sum [r] { %a[q, p, r] * %x[b, r, q] } }
 *
 *     %1 = map [q: Q, b: B, p: P] { the same }             %0 = map [b, p, q] { %1[q, b, p] }, which reads %1 a block at a time, across (tile_nest.c)
 *
 * Both factors need q: in lanes over it nothing would be read twice, and a factor that lies in another order would be gathered; over p and b it is a
 * product of matrices for each q. Where that pays depends on sizes (one row does not), the call chooses. Elements are the same, so no bit changes.
 */
#include "passes/pass_int.h"

enum { SHORT = 8, FEW = 25 }; /* places of an axis; of all that lead: more are better off as lanes together (small pictures) */

typedef struct Reads { PassCx *cx; const IrNode *lane, *row; bool lane_alone, row_alone, streams; int sums; } Reads;

static bool is_short(const IrNode *index)
{
    int64_t n;
    return dim_is_const(index->dim, &n) && n < SHORT;
}

/* Some load of the sum needs the lane and not the row, some the row and not the lane. */
static void see(void *user, IrNode *n)
{
    Reads *r = user;
    const IrNode *in = n->parent->owner;
    r->streams = r->streams || (n->op == OP_reduce && n->stream);
    r->sums += n->op == OP_reduce && n->order == ORDER_contract;
    if (n->op != OP_load || !in || in->op == OP_map)
        return;
    bool lane = pass_depends_on(r->cx, n, r->lane), row = pass_depends_on(r->cx, n, r->row);
    r->lane_alone = r->lane_alone || (lane && !row);
    r->row_alone = r->row_alone || (row && !lane);
}

static bool is_better(PassCx *cx, IrNode *map, int last)
{
    IrRegion *r = map->regions[0];
    Reads reads = { .cx = cx, .lane = r->params.p[last], .row = r->params.p[last - 1] };
    if (is_short(reads.lane) || is_short(reads.row))
        return false;
    for (int i = 0; i < r->params.n; i++) {
        IrNode *x = r->params.p[i];
        if (!pass_is_whole(x) || pass_dim_depends(cx, x->dim, r))
            return false;
    }
    ir_walk(r, see, &reads);
    return reads.sums == 1 && !reads.streams && reads.lane_alone && reads.row_alone;
}

/* The map with its last `n` indices first, and a map that reads it in the old order. */
static void lead(PassCx *cx, IrNode *map, int n)
{
    IrRegion *r = map->regions[0];
    int all = r->params.n;
    IrNode *old[IR_RANK_MOST], *at[IR_RANK_MOST];
    IrType type = map->type;
    Dim *dims = NEWN(cx->module->arena, Dim, all);
    IrBuilder after = { r->fn, map->parent, map->next, map->span };
    IrNode *reader = ir_add0(&after, OP_map, type);
    IrRegion *in = ir_region_new(r->fn, reader);
    reader->name = map->name;
    for (int i = 0; i < all; i++) {
        old[i] = r->params.p[i];
        at[(i + n) % all] = ir_index_new(in, old[i]->name, NULL, old[i]->dim, old[i]->span);
    }
    for (int i = 0; i < all; i++) {
        r->params.p[(i + n) % all] = old[i];
        dims[(i + n) % all] = type.dims[i];
    }
    map->type = (IrType){ type.dtype, all, dims };
    ir_replace(map, reader);
    IrBuilder body = { r->fn, in, NULL, map->span };
    IrNode *y = ir_load(&body, map, all, at);
    ir_yield(&body, 1, &y);
    pass_note_symbols(cx, in);
    cx->changed++;
}

/* How many last indices are short; 0: none, or they have too many places. */
static int short_ones(const IrRegion *r)
{
    int few = 0;
    int64_t n, all = 1;
    for (; few < r->params.n && is_short(r->params.p[r->params.n - 1 - few]); few++)
        all *= dim_is_const(r->params.p[r->params.n - 1 - few]->dim, &n) ? n : 1;
    return all > 1 && all <= FEW ? few : 0;
}

/* n: last indices that both factors of the sum need; apart: one of these does not lie side by side along the last index */
typedef struct Batch { PassCx *cx; const IrRegion *body; const IrNode *sum; int n; bool apart; } Batch;

static bool needs(PassCx *cx, const IrNode *product, const IrNode *index)
{
    return pass_depends_on(cx, product->in[0], index) && pass_depends_on(cx, product->in[1], index);
}

static void see_apart(void *user, IrNode *n)
{
    Batch *b = user;
    const IrNode *last = vec_last(&b->body->params);
    b->apart = b->apart || (n->op == OP_load && pass_depends_on(b->cx, n, last) && !pass_depends_on(b->cx, n->in[n->nin - 1], last));
}

static void see_product(void *user, IrNode *n)
{
    Batch *b = user;
    const IrNode *y = n->op == OP_reduce && n->order == ORDER_contract ? ir_terminator(n->regions[0])->in[0] : NULL;
    if (!y || y->op != OP_mul)
        return;
    b->sum = n;
    while (b->n < b->body->params.n && needs(b->cx, y, b->body->params.p[b->body->params.n - 1 - b->n]))
        b->n++;
    ir_walk(n->regions[0], see_apart, b);
}

/* ---- when it pays ----------------------------------------------------------------------------------------------------------
 * A place of the sum takes some 1 / Q ns where lanes run over Q places (16 at most), 0.03 ns in a product of matrices for each of them. That pays where it
 * outweighs that tensors are put in another order, 0.6 ns an element: the result, and factors that lie along the leading indices (along.c); against it, those
 * that lanes over the last index would read across. All of it times Q / 0.03. */
enum { LANES = 16, PLACE = 32, ELEMENT = 20 };

typedef struct Pays { PassCx *cx; DimCx *d; const Batch *b; Dim led, plain; bool simple, always; } Pays; /* elements that are moved if it leads, or not */

static bool is_batch(const Batch *b, const IrNode *index)
{
    for (int i = 0; i < b->n; i++)
        if (index == b->body->params.p[b->body->params.n - 1 - i])
            return true;
    return false;
}

static Dim places_of(DimCx *d, const IrRegion *r, int from)
{
    Dim all = dim_const(d, 1);
    for (int i = from; i < r->params.n; i++)
        all = dim_mul(d, all, r->params.p[i]->dim);
    return all;
}

/* What lies along the sum is turned in registers for lanes over the last index, once for several rows, if these share it. */
static void see_factor(Pays *p, const IrNode *load)
{
    const IrRegion *r = p->b->body;
    const IrNode *end = load->nin > 1 ? load->in[load->nin - 1] : NULL, *row = r->params.p[r->params.n - 1 - p->b->n];
    Dim elements = dim_const(p->d, 1);
    p->simple = p->simple && end && !(load->in[0]->op == OP_param && load->in[0]->load_time);
    for (int i = 1; i < load->nin && p->simple; i++) {
        p->simple = load->in[i]->op == OP_index;
        elements = p->simple ? dim_mul(p->d, elements, load->in[i]->dim) : elements;
    }
    if (!p->simple)
        return;
    if (is_batch(p->b, end))
        p->led = dim_add(p->d, p->led, elements);
    if (end == vec_last(&p->b->sum->regions[0]->params))
        p->always = p->always || pass_depends_on(p->cx, load, row);
    else if (end != vec_last(&r->params))
        p->plain = dim_add(p->d, p->plain, elements);
}

/* Positive where it pays; NULL: the form alone decides. */
static Dim gain_of(PassCx *cx, const Batch *b)
{
    DimCx *d = cx->module->dims;
    const IrRegion *sum = b->sum->regions[0];
    Pays p = { cx, d, b, dim_const(d, 0), dim_const(d, 0), true, false };
    for (const IrNode *n = sum->first; n; n = n->next) {
        p.simple = p.simple && !n->nregions;
        if (n->op == OP_load)
            see_factor(&p, n);
    }
    if (!p.simple || p.always || pass_guard(sum))
        return NULL;
    Dim q = dim_min(d, dim_const(d, LANES), places_of(d, b->body, b->body->params.n - b->n)), all = places_of(d, b->body, 0), work = dim_mul(d, all, places_of(d, sum, 0));
    Dim moved = dim_sub(d, dim_add(d, all, p.led), p.plain);
    return dim_sub(d, dim_mul(d, work, dim_sub(d, dim_const(d, PLACE), q)), dim_mul(d, dim_mul(d, dim_const(d, ELEMENT), q), moved));
}

/* Both, of which the sizes of a call choose. */
static void lead_or_not(PassCx *cx, IrNode *map, int n, Dim gain)
{
    IrBuilder at = { map->parent->fn, map->parent, map, map->span };
    IrNode *pays = ir_add2(&at, OP_lt, ir_scalar(DT_bool), ir_int(&at, 0), ir_dim_value(&at, gain)), *choice = ir_add1(&at, OP_if, map->type, pays);
    choice->name = map->name;
    for (int side = 0; side < 2; side++) {
        IrBuilder in = { at.fn, ir_region_new(at.fn, choice), NULL, map->span };
        Map nodes = map_new(cx->arena);
        IrNode *m = ir_clone_node(&in, map, &nodes, NULL, NULL);
        ir_yield(&in, 1, &m);
        pass_note_symbols(cx, m->regions[0]);
        if (side == 0)
            lead(cx, m, n);
    }
    ir_replace(map, choice);
    ir_drop(map);
    cx->changed++;
}

static void lead_batch(PassCx *cx, IrNode *map)
{
    Batch b = { .cx = cx, .body = map->regions[0] };
    int64_t known;
    ir_walk(map->regions[0], see_product, &b);
    if (!b.sum || !b.n || b.n + 2 > b.body->params.n || !is_better(cx, map, b.body->params.n - 1 - b.n))
        return;
    Dim gain = gain_of(cx, &b);
    if (gain ? dim_is_const(gain, &known) && known > 0 : b.apart)
        lead(cx, map, b.n);
    else if (gain && !dim_is_const(gain, &known))
        lead_or_not(cx, map, b.n, gain);
}

static void visit(PassCx *cx, IrNode *map)
{
    const IrRegion *r = map->regions[0];
    int n = short_ones(r);
    if (pass_guard(r) || map->load_time || pass_faults(map))
        return;
    if (!n)
        lead_batch(cx, map);
    else if (n + 2 <= r->params.n && is_better(cx, map, r->params.n - 1 - n))
        lead(cx, map, n);
}

bool pass_lead(PassCx *cx, IrFn *fn)
{
    pass_each_map(cx, fn->body, visit);
    return true;
}
