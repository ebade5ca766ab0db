/* tile_block_copy.c - operands of a contraction in blocks: where they are read, and into what they are copied. */
#include "passes/tile/tile_block_int.h"

/* ---- values in the kernel's own indices ---------------------------------------------------------------------------------- */

/* The old index stands for base + x. */
void block_bind_at(Block *b, IrNode *old, Dim base, IrNode *x)
{
    DimCx *d = DIM(b);
    IrBuilder *at = &stream_top(&b->s)->b;
    Dim v = old->lo ? dim_add(d, base, tile_dim(b->s.t, old->lo)) : base;
    stream_bind(&b->s, old, ir_add2(at, OP_add, ir_scalar(DT_i64), x, ir_dim_value(at, v)));
    symmap_put(&b->s.t->syms, old->sym, dim_add(d, v, dim_sym(d, x->sym)));
}

Dim block_k_lo(Block *b) { return dim_mul(DIM(b), dim_const(DIM(b), b->stretch), b->turn); }

/* Of a row that lies in one piece, by the place in it. */
static IrNode *row_element(Block *b)
{
    IrNode *subs[IR_RANK_MOST];
    for (int i = 0; i < b->nrow; i++)
        subs[i] = stream_emit(&b->s, b->left->in[1 + i]);
    subs[b->nrow] = map_find(&b->s.t->nodes, b->k);
    return ir_load(&stream_top(&b->s)->b, b->view, b->nrow + 1, subs);
}

IrNode *block_element(Block *b, IrNode *factor)
{
    IrNode *x = factor == b->left && b->view ? row_element(b) : stream_emit(&b->s, factor);
    return x->type.dtype == b->dtype ? x : ir_add1(&stream_top(&b->s)->b, OP_cast, ir_scalar(b->dtype), x);
}

void block_put(Block *b, IrNode *buffer, IrNode *value, int n, IrNode *const *subs)
{
    IrNode *in[5] = { buffer, value };
    for (int i = 0; i < n; i++)
        in[2 + i] = subs[i];
    ir_add(&stream_top(&b->s)->b, OP_store, ir_scalar(DT_none), 2 + n, in);
}

void block_subs(Block *b, IrBuilder *at, IrNode *x, IrNode *k, IrNode **subs)
{
    if (b->outer) {
        subs[0] = k;
        subs[1] = x;
        return;
    }
    IrNode *panel = ir_int(at, PANEL);
    subs[0] = ir_add2(at, OP_floordiv, ir_scalar(DT_i64), x, panel);
    subs[1] = k;
    subs[2] = ir_add2(at, OP_mod, ir_scalar(DT_i64), x, panel);
}

Dim block_lanes(Block *b) { return b->outer ? dim_mul(DIM(b), b->outers, b->pitch) : b->lanes; }

static Dim whole(DimCx *d, Dim n, int64_t of) { return dim_mul(d, dim_const(d, of), tile_ceil_div(d, n, of)); }

static void prefetch_load(Block *b, IrNode *load)
{
    IrNode *in[17] = { tile_buffer_of(b->s.t, load->in[0]) };
    for (int i = 1; i < load->nin; i++)
        in[i] = stream_emit(&b->s, load->in[i]);
    ir_add(&stream_top(&b->s)->b, OP_prefetch, ir_scalar(DT_none), load->nin, in);
}

/* Of k = at + x with at a multiple of run and x below it. */
static void bind_quotients(Block *b, Dim k_at, IrNode *x)
{
    DimCx *d = DIM(b);
    IrBuilder *at = &stream_top(&b->s)->b;
    for (int i = 0; i < b->quotients.n; i++) {
        IrNode *n = b->quotients.p[i];
        Dim c = dim_const(d, n->in[1]->imm);
        if (n->op == OP_floordiv)
            stream_bind(&b->s, n, ir_dim_value(at, dim_floordiv(d, k_at, c)));
        else
            stream_bind(&b->s, n, ir_add2(at, OP_add, ir_scalar(DT_i64), x, ir_dim_value(at, dim_mod(d, k_at, c))));
    }
}

/* Right of a weight that lies in panels: those are whole. Of blocks of c places, what belongs to a block, its scale, is read before the
 * loop over its places. What the next block of k needs is fetched beside. */
static void unpack_right(Block *b)
{
    Stream *s = &b->s;
    DimCx *d = DIM(b);
    int64_t c = b->run ? b->run : K_BLOCK;
    IrNode *subs[3], *n = stream_open_loop(s, b->nest.lanes, NULL, LOOP_lanes, b->R == 8 ? 1 : 2, NULL, whole(d, b->lanes, PANEL));
    IrNode *part = stream_open_loop(s, b->k, NULL, LOOP_seq, 0, NULL, tile_ceil_div(d, b->ks, c));
    Dim lo = dim_mul(d, dim_const(d, c), dim_sym(d, part->sym)), first = dim_add(d, block_k_lo(b), lo);
    IrNode *k = stream_open_loop(s, b->k, NULL, LOOP_seq, 0, NULL, dim_min(d, dim_const(d, c), dim_sub(d, b->ks, lo)));
    IrBuilder *at = &stream_top(s)->b;
    int mark = s->made.n;
    for (int next = 1; next >= 0; next--) {
        Dim from = dim_add(d, first, dim_const(d, next * K_BLOCK));
        block_bind_at(b, b->k, from, k);
        block_bind_at(b, b->nest.lanes, b->lane_lo, n);
        bind_quotients(b, from, k);
        if (!next)
            break;
        prefetch_load(b, b->packed);
        stream_undo(s, mark);
    }
    block_subs(b, at, n, ir_add2(at, OP_add, ir_scalar(DT_i64), k, ir_dim_value(at, lo)), subs);
    block_put(b, b->b, block_element(b, b->right), 3, subs);
    stream_close(s);
}

/* Rows of an image behind one another. The rows turn inside: which lanes lie beyond the image's edge is the same for all of them. */
static void copy_image(Block *b)
{
    Stream *s = &b->s;
    IrNode *k = block_open_places(b);
    IrNode *n = stream_open_loop(s, b->nest.lanes, NULL, LOOP_lanes, 1, NULL, b->lanes);
    block_bind_at(b, b->nest.lanes, b->lane_lo, n);
    IrNode *y = stream_open_loop(s, b->outer, NULL, LOOP_seq, 0, NULL, b->outers);
    block_bind_at(b, b->outer, b->outer_lo, y);
    IrBuilder *at = &stream_top(s)->b;
    IrNode *row = ir_add2(at, OP_mul, ir_scalar(DT_i64), y, ir_dim_value(at, b->pitch));
    block_put(b, b->b, block_element(b, b->right), 2, (IrNode *[]){ k, ir_add2(at, OP_add, ir_scalar(DT_i64), row, n) });
    stream_close(s);
}

/* Whole rows of memory at a time where lanes lie side by side; else each lane's own row, from which vectors are transposed. */
void block_copy_right(Block *b)
{
    Stream *s = &b->s;
    if (b->packed) {
        unpack_right(b);
        return;
    }
    if (b->outer) {
        if (b->slide.index)
            slide_copy(b);
        else
            copy_image(b);
        return;
    }
    bool along = block_lies_along(CX(b), b->right, b->nest.lanes);
    IrNode *subs[3], *k = NULL, *n;
    if (along)
        k = block_open_places(b);
    n = stream_open_loop(s, b->nest.lanes, NULL, LOOP_lanes, along ? 2 : 1, NULL, b->lanes);
    if (!along)
        k = block_open_places(b);
    block_bind_at(b, b->nest.lanes, b->lane_lo, n);
    block_subs(b, &stream_top(s)->b, n, k, subs);
    block_put(b, b->b, block_element(b, b->right), 3, subs);
    stream_close(s);
}

static IrNode *left_element(Block *b)
{
    IrNode *x = block_element(b, b->left);
    return b->ragged ? ragged_element(b, x) : x;
}

/* Place after place the rows of a group and the next one, whole lines of memory. whole: all of them are there, so that they lie side by side. */
static void write_pair(Block *b, bool whole)
{
    Stream *s = &b->s;
    IrNode *k = block_open_places(b);
    IrNode *r = stream_open_loop(s, b->nest.rows, NULL, LOOP_lanes, 1, NULL, dim_const(DIM(b), 2 * b->R));
    block_bind_row(b, r, whole);
    block_put(b, b->a, left_element(b), 2, (IrNode *[]){ k, r });
    stream_close(s);
}

static void write_rows(Block *b)
{
    Stream *s = &b->s;
    IrNode *r = stream_open_loop(s, b->nest.rows, NULL, LOOP_seq, 0, NULL, dim_const(DIM(b), b->R));
    Dim lo, hi;
    block_span(b, &lo, &hi);
    block_bind_row(b, r, false); /* what depends on the row alone is computed here */
    IrNode *k = stream_open_loop(s, b->k, NULL, LOOP_lanes, 1, lo, dim_sub(DIM(b), hi, lo));
    block_bind_at(b, b->k, block_k_lo(b), k);
    block_put(b, b->a, left_element(b), 2, (IrNode *[]){ r, k });
    stream_close(s);
}

IrBuilder block_open_if(Block *b, IrOp op, Dim x, Dim y, IrNode **choice)
{
    IrBuilder *at = &b->s.at;
    *choice = ir_add1(at, OP_if, ir_scalar(DT_none), ir_add2(at, op, ir_scalar(DT_bool), ir_dim_value(at, x), ir_dim_value(at, y)));
    return stream_open_branch(&b->s, *choice);
}

void block_copy_left(Block *b)
{
    Stream *s = &b->s;
    DimCx *d = DIM(b);
    IrNode *even, *all;
    if (!b->along_rows) {
        if (b->runs)
            rows_write_runs(b);
        else
            write_rows(b);
        return;
    }
    Dim two = dim_const(d, 2), end = dim_mul(d, dim_const(d, b->R), dim_add(d, b->group, two));
    IrBuilder outer = block_open_if(b, OP_eq, dim_mod(d, b->group, two), dim_const(d, 0), &even);
    IrBuilder inner = block_open_if(b, OP_le, dim_add(d, b->row_lo, end), tile_dim(s->t, b->nest.rows->dim), &all);
    write_pair(b, true);
    stream_close_branch(s, inner);
    inner = stream_open_branch(s, all);
    write_pair(b, false);
    stream_close_branch(s, inner);
    stream_close_branch(s, outer);
    stream_close_branch(s, stream_open_branch(s, even)); /* there since the group before */
}

IrNode *block_left(Block *b, IrBuilder *at, IrNode *r, IrNode *place)
{
    if (!b->along_rows)
        return ir_load(at, b->a, 2, (IrNode *[]){ r, place });
    DimCx *d = DIM(b);
    Dim lo = dim_mul(d, dim_const(d, b->R), dim_mod(d, b->group, dim_const(d, 2)));
    return ir_load(at, b->a, 2, (IrNode *[]){ place, ir_add2(at, OP_add, ir_scalar(DT_i64), r, ir_dim_value(at, lo)) });
}
