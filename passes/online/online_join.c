/* online_join.c - maps of one shape that read the same are one map with an index that tells them apart, so that one pass serves all.
 *
 *     %a = map [t] { .. lp[t, y[t]] .. }          %both = map [which: 2, t] { which == 0 ? .. : .. }
 *     %h = map [t] { sum [v] {.. lp[t, v] ..} }   %a = map [t] { %both[0, t] }, ..
 */
#include <string.h>

#include "passes/online/online_int.h"

static bool fit(const IrNode *a, const IrNode *b)
{
    IrRegion *x = a->regions[0], *y = b->regions[0];
    bool same = b->op == OP_map && x->params.n == y->params.n && x->params.n < IR_RANK_MOST - 1 && a->type.dtype == b->type.dtype && !pass_guard(y);
    for (int i = 0; i < x->params.n && same; i++)
        same = x->params.p[i]->dim == y->params.p[i]->dim && !x->params.p[i]->lo && !y->params.p[i]->lo;
    return same;
}

static bool comes_before(const IrNode *a, const IrNode *b)
{
    while (a && a != b)
        a = a->next;
    return a == b;
}

/* Nobody reads it before `map`, nor does map itself. */
static bool can_wait(const IrNode *x, const IrNode *map)
{
    for (IrUse *u = x->uses; u; u = u->next) {
        const IrNode *top = pass_ancestor_in(u->user, map->parent);
        if (!top || top == map || comes_before(top, map))
            return false;
    }
    return x->parent == map->parent && comes_before(x, map);
}

/* both[k, ..] = if k == 0 { first } else if k == 1 { second } ... */
static IrNode *both_of(PassCx *cx, IrNode *const *maps, int n)
{
    IrNode *last = maps[n - 1], *value = NULL;
    IrBuilder at = { last->parent->fn, last->parent, last, last->span };
    int rank = last->regions[0]->params.n;
    IrType type = { last->type.dtype, rank + 1, NEWN(cx->module->arena, Dim, rank + 1) };
    type.dims[0] = dim_const(cx->module->dims, n);
    memcpy(type.dims + 1, last->type.dims, sizeof(Dim) * (size_t)rank);
    IrNode *map = ir_add0(&at, OP_map, type);
    IrRegion *r = ir_region_new(at.fn, map);
    IrBuilder b = { at.fn, r, NULL, last->span };
    IrNode *which = ir_index_new(r, name_of(cx->module->names, "which"), NULL, type.dims[0], last->span);
    for (int k = 0; k < rank; k++)
        ir_index_new(r, last->regions[0]->params.p[k]->name, NULL, type.dims[k + 1], last->span);
    for (int i = n; i-- > 0;) {
        IrRegion *from = maps[i]->regions[0];
        Map nodes = map_new(cx->arena);
        SymMap syms = symmap_new(cx);
        for (int k = 0; k < rank; k++) {
            map_put(&nodes, from->params.p[k], r->params.p[k + 1]);
            symmap_put(&syms, from->params.p[k]->sym, dim_sym(cx->module->dims, r->params.p[k + 1]->sym));
        }
        IrNode *v = ir_clone_region(&b, from, &nodes, symmap_subst, &syms)[0];
        IrNode *this = value ? ir_add2(&b, OP_eq, ir_scalar(DT_bool), which, ir_int(&b, i)) : NULL;
        value = value ? ir_add3(&b, OP_select, v->type, this, v, value) : v;
    }
    ir_yield(&b, 1, &value);
    pass_note_symbols(cx, r);
    return map;
}

static IrNode *one_of(PassCx *cx, IrNode *both, int k, const IrNode *like)
{
    IrBuilder at = { both->parent->fn, both->parent, both->next, like->span };
    IrNode *map = ir_add0(&at, OP_map, like->type), *subs[IR_RANK_MOST];
    IrRegion *r = ir_region_new(at.fn, map);
    IrBuilder b = { at.fn, r, NULL, like->span };
    map->name = like->name;
    subs[0] = ir_int(&b, k);
    for (int i = 0; i < like->type.rank; i++)
        subs[i + 1] = ir_index_new(r, like->regions[0]->params.p[i]->name, NULL, like->type.dims[i], like->span);
    IrNode *v = ir_load(&b, both, like->type.rank + 1, subs);
    ir_yield(&b, 1, &v);
    pass_note_symbols(cx, r);
    return map;
}

/* Readers of one tensor become one map with an index that tells them apart, so that one pass serves all. */
bool online_try_together(PassCx *cx, IrNode *map, IrNode **others, int n)
{
    IrNode *apart[TWINS_MOST];
    for (int i = 0; i < n; i++)
        if (!fit(map, others[i]) || !can_wait(others[i], map))
            return false;
    others[n++] = map;
    IrNode *both = both_of(cx, others, n);
    for (int i = 0; i < n; i++)
        ir_replace(others[i], apart[i] = one_of(cx, both, i, others[i]));
    bool mixes = true;
    if (online_try_map(cx, both, others, n, &mixes, NULL) < 0)
        return true;
    for (int i = 0; i < n; i++) {
        ir_replace(apart[i], others[i]);
        ir_drop(apart[i]);
    }
    ir_drop(both);
    return false;
}
