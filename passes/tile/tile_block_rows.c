/* tile_block_rows.c - rows of a contraction in blocks: which indices they count, and copies of them row by row.
 *
 *     map [n: N, y: Y, z: Z, o: O] { sum [i, j, c] w[o, i, j, c] * (x[n, y + i - 1, z + j - 1, c] ?? 0) }
 *
 *     row r of N * Y * Z has z = r % Z, y = r // Z % Y, n = r // Z // Y
 *     a[row, (i, j, c)] = x[n, y + i - 1, z + j - 1, c] ?? 0       runs of c, which lie side by side
 *
 * What is copied of right serves all rows of a chunk: so all indices that left alone needs are rows, not the last of them only.
 */
#include "passes/tile/tile_block_int.h"

/* Left varies along it, right and what the sum goes through do not; and it has the same places everywhere. */
static bool is_row(Block *b, const IrNode *x)
{
    PassCx *cx = CX(b);
    if (x == b->nest.rows)
        return true;
    if (x == b->nest.lanes || x == b->outer || !pass_is_whole(x) || pass_depends_on(cx, b->right, x) || !pass_depends_on(cx, b->left, x) || places_need(b, x))
        return false;
    const IrRegion *r = b->reduce->regions[0], *all = b->s.body;
    for (int i = 0; i < r->params.n + all->params.n; i++) {
        const IrNode *k = i < r->params.n ? r->params.p[i] : all->params.p[i - r->params.n];
        if (pass_dim_depends_on(cx, k->dim, x) || pass_dim_depends_on(cx, k->to, x) || (i >= r->params.n && pass_dim_depends_on(cx, x->dim, k)))
            return false;
    }
    return true;
}

/* Left's last subscript is the last index of the sum, and none of the others: elements of a row lie side by side in runs. */
static bool has_runs(Block *b, IrNode *left)
{
    const IrRegion *r = b->reduce->regions[0];
    int64_t n;
    const IrNode *c = vec_last(&r->params);
    return r->params.n > 1 && !b->some && b->nrow < 0 && block_lies_along(CX(b), left, c) && !block_lies_along(CX(b), left, b->nest.rows) &&
           (!dim_is_const(c->dim, &n) || n >= PANEL / 2);
}

void rows_find(Block *b, IrNode *left)
{
    const IrRegion *all = b->s.body;
    b->runs = b->long_runs && has_runs(b, left) ? left : NULL;
    for (int i = 0; i < all->params.n; i++)
        if (all->params.p[i] == b->nest.rows || (b->runs && b->simple && b->nparts < ROW_PARTS - 1 && is_row(b, all->params.p[i])))
            b->part[b->nparts++] = all->params.p[i];
}

bool rows_may_be_short(Block *b)
{
    int64_t n;
    return !dim_is_const(vec_last(&b->reduce->regions[0]->params)->dim, &n);
}

bool rows_has(const Block *b, const IrNode *x)
{
    for (int i = 0; i < b->nparts; i++)
        if (b->part[i] == x)
            return true;
    return false;
}

Dim rows_all(Block *b)
{
    Dim n = dim_const(DIM(b), 1);
    for (int i = 0; i < b->nparts; i++)
        n = dim_mul(DIM(b), n, tile_dim(b->s.t, b->part[i]->dim));
    return n;
}

void block_bind_dim(Block *b, IrNode *old, Dim v)
{
    stream_bind(&b->s, old, ir_dim_value(&stream_top(&b->s)->b, v));
    symmap_put(&b->s.t->syms, old->sym, v);
}

void block_bind_places(Block *b, IrNode *const *old, int n, Dim x)
{
    DimCx *d = DIM(b);
    for (int i = n - 1; i >= 0; i--) {
        Dim extent = tile_dim(b->s.t, old[i]->dim);
        block_bind_dim(b, old[i], i > 0 ? dim_mod(d, x, extent) : x);
        x = dim_floordiv(d, x, extent);
    }
}

void rows_scratch(Block *b)
{
    if (b->nparts > 1)
        b->places_of_rows = block_scratch(b, DT_i64, b->chunk_rows, dim_const(DIM(b), b->nparts));
}

/* Of each row of the chunk the places of its indices: quotients take longer than to read them. */
void rows_write_places(Block *b)
{
    Stream *s = &b->s;
    DimCx *d = DIM(b);
    if (b->nparts == 1)
        return;
    IrNode *r = stream_open_loop(s, b->nest.rows, NULL, LOOP_seq, 0, NULL, b->rows);
    IrBuilder *at = &stream_top(s)->b;
    Dim x = dim_add(d, b->row_lo, dim_sym(d, r->sym));
    for (int i = b->nparts - 1; i >= 0; i--) {
        Dim n = tile_dim(s->t, b->part[i]->dim);
        block_put(b, b->places_of_rows, ir_dim_value(at, i > 0 ? dim_mod(d, x, n) : x), 2, (IrNode *[]){ r, ir_int(at, i) });
        x = dim_floordiv(d, x, n);
    }
    stream_close(s);
}

/* A row of the group: those beyond the last row are the last row again, so that groups are whole. whole: there are none. */
void block_bind_row(Block *b, IrNode *x, bool whole)
{
    DimCx *d = DIM(b);
    IrNode *old = b->nest.rows;
    IrBuilder *at = &stream_top(&b->s)->b;
    Dim last = dim_sub(d, rows_all(b), dim_const(d, 1)), lo = old->lo ? tile_dim(b->s.t, old->lo) : dim_const(d, 0);
    Dim row = dim_add(d, dim_add(d, b->row_lo, dim_mul(d, dim_const(d, b->R), b->group)), dim_sym(d, x->sym));
    row = whole ? row : dim_min(d, row, last);
    if (b->nparts == 1) {
        block_bind_dim(b, old, dim_add(d, lo, row));
        return;
    }
    IrNode *here = ir_dim_value(at, dim_sub(d, row, b->row_lo));
    for (int i = 0; i < b->nparts; i++) {
        IrNode *v = ir_load(at, b->places_of_rows, 2, (IrNode *[]){ here, ir_int(at, i) });
        stream_bind(&b->s, b->part[i], v);
        symmap_put(&b->s.t->syms, b->part[i]->sym, pass_dim_of(CX(b), v));
    }
}

/* Places of the stretch are runs of the last index of the sum, of which the first and the last may be parts. */
void rows_write_runs(Block *b)
{
    Stream *s = &b->s;
    DimCx *d = DIM(b);
    const IrRegion *of = b->reduce->regions[0];
    IrNode *c = vec_last(&of->params), *r = stream_open_loop(s, b->nest.rows, NULL, LOOP_seq, 0, NULL, dim_const(d, b->R));
    block_bind_row(b, r, false);
    Dim zero = dim_const(d, 0), n = tile_dim(s->t, c->dim), lo = block_k_lo(b), end = dim_add(d, lo, b->ks), first = dim_floordiv(d, lo, n);
    Dim runs = dim_sub(d, dim_floordiv(d, dim_add(d, end, dim_sub(d, n, dim_const(d, 1))), n), first);
    IrNode *q = stream_open_loop(s, of->params.p[0], NULL, LOOP_seq, 0, NULL, runs);
    Dim at_run = dim_add(d, first, dim_sym(d, q->sym)), skip = dim_mul(d, n, at_run);
    block_bind_places(b, of->params.p, of->params.n - 1, at_run);
    Dim from = dim_max(d, zero, dim_sub(d, lo, skip)), to = dim_min(d, n, dim_sub(d, end, skip));
    IrNode *x = stream_open_loop(s, c, NULL, LOOP_lanes, 1, from, dim_sub(d, to, from));
    stream_bind(s, c, x);
    symmap_put(&s->t->syms, c->sym, dim_sym(d, x->sym));
    IrNode *place = ir_add2(&stream_top(s)->b, OP_add, ir_scalar(DT_i64), x, ir_dim_value(&stream_top(s)->b, dim_sub(d, skip, lo)));
    block_put(b, b->a, block_element(b, b->runs), 2, (IrNode *[]){ r, place });
    stream_close(s);
}
