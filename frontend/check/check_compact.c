/* check_compact.c - compact[i | p](e): what depends on data in a tensor whose size does not.
 *
 *     key[i]    = 0 where p holds, else 1            place = indices of key, sorted; equal keys keep their order
 *     value[i]  = e where p holds, else 0            n     = count[i](p)
 *     out[k: N] = value[place[k]] if k < n, else 0   the result is (out, n)
 */
#include "frontend/check/builtin_int.h"
#include "frontend/check/op_int.h"

static Core *guarded_map(Fx *f, const Group *g, Core *yes, Core *no, const char *hint)
{
    return let_out(f, core_map(f, 1, g->idx, g->guard ? core_if(f, g->guard, yes, no) : yes), hint);
}

static Core *from_zero(Fx *f, CoreIndex *k, Core *tensor)
{
    Core *at = core_of_index(f, k);
    return core_load(f, tensor, 1, &at);
}

Val *op_compact(Fx *f, const Use *u)
{
    Group *g = u->g;
    Val *v = u->args[0];
    IrDtype t = v->type.dtype == DT_f64 && v->weak ? DT_f32 : v->type.dtype;
    if (g->n != 1) {
        report(f, E0307, u->span, "'compact' takes one index");
        return val_error();
    }
    if (!dtype_is_float(t) && !dtype_is_int(t) && t != DT_bool) {
        report(f, E0206, u->span, "'compact' over %s: a number or a condition is needed", val_text(f, v));
        return val_error();
    }
    Group *h = op_group_copy(f, g), *c = op_group_copy(f, g);
    Core *zero = t == DT_bool ? core_bool(f, false) : core_number(f, t, 0), *e = v->type.dtype == t ? v->core : core_cast(f, v->core, t, OP_cast);
    Core *value = guarded_map(f, g, e, zero, "value");
    Core *key = guarded_map(f, h, core_number(f, DT_i32, 0), core_number(f, DT_i32, 1), "key");
    Val *order = builtin_sorted(f, val_core(f, key, false), u->span);
    if (is_error(order))
        return order;
    Core *n = let_out(f, core_reduce(f, RED_count, 1, c->idx, core_bool(f, true), c->guard), "count");
    CoreIndex *k = index_new(f, g->idx[0]->name, u->span, NULL, g->idx[0]->extent);
    Core *place = from_zero(f, k, order->parts[1]->core), *taken = core_load(f, value, 1, &place);
    Core *inside = core_op2(f, OP_lt, DT_bool, core_of_index(f, k), n);
    Val *r = val_new(f, V_tuple);
    r->n = 2;
    r->parts = NEWN(f->a, Val *, 2);
    r->parts[0] = val_core(f, let_out(f, core_map(f, 1, &k, core_if(f, inside, taken, core_number(f, t, 0))), "compact"), false);
    r->parts[1] = val_core(f, n, true);
    return r;
}
