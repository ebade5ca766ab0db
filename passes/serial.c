/* serial.c - an element that needs tensors of its own is computed after the one before it, by a loop of the function.
 *
 *     %y = map [i: B] { %t = for .. [k: N] (%s: f32[N]) { update %s[k], .. }; %v = load %t[..]; yield %v }
 *
 *     %y = for 0, B, %zeros [i: B] (%y0: f32[B]) { %t = for ..; %v = load %t[..]; %y1 = update %y0[i], %v; yield %y1 }
 *
 * What lift could not give leading axes (a tensor that a loop changes step by step) is then a tensor of the function, in the arena once
 * for all elements, and its maps are kernels. Under a guard the element is computed in an `if`. A reduction over such elements reads
 * them from a map of its own, in the same order: of a product each factor, since the order `contract` fuses it with the sum.
 * The work is that of the program as written; only elements no longer run side by side.
 */
#include "passes/pass_int.h"

typedef struct Serial { PassCx *cx; IrNode *map; Map nodes, early; SymMap syms; IrNode *indices[IR_RANK_MOST]; } Serial;

static void visit(PassCx *cx, IrRegion *r);

static IrNode *zero(IrBuilder *b, IrDtype t)
{
    return dtype_is_float(t) ? ir_const_float(b, t, 0) : ir_const_int(b, t, 0);
}

static IrNode *zeros(IrBuilder *b, IrType type)
{
    IrNode *map = ir_add0(b, OP_map, type);
    IrBuilder in = { b->fn, ir_region_new(b->fn, map), NULL, b->span };
    for (int i = 0; i < type.rank; i++)
        ir_index_new(in.region, name_of(b->fn->module->names, "i"), NULL, type.dims[i], b->span);
    IrNode *v = zero(&in, type.dtype);
    ir_yield(&in, 1, &v);
    return map;
}

/* ---- a map as a loop --------------------------------------------------------------------------------------------- */

static void note_early(void *user, IrNode *n);

static void note_operands(void *user, IrNode *n)
{
    for (int i = 0; i < n->nin; i++)
        note_early(user, n->in[i]);
}

/* What the guard needs comes before the choice. */
static void note_early(void *user, IrNode *n)
{
    Serial *s = user;
    if (n->parent != s->map->regions[0] || map_find(&s->early, n))
        return;
    map_put(&s->early, n, n);
    note_operands(s, n);
    for (int i = 0; i < n->nregions; i++)
        ir_walk(n->regions[i], note_operands, s);
}

static IrNode *copied(Serial *s, IrNode *old)
{
    IrNode *n = map_find(&s->nodes, old);
    return n ? n : old;
}

static void copy_nodes(Serial *s, IrBuilder *b, bool early)
{
    for (IrNode *n = s->map->regions[0]->first; n; n = n->next) {
        if (n->op == OP_yield || (map_find(&s->early, n) != NULL) != early)
            continue;
        b->span = n->span;
        IrNode *c = ir_clone_node(b, n, &s->nodes, symmap_subst, &s->syms);
        map_put(&s->nodes, n, c);
        if (n->sym)
            symmap_put(&s->syms, n->sym, pass_dim_of(s->cx, c));
    }
}

static IrNode *updated(Serial *s, IrBuilder *b, IrNode *tensor)
{
    IrRegion *old = s->map->regions[0];
    IrNode *in[2 + IR_RANK_MOST] = { tensor, copied(s, ir_terminator(old)->in[0]) };
    int rank = old->params.n;
    b->span = s->map->span;
    for (int i = 0; i < rank; i++) {
        IrNode *lo = old->params.p[i]->lo ? ir_dim_value(b, old->params.p[i]->lo) : NULL;
        in[2 + i] = lo ? ir_add2(b, OP_sub, ir_scalar(DT_i64), s->indices[i], lo) : s->indices[i];
    }
    IrNode *u = ir_add(b, OP_update, s->map->type, rank + 2, in);
    u->box = NEWN(s->cx->module->arena, Dim, rank + 1);
    return u;
}

/* One element: its nodes, in a choice if there is a guard; the tensor with it. */
static IrNode *element(Serial *s, IrBuilder *b, IrNode *tensor)
{
    IrNode *guard = pass_guard(s->map->regions[0]);
    if (guard)
        note_early(s, guard);
    copy_nodes(s, b, true);
    if (!guard) {
        copy_nodes(s, b, false);
        return updated(s, b, tensor);
    }
    IrNode *choice = ir_add1(b, OP_if, s->map->type, copied(s, guard));
    IrBuilder yes = { b->fn, ir_region_new(b->fn, choice), NULL, b->span };
    IrBuilder no = { b->fn, ir_region_new(b->fn, choice), NULL, b->span };
    copy_nodes(s, &yes, false);
    IrNode *v = updated(s, &yes, tensor);
    ir_yield(&yes, 1, &v);
    ir_yield(&no, 1, &tensor);
    return choice;
}

/* Loops over the indices from the k-th on. */
static IrNode *loops(Serial *s, IrBuilder *b, int k, IrNode *tensor)
{
    IrRegion *old = s->map->regions[0];
    if (k == old->params.n)
        return element(s, b, tensor);
    DimCx *d = s->cx->module->dims;
    IrNode *x = old->params.p[k];
    Dim lo = x->lo ? x->lo : dim_const(d, 0);
    IrNode *in[] = { ir_dim_value(b, lo), ir_dim_value(b, dim_add(d, lo, x->dim)), tensor };
    IrNode *f = ir_add(b, OP_for, s->map->type, 3, in);
    IrRegion *r = ir_region_new(b->fn, f);
    IrNode *i = ir_index_new(r, x->name, x->lo, x->dim, x->span), *turn = ir_arg_new(r, s->map->name, s->map->type);
    map_put(&s->nodes, x, i);
    symmap_put(&s->syms, x->sym, dim_sym(d, i->sym));
    s->indices[k] = i;
    IrBuilder inside = { b->fn, r, NULL, b->span };
    IrNode *v = loops(s, &inside, k + 1, turn);
    ir_yield(&inside, 1, &v);
    return f;
}

static void map_as_loop(PassCx *cx, IrNode *map)
{
    Serial s = { .cx = cx, .map = map, .nodes = map_new(cx->arena), .early = map_new(cx->arena), .syms = symmap_new(cx) };
    IrBuilder b = { map->parent->fn, map->parent, map, map->span };
    IrNode *f = loops(&s, &b, 0, zeros(&b, map->type));
    ir_replace(map, f);
    ir_drop(map);
    cx->changed++;
    for (int i = 0; i < f->nregions; i++)
        visit(cx, f->regions[i]);
}

/* ---- a reduction ------------------------------------------------------------------------------------------------- */

/* The map whose elements are operand `slot` of n, a node in the reduction or its end. */
static IrNode *outline(PassCx *cx, IrNode *reduce, IrNode *n, int slot, IrNode *guard)
{
    IrRegion *old = reduce->regions[0];
    IrNode *value = n->in[slot];
    IrType type = { value->type.dtype, old->params.n, NEWN(cx->module->arena, Dim, old->params.n + 1) };
    for (int i = 0; i < old->params.n; i++)
        type.dims[i] = old->params.p[i]->dim;
    IrBuilder b = { reduce->parent->fn, reduce->parent, reduce, reduce->span };
    IrNode *map = ir_add0(&b, OP_map, type), *subs[IR_RANK_MOST], *yield[2];
    IrBuilder in = { b.fn, ir_region_new(b.fn, map), NULL, b.span };
    Map nodes = map_new(cx->arena);
    SymMap syms = symmap_new(cx);
    for (int i = 0; i < old->params.n; i++) {
        IrNode *x = old->params.p[i], *i2 = ir_index_new(in.region, x->name, x->lo, x->dim, x->span);
        map_put(&nodes, x, i2);
        symmap_put(&syms, x->sym, dim_sym(cx->module->dims, i2->sym));
    }
    ir_clone_region(&in, old, &nodes, symmap_subst, &syms);
    yield[0] = map_find(&nodes, value);
    yield[1] = guard ? map_find(&nodes, guard) : NULL;
    yield[0] = yield[0] ? yield[0] : value;
    yield[1] = yield[1] ? yield[1] : guard;
    ir_yield(&in, guard ? 2 : 1, yield);
    IrBuilder at = { b.fn, old, n, n->span };
    for (int i = 0; i < old->params.n; i++) {
        IrNode *x = old->params.p[i];
        subs[i] = x->lo ? ir_add2(&at, OP_sub, ir_scalar(DT_i64), x, ir_dim_value(&at, x->lo)) : x;
    }
    ir_set_in(n, slot, ir_load(&at, map, old->params.n, subs));
    return map;
}

static void drop_unused(IrRegion *r)
{
    for (IrNode *n = r->last, *prev; n; n = prev) {
        prev = n->prev;
        if (n->op != OP_yield && !n->uses && !n->sym && !(ir_info(n)->effects & PINNED)) /* a symbol may be a size */
            ir_drop(n);
    }
}

/* Checks behind `n` (NULL: all): they are of the value, and stand in its map. */
static void drop_checks(IrRegion *r, const IrNode *n)
{
    for (IrNode *x = r->last, *prev; x && x != n; x = prev) {
        prev = x->prev;
        if (x->op == OP_check)
            ir_drop(x);
    }
}

static void split_reduce(PassCx *cx, IrNode *reduce)
{
    IrNode *y = ir_terminator(reduce->regions[0]), *guard = pass_guard(reduce->regions[0]), *v = y->in[0], *maps[3];
    bool product = reduce->order == ORDER_contract && v->op == OP_mul && v->parent == reduce->regions[0];
    int n = 0;
    for (int i = 0; i < (product ? 2 : 1); i++)
        maps[n++] = outline(cx, reduce, product ? v : y, i, guard);
    if (guard) {
        IrNode *map = maps[n++] = outline(cx, reduce, y, 1, NULL);
        drop_checks(map->regions[0], pass_ancestor_in(ir_terminator(map->regions[0])->in[0], map->regions[0]));
    }
    drop_checks(reduce->regions[0], NULL);
    drop_unused(reduce->regions[0]);
    cx->changed++;
    for (int i = 0; i < n; i++) {
        drop_unused(maps[i]->regions[0]);
        if (pass_holds_tensors(maps[i]))
            map_as_loop(cx, maps[i]);
    }
}

/* ---- all of them: r runs at the level of the function ------------------------------------------------------------ */

static bool has_zero(IrType t)
{
    return t.dtype != DT_none && t.dtype != DT_key && t.dtype != DT_str && t.rank <= 16;
}

static void visit(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (n->op == OP_map || n->op == OP_reduce) {
            if (!pass_holds_tensors(n) || !has_zero(n->type))
                continue;
            if (n->op == OP_map)
                map_as_loop(cx, n);
            else
                split_reduce(cx, n);
            continue;
        }
        for (int i = 0; i < n->nregions; i++)
            visit(cx, n->regions[i]);
    }
}

bool pass_serial(PassCx *cx, IrFn *fn)
{
    visit(cx, fn->body);
    return true;
}
