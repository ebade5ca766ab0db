/* share.c - a reduction of the function, one value, becomes parts that several threads compute, and a reduction of these.
 *
 *     %s = reduce sum lanes16 [i: N, j: M] { f(%x[i, j]) }
 *
 *     %r = reshape %x : f32[N * M]
 *     %p = map [b: (N * M + 255) // 256] { reduce sum lanes16 [q: min(256, N * M - 256 * b)] { f(%r[256 * b + q]) } }
 *     %s = reduce sum chain [b] { %p[b] }
 *
 * A sum of floats (a product) is made of blocks of 256 places, added ascending, anyway: these are the parts, so no bit changes, and any number
 * of threads gives the same. Where the order does not show parts are larger. Several indices are one if every load walks them as one piece of
 * memory; else the parts are blocks of rows, where rows are multiples of 256 (of a weight that may lie in panels rows, where the order does
 * not show). Places that have loops of their own are a map first: a kernel over rows. So is what only looks for faults over several indices.
 */
#include "passes/pass_int.h"

enum { BLOCK = 256, LARGE = 16384, FEW = 8192 }; /* places of a part; where the order does not show; so few that are known are not worth two kernels */

typedef struct Share { PassCx *cx; IrNode *n; IrBuilder at; Dim places; int64_t part; IrNode *map; } Share; /* at: where nodes go; map: the parts */

static bool is_float_fold(const IrNode *n)
{
    return (n->redop == RED_sum || n->redop == RED_prod) && dtype_is_float(n->type.dtype);
}

static bool is_arg(const IrNode *n) { return n->redop == RED_argmax || n->redop == RED_argmin; }

/* ---- several indices as one ---------------------------------------------------------------------------------------------- */

static int subscript_of(const IrNode *load, const IrNode *x)
{
    for (int i = 1; i < load->nin; i++)
        if (load->in[i] == x)
            return i;
    return 0;
}

/* Of a load: none of the indices, or all in order, over whole axes; *first: which axis the first one is, -1: none. */
static bool walks(const IrNode *load, const IrRegion *r, int *first)
{
    *first = subscript_of(load, r->params.p[0]) - 1;
    for (int k = 0; k < r->params.n; k++) {
        const IrNode *x = r->params.p[k];
        int i = subscript_of(load, x) - 1;
        if (i != (*first < 0 ? -1 : *first + k) || (i >= 0 && k && load->in[0]->type.dims[i] != x->dim))
            return false;
    }
    return true;
}

/* A weight that a product reads may be kept in the product's form only; in blocks it has no other. */
static bool is_multiplied(const IrNode *weight)
{
    for (const IrUse *u = weight->uses; u; u = u->next)
        for (const IrRegion *r = u->user->parent; r && r->owner; r = r->owner->parent)
            if (r->owner->op == OP_reduce && r->owner->order == ORDER_contract)
                return true;
    return false;
}

typedef struct Uses { const IrRegion *r; bool ok; } Uses;

static void see_use(Uses *u, const IrNode *n, const IrNode *x)
{
    int seen = 0;
    for (int i = 0; i < n->nin; i++)
        if (n->in[i] == x)
            u->ok = u->ok && n->op == OP_load && !seen++;
    u->ok = u->ok && !n->nregions && !(n->op == OP_dim && dim_mentions(n->dim, x->sym));
}

static bool is_one_walk(const IrRegion *r)
{
    Uses u = { r, true };
    int first;
    for (const IrNode *n = r->first; n && u.ok; n = n->next) {
        for (int k = 0; k < r->params.n; k++)
            see_use(&u, n, r->params.p[k]);
        if (n->op == OP_load)
            u.ok = u.ok && walks(n, r, &first) && !(first >= 0 && n->in[0]->forms && is_multiplied(n->in[0]));
    }
    return u.ok;
}

/* A weight that may be kept in the form of a product, here or in another function. */
static bool may_be_packed(const IrNode *n)
{
    return n->op == OP_load && n->in[0]->load_time && (n->in[0]->packed || is_multiplied(n->in[0]));
}

static bool is_of_product(const IrRegion *r)
{
    int first;
    for (const IrNode *n = r->first; n; n = n->next)
        if (may_be_packed(n) && walks(n, r, &first) && first >= 0)
            return true;
    return false;
}

/* Its last subscript is the last index. */
static bool has_packed(const IrRegion *r)
{
    for (const IrNode *n = r->first; n; n = n->next)
        if (may_be_packed(n) && n->in[n->nin - 1] == vec_last(&r->params))
            return true;
    return false;
}

/* The same elements with all the indices' axes, from `first` on, as one. */
static IrNode *flattened(Share *s, IrNode *x, int first, int count)
{
    IrType t = { x->type.dtype, x->type.rank - count + 1, NEWN(s->cx->module->arena, Dim, x->type.rank) };
    for (int i = 0; i < t.rank; i++)
        t.dims[i] = i < first ? x->type.dims[i] : i == first ? s->places : x->type.dims[i + count - 1];
    IrBuilder b = { s->at.fn, s->at.region, s->map, s->n->span };
    return ir_add1(&b, OP_reshape, t, x);
}

/* ---- parts ----------------------------------------------------------------------------------------------------------------- */

static IrNode *load_at(Share *s, IrBuilder *b, IrNode *load, int first, IrNode *place, Map *nodes)
{
    int count = s->n->regions[0]->params.n, k = 0;
    IrNode *subs[IR_RANK_MOST];
    for (int i = 1; i < load->nin; i++) {
        IrNode *x = map_find(nodes, load->in[i]);
        if (i - 1 > first && i - 1 < first + count)
            continue;
        subs[k++] = i - 1 == first ? place : x ? x : load->in[i];
    }
    return ir_load(b, flattened(s, load->in[0], first, count), k, subs);
}

/* The body at a place: value, and guard if there is one. Sums of 16-bit floats are f32 until the end. */
static int body_at(Share *s, IrBuilder *b, IrNode *place, Dim at, IrNode **out)
{
    const IrRegion *r = s->n->regions[0];
    const IrNode *y = ir_terminator(r);
    Map nodes = map_new(s->cx->arena);
    SymMap syms = symmap_new(s->cx);
    int first;
    bool several = r->params.n > 1;
    if (!several) {
        map_put(&nodes, r->params.p[0], place);
        symmap_put(&syms, r->params.p[0]->sym, at);
    }
    for (IrNode *n = r->first; n && n != y; n = n->next) {
        bool moved = several && n->op == OP_load && walks(n, r, &first) && first >= 0;
        map_put(&nodes, n, moved ? load_at(s, b, n, first, place, &nodes) : ir_clone_node(b, n, &nodes, symmap_subst, &syms));
    }
    for (int i = 0; i < y->nin; i++) {
        IrNode *x = map_find(&nodes, y->in[i]);
        out[i] = x ? x : y->in[i];
    }
    return y->nin;
}

static IrDtype kept_as(const IrNode *n)
{
    IrDtype t = n->type.dtype;
    return is_float_fold(n) && (t == DT_f16 || t == DT_bf16) ? DT_f32 : t;
}

static IrNode *new_reduce(IrBuilder *b, const IrNode *n, RedOp op, IrOrder order, IrDtype t)
{
    IrNode *r = ir_add0(b, OP_reduce, ir_scalar(t));
    r->redop = (uint8_t)op;
    r->order = (uint8_t)order;
    r->name = n->name;
    ir_region_new(b->fn, r);
    return r;
}

static Name name_in(Share *s, const char *text) { return name_of(s->cx->module->names, text); }

/* The reduction over one part. */
static IrNode *part_of(Share *s, IrBuilder *b, IrNode *block)
{
    DimCx *d = s->cx->module->dims;
    const IrNode *n = s->n, *old = n->regions[0]->params.p[0];
    IrDtype t = kept_as(n);
    IrNode *r = new_reduce(b, n, (RedOp)n->redop, (IrOrder)n->order, t), *out[2];
    Dim base = dim_mul(d, dim_const(d, s->part), dim_sym(d, block->sym));
    IrNode *q = ir_index_new(r->regions[0], old->name, NULL, dim_min(d, dim_const(d, s->part), dim_sub(d, s->places, base)), old->span);
    IrBuilder in = { b->fn, r->regions[0], NULL, n->span };
    q->from = old->from ? dim_sub(d, old->from, base) : NULL;
    q->to = old->to ? dim_sub(d, old->to, base) : NULL;
    IrNode *place = ir_add2(&in, OP_add, ir_scalar(DT_i64), q, ir_dim_value(&in, base));
    int k = body_at(s, &in, place, dim_add(d, dim_sym(d, q->sym), base), out);
    if (out[0]->type.dtype != t && !is_arg(n) && n->redop != RED_count)
        out[0] = ir_add1(&in, OP_cast, ir_scalar(t), out[0]);
    ir_yield(&in, k, out);
    if (!is_arg(n))
        return r;
    IrNode *none = ir_add2(b, OP_lt, ir_scalar(DT_bool), r, ir_int(b, 0)); /* of the axis; there is one, for a part is not empty */
    return ir_add3(b, OP_select, ir_scalar(DT_i64), none, ir_int(b, 0), ir_add2(b, OP_add, ir_scalar(DT_i64), r, ir_dim_value(b, base)));
}

static IrNode *parts_of(Share *s)
{
    DimCx *d = s->cx->module->dims;
    Dim *count = NEWN(s->cx->module->arena, Dim, 1);
    *count = dim_floordiv(d, dim_add(d, s->places, dim_const(d, s->part - 1)), dim_const(d, s->part));
    IrNode *map = ir_add0(&s->at, OP_map, (IrType){ kept_as(s->n), 1, count });
    map->name = s->n->name;
    s->map = map;
    IrBuilder b = { s->at.fn, ir_region_new(s->at.fn, map), NULL, s->n->span };
    IrNode *block = ir_index_new(b.region, name_in(s, "part"), NULL, *count, s->n->span), *value = part_of(s, &b, block);
    ir_yield(&b, 1, &value);
    pass_note_symbols(s->cx, b.region);
    return map;
}

bool pass_is_part(const IrNode *map)
{
    const IrNode *r = ir_terminator(map->regions[0])->in[0];
    r = r->op == OP_select && r->in[2]->nin ? r->in[2]->in[0] : r; /* of an argmax */
    const IrNode *q = r->op == OP_reduce && r->regions[0]->params.n == 1 ? r->regions[0]->params.p[0] : NULL;
    return map->regions[0]->params.n == 1 && q && dim_mentions(q->dim, map->regions[0]->params.p[0]->sym);
}

/* ---- and what they make ------------------------------------------------------------------------------------------------------ */

static RedOp op_of_parts(const IrNode *n) { return n->redop == RED_count ? RED_sum : (RedOp)n->redop; }

/* Of the best places the best: the lowest part among ties, which has the lowest place. -1 over nothing. */
static IrNode *best_of(Share *s, IrNode *parts, IrNode *r)
{
    IrBuilder *b = &s->at;
    IrNode *none = ir_add2(b, OP_lt, ir_scalar(DT_bool), r, ir_int(b, 0));
    IrNode *choice = ir_add1(b, OP_if, ir_scalar(DT_i64), none), *minus = NULL;
    IrBuilder no = { b->fn, ir_region_new(b->fn, choice), NULL, b->span }, yes = { b->fn, ir_region_new(b->fn, choice), NULL, b->span };
    minus = ir_int(&no, -1);
    ir_yield(&no, 1, &minus);
    IrNode *at = ir_load(&yes, parts, 1, &r);
    ir_yield(&yes, 1, &at);
    return choice;
}

static IrNode *whole_of(Share *s, IrNode *parts)
{
    const IrNode *n = s->n;
    IrNode *r = new_reduce(&s->at, n, op_of_parts(n), is_float_fold(n) ? ORDER_chain : ORDER_lanes16, parts->type.dtype), *out[2];
    IrBuilder in = { s->at.fn, r->regions[0], NULL, n->span };
    IrNode *x = ir_index_new(r->regions[0], name_in(s, "part"), NULL, parts->type.dims[0], n->span);
    out[0] = ir_load(&in, parts, 1, &x);
    if (is_arg(n))
        body_at(s, &in, out[0], pass_dim_of(s->cx, out[0]), out);
    ir_yield(&in, 1, out);
    pass_note_symbols(s->cx, r->regions[0]);
    if (is_arg(n))
        return best_of(s, parts, r);
    return r->type.dtype == n->type.dtype ? r : ir_add1(&s->at, OP_cast, n->type, r);
}

/* ---- which --------------------------------------------------------------------------------------------------------------------- */

static void see_loop(void *user, IrNode *n)
{
    bool *found = user;
    *found = *found || n->op == OP_reduce || n->op == OP_for || n->op == OP_while || n->op == OP_map;
}

static bool has_loops(const IrNode *n)
{
    bool found = false;
    ir_walk(n->regions[0], see_loop, &found);
    return found;
}

static bool has_bounds(const IrRegion *r)
{
    bool found = false;
    for (int i = 0; i < r->params.n; i++)
        found = found || r->params.p[i]->from || r->params.p[i]->to;
    return found;
}

/* Plain indices, and an order that parts keep. */
static bool may_share(PassCx *cx, const IrNode *n, Dim *places)
{
    const IrRegion *r = n->regions[0];
    DimCx *d = cx->module->dims;
    bool ok = !n->stream && r->params.n && (n->order == ORDER_lanes16 || !is_float_fold(n)) && !pass_faults(n);
    int64_t known;
    *places = dim_const(d, 1);
    for (int i = 0; i < r->params.n && ok; i++) {
        const IrNode *x = r->params.p[i];
        ok = x->op == OP_index && !x->lo;
        for (int k = 0; k < i && ok; k++)
            ok = !dim_mentions(x->dim, r->params.p[k]->sym);
        *places = dim_mul(d, *places, x->dim);
    }
    return ok && pass_known_by_shapes(n->parent->fn, *places) && !(dim_is_const(*places, &known) && known <= FEW) && !(is_arg(n) && (r->params.n > 1 || has_bounds(r) || pass_guard(r)));
}

/* map [i] { value }, and the reduction of what it holds. */
static void rows_first(PassCx *cx, IrNode *n)
{
    IrRegion *r = n->regions[0];
    IrNode *x = r->params.p[0], *y = ir_terminator(r), *out[2];
    Dim *size = NEWN(cx->module->arena, Dim, 1);
    *size = x->dim;
    Share s = { .cx = cx, .n = n, .at = { n->parent->fn, n->parent, n, n->span } };
    IrNode *map = ir_add0(&s.at, OP_map, (IrType){ y->in[0]->type.dtype, 1, size });
    IrBuilder in = { s.at.fn, ir_region_new(s.at.fn, map), NULL, n->span };
    IrNode *i = ir_index_new(in.region, x->name, NULL, x->dim, x->span);
    body_at(&s, &in, i, dim_sym(cx->module->dims, i->sym), out);
    ir_yield(&in, 1, out);
    pass_note_symbols(cx, in.region);
    IrNode *reader = new_reduce(&s.at, n, (RedOp)n->redop, (IrOrder)n->order, n->type.dtype);
    IrBuilder b = { s.at.fn, reader->regions[0], NULL, n->span };
    IrNode *k = ir_index_new(b.region, x->name, NULL, x->dim, x->span), *v = ir_load(&b, map, 1, &k);
    ir_yield(&b, 1, &v);
    pass_note_symbols(cx, b.region);
    ir_replace(n, pass_keeps_symbol(cx, n, reader));
    ir_drop(n);
    cx->changed++;
}

typedef struct Before { PassCx *cx; const IrNode *n, *place; bool ok; } Before;

static void see_symbol(void *user, DimSym *sym)
{
    Before *q = user;
    const IrNode *def = map_find(&q->cx->sym_nodes, sym);
    q->ok = q->ok && (!def || ir_inside(def, q->n->regions[0]) || pass_is_before(def, q->place));
}

static void see_operands(void *user, IrNode *n)
{
    Before *q = user;
    for (int i = 0; i < n->nin; i++)
        q->ok = q->ok && (ir_inside(n->in[i], q->n->regions[0]) || n->in[i]->op == OP_param || pass_is_before(n->in[i], q->place));
    pass_each_dim(n, see_symbol, q);
}

/* Parts of several reductions stand together, before the first value that some of them make: none waits for another's. */
static IrNode *place_of_parts(PassCx *cx, IrNode *n, IrNode *first)
{
    Before q = { cx, n, first, first != NULL };
    if (first) {
        pass_each_dim(n, see_symbol, &q);
        ir_walk(n->regions[0], see_operands, &q);
    }
    return q.ok ? first : n;
}

/* ---- searches ------------------------------------------------------------------------------------------------------------------ */

/* Of what only looks for faults (fault_slice.c) the first index of more than one place; NULL: it is no such search, has no other, or is small. */
static IrNode *outer_of_search(PassCx *cx, const IrNode *n)
{
    const IrRegion *r = n->regions[0];
    DimCx *d = cx->module->dims;
    IrNode *outer = NULL;
    Dim places = dim_const(d, 1);
    int64_t known;
    int several = 0;
    bool plain = n->redop == RED_any && !n->uses && r->params.n > 1 && pass_faults(n);
    for (int i = 0; i < r->params.n && plain; i++) {
        IrNode *x = r->params.p[i];
        plain = x->op == OP_index && pass_is_whole(x);
        if (x->dim != dim_min(d, x->dim, dim_const(d, 1)) && !several++)
            outer = x;
        places = dim_mul(d, places, x->dim);
    }
    return plain && several > 1 && pass_known_by_shapes(r->fn, places) && !(dim_is_const(places, &known) && known <= FEW) ? outer : NULL;
}

static void copy_index(SymMap *syms, Map *nodes, IrRegion *to, IrNode *x)
{
    IrNode *own = ir_index_new(to, x->name, NULL, x->dim, x->span);
    map_put(nodes, x, own);
    symmap_put(syms, x->sym, dim_sym(syms->dims, own->sym));
}

/* map [outer] { reduce [the others] { .. } } */
static IrNode *rows_of(PassCx *cx, IrNode *n, IrNode *outer)
{
    IrRegion *r = n->regions[0];
    IrBuilder at = { n->parent->fn, n->parent, n, n->span };
    Dim *size = NEWN(cx->module->arena, Dim, 1);
    *size = outer->dim;
    IrNode *map = ir_add0(&at, OP_map, (IrType){ n->type.dtype, 1, size });
    IrBuilder row = { at.fn, ir_region_new(at.fn, map), NULL, n->span };
    Map nodes = map_new(cx->arena);
    SymMap syms = symmap_new(cx);
    copy_index(&syms, &nodes, row.region, outer);
    IrNode *rest = new_reduce(&row, n, (RedOp)n->redop, ORDER_lanes16, n->type.dtype);
    IrBuilder in = { at.fn, rest->regions[0], NULL, n->span };
    for (int i = 0; i < r->params.n; i++)
        if (r->params.p[i] != outer)
            copy_index(&syms, &nodes, in.region, r->params.p[i]);
    IrNode **v = ir_clone_region(&in, r, &nodes, symmap_subst, &syms);
    ir_yield(&in, ir_terminator(r)->nin, v);
    ir_yield(&row, 1, &rest);
    pass_note_symbols(cx, row.region);
    return map;
}

/* Nobody reads what a search finds. */
static void search_rows(PassCx *cx, IrNode *n, IrNode *outer)
{
    rows_of(cx, n, outer);
    ir_drop(n);
    cx->changed++;
}

/* Rows of a packed weight, whose lanes lie side by side in panels, where the order does not show. */
static void fold_rows(PassCx *cx, IrNode *n)
{
    Share s = { .cx = cx, .n = n, .at = { n->parent->fn, n->parent, n, n->span } };
    ir_replace(n, pass_keeps_symbol(cx, n, whole_of(&s, rows_of(cx, n, n->regions[0]->params.p[0]))));
    ir_drop(n);
    cx->changed++;
}

/* ---- rows of whole blocks ---------------------------------------------------------------------------------------------------- */

/* map [i.., c: K // 256] { reduce [q: 256] { value at i.., 256 c + q } }; across: the chunk comes first, so that lanes are rows of a packed weight. */
static IrNode *chunks_of(Share *s, bool across)
{
    IrRegion *r = s->n->regions[0];
    DimCx *d = s->cx->module->dims;
    int rank = r->params.n, at = across ? 0 : rank - 1;
    const IrNode *k = r->params.p[rank - 1];
    IrType type = { kept_as(s->n), rank, NEWN(s->cx->module->arena, Dim, rank) };
    for (int i = 0; i < rank; i++)
        type.dims[i] = i == at ? dim_floordiv(d, k->dim, dim_const(d, BLOCK)) : r->params.p[i - across]->dim;
    IrNode *map = ir_add0(&s->at, OP_map, type);
    map->name = s->n->name;
    IrBuilder b = { s->at.fn, ir_region_new(s->at.fn, map), NULL, s->n->span };
    Map nodes = map_new(s->cx->arena);
    SymMap syms = symmap_new(s->cx);
    IrNode *chunk = NULL;
    for (int i = 0; i < rank; i++)
        if (i == at)
            chunk = ir_index_new(b.region, name_in(s, "part"), NULL, type.dims[i], s->n->span);
        else
            copy_index(&syms, &nodes, b.region, r->params.p[i - across]);
    Dim base = dim_mul(d, dim_const(d, BLOCK), dim_sym(d, chunk->sym));
    IrNode *sum = new_reduce(&b, s->n, (RedOp)s->n->redop, (IrOrder)s->n->order, type.dtype);
    IrBuilder in = { b.fn, sum->regions[0], NULL, s->n->span };
    IrNode *q = ir_index_new(in.region, k->name, NULL, dim_const(d, BLOCK), k->span);
    map_put(&nodes, k, ir_add2(&in, OP_add, ir_scalar(DT_i64), q, ir_dim_value(&in, base)));
    symmap_put(&syms, k->sym, dim_add(d, dim_sym(d, q->sym), base));
    IrNode **v = ir_clone_region(&in, r, &nodes, symmap_subst, &syms);
    if (v[0]->type.dtype != type.dtype)
        v[0] = ir_add1(&in, OP_cast, ir_scalar(type.dtype), v[0]);
    ir_yield(&in, ir_terminator(r)->nin, v);
    ir_yield(&b, 1, &sum);
    pass_note_symbols(s->cx, b.region);
    return map;
}

static IrNode *sum_of_chunks(Share *s, IrNode *parts, bool across)
{
    IrNode *r = new_reduce(&s->at, s->n, (RedOp)s->n->redop, ORDER_chain, parts->type.dtype), *subs[IR_RANK_MOST];
    IrBuilder in = { s->at.fn, r->regions[0], NULL, s->n->span };
    int rank = parts->type.rank;
    for (int i = 0; i < rank; i++) { /* chunks of a row follow one another */
        int of = !across ? i : i == rank - 1 ? 0 : i + 1;
        subs[of] = ir_index_new(in.region, name_in(s, "part"), NULL, parts->type.dims[of], s->n->span);
    }
    IrNode *v = ir_load(&in, parts, rank, subs);
    ir_yield(&in, 1, &v);
    pass_note_symbols(s->cx, r->regions[0]);
    return r->type.dtype == s->n->type.dtype ? r : ir_add1(&s->at, OP_cast, s->n->type, r);
}

static void keep_in_choice(PassCx *cx, const IrNode *n, IrNode *choice)
{
    IrBuilder no = { choice->parent->fn, ir_region_new(choice->parent->fn, choice), NULL, n->span };
    Map nodes = map_new(cx->arena);
    IrNode *v = ir_clone_node(&no, n, &nodes, NULL, NULL);
    ir_yield(&no, 1, &v);
    pass_note_symbols(cx, no.region);
}

/* Factors lack some of the indices, so that places are no one walk; blocks are pieces of rows where these are multiples of 256:
 *
 *     sum [n, k] { %w[n, k] * %x[k] }     if K % 256 == 0 { sum of map [n, c: K // 256] { sum [q: 256] { .. } } } else { as it is } */
static void share_rows(PassCx *cx, IrNode *n)
{
    IrRegion *r = n->regions[0];
    DimCx *d = cx->module->dims;
    Dim rest = dim_mod(d, vec_last(&r->params)->dim, dim_const(d, BLOCK));
    int64_t known;
    bool sure = dim_is_const(rest, &known), across = has_packed(r);
    if ((sure && known) || r->params.n >= IR_RANK_MOST || has_loops(n))
        return;
    IrBuilder b = { n->parent->fn, n->parent, n, n->span };
    IrNode *whole = sure ? NULL : ir_add2(&b, OP_eq, ir_scalar(DT_bool), ir_dim_value(&b, rest), ir_int(&b, 0));
    IrNode *choice = sure ? NULL : ir_add1(&b, OP_if, n->type, whole), *v;
    Share s = { .cx = cx, .n = n, .at = sure ? b : (IrBuilder){ b.fn, ir_region_new(b.fn, choice), NULL, n->span } };
    v = sum_of_chunks(&s, chunks_of(&s, across), across);
    if (choice) {
        ir_yield(&s.at, 1, &v);
        keep_in_choice(cx, n, choice);
    }
    ir_replace(n, pass_keeps_symbol(cx, n, choice ? choice : v));
    ir_drop(n);
    cx->changed++;
}

/* first: the first value of parts in the region, NULL: none yet. */
static void share_parts(PassCx *cx, IrNode *n, Dim places, IrNode **first)
{
    Share s = { cx, n, { n->parent->fn, n->parent, n, n->span }, places, is_float_fold(n) ? BLOCK : LARGE, NULL };
    s.at.before = place_of_parts(cx, n, *first);
    IrNode *parts = parts_of(&s), *before = n->prev;
    s.at.before = n;
    ir_replace(n, pass_keeps_symbol(cx, n, whole_of(&s, parts)));
    *first = *first ? *first : before ? before->next : n->parent->first;
    ir_drop(n);
    cx->changed++;
}

static void share(PassCx *cx, IrNode *n, IrNode **first)
{
    Dim places;
    IrNode *outer = outer_of_search(cx, n);
    if (outer)
        search_rows(cx, n, outer);
    if (outer || !may_share(cx, n, &places))
        return;
    IrRegion *r = n->regions[0];
    bool one = r->params.n == 1, bounds = has_bounds(r);
    if (one && !bounds && !pass_guard(r) && has_loops(n)) {
        rows_first(cx, n);
        return;
    }
    if (!one && !bounds && !is_float_fold(n) && is_of_product(r)) {
        fold_rows(cx, n);
        return;
    }
    if (!one && !bounds && is_float_fold(n) && !is_one_walk(r))
        share_rows(cx, n);
    else if (one || (!bounds && is_one_walk(r)))
        share_parts(cx, n, places, first);
}

/* Only what stands in the function itself, its loops and choices: in an element, others are computed beside it. */
static void share_region(PassCx *cx, IrRegion *r)
{
    IrNode *first = NULL;
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (n->op == OP_reduce)
            share(cx, n, &first);
        else if (n->op == OP_for || n->op == OP_while || n->op == OP_if)
            for (int k = 0; k < n->nregions; k++)
                share_region(cx, n->regions[k]);
    }
}

bool pass_share(PassCx *cx, IrFn *fn)
{
    share_region(cx, fn->body);
    return true;
}
