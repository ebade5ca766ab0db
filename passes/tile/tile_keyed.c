/* tile_keyed.c - rows that look up which weight they are multiplied by: weight by weight, so that several rows share what is read.
 *
 *     map [t, n] { sum [k] { %x[t, k] * %w[%e[t], n // 16, k, n % 16] } }
 *
 *     0 < many ?   order[..] = rows by %e, those of one weight in their order; first[e]: where those of e begin      (counted, in one task)
 *                  kernel [e, chunk of lanes] { tfor rows i of first[e] to first[e + 1] { t = order[i]; the products of row t with %w[e, ..] } }
 *              :   rows as they stand
 *
 * A row has the same chain either way. All indices of the map but the lanes make one row (tokens and their experts), whose number goes through
 * them in order.
 */
#include "passes/stream_int.h"
#include "passes/stage/stage_int.h"

enum { ROWS_LEAST = 4, KEYS_FOR_ROW = 16 }; /* below, rows as they stand; weights to count for each row */

typedef struct Find { PassCx *cx; const IrRegion *body; const IrNode *lanes; IrNode *key; Dim keys; bool other; } Find;

/* %e[t, ..] of indices of the map alone, a tensor that was made for this (stage_factors.c). */
static bool is_key(const Find *f, const IrNode *x)
{
    if (x->op != OP_load || x->in[0]->op != OP_map || x->type.dtype != DT_i64 || pass_depends_on(f->cx, x, f->lanes))
        return false;
    for (int i = 1; i < x->nin; i++)
        if (x->in[i]->op != OP_index || x->in[i]->parent != f->body)
            return false;
    return x->nin > 1;
}

static bool is_same_load(const IrNode *a, const IrNode *b)
{
    bool same = a->in[0] == b->in[0] && a->nin == b->nin;
    for (int i = 1; i < a->nin && same; i++)
        same = a->in[i] == b->in[i];
    return same;
}

/* The key that a subscript is, or that bounds the index of the sum that it is (`e` of key to key + 1); places: how many there are. */
static IrNode *key_in(const Find *f, IrNode *sub, const IrRegion *sum, Dim size, Dim *places)
{
    DimCx *d = f->cx->module->dims;
    DimSym *s = NULL;
    *places = size;
    if (is_key(f, sub))
        return sub;
    if (sub->op != OP_index || sub->parent != sum || !sub->from || !dim_is_sym(sub->from, &s))
        return NULL;
    IrNode *def = map_find(&f->cx->sym_nodes, s);
    *places = dim_add(d, size, dim_const(d, 1));
    bool one = sub->to == dim_min(d, sub->dim, dim_add(d, sub->from, dim_const(d, 1)));
    return def && one && is_key(f, def) && def->parent == f->body ? def : NULL;
}

static void see_weight(void *user, IrNode *n)
{
    Find *f = user;
    const IrNode *sum = n->parent->owner;
    if (n->op != OP_load || n->in[0]->op != OP_param || !stage_in_panels(n) || !pass_depends_on(f->cx, n, f->lanes) || sum->op != OP_reduce || sum->order != ORDER_contract)
        return;
    IrNode *key = NULL;
    for (int i = 1; i < n->nin; i++) {
        Dim places;
        IrNode *x = key_in(f, n->in[i], sum->regions[0], n->in[0]->type.dims[i - 1], &places);
        if (!x)
            continue;
        f->other = f->other || key || (f->keys && f->keys != places);
        key = x;
        f->keys = places;
    }
    bool always = sum->parent == f->body && !pass_guard(sum->regions[0]); /* else the key may be none of a weight */
    f->other = f->other || !key || !always || (f->key && !is_same_load(f->key, key));
    f->key = f->key ? f->key : key;
}

static bool find(Tile *t, IrNode *map, Find *f)
{
    IrRegion *r = map->regions[0];
    *f = (Find){ .cx = t->cx, .body = r, .lanes = tile_lane_axis(t->cx, map) };
    if (!f->lanes || pass_guard(r) || pass_has_stream(map) || f->lanes != vec_last(&r->params))
        return false;
    for (int i = 0; i < r->params.n; i++)
        if (r->params.p[i]->lo || !pass_is_whole(r->params.p[i]) || pass_dim_depends(t->cx, r->params.p[i]->dim, r))
            return false;
    ir_walk(r, see_weight, f);
    return f->key && !f->other;
}

/* The map with one node in place of all that read the key, at its beginning. */
static IrNode *reading_one(Tile *t, IrNode *map, const IrNode *key, IrNode **one)
{
    Map nodes = map_new(t->cx->arena);
    IrBuilder b = { t->fn, map->parent, map, map->span };
    IrNode *copy = ir_clone_node(&b, map, &nodes, NULL, NULL);
    IrRegion *r = copy->regions[0];
    IrBuilder at = { t->fn, r, r->first, map->span };
    IrNode *subs[IR_RANK_MOST];
    for (int i = 1; i < key->nin; i++)
        subs[i - 1] = map_find(&nodes, key->in[i]);
    *one = key->parent == map->regions[0] ? map_find(&nodes, key) : ir_load(&at, key->in[0], key->nin - 1, subs);
    for (IrUse *u = key->in[0]->uses, *next; u; u = next) {
        next = u->next;
        IrNode *x = u->user;
        if (x == *one || x->op != OP_load || u->slot != 0 || !ir_inside(x, r) || !is_same_load(x, *one))
            continue;
        ir_replace(x, *one);
        ir_drop(x);
    }
    pass_note_symbols(t->cx, r);
    return copy;
}

static Dim rows_of(Tile *t, const IrRegion *r)
{
    DimCx *d = t->cx->module->dims;
    Dim rows = dim_const(d, 1);
    for (int i = 0; i + 1 < r->params.n; i++)
        rows = dim_mul(d, rows, tile_dim(t, r->params.p[i]->dim));
    return rows;
}

/* The key of row number p. */
static IrNode *key_of(Tile *t, IrBuilder *b, const IrRegion *r, const IrNode *key, IrNode *p)
{
    DimCx *d = t->cx->module->dims;
    IrNode *subs[IR_RANK_MOST];
    for (int i = 1; i < key->nin; i++) {
        Dim behind = dim_const(d, 1);
        for (int k = r->params.n - 2; k >= 0 && r->params.p[k] != key->in[i]; k--)
            behind = dim_mul(d, behind, tile_dim(t, r->params.p[k]->dim));
        IrNode *x = ir_add2(b, OP_floordiv, ir_scalar(DT_i64), p, ir_dim_value(b, dim_max(d, dim_const(d, 1), behind)));
        subs[i - 1] = ir_add2(b, OP_mod, ir_scalar(DT_i64), x, ir_dim_value(b, dim_max(d, dim_const(d, 1), tile_dim(t, key->in[i]->dim))));
    }
    return ir_load(b, tile_buffer_of(t, key->in[0]), key->nin - 1, subs);
}

static void put(IrBuilder *b, IrNode *buffer, IrNode *at, IrNode *x)
{
    ir_add(b, OP_store, ir_scalar(DT_none), 3, (IrNode *[]){ buffer, x, at });
}

static IrNode *next_to(IrBuilder *b, IrNode *x) { return ir_add2(b, OP_add, ir_scalar(DT_i64), x, ir_int(b, 1)); }

/* first[e + 1] is how many there are of e; then first[e] and next[e] are how many there are before; rows go to next[e], which counts on. */
static void write_order(Tile *t, const IrNode *map, const IrNode *key, const Keyed *by, IrNode *next)
{
    DimCx *d = t->cx->module->dims;
    const IrRegion *r = map->regions[0];
    Dim rows = rows_of(t, r), zero = dim_const(d, 0);
    IrNode *kernel = ir_add0(&t->b, OP_kernel, ir_scalar(DT_none));
    kernel->span = map->span;
    IrBuilder at = { t->fn, ir_region_new(t->fn, kernel), NULL, map->span }, b = at;
    IrNode *e = tile_open_loop(t, &b, LOOP_seq, 0, "e", zero, dim_add(d, by->keys, dim_const(d, 1)));
    put(&b, by->first, e, ir_int(&b, 0));
    b = at;
    IrNode *p = tile_open_loop(t, &b, LOOP_seq, 0, "p", zero, rows), *of = next_to(&b, key_of(t, &b, r, key, p));
    put(&b, by->first, of, next_to(&b, ir_load(&b, by->first, 1, &of)));
    b = at;
    e = tile_open_loop(t, &b, LOOP_seq, 0, "e", zero, by->keys);
    IrNode *behind = next_to(&b, e), *before = ir_load(&b, by->first, 1, &e), *own = ir_load(&b, by->first, 1, &behind);
    put(&b, next, e, before);
    put(&b, by->first, behind, ir_add2(&b, OP_add, ir_scalar(DT_i64), before, own));
    b = at;
    p = tile_open_loop(t, &b, LOOP_seq, 0, "p", zero, rows);
    of = key_of(t, &b, r, key, p);
    IrNode *place = ir_load(&b, next, 1, &of);
    put(&b, by->order, place, p);
    put(&b, next, of, next_to(&b, place));
}

static IrNode *numbers(Tile *t, Dim n, Span span)
{
    return tile_buffer(t, PLACE_arena, (IrType){ DT_i64, 1, arena_copy(t->cx->module->arena, &n, sizeof n) }, 0, span, 0);
}

bool tile_keyed(Tile *t, IrNode *map, Dest dest)
{
    Find f;
    if (!find(t, map, &f))
        return false;
    DimCx *d = t->cx->module->dims;
    Dim rows = rows_of(t, map->regions[0]), keys = tile_dim(t, f.keys), one = dim_const(d, 1);
    Dim many = dim_min(d, dim_floordiv(d, rows, dim_const(d, ROWS_LEAST)), dim_floordiv(d, dim_mul(d, dim_const(d, KEYS_FOR_ROW), rows), dim_max(d, one, keys)));
    IrBuilder outer = t->b;
    IrNode *choice = ir_add1(&t->b, OP_if, ir_scalar(DT_none), ir_add2(&t->b, OP_lt, ir_scalar(DT_bool), ir_int(&t->b, 0), ir_dim_value(&t->b, many)));
    IrNode *copy, *node;
    for (int side = 0; side < 2; side++) {
        t->b = (IrBuilder){ t->fn, ir_region_new(t->fn, choice), NULL, map->span };
        if (side == 0) {
            copy = reading_one(t, map, f.key, &node);
            Keyed by = { node, numbers(t, dim_add(d, keys, one), map->span), numbers(t, rows, map->span), keys };
            write_order(t, map, f.key, &by, numbers(t, keys, map->span));
            tile_kernel_by_key(t, copy, dest, &by);
            ir_drop(copy);
        } else {
            tile_kernel(t, map, dest);
        }
        ir_yield(&t->b, 0, NULL);
    }
    t->b = outer;
    return true;
}
