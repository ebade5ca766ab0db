/* tile_block.c - a large contraction in blocks that fit the caches, operands copied into pieces that lie together.
 *
 *     kernel [.., cr: chunks of rows, cn: chunks of lanes] {
 *       sums = 0                                             [rows of a chunk, lanes of a chunk]
 *       for kb: blocks of 256 of k {
 *         b[n // 16, k, n % 16] = right factor               a chunk of lanes, in panels of 16
 *         for ro: groups of R rows {
 *           a[r, k] = left factor                            R rows
 *           rows r, lanes n:  sums[r, n] += sum [k] a[r, k] * b[n // 16, k, n % 16]
 *         } }
 *       rows, lanes:  what follows the sum; store }
 *
 * A factor that depends on rows and not on lanes, or the other way round, may be anything: what stands before the product is computed
 * once for each element that is copied. Sums of blocks are added ascending, from +0, as ir/IR.md says, so the plain loops give the same
 * bits; they run where few rows would not pay for the copies, or where everything fits the caches anyway. A weight that lies in panels
 * already is read where it lies: its panels are streams. If its elements must be unpacked first, that is done once for all rows of a chunk.
 *
 * Sizes: a chunk has at most S x S sums, S a multiple of 32, such that these and the copy of b take half of the second-level cache.
 */
#include "passes/stage_int.h"
#include "passes/tile_stream_int.h"

enum { K_BLOCK = 256, LEAST_WORK = 256 };

typedef struct Block {
    Stream s;
    Nest nest;
    IrNode *reduce;             /* of the old function */
    IrNode *flat, *k;           /* the same over one index k; reduce itself if it has one */
    IrNode *left, *right;       /* factors of flat: of rows, of lanes */
    int nrow;                   /* x[.., k0, k1]: subscripts before those of the sum, where a row of left lies in one piece; else -1 */
    bool slow;                  /* the plain loops would compute much, or turn often, for each product */
    int64_t run;                /* right is unpacked from blocks of so many places; 0: from none */
    VEC(IrNode *) quotients;    /* k // c and k % c of the old function, c a multiple of run */
    IrNode *packed;             /* right is computed from a weight that lies in panels: the load of that; else NULL */
    bool along_rows;            /* left's elements lie side by side along the rows: a[k, r] */
    IrDtype dtype;              /* in which products are added */
    int R;
    int64_t most;               /* S */
    Dim chunk_rows, chunk_lanes, row_lo, rows, lane_lo, lanes, block, ks, group, many; /* many: see pays */
    IrNode *sums, *a, *b;
    IrNode *view;               /* left's tensor with a row as its last axis; NULL: as it is */
} Block;

#define CX(b) ((b)->s.t->cx)
#define DIM(b) ((b)->s.t->cx->module->dims)

/* ---- what can be blocked ------------------------------------------------------------------------------------------- */

static IrNode *the_contraction(Tile *t, IrNode *map, const Nest *nest)
{
    IrNode *found = NULL;
    for (IrNode *n = map->regions[0]->first; n; n = n->next)
        if (n->op == OP_reduce && n->order == ORDER_contract && pass_depends_on(t->cx, n, nest->lanes)) {
            if (found)
                return NULL;
            found = n;
        }
    return found && pass_depends_on(t->cx, found, nest->rows) ? found : NULL;
}

static bool is_only_of(PassCx *cx, const IrNode *x, const IrNode *index, const IrNode *other)
{
    return pass_depends_on(cx, x, index) && !pass_depends_on(cx, x, other);
}

static bool dim_needs(Block *b, Dim d, const IrNode *index)
{
    IrNode probe = { .op = OP_dim, .type = ir_scalar(DT_i64), .dim = d };
    return pass_depends_on(CX(b), &probe, index);
}

static bool is_whole(Block *b, const IrNode *k)
{
    int64_t lo = 0;
    return !k->from && !k->to && (!k->lo || (dim_is_const(k->lo, &lo) && lo == 0)) && !dim_needs(b, k->dim, b->nest.rows) && !dim_needs(b, k->dim, b->nest.lanes);
}

/* Indices from 0 on, no guard, a product of floats of one factor for rows and one for lanes. */
static bool find_factors(Block *b)
{
    PassCx *cx = CX(b);
    IrRegion *r = b->reduce->regions[0];
    IrNode *y = ir_terminator(r), *product = y->in[0], *rows = b->nest.rows, *lanes = b->nest.lanes;
    if (y->nin > 1 || b->reduce->redop != RED_sum || product->op != OP_mul || !dtype_is_float(product->type.dtype))
        return false;
    for (int i = 0; i < r->params.n; i++)
        if (!is_whole(b, r->params.p[i]))
            return false;
    IrNode *x = product->in[0], *z = product->in[1];
    bool straight = is_only_of(cx, x, rows, lanes) && is_only_of(cx, z, lanes, rows);
    bool swapped = is_only_of(cx, z, rows, lanes) && is_only_of(cx, x, lanes, rows);
    b->left = straight ? x : z;
    b->right = straight ? z : x;
    return straight || swapped;
}

static void see_fault(void *user, IrNode *n)
{
    bool *pure = user;
    if ((ir_info(n)->effects & (PINNED | FAULTS)) || n->op == OP_while)
        *pure = false;
}

/* Copies are made of elements that the sum reads, so nothing else need be known than that reading them records nothing. Where the plain
 * loops are not slow, simple operands only: a second kernel for each form that a weight may have in memory is much code. */
static bool is_worth(Block *b, IrRegion *body)
{
    bool pure = true;
    ir_walk(body, see_fault, &pure);
    for (const IrNode *n = body->first; n && pure && !b->slow && !b->packed; n = n->next)
        pure = pass_is_total(CX(b), n);
    return pure;
}

/* The subscripts of left end with the indices of the sum, over whole axes: w[o, c, i, j]. */
static int row_subscripts(Block *b)
{
    IrRegion *r = b->reduce->regions[0];
    const IrNode *x = b->left;
    int n = r->params.n, first = x->nin - n;
    if (x->op != OP_load || first < 1)
        return -1;
    for (int i = 0; i < n; i++)
        if (x->in[first + i] != r->params.p[i] || (i > 0 && x->in[0]->type.dims[first - 1 + i] != r->params.p[i]->dim))
            return -1;
    for (int i = 1; i < first; i++)
        if (pass_depends(CX(b), x->in[i], r))
            return -1;
    return first - 1;
}

/* The reduction over one index: positions count through the places of all indices, the last one fastest. */
static IrNode *flattened(Block *b)
{
    PassCx *cx = CX(b);
    DimCx *d = DIM(b);
    IrRegion *r = b->reduce->regions[0];
    IrBuilder at = { b->s.t->fn, b->reduce->parent, b->reduce, b->reduce->span };
    IrNode *flat = ir_add0(&at, OP_reduce, b->reduce->type);
    IrRegion *in = ir_region_new(b->s.t->fn, flat);
    Map nodes = map_new(cx->arena);
    SymMap syms = symmap_new(cx);
    Dim all = dim_const(d, 1), stride = all;
    flat->redop = b->reduce->redop;
    flat->order = b->reduce->order;
    for (int i = 0; i < r->params.n; i++)
        all = dim_mul(d, all, r->params.p[i]->dim);
    IrNode *k = ir_index_new(in, r->params.p[0]->name, NULL, all, r->params.p[0]->span);
    IrBuilder inner = { b->s.t->fn, in, NULL, b->reduce->span };
    for (int i = r->params.n - 1; i >= 0; i--) {
        IrNode *x = r->params.p[i];
        Dim v = dim_floordiv(d, dim_sym(d, k->sym), stride);
        v = i ? dim_mod(d, v, x->dim) : v;
        map_put(&nodes, x, ir_dim_value(&inner, v));
        symmap_put(&syms, x->sym, v);
        stride = dim_mul(d, stride, x->dim);
    }
    IrNode **y = ir_clone_region(&inner, r, &nodes, symmap_subst, &syms);
    ir_yield(&inner, 1, y);
    pass_note_symbols(cx, in);
    return flat;
}

typedef struct Along { PassCx *cx; const IrNode *index; bool is; } Along;

static void see_along(void *user, IrNode *n)
{
    Along *a = user;
    if (n->op == OP_load && pass_depends_on(a->cx, n, a->index) && !pass_depends_on(a->cx, n->in[n->nin - 1], a->index))
        a->is = false;
}

/* Along the index elements lie side by side in memory: the last subscript of a load depends on it; also of what a choice loads. */
static bool lies_along(PassCx *cx, const IrNode *x, const IrNode *index)
{
    Along a = { cx, index, x->nregions > 0 };
    for (int i = 0; i < x->nregions; i++)
        ir_walk(x->regions[i], see_along, &a);
    return a.is || (x->op == OP_load && x->nin > 1 && pass_depends_on(cx, x->in[x->nin - 1], index));
}

/* In panels already: w[n // 16, .., n % 16]. */
static bool is_packed(const IrNode *x)
{
    return x->op == OP_load && x->nin > 2 && x->in[x->nin - 1]->op == OP_mod;
}

static void see_packed(void *user, IrNode *n)
{
    Block *b = user;
    int64_t c = n->nin == 2 && n->in[1]->op == OP_const ? n->in[1]->imm : 0;
    if (is_packed(n) && stage_is_prepared(n->in[0]) && !b->packed)
        b->packed = n;
    if ((n->op != OP_floordiv && n->op != OP_mod) || n->in[0] != b->k || c < 2 || K_BLOCK % c)
        return;
    b->run = !b->run || c < b->run ? c : b->run;
    vec_push(CX(b)->arena, &b->quotients, n);
}

/* What a factor is computed from stands before it in the region of the sum. */
static void find_packed(Block *b)
{
    b->k = vec_last(&b->reduce->regions[0]->params);
    if (b->right->op != OP_load)
        ir_walk(b->reduce->regions[0], see_packed, b);
    if (b->reduce->regions[0]->params.n > 1)
        b->packed = NULL;
}

static bool find_block(Block *b, Tile *t, IrNode *map)
{
    PassCx *cx = t->cx;
    if (pass_guard(map->regions[0]) || !b->nest.lanes || !b->nest.rows)
        return false;
    if (!(b->reduce = the_contraction(t, map, &b->nest)) || !find_factors(b) || is_packed(b->right))
        return false;
    IrRegion *r = b->reduce->regions[0];
    IrDtype in = b->left->type.dtype;
    bool first = ir_terminator(r)->in[0]->in[0] == b->left;
    b->slow = r->params.n > 1 || b->right->nregions || (b->right->op == OP_load && !lies_along(cx, b->right, b->nest.lanes));
    find_packed(b);
    if (!is_worth(b, map->regions[0]))
        return false;
    b->nrow = row_subscripts(b);
    b->flat = b->reduce;
    if (r->params.n > 1) {
        b->flat = flattened(b);
        IrNode *product = ir_terminator(b->flat->regions[0])->in[0];
        b->left = product->in[first ? 0 : 1];
        b->right = product->in[first ? 1 : 0];
    }
    b->k = b->flat->regions[0]->params.p[0];
    b->dtype = dtype_bytes(in) < 4 ? DT_f32 : in;
    b->along_rows = b->nrow < 0 && (r->params.n > 1 || (!lies_along(cx, b->left, b->k) && lies_along(cx, b->left, b->nest.rows)));
    b->R = cx->options->target.registers >= 32 ? 8 : b->packed ? 4 : 6; /* few rows of a packed weight pay, too */
    int64_t size = dtype_bytes(b->dtype), most = 64;
    while ((most + 32) * (most + 32 + K_BLOCK) * size <= cx->options->target.l2 / 2)
        most += 32;
    b->most = most;
    return true;
}

/* ---- when it pays ---------------------------------------------------------------------------------------------------- */

/* 1 where there are enough rows to pay for the copies, and lanes x k do not stay in the caches from one group of rows to the next, or the
 * plain loops are slow; else 0. */
static Dim pays(Block *b)
{
    DimCx *d = DIM(b);
    Tile *t = b->s.t;
    int64_t large = b->slow || b->packed ? LEAST_WORK : CX(b)->options->target.l2 / 2 / dtype_bytes(b->dtype);
    int64_t many = b->packed ? 2 * b->R + 1 : b->slow ? 2 * b->R : 4 * b->R;
    Dim m = tile_dim(t, b->nest.rows->dim), n = dim_mul(d, tile_dim(t, b->nest.lanes->dim), tile_dim(t, b->k->dim)), one = dim_const(d, 1);
    Dim rows = dim_min(d, one, dim_floordiv(d, m, dim_const(d, many)));
    return dim_mul(d, rows, dim_min(d, one, dim_floordiv(d, n, dim_const(d, large + 1))));
}

/* ---- the kernel -------------------------------------------------------------------------------------------------------- */

static Dim whole(DimCx *d, Dim n, int64_t of) { return dim_mul(d, dim_const(d, of), tile_ceil_div(d, n, of)); }

static IrNode *chunk_index(Block *b, Dim extent, int64_t chunk)
{
    return ir_index_new(b->s.kernel, name_of(CX(b)->module->names, "c"), NULL, tile_ceil_div(DIM(b), extent, chunk), b->s.c.map->span);
}

static IrNode *scratch3(Block *b, Dim d0, int64_t d1, int64_t d2)
{
    DimCx *d = DIM(b);
    Dim dims[] = { d0, dim_const(d, d1), dim_const(d, d2) };
    IrNode *x = stream_scratch(&b->s, b->dtype, 0, NULL, NULL);
    dims[0] = dim_mul(d, d0, b->many);
    x->type = (IrType){ b->dtype, d2 ? 3 : 2, arena_copy(CX(b)->module->arena, dims, sizeof dims) };
    return x;
}

static void make_view(Block *b)
{
    IrNode *of = tile_buffer_of(b->s.t, b->left->in[0]);
    DimCx *d = DIM(b);
    IrType t = { of->type.dtype, b->nrow + 1, NEWN(CX(b)->module->arena, Dim, b->nrow + 1) };
    Dim row = dim_const(d, 1);
    for (int i = 0; i < of->type.rank; i++)
        if (i < b->nrow)
            t.dims[i] = of->type.dims[i];
        else
            row = dim_mul(d, row, of->type.dims[i]);
    t.dims[b->nrow] = row;
    b->view = ir_add1(&b->s.t->b, OP_buffer, t, of);
    b->view->place = PLACE_view;
}

static void make_grid(Block *b)
{
    Tile *t = b->s.t;
    DimCx *d = DIM(b);
    IrRegion *body = b->s.body;
    IrNode *rows = b->nest.rows, *lanes = b->nest.lanes;
    Dim m = tile_dim(t, rows->dim), n = tile_dim(t, lanes->dim);
    int64_t chunk = b->most / b->R * b->R;
    IrNode *kernel = ir_add0(&t->b, OP_kernel, ir_scalar(DT_none));
    b->s.kernel = ir_region_new(t->fn, kernel);
    for (int i = 0; i < body->params.n; i++) {
        IrNode *x = body->params.p[i];
        if (x != rows && x != lanes)
            tile_map_index(t, x, ir_index_new(b->s.kernel, x->name, tile_dim(t, x->lo), tile_dim(t, x->dim), x->span));
    }
    b->chunk_rows = dim_const(d, chunk);
    b->chunk_lanes = dim_const(d, b->most);
    IrNode *cr = chunk_index(b, m, chunk), *cn = chunk_index(b, n, b->most);
    b->row_lo = dim_mul(d, b->chunk_rows, dim_sym(d, cr->sym));
    b->lane_lo = dim_mul(d, b->chunk_lanes, dim_sym(d, cn->sym));
    b->rows = dim_min(d, b->chunk_rows, dim_sub(d, m, b->row_lo));
    b->lanes = dim_min(d, b->chunk_lanes, dim_sub(d, n, b->lane_lo));
    b->s.at = (IrBuilder){ t->fn, b->s.kernel, NULL, b->s.c.map->span };
    b->sums = scratch3(b, dim_min(d, b->chunk_rows, whole(d, m, b->R)), b->most, 0);
    b->a = b->along_rows ? scratch3(b, dim_const(d, K_BLOCK), PANEL, 0) : scratch3(b, dim_const(d, b->R), K_BLOCK, 0);
    b->b = scratch3(b, dim_min(d, dim_const(d, b->most / PANEL), dim_mul(d, dim_const(d, 2), tile_ceil_div(d, n, 2 * PANEL))), K_BLOCK, PANEL);
}

/* ---- values in the kernel's own indices ---------------------------------------------------------------------------------- */

/* The old index stands for base + x. */
static void bind_at(Block *b, IrNode *old, Dim base, IrNode *x)
{
    DimCx *d = DIM(b);
    IrBuilder *at = &stream_top(&b->s)->b;
    Dim v = old->lo ? dim_add(d, base, tile_dim(b->s.t, old->lo)) : base;
    stream_bind(&b->s, old, ir_add2(at, OP_add, ir_scalar(DT_i64), x, ir_dim_value(at, v)));
    symmap_put(&b->s.t->syms, old->sym, dim_add(d, v, dim_sym(d, x->sym)));
}

/* A row of the group: those beyond the last row are the last row again, so that groups are whole. */
static void bind_row(Block *b, IrNode *x)
{
    DimCx *d = DIM(b);
    IrNode *old = b->nest.rows;
    Dim lo = old->lo ? tile_dim(b->s.t, old->lo) : dim_const(d, 0), last = dim_sub(d, tile_dim(b->s.t, old->dim), dim_const(d, 1));
    Dim row = dim_add(d, dim_add(d, b->row_lo, dim_mul(d, dim_const(d, b->R), b->group)), dim_sym(d, x->sym));
    Dim v = dim_add(d, lo, dim_min(d, row, last));
    stream_bind(&b->s, old, ir_dim_value(&stream_top(&b->s)->b, v));
    symmap_put(&b->s.t->syms, old->sym, v);
}

static Dim k_lo(Block *b) { return dim_mul(DIM(b), dim_const(DIM(b), K_BLOCK), b->block); }

/* Of a row that lies in one piece, by the place in it. */
static IrNode *row_element(Block *b)
{
    IrNode *subs[16];
    for (int i = 0; i < b->nrow; i++)
        subs[i] = stream_emit(&b->s, b->left->in[1 + i]);
    subs[b->nrow] = map_find(&b->s.t->nodes, b->k);
    return ir_load(&stream_top(&b->s)->b, b->view, b->nrow + 1, subs);
}

static IrNode *element(Block *b, IrNode *factor)
{
    IrNode *x = factor == b->left && b->view ? row_element(b) : stream_emit(&b->s, factor);
    return x->type.dtype == b->dtype ? x : ir_add1(&stream_top(&b->s)->b, OP_cast, ir_scalar(b->dtype), x);
}

static void put(Block *b, IrNode *buffer, IrNode *value, int n, IrNode *const *subs)
{
    IrNode *in[5] = { buffer, value };
    for (int i = 0; i < n; i++)
        in[2 + i] = subs[i];
    ir_add(&stream_top(&b->s)->b, OP_store, ir_scalar(DT_none), 2 + n, in);
}

/* Subscripts of lane x, place k in panels. */
static void panel_subs(IrBuilder *at, IrNode *x, IrNode *k, IrNode **subs)
{
    IrNode *panel = ir_int(at, PANEL);
    subs[0] = ir_add2(at, OP_floordiv, ir_scalar(DT_i64), x, panel);
    subs[1] = k;
    subs[2] = ir_add2(at, OP_mod, ir_scalar(DT_i64), x, panel);
}

static void write_zero(Block *b)
{
    DimCx *d = DIM(b);
    Stream *s = &b->s;
    IrNode *r = stream_open_loop(s, b->nest.rows, NULL, LOOP_seq, 0, NULL, whole(d, b->rows, b->R));
    IrNode *n = stream_open_loop(s, b->nest.lanes, NULL, LOOP_lanes, 2, NULL, whole(d, b->lanes, 2 * PANEL)), *subs[] = { r, n };
    put(b, b->sums, ir_const_float(&stream_top(s)->b, b->dtype, 0), 2, subs);
    stream_close(s);
}

/* Whole rows of memory at a time where lanes lie side by side; else each lane's own row, from which vectors are transposed. */
static void write_right(Block *b)
{
    Stream *s = &b->s;
    bool along = lies_along(CX(b), b->right, b->nest.lanes);
    IrNode *subs[3], *k = NULL, *n;
    if (along)
        k = stream_open_loop(s, b->k, NULL, LOOP_seq, 0, NULL, b->ks);
    n = stream_open_loop(s, b->nest.lanes, NULL, LOOP_lanes, along ? 2 : 1, NULL, b->lanes);
    if (!along)
        k = stream_open_loop(s, b->k, NULL, LOOP_seq, 0, NULL, b->ks);
    bind_at(b, b->k, k_lo(b), k);
    bind_at(b, b->nest.lanes, b->lane_lo, n);
    panel_subs(&stream_top(s)->b, n, k, subs);
    put(b, b->b, element(b, b->right), 3, subs);
    stream_close(s);
}

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

/* The same of a weight that lies in panels: those are whole. Of blocks of c places, what belongs to a block, its scale, is read before the
 * loop over its places. What the next block of k needs is fetched beside. */
static void unpack_right(Block *b)
{
    Stream *s = &b->s;
    DimCx *d = DIM(b);
    int64_t c = b->run ? b->run : K_BLOCK;
    IrNode *subs[3], *n = stream_open_loop(s, b->nest.lanes, NULL, LOOP_lanes, b->R == 8 ? 1 : 2, NULL, whole(d, b->lanes, PANEL));
    IrNode *part = stream_open_loop(s, b->k, NULL, LOOP_seq, 0, NULL, tile_ceil_div(d, b->ks, c));
    Dim lo = dim_mul(d, dim_const(d, c), dim_sym(d, part->sym)), first = dim_add(d, k_lo(b), lo);
    IrNode *k = stream_open_loop(s, b->k, NULL, LOOP_seq, 0, NULL, dim_min(d, dim_const(d, c), dim_sub(d, b->ks, lo)));
    IrBuilder *at = &stream_top(s)->b;
    int mark = s->made.n;
    for (int next = 1; next >= 0; next--) {
        Dim from = dim_add(d, first, dim_const(d, next * K_BLOCK));
        bind_at(b, b->k, from, k);
        bind_at(b, b->nest.lanes, b->lane_lo, n);
        bind_quotients(b, from, k);
        if (!next)
            break;
        prefetch_load(b, b->packed);
        stream_undo(s, mark);
    }
    panel_subs(at, n, ir_add2(at, OP_add, ir_scalar(DT_i64), k, ir_dim_value(at, lo)), subs);
    put(b, b->b, element(b, b->right), 3, subs);
    stream_close(s);
}

static void write_left(Block *b)
{
    Stream *s = &b->s;
    DimCx *d = DIM(b);
    IrNode *r, *k;
    if (b->along_rows) {
        k = stream_open_loop(s, b->k, NULL, LOOP_seq, 0, NULL, b->ks);
        r = stream_open_loop(s, b->nest.rows, NULL, LOOP_lanes, 1, NULL, dim_const(d, b->R));
    } else {
        r = stream_open_loop(s, b->nest.rows, NULL, LOOP_seq, 0, NULL, dim_const(d, b->R));
        bind_row(b, r); /* what depends on the row alone is computed here */
        k = stream_open_loop(s, b->k, NULL, LOOP_lanes, 1, NULL, b->ks);
    }
    if (b->along_rows)
        bind_row(b, r);
    bind_at(b, b->k, k_lo(b), k);
    IrNode *subs[] = { b->along_rows ? k : r, b->along_rows ? r : k };
    put(b, b->a, element(b, b->left), 2, subs);
    stream_close(s);
}

/* sum [k] left[r, k] * right[k, n] over the block, in the open loops. */
static IrNode *block_sum(Block *b, IrNode *r, IrNode *n)
{
    Stream *s = &b->s;
    Level *top = stream_top(s);
    IrNode *sum = ir_add0(&top->b, OP_reduce, ir_scalar(b->dtype)), *subs[3], *x, *y;
    IrRegion *in = ir_region_new(s->t->fn, sum);
    IrNode *k = ir_index_new(in, b->k->name, NULL, dim_const(DIM(b), K_BLOCK), b->k->span);
    int mark = s->made.n;
    sum->redop = RED_sum;
    sum->order = ORDER_contract;
    k->to = b->ks;
    top->b.before = sum;
    s->level[s->nlevels++] = (Level){ { s->t->fn, in, NULL, s->c.map->span }, { b->k, NULL }, mark };
    IrBuilder *at = &stream_top(s)->b;
    x = ir_load(at, b->a, 2, b->along_rows ? (IrNode *[]){ k, r } : (IrNode *[]){ r, k });
    panel_subs(at, n, k, subs);
    y = ir_load(at, b->b, 3, subs);
    IrNode *product = ir_add2(at, OP_mul, ir_scalar(b->dtype), x, y);
    ir_yield(at, 1, &product);
    s->nlevels--;
    stream_undo(s, mark);
    stream_top(s)->b.before = NULL;
    return sum;
}

/* The load of a factor, where its row or lane and its place stand for others than those of the open loops. */
static void prefetch(Block *b, IrNode *factor, IrNode *const *old, IrNode *const *stands, const Dim *dims)
{
    Stream *s = &b->s;
    int mark = s->made.n;
    for (int i = 0; i < 2; i++) {
        stream_bind(s, old[i], stands[i]);
        symmap_put(&s->t->syms, old[i]->sym, dims[i]);
    }
    prefetch_load(b, factor);
    stream_undo(s, mark);
}

static bool is_fetched(Block *b, IrNode *factor, const IrNode *along)
{
    return b->flat == b->reduce && factor->op == OP_load && lies_along(CX(b), factor, along);
}

/* While a group is added: its rows of the next group, whose places run along the lanes here, and a part of the next block of k. */
static void fetch_next(Block *b, IrNode *r, IrNode *n)
{
    DimCx *d = DIM(b);
    IrBuilder *at = &stream_top(&b->s)->b;
    IrNode *rows = b->nest.rows, *lanes = b->nest.lanes;
    Dim R = dim_const(d, b->R), zero = dim_const(d, 0), in_chunk = dim_add(d, dim_mul(d, R, b->group), dim_sym(d, r->sym));
    if (is_fetched(b, b->left, b->k)) {
        Dim row = dim_add(d, dim_add(d, rows->lo ? tile_dim(b->s.t, rows->lo) : zero, dim_add(d, b->row_lo, R)), in_chunk);
        Dim place = dim_add(d, k_lo(b), dim_sym(d, n->sym));
        prefetch(b, b->left, (IrNode *[]){ rows, b->k }, (IrNode *[]){ ir_dim_value(at, row), ir_dim_value(at, place) }, (Dim[]){ row, place });
    }
    if (is_fetched(b, b->right, lanes)) {
        Dim place = dim_add(d, dim_add(d, k_lo(b), dim_const(d, K_BLOCK)), in_chunk);
        Dim lane = dim_add(d, dim_add(d, lanes->lo ? tile_dim(b->s.t, lanes->lo) : zero, b->lane_lo), dim_sym(d, n->sym));
        prefetch(b, b->right, (IrNode *[]){ b->k, lanes }, (IrNode *[]){ ir_dim_value(at, place), ir_dim_value(at, lane) }, (Dim[]){ place, lane });
    }
}

static void add_block(Block *b)
{
    Stream *s = &b->s;
    DimCx *d = DIM(b);
    IrNode *r = stream_open_loop(s, b->nest.rows, NULL, LOOP_rows, b->R, NULL, dim_const(d, b->R));
    IrNode *n = stream_open_loop(s, b->nest.lanes, NULL, LOOP_lanes, 2, NULL, whole(d, b->lanes, 2 * PANEL));
    IrBuilder *at = &stream_top(s)->b;
    fetch_next(b, r, n);
    IrNode *row = ir_add2(at, OP_add, ir_scalar(DT_i64), r, ir_dim_value(at, dim_mul(d, dim_const(d, b->R), b->group)));
    IrNode *subs[] = { row, n }, *sum = block_sum(b, r, n);
    at = &stream_top(s)->b;
    IrNode *before = ir_load(at, b->sums, 2, subs);
    put(b, b->sums, ir_add2(at, OP_add, ir_scalar(b->dtype), before, sum), 2, subs);
    stream_close(s);
}

/* A serial loop around the nests that follow; returns its index as a Dim. */
static Dim open_around(Block *b, const char *name, Dim extent, IrBuilder *outer)
{
    Stream *s = &b->s;
    IrNode *f = ir_add0(&s->at, OP_tfor, ir_scalar(DT_none));
    IrRegion *r = ir_region_new(s->t->fn, f);
    IrNode *x = ir_index_new(r, name_of(CX(b)->module->names, name), NULL, extent, s->c.map->span);
    *outer = s->at;
    s->at = (IrBuilder){ s->t->fn, r, NULL, s->c.map->span };
    return dim_sym(DIM(b), x->sym);
}

static void write_block_kernel(Block *b)
{
    Stream *s = &b->s;
    DimCx *d = DIM(b);
    IrBuilder outer, blocks;
    if (b->flat != b->reduce && b->nrow >= 0)
        make_view(b);
    make_grid(b);
    write_zero(b);
    Dim k = tile_dim(s->t, b->k->dim);
    b->block = open_around(b, "block", tile_ceil_div(d, k, K_BLOCK), &outer);
    b->ks = dim_min(d, dim_const(d, K_BLOCK), dim_sub(d, k, k_lo(b)));
    if (b->packed)
        unpack_right(b);
    else
        write_right(b);
    b->group = open_around(b, "group", tile_ceil_div(d, b->rows, b->R), &blocks);
    write_left(b);
    add_block(b);
    s->at = outer;
    if (b->flat != b->reduce)
        ir_drop(b->flat);
    Dim row = b->nest.rows->lo ? tile_dim(s->t, b->nest.rows->lo) : dim_const(d, 0), lane = b->nest.lanes->lo ? tile_dim(s->t, b->nest.lanes->lo) : dim_const(d, 0);
    Part part = { b->reduce, b->sums, dim_add(d, row, b->row_lo), b->rows, dim_add(d, lane, b->lane_lo), b->lanes };
    tile_rest(s->t, s->c.map, s->dest, s->kernel, &part);
}

bool tile_block(Tile *t, IrNode *map, Dest dest)
{
    Block b = { .s = { .t = t, .dest = &dest, .body = map->regions[0], .stored = map_new(t->cx->arena) }, .nest = tile_nest(t->cx, map) };
    b.s.c = (Cascade){ .cx = t->cx, .map = map };
    if (!find_block(&b, t, map))
        return false;
    IrBuilder outer = t->b;
    int64_t known;
    b.many = pays(&b);
    if (dim_is_const(b.many, &known) && known == 0) {
        if (b.flat != b.reduce)
            ir_drop(b.flat);
        return false;
    }
    IrNode *many = ir_add2(&t->b, OP_lt, ir_scalar(DT_bool), ir_int(&t->b, 0), ir_dim_value(&t->b, b.many));
    IrNode *choice = ir_add1(&t->b, OP_if, ir_scalar(DT_none), many);
    for (int side = 0; side < 2; side++) {
        t->b = (IrBuilder){ t->fn, ir_region_new(t->fn, choice), NULL, map->span };
        if (side == 0)
            write_block_kernel(&b);
        else
            tile_kernel(t, map, dest);
        ir_yield(&t->b, 0, NULL);
    }
    t->b = outer;
    return true;
}
