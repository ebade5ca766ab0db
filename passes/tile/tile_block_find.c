/* tile_block_find.c - which contractions are written in blocks (tile_block.c), and where that pays. */
#include "passes/tile/tile_block_int.h"

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
    return pass_dim_depends_on(CX(b), d, index);
}

static bool is_whole(Block *b, const IrNode *k)
{
    return pass_from_zero(k) && !dim_needs(b, k->dim, b->nest.rows) && !dim_needs(b, k->dim, b->nest.lanes);
}

/* Indices from 0 on, a guard without lanes, a product of floats of one factor for rows and one for lanes. */
static bool find_factors(Block *b)
{
    PassCx *cx = CX(b);
    IrRegion *r = b->reduce->regions[0];
    IrNode *y = ir_terminator(r), *product = y->in[0], *rows = b->nest.rows, *lanes = b->nest.lanes;
    if (places_need(b, lanes) || b->reduce->redop != RED_sum || product->op != OP_mul || !dtype_is_float(product->type.dtype))
        return false;
    for (int i = 0; i < r->params.n; i++)
        if (!is_whole(b, r->params.p[i]))
            return false;
    b->some = y->nin > 1;
    for (int i = 0; i < r->params.n; i++)
        b->some = b->some || r->params.p[i]->from || r->params.p[i]->to;
    IrNode *x = product->in[0], *z = product->in[1];
    bool straight = is_only_of(cx, x, rows, lanes) && is_only_of(cx, z, lanes, rows);
    bool swapped = is_only_of(cx, z, rows, lanes) && is_only_of(cx, x, lanes, rows);
    b->left = straight ? x : z;
    b->right = straight ? z : x;
    b->ragged = places_need(b, rows);
    b->some = b->some && !b->ragged;
    return (straight || swapped) && (!b->ragged || ragged_find(b));
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

static bool is_simple(Block *b, IrRegion *body)
{
    int many = 0;
    for (const IrNode *n = body->first; n; n = n->next, many++)
        if (n != b->reduce && n != b->flat && (n->nregions || (n->op >= OP_exp && n->op <= OP_sigmoid && n->op != OP_sqrt) || n->op == OP_pow))
            return false;
    return many < 12;
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
    b->inside = b->some ? places_inside(b, &inner, ir_terminator(r)->nin > 1 ? y[1] : NULL, &nodes, &syms) : NULL;
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

/* Along the index elements lie side by side in memory: the last subscript of a load depends on it; also of what a choice loads, or arithmetic takes. */
bool block_lies_along(PassCx *cx, const IrNode *x, const IrNode *index)
{
    Along a = { cx, index, x->nregions > 0 };
    for (int i = 0; i < x->nregions; i++)
        ir_walk(x->regions[i], see_along, &a);
    if (a.is || x->nregions || x->op == OP_load)
        return a.is || (x->op == OP_load && x->nin > 1 && pass_depends_on(cx, x->in[x->nin - 1], index));
    for (int i = 0; i < x->nin; i++) {
        bool needs = pass_depends_on(cx, x->in[i], index);
        if (needs && !block_lies_along(cx, x->in[i], index))
            return false;
        a.is = a.is || needs;
    }
    return a.is && ir_is_scalar_op(x);
}

/* The factor for lanes has an elementary function (`cos(f32(n * k))`): the plain loops take it anew for each row. */
static bool is_dear(const Block *b)
{
    for (const IrNode *n = b->reduce->regions[0]->first; n; n = n->next)
        if (pass_is_elementary((IrOp)n->op) && is_only_of(CX(b), n, b->nest.lanes, b->nest.rows))
            return true;
    return false;
}

/* In panels of the lanes already: w[n // 16, .., n % 16]. */
static bool is_packed(const Block *b, const IrNode *x)
{
    return x->nin > 2 && stage_in_panels(x) && pass_depends_on(CX(b), x->in[x->nin - 1], b->nest.lanes);
}

static void see_packed(void *user, IrNode *n)
{
    Block *b = user;
    int64_t c = n->nin == 2 && n->in[1]->op == OP_const ? n->in[1]->imm : 0;
    if (is_packed(b, n) && stage_is_prepared(n->in[0]) && !b->packed)
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

/* What is copied of right takes so many bytes at most. The copies of left, if there are any, are made again for each chunk of lanes: then many
 * lanes, as where rows of an image fill them; else long stretches. */
static void set_sizes(Block *b, int64_t bytes)
{
    int64_t size = dtype_bytes(b->dtype);
    b->most = b->direct && !b->outer ? 128 : 256;
    b->stretch = K_BLOCK;
    while (b->most > 64 && b->stretch * b->most * size > bytes)
        b->most /= 2;
    while (b->stretch < MOST_BLOCKS * K_BLOCK && 2 * b->stretch * b->most * size <= bytes)
        b->stretch *= 2;
    while (b->stretch * (b->most + 32) * size <= bytes && b->most < 256)
        b->most += 32;
}

/* From 0 on, and up to a bound (of a guard of the map) that other indices of the grid decide. */
static bool ends_alike(Block *b, const IrNode *x)
{
    return pass_from_zero(x) && !x->from && !dim_needs(b, x->to, b->nest.rows) && !dim_needs(b, x->to, b->nest.lanes) && (!b->outer || !dim_needs(b, x->to, b->outer));
}

/* An image: out[.., o, y, x]. A row of it may be shorter than a vector. */
static IrNode *find_outer(Block *b, IrRegion *body)
{
    PassCx *cx = CX(b);
    for (int i = body->params.n - 1; i >= 0; i--) {
        IrNode *x = body->params.p[i];
        if (x == b->nest.rows || x == b->nest.lanes || !pass_depends_on(cx, b->right, x) || places_need(b, x)) /* a point has one set of places */
            continue;
        bool plain = ends_alike(b, x) && !dim_needs(b, b->k->dim, x) && !dim_needs(b, b->nest.lanes->dim, x) && !dim_needs(b, b->nest.lanes->to, x);
        return plain && !pass_depends_on(cx, b->left, x) ? x : NULL;
    }
    return NULL;
}

/* The elements of a window that the sum's last index runs along (x[y + i, z + j, c]) beside lanes of a weight that lie side by side (w[i, j, c, o]): a
 * row's element serves all lanes as it lies, and copies of it would be read across: they pay only for a weight that is far away otherwise. */
static bool lies_ready(Block *b)
{
    PassCx *cx = CX(b);
    const IrRegion *r = b->reduce->regions[0];
    const IrNode *right = b->right;
    return r->params.n > 1 && right->op == OP_load && right->in[right->nin - 1] == b->nest.lanes && block_lies_along(cx, b->left, vec_last(&r->params)) &&
           !block_lies_along(cx, b->left, b->nest.rows) && row_subscripts(b) < 0;
}

/* All that the guard of the map says are the bounds of lanes and the outer index: x < bound. */
static bool bounds_say(Block *b, const IrNode *g)
{
    DimCx *d = DIM(b);
    if (!g || g->op == OP_and)
        return !g || (bounds_say(b, g->in[0]) && bounds_say(b, g->in[1]));
    IrNode *x = g->op == OP_lt ? g->in[0] : NULL;
    return x && (x == b->nest.lanes || x == b->outer) && pass_is_affine(g->in[1]) && ends_alike(b, x) &&
           x->to == dim_min(d, x->dim, pass_dim_of(CX(b), g->in[1]));
}

bool block_find(Block *b, Tile *t, IrNode *map)
{
    PassCx *cx = t->cx;
    bool pairs = block_find_pairs(b, map);
    if (!b->nest.lanes || !b->nest.rows || !pass_is_whole(b->nest.rows))
        return false;
    if (!pairs && (!(b->reduce = the_contraction(t, map, &b->nest)) || !find_factors(b) || is_packed(b, b->right)))
        return false;
    IrRegion *r = b->reduce->regions[0];
    if (r->params.n > 1 && stage_panel_axis(b->right, vec_last(&r->params)) >= 0)
        return false;
    IrDtype in = b->left->type.dtype;
    bool first = !pairs && ir_terminator(r)->in[0]->in[0] == b->left;
    IrNode *left = b->left, *right = b->right;
    b->slow = pairs || b->ragged || r->params.n > 1 || b->right->nregions || is_dear(b) || (b->right->op == OP_load && !block_lies_along(cx, b->right, b->nest.lanes));
    find_packed(b);
    if (((b->some || b->ragged) && (b->packed || !b->slow)) || !is_worth(b, map->regions[0]))
        return false;
    b->ready = lies_ready(b);
    b->nrow = b->ragged ? -1 : row_subscripts(b);
    b->flat = b->reduce;
    b->outer = r->params.n > 1 && !b->packed ? find_outer(b, map->regions[0]) : NULL;
    if (!bounds_say(b, pass_guard(map->regions[0])))
        return false;
    if (r->params.n > 1 || b->some) {
        b->flat = flattened(b);
        IrNode *product = ir_terminator(b->flat->regions[0])->in[0];
        b->left = product->in[first ? 0 : 1];
        b->right = product->in[first ? 1 : 0];
    }
    b->k = b->flat->regions[0]->params.p[0];
    b->dtype = dtype_bytes(in) < 4 ? DT_f32 : in;
    b->along_rows = b->nrow < 0 && (r->params.n > 1 || b->some || (!block_lies_along(cx, b->left, b->k) && block_lies_along(cx, b->left, b->nest.rows)));
    b->simple = !b->outer && is_simple(b, map->regions[0]);
    b->direct = in == b->dtype && !b->ragged && (b->nrow >= 0 || (b->flat == b->reduce && b->left->op == OP_load && block_lies_along(cx, b->left, b->k)));
    b->R = pairs ? PAIR_ROWS : cx->options->target.registers >= 32 ? 8 : b->packed ? 4 : 6; /* few rows of a packed weight pay, too */
    rows_find(b, left);
    b->along_rows = b->along_rows && !b->runs;
    b->nrow = b->some && !b->direct ? -1 : b->nrow;
    b->along_rows = b->along_rows || (b->some && !b->direct);
    if (!b->some && !b->ragged && !pass_guard(map->regions[0]))
        slide_find(b, right);
    if (b->slide.index)
        slide_sizes(b, cx->options->target.l2 / 2);
    else
        set_sizes(b, cx->options->target.l2 / 2);
    return true;
}

/* ---- when it pays ---------------------------------------------------------------------------------------------------- */

enum { PAIRS_LEAST = 32 }; /* rows, and lanes, beside which the plain loops of sums that are no products (tile_nest.c) are slower: 9 rows of 64 take 3 / 4 of the time there */

/* 1 if x is at least n and y more than m, else 0. */
static Dim both_reach(DimCx *d, Dim x, int64_t n, Dim y, int64_t m)
{
    Dim one = dim_const(d, 1);
    return dim_mul(d, dim_min(d, one, dim_floordiv(d, x, dim_const(d, n))), dim_min(d, one, dim_floordiv(d, y, dim_const(d, m + 1))));
}

/* 1 where there are enough rows to pay for the copies, and lanes x k do not stay in the caches from one group of rows to the next, or the
 * plain loops are slow; else 0. Where lanes x k stay in the second level, lines a row apart still cost a little more than panels: many
 * rows pay for that, too. */
Dim block_pays(Block *b)
{
    DimCx *d = DIM(b);
    Tile *t = b->s.t;
    int64_t large = b->slow || b->packed ? LEAST_WORK : CX(b)->options->target.l2 / 2 / dtype_bytes(b->dtype);
    large = b->ready && !b->packed ? CX(b)->options->target.l2 / 4 / dtype_bytes(b->dtype) : large;
    bool wide = CX(b)->options->target.registers >= 32;
    bool turned = b->slow && !b->packed && !b->pairs && !b->ragged && b->flat == b->reduce && b->right->op == OP_load && dtype_bytes(b->right->type.dtype) <= 4;
    int64_t many = b->pairs ? PAIRS_LEAST : b->packed ? 2 * b->R + 1 : turned ? (wide ? TURNED_WIDE : TURNED_NEAR) : b->slow ? 2 * b->R : 4 * b->R;
    Dim m = rows_all(b), n = dim_mul(d, tile_dim(t, b->nest.lanes->dim), tile_dim(t, b->k->dim));
    if (b->outer)
        n = dim_mul(d, n, tile_dim(t, b->outer->dim));
    if (b->runs) /* short ones are no vectors */
        n = dim_mul(d, n, dim_min(d, dim_const(d, 1), dim_floordiv(d, tile_dim(t, vec_last(&b->reduce->regions[0]->params)->dim), dim_const(d, PANEL / 2))));
    if (b->pairs) /* a few lanes leave most of a vector idle */
        n = dim_mul(d, n, dim_min(d, dim_const(d, 1), dim_floordiv(d, tile_dim(t, b->nest.lanes->dim), dim_const(d, PAIRS_LEAST))));
    Dim pays = both_reach(d, m, many, n, large);
    int64_t known;
    bool small = dim_is_const(n, &known) && known <= large; /* for certain: code for blocks would cost more than it brings */
    if (turned && !wide) /* rows of right from far away are read once */
        pays = dim_max(d, pays, both_reach(d, m, TURNED_FAR, n, 2 * CX(b)->options->target.l2 / dtype_bytes(b->dtype)));
    return b->slow || b->packed || small ? pays : dim_max(d, pays, both_reach(d, m, MANY_ROWS, n, large / FEWER));
}
