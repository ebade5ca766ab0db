/* tile_block_places.c - a sum in blocks of whose places a guard, or bounds, leave some.
 *
 *     sum [c, i: 3, j: 3 | (r + 1 - i) % 2 == 0 and (s + 1 - j) % 2 == 0] { .. }
 *
 *     for block of the stretch:  places[256 * block ..][0 .. counts[block]] = those of its 256 places that are inside, ascending
 *
 * Copies are made, and chains go, through these alone. The guard needs neither rows nor lanes, so all sums of a point of the grid have the same
 * places; each stays in its block of 256, so the bits are those of the plain loops.
 */
#include "passes/tile/tile_block_int.h"

static bool dims_need(Block *b, const IrNode *x, const IrNode *index)
{
    return index && (pass_dim_depends_on(CX(b), x->from, index) || pass_dim_depends_on(CX(b), x->to, index));
}

bool places_need(Block *b, const IrNode *index)
{
    const IrRegion *r = b->reduce->regions[0];
    IrNode *g = pass_guard(b->reduce->regions[0]);
    bool any = g && pass_depends_on(CX(b), g, index);
    for (int i = 0; i < r->params.n; i++)
        any = any || dims_need(b, r->params.p[i], index);
    return any;
}

static IrNode *both(IrBuilder *at, IrNode *x, IrNode *y) { return x ? ir_add2(at, OP_and, ir_scalar(DT_bool), x, y) : y; }

IrNode *places_inside(Block *b, IrBuilder *at, IrNode *guard, const Map *nodes, SymMap *syms)
{
    const IrRegion *r = b->reduce->regions[0];
    for (int i = 0; i < r->params.n; i++) {
        const IrNode *x = r->params.p[i];
        IrNode *place = map_find(nodes, x);
        if (x->from)
            guard = both(at, guard, ir_add2(at, OP_le, ir_scalar(DT_bool), ir_dim_value(at, dim_subst(DIM(b), x->from, symmap_subst, syms)), place));
        if (x->to)
            guard = both(at, guard, ir_add2(at, OP_lt, ir_scalar(DT_bool), place, ir_dim_value(at, dim_subst(DIM(b), x->to, symmap_subst, syms))));
    }
    return guard;
}

void places_scratch(Block *b)
{
    b->places = block_scratch(b, DT_i64, dim_const(DIM(b), b->stretch), NULL);
    b->counts = block_scratch(b, DT_i64, dim_const(DIM(b), b->stretch / K_BLOCK), NULL);
}

static IrNode *plus(IrBuilder *at, IrNode *x, Dim y) { return ir_add2(at, OP_add, ir_scalar(DT_i64), x, ir_dim_value(at, y)); }

/* Of one block from `lo` of the stretch on; returns how many there are. */
static IrNode *write_block(Block *b, Dim lo)
{
    Stream *s = &b->s;
    DimCx *d = DIM(b);
    IrBuilder *at = &stream_top(s)->b;
    IrNode *in[] = { ir_int(at, 0), ir_dim_value(at, dim_min(d, dim_const(d, K_BLOCK), dim_sub(d, b->ks, lo))), ir_int(at, 0) };
    IrNode *loop = ir_add(at, OP_for, ir_scalar(DT_i64), 3, in);
    IrRegion *body = ir_region_new(s->t->fn, loop);
    IrNode *i = ir_index_new(body, b->k->name, NULL, dim_const(d, K_BLOCK), s->c.map->span), *n = ir_arg_new(body, NULL, ir_scalar(DT_i64));
    at->before = loop;
    s->level[s->nlevels++] = (Level){ { s->t->fn, body, NULL, s->c.map->span }, { b->k, NULL }, s->made.n };
    block_bind_at(b, b->k, dim_add(d, block_k_lo(b), lo), i);
    IrNode *inside = stream_emit(s, b->inside);
    at = &stream_top(s)->b;
    IrNode *to = plus(at, n, lo), *next = ir_add2(at, OP_add, ir_scalar(DT_i64), n, ir_add1(at, OP_cast, ir_scalar(DT_i64), inside));
    block_put(b, b->places, plus(at, i, lo), 1, &to); /* the next one overwrites what is outside */
    ir_yield(at, 1, &next);
    stream_pop(s);
    return loop;
}

void places_write(Block *b)
{
    Stream *s = &b->s;
    IrNode *block = stream_open_loop(s, b->k, NULL, LOOP_seq, 0, NULL, tile_ceil_div(DIM(b), b->ks, K_BLOCK));
    IrNode *n = write_block(b, dim_mul(DIM(b), dim_const(DIM(b), K_BLOCK), dim_sym(DIM(b), block->sym)));
    block_put(b, b->counts, n, 1, &block);
    stream_close(s);
}

Dim places_count(Block *b, IrBuilder *at, Dim lo)
{
    IrNode *block = ir_dim_value(at, dim_floordiv(DIM(b), lo, dim_const(DIM(b), K_BLOCK)));
    return pass_dim_of(CX(b), ir_load(at, b->counts, 1, &block));
}

IrNode *places_at(Block *b, IrBuilder *at, IrNode *i, Dim lo)
{
    IrNode *at_i = plus(at, i, lo), *k = ir_load(at, b->places, 1, &at_i);
    pass_dim_of(CX(b), k); /* it has a symbol from here on */
    return k;
}

IrNode *block_open_places(Block *b)
{
    Stream *s = &b->s;
    DimCx *d = DIM(b);
    IrNode *k;
    if (b->inside) {
        IrNode *block = stream_open_loop(s, b->k, NULL, LOOP_seq, 0, NULL, tile_ceil_div(d, b->ks, K_BLOCK));
        Dim lo = dim_mul(d, dim_const(d, K_BLOCK), dim_sym(d, block->sym)), n = places_count(b, &stream_top(s)->b, lo);
        IrNode *i = stream_open_loop(s, b->k, NULL, LOOP_seq, 0, NULL, n);
        k = places_at(b, &stream_top(s)->b, i, lo);
    } else {
        k = stream_open_loop(s, b->k, NULL, LOOP_seq, 0, NULL, b->ks);
    }
    block_bind_at(b, b->k, block_k_lo(b), k);
    return k;
}
