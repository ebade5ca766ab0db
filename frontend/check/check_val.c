/* check_val.c - values while they are checked: making them, their types, the implicit conversions. */
#include "frontend/check/check_int.h"

#include <string.h>

static const Val the_error = { .kind = V_error };

Val *val_error(void)
{
    return (Val *)&the_error; /* nobody writes to it */
}

bool is_error(const Val *v)
{
    return v->kind == V_error;
}

Val *val_new(Fx *f, ValKind k)
{
    Val *v = NEW(f->a, Val);
    v->kind = k;
    return v;
}

Val *val_none(Fx *f)
{
    return val_new(f, V_none);
}

Val *val_core(Fx *f, Core *c, bool weak)
{
    Val *v = val_new(f, V_core);
    v->core = c;
    v->type = c->type;
    v->weak = weak && c->type.rank == 0;
    return v;
}

Val *val_int(Fx *f, Core *c, Dim d)
{
    Val *v = val_core(f, c, true);
    v->dim = d && !dim_is_poison(d) ? d : NULL;
    return v;
}

Val *val_dim(Fx *f, Dim d)
{
    return val_int(f, core_of_dim(f, d), d);
}

Val *val_real(Fx *f, double v)
{
    return val_core(f, core_number(f, DT_f64, v), true);
}

Val *val_bool(Fx *f, bool v)
{
    return val_core(f, core_bool(f, v), false);
}

bool val_is_scalar(const Val *v)
{
    return v->kind == V_ratio || (v->kind == V_core && v->type.rank == 0);
}

bool val_is_tensor(const Val *v)
{
    return v->kind == V_core && v->type.rank > 0;
}

bool val_is_int(const Val *v)
{
    return v->kind == V_core && v->type.rank == 0 && v->weak && v->type.dtype == DT_i64;
}

bool val_is_str(const Val *v)
{
    return v->kind == V_core && v->type.dtype == DT_str;
}

/* ---- surface types ---- */

CoreSty *sty_value(Fx *f, IrType t, bool weak)
{
    CoreSty *s = NEW(f->a, CoreSty);
    s->kind = STY_value;
    s->type = t;
    s->weak = weak && t.rank == 0;
    return s;
}

CoreSty *list_sty(Fx *f, CoreSty *elem, Dim n)
{
    CoreSty *s = NEW(f->a, CoreSty);
    s->kind = STY_list;
    s->elem = elem;
    s->count = n;
    return s;
}

int sty_nleaves(const CoreSty *s)
{
    int n = 0;
    switch (s->kind) {
    case STY_value: return 1;
    case STY_list: return sty_nleaves(s->elem);
    case STY_struct: return s->strct->leaves.n;
    case STY_tuple:
        for (int i = 0; i < s->n; i++)
            n += sty_nleaves(s->parts[i]);
        return n;
    default: return 0;
    }
}

typedef struct NumberMap { const CoreSty *sty; DimSubst outer; void *user; } NumberMap;

static Dim number_subst(void *user, DimSym *s)
{
    const CoreSty *sty = user;
    for (int i = 0; i < sty->strct->numbers.n; i++)
        if (sty->strct->numbers.p[i] == s)
            return sty->args[i];
    return NULL;
}

static void leaf_types(Fx *f, const CoreSty *s, IrType *out, int *n)
{
    int first = *n;
    switch (s->kind) {
    case STY_value:
        out[(*n)++] = s->type;
        break;
    case STY_list:
        leaf_types(f, s->elem, out, n);
        for (int i = first; i < *n; i++) {
            Dim dims[RANK_MOST];
            dims[0] = s->count;
            for (int k = 0; k < out[i].rank && k + 1 < RANK_MOST; k++)
                dims[k + 1] = out[i].dims[k];
            out[i] = tensor_type(f, out[i].dtype, out[i].rank + 1, dims);
        }
        break;
    case STY_struct:
        for (int i = 0; i < s->strct->leaves.n; i++) {
            IrType t = s->strct->leaves.p[i].type;
            Dim dims[RANK_MOST];
            for (int k = 0; k < t.rank; k++)
                dims[k] = dim_subst(f->dims, t.dims[k], number_subst, (void *)s);
            out[(*n)++] = tensor_type(f, t.dtype, t.rank, dims);
        }
        break;
    case STY_tuple:
        for (int i = 0; i < s->n; i++)
            leaf_types(f, s->parts[i], out, n);
        break;
    default: break;
    }
}

IrType *sty_leaf_types(Fx *f, const CoreSty *s, int *n)
{
    IrType *out = NEWN(f->a, IrType, sty_nleaves(s) + 1);
    *n = 0;
    leaf_types(f, s, out, n);
    return out;
}

CoreSty *sty_subst(Fx *f, const CoreSty *s, DimSubst g, void *user)
{
    CoreSty *r = arena_copy(f->a, s, sizeof *s);
    if (s->type.rank) {
        Dim dims[RANK_MOST];
        for (int i = 0; i < s->type.rank; i++)
            dims[i] = dim_subst(f->dims, s->type.dims[i], g, user);
        r->type = tensor_type(f, s->type.dtype, s->type.rank, dims);
    }
    if (s->elem)
        r->elem = sty_subst(f, s->elem, g, user);
    if (s->count)
        r->count = dim_subst(f->dims, s->count, g, user);
    if (s->kind == STY_tuple) {
        r->parts = NEWN(f->a, CoreSty *, s->n);
        for (int i = 0; i < s->n; i++)
            r->parts[i] = sty_subst(f, s->parts[i], g, user);
    }
    if (s->args) {
        r->args = NEWN(f->a, Dim, s->n);
        for (int i = 0; i < s->n; i++)
            r->args[i] = dim_subst(f->dims, s->args[i], g, user);
    }
    return r;
}

bool sty_equal(Fx *f, const CoreSty *a, const CoreSty *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case STY_value:
        if (a->type.dtype != b->type.dtype || a->type.rank != b->type.rank)
            return false;
        for (int i = 0; i < a->type.rank; i++)
            if (!dims_equal(f, a->type.dims[i], b->type.dims[i]))
                return false;
        return true;
    case STY_list:
        return dims_equal(f, a->count, b->count) && sty_equal(f, a->elem, b->elem);
    case STY_struct:
        if (a->strct != b->strct)
            return false;
        for (int i = 0; i < a->n; i++)
            if (!dims_equal(f, a->args[i], b->args[i]))
                return false;
        return true;
    case STY_tuple:
        for (int i = 0; i < a->n && a->n == b->n; i++)
            if (!sty_equal(f, a->parts[i], b->parts[i]))
                return false;
        return a->n == b->n;
    default: return true;
    }
}

/* ---- a value of a type from its leaves, and back ---- */

Val *val_leaves(Fx *f, CoreSty *sty, Core **leaves)
{
    if (sty->kind == STY_value) {
        Val *v = val_core(f, leaves[0], sty->weak);
        if (val_is_int(v)) {
            Core *c = leaves[0];
            int64_t k;
            v->dim = core_is_int_const(c, &k) ? dim_const(f->dims, k) : c->kind == C_dim ? c->dim
                   : c->kind == C_index ? dim_sym(f->dims, c->index->sym)
                   : c->kind == C_var && c->var->sym && !c->var->mut ? dim_sym(f->dims, c->var->sym) : NULL;
        }
        return v;
    }
    if (sty->kind == STY_tuple) {
        Val *v = val_new(f, V_tuple);
        v->n = sty->n;
        v->parts = NEWN(f->a, Val *, sty->n);
        for (int i = 0, at = 0; i < sty->n; at += sty_nleaves(sty->parts[i++]))
            v->parts[i] = val_leaves(f, sty->parts[i], leaves + at);
        return v;
    }
    Val *v = val_new(f, V_agg);
    v->sty = sty;
    v->n = sty_nleaves(sty);
    v->leaves = arena_copy(f->a, leaves, (size_t)v->n * sizeof *leaves);
    return v;
}

Val *val_plain(Fx *f, Val *v)
{
    if (v->kind == V_list) {
        Span nowhere = { 0, 0, 0 };
        return stack(f, v->n, v->parts, v->tree ? v->tree->span : nowhere);
    }
    if (v->kind != V_ratio)
        return v;
    double a, b;
    Core *num = core_of_dim(f, v->dim), *den = core_of_dim(f, v->den);
    if (core_is_const(num, &a) && core_is_const(den, &b))
        return val_real(f, a / b);
    return val_core(f, core_op2(f, OP_div, DT_f64, core_cast(f, num, DT_f64, OP_cast), core_cast(f, den, DT_f64, OP_cast)), true);
}

CoreSty *val_sty(Fx *f, Val *v)
{
    CoreSty *s;
    switch (v->kind) {
    case V_core: return sty_value(f, v->type, v->weak);
    case V_ratio: return sty_value(f, ir_scalar(DT_f64), true);
    case V_agg: return v->sty;
    case V_list:
        if (v->n == 0)
            return NULL;
        v = val_plain(f, v);
        return is_error(v) ? NULL : val_sty(f, v);
    case V_tuple:
        s = NEW(f->a, CoreSty);
        s->kind = STY_tuple;
        s->n = v->n;
        s->parts = NEWN(f->a, CoreSty *, v->n);
        for (int i = 0; i < v->n; i++)
            if (!(s->parts[i] = val_sty(f, v->parts[i])))
                return NULL;
        return s;
    case V_none:
        s = NEW(f->a, CoreSty);
        return s;
    default: return NULL;
    }
}

int val_leaves_of(Fx *f, Val *v, Core ***out)
{
    v = val_plain(f, v);
    if (v->kind == V_core) {
        *out = arena_copy(f->a, &v->core, sizeof v->core);
        return 1;
    }
    if (v->kind == V_agg) {
        *out = v->leaves;
        return v->n;
    }
    VEC(Core *) all = { 0 };
    for (int i = 0; v->kind == V_tuple && i < v->n; i++) {
        Core **part;
        int n = val_leaves_of(f, v->parts[i], &part);
        for (int k = 0; k < n; k++)
            PUSH(f, &all, part[k]);
    }
    *out = all.p;
    return all.n;
}

const char *val_text(Fx *f, const Val *v)
{
    CoreSty *s;
    switch (v->kind) {
    case V_ratio: return "real";
    case V_fn: return "a function";
    case V_type: return "a type";
    case V_module: return "a module";
    case V_tree: return "a tree";
    case V_adapter: return "an adapter";
    case V_open: return "_";
    case V_none: return "no value";
    case V_list: return v->n ? "a list" : "an empty list";
    default:
        s = val_sty(f, (Val *)v);
        return s ? core_sty_text(f->a, s) : "a tuple";
    }
}
