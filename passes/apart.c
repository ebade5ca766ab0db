/* apart.c - the elements of a maximum or a minimum that are loops themselves become a tensor, which `online` takes block by block.
 *
 *     map [i: N] { argmin [j: M] { sum [d: D] { .. } } }
 *
 *     map [i: N] { %t = map [j: M] { sum [d: D] { .. } }; argmin [j: M] { %t[j] } }
 *
 * as if the program had given the distances a name. Nested, the inner loop would have no lanes but its own. The order of these reductions does
 * not show, so no bit changes. Elements that may fault, or are computed under a guard, stay. Linear.
 */
#include "passes/stream_int.h"

static bool order_is_free(RedOp op) { return op == RED_max || op == RED_min || op == RED_argmax || op == RED_argmin; }

static void see_other(void *user, IrNode *n)
{
    bool *plain = user;
    *plain = *plain && !pass_is_tensor(n) && n->op != OP_map && n->op != OP_for && n->op != OP_while && !(ir_info(n)->effects & PINNED);
}

static bool is_looping(PassCx *cx, const IrNode *reduce)
{
    const IrRegion *r = reduce->regions[0];
    for (const IrNode *n = r->first; n; n = n->next)
        if (n->op == OP_reduce && pass_depends(cx, n, r))
            return true;
    return false;
}

static bool has_form(PassCx *cx, const IrNode *map, const IrNode *n)
{
    const IrRegion *r = n->op == OP_reduce ? n->regions[0] : NULL;
    if (!r || n->stream || !order_is_free((RedOp)n->redop) || r->params.n != 1 || pass_guard(r) || !is_looping(cx, n))
        return false;
    const IrNode *x = r->params.p[0];
    return dtype_is_float(ir_terminator(r)->in[0]->type.dtype) && !pass_dim_depends(cx, x->dim, map->regions[0]) &&
           !pass_dim_depends(cx, x->lo, map->regions[0]) && pass_is_total(cx, n);
}

static void give_name(PassCx *cx, IrNode *n)
{
    IrRegion *r = n->regions[0];
    IrNode *j = r->params.p[0], *y = ir_terminator(r), *v = y->in[0];
    IrBuilder at = { r->fn, n->parent, n, n->span };
    IrType type = { v->type.dtype, 1, arena_copy(cx->module->arena, &j->dim, sizeof j->dim) };
    IrNode *t = ir_add0(&at, OP_map, type);
    IrBuilder in = { r->fn, ir_region_new(r->fn, t), NULL, v->span };
    Map nodes = map_new(cx->arena);
    SymMap syms = symmap_new(cx);
    IrNode *x = ir_index_new(in.region, j->name, j->lo, j->dim, j->span);
    map_put(&nodes, j, x);
    symmap_put(&syms, j->sym, dim_sym(cx->module->dims, x->sym));
    IrNode **values = ir_clone_region(&in, r, &nodes, symmap_subst, &syms);
    ir_yield(&in, 1, values);
    pass_note_symbols(cx, in.region);
    IrBuilder b = { r->fn, r, y, v->span };
    IrNode *place = j->lo ? ir_add2(&b, OP_sub, ir_scalar(DT_i64), j, ir_dim_value(&b, j->lo)) : j;
    ir_set_in(y, 0, ir_load(&b, t, 1, &place));
    cx->changed++;
}

bool pass_apart(PassCx *cx, IrFn *fn)
{
    for (IrNode *map = fn->body->first; map; map = map->next) {
        bool plain = map->op == OP_map && !pass_guard(map->regions[0]);
        if (plain)
            ir_walk(map->regions[0], see_other, &plain);
        for (IrNode *n = plain ? map->regions[0]->first : NULL; n; n = n->next)
            if (has_form(cx, map, n))
                give_name(cx, n);
    }
    return true;
}
