/* check_convert.c - the implicit conversions (LANGUAGE.md, "Mixing"): what a weak number becomes, joins of types, values for a wanted type. */
#include "frontend/check/check_int.h"

/* ---- conversions ---- */

static int float_width(IrDtype t)
{
    return t == DT_f64 ? 3 : t == DT_f32 ? 2 : 1;
}

/* Without a cast: weak ones to what is wanted, floats wider, integers of one sign wider, unsigned into a larger signed one. */
bool dtype_converts(IrDtype from, bool weak, IrDtype to)
{
    if (from == to)
        return true;
    if (weak && from == DT_i64)
        return dtype_is_int(to) || dtype_is_float(to);
    if (weak && from == DT_f64)
        return dtype_is_float(to);
    if (dtype_is_float(from) && dtype_is_float(to))
        return float_width(from) < float_width(to);
    if (dtype_is_int(from) && dtype_is_int(to))
        return dtype_bytes(from) < dtype_bytes(to) && (dtype_is_signed(from) == dtype_is_signed(to) || dtype_is_signed(to));
    return false;
}

/* The type of an operation on both: LANGUAGE.md section 4, "Mixing". */
bool dtype_join(const Val *a, const Val *b, IrDtype *t, bool *weak)
{
    IrDtype x = a->type.dtype, y = b->type.dtype;
    *weak = a->weak && b->weak;
    bool num = (dtype_is_float(x) || dtype_is_int(x)) && (dtype_is_float(y) || dtype_is_int(y));
    if (!num) {
        *t = x;
        return x == y;
    }
    if (a->weak != b->weak) { /* the weak one adapts; a real beside an integer keeps what it is */
        const Val *w = a->weak ? a : b, *o = a->weak ? b : a;
        *t = w->type.dtype == DT_f64 && dtype_is_int(o->type.dtype) ? DT_f32 : o->type.dtype;
        return true;
    }
    if (dtype_is_float(x) != dtype_is_float(y))
        *t = dtype_is_float(x) ? x : y;
    else if (dtype_is_float(x))
        *t = x == y ? x : float_width(x) == 1 && float_width(y) == 1 ? DT_f32 : float_width(x) > float_width(y) ? x : y;
    else if (dtype_converts(x, false, y))
        *t = y;
    else if (dtype_converts(y, false, x))
        *t = x;
    else
        return false;
    return true;
}

static Core *cast_const(Fx *f, const Core *c, IrDtype t)
{
    double v;
    if (c->type.dtype == DT_bool || t == DT_bool || !core_is_const(c, &v) || (dtype_is_float(c->type.dtype) && !dtype_is_float(t)))
        return NULL;
    if (dtype_is_float(t))
        return t == DT_f32 || t == DT_f64 ? core_number(f, t, v) : NULL;
    Core *n = core_number(f, t, 0);
    n->ival = c->ival;
    return n;
}

static Core *cast_scalar(Fx *f, Core *c, IrDtype t, IrOp op)
{
    Core *k = op == OP_cast || op == OP_narrow ? cast_const(f, c, t) : NULL;
    if (!k) {
        k = core_op1(f, op, t, c);
        if (op == OP_narrow)
            k->text = arena_printf(f->a, "%%lld does not fit %s", dtype_name(t));
    }
    k->span = c->span;
    return k;
}

Core *core_cast(Fx *f, Core *c, IrDtype t, IrOp op)
{
    if (c->type.dtype == t)
        return c;
    if (c->type.rank == 0)
        return cast_scalar(f, c, t, op);
    CoreIndex *idx[RANK_MOST];
    Core *x = addressable(f, c);
    frame_push(f, FRAME_index);
    for (int i = 0; i < c->type.rank; i++)
        index_enter(f, idx[i] = index_new(f, name_of(f->cx->names, "i"), c->span, NULL, c->type.dims[i]));
    Val *v = val_at(f, val_core(f, x, false), c->type.rank, idx);
    return core_map(f, c->type.rank, idx, frame_pop(f, cast_scalar(f, v->core, t, op)));
}

static bool fits(int64_t v, IrDtype t)
{
    int bits = 8 * dtype_bytes(t);
    if (!dtype_is_signed(t))
        return v >= 0 && (bits == 64 || v >> bits == 0);
    return bits == 64 || (v >= -((int64_t)1 << (bits - 1)) && v < (int64_t)1 << (bits - 1));
}

/* real where whole numbers are needed: what `/` gives of ints, most often */
static void help_cast(Fx *f, const Val *v, IrDtype t)
{
    bool divided = v->weak && dtype_is_float(v->type.dtype) && dtype_is_int(t);
    diag_help(f->cx->diags, divided ? "the quotient of whole numbers is `//`; a cast says that it may change: %s(..)" : "a cast says that it may change: %s(..)", dtype_name(t));
}

Core *core_as(Fx *f, Val *v, IrDtype t, Span s)
{
    v = val_plain(f, v);
    int64_t k;
    if (is_error(v))
        return NULL;
    if (v->kind != V_core || !dtype_converts(v->type.dtype, v->weak, t)) {
        report(f, E0206, s, "%s where %s is needed", val_text(f, v), dtype_name(t));
        if (v->kind == V_core && t != DT_bool && v->type.dtype != DT_bool && v->type.dtype != DT_str && t != DT_str && t != DT_key)
            help_cast(f, v, t);
        return NULL;
    }
    if (v->weak && dtype_is_int(t) && core_is_int_const(v->core, &k) && !fits(k, t)) {
        report(f, E0206, s, "%lld does not fit %s", (long long)k, dtype_name(t));
        return NULL;
    }
    bool narrows = v->weak && dtype_is_int(t) && dtype_is_int(v->type.dtype);
    if (!v->core->span.file)
        v->core->span = s;
    return core_cast(f, v->core, t, narrows ? OP_narrow : OP_cast);
}

/* ---- to a wanted type ---- */

/* The same shape with other numbers in it. */
static bool differ_in_kind(Fx *f, const Val *v, const IrType *t)
{
    bool numbers = v->type.dtype != DT_bool && v->type.dtype != DT_str && v->type.dtype != DT_key && t->dtype != DT_bool && t->dtype != DT_str && t->dtype != DT_key;
    bool same = numbers && v->type.dtype != t->dtype && v->type.rank == t->rank;
    for (int i = 0; same && i < t->rank; i++)
        same = dims_equal(f, v->type.dims[i], t->dims[i]);
    return same;
}

static Val *wrong_type(Fx *f, Val *v, const CoreSty *sty, Span s, const char *what)
{
    report(f, E0206, s, "%s is %s, but %s is needed", what, val_text(f, v), core_sty_text(f->a, sty));
    if (v->kind == V_core && sty->kind == STY_value && differ_in_kind(f, v, &sty->type))
        help_cast(f, v, sty->type.dtype);
    if (v->kind == V_core && sty->kind == STY_value && v->type.dtype == DT_bool && sty->type.dtype == DT_bool && !sty->type.rank)
        diag_help(f->cx->diags, "one answer for all: all(..), any(..)");
    return val_error();
}

static Val *unify_value(Fx *f, Val *v, CoreSty *sty, Span s, const char *what)
{
    IrType t = sty->type;
    if (v->kind != V_core)
        return wrong_type(f, v, sty, s, what);
    if (v->type.rank != t.rank || !dtype_converts(v->type.dtype, v->weak, t.dtype))
        return wrong_type(f, v, sty, s, what);
    for (int i = 0; i < t.rank; i++)
        if (!dims_equal(f, v->type.dims[i], t.dims[i])) {
            report(f, E0203, s, "%s is %s, but %s is needed: sizes %s and %s differ", what, val_text(f, v), core_sty_text(f->a, sty),
                   dim_say(f, v->type.dims[i]), dim_say(f, t.dims[i]));
            return val_error();
        }
    Core *c = core_as(f, v, t.dtype, s);
    if (!c)
        return val_error();
    Val *r = val_core(f, c, sty->weak);
    r->dim = c == v->core ? v->dim : NULL;
    return r;
}

static Val *unify_tuple(Fx *f, Val *v, CoreSty *sty, Span s, const char *what)
{
    if (v->kind != V_tuple || v->n != sty->n)
        return wrong_type(f, v, sty, s, what);
    Val *r = val_new(f, V_tuple);
    r->n = v->n;
    r->parts = NEWN(f->a, Val *, v->n);
    for (int i = 0; i < v->n; i++) {
        r->parts[i] = val_unify(f, v->parts[i], sty->parts[i], s, what);
        if (is_error(r->parts[i]))
            return val_error();
    }
    return r;
}

/* Numbers of a written list take the element type that is wanted. */
static Val *unify_list(Fx *f, Val *v, CoreSty *sty, Span s, const char *what)
{
    Val **parts = NEWN(f->a, Val *, v->n + 1);
    CoreSty *elem = sty_value(f, tensor_type(f, sty->type.dtype, sty->type.rank - 1, sty->type.dims + 1), false);
    for (int i = 0; i < v->n; i++) {
        bool list = v->parts[i]->kind == V_list && elem->type.rank;
        parts[i] = list || val_is_scalar(v->parts[i]) ? val_unify(f, v->parts[i], elem, s, what) : v->parts[i];
        if (is_error(parts[i]))
            return parts[i];
    }
    return stack(f, v->n, parts, s);
}

Val *val_unify(Fx *f, Val *v, CoreSty *sty, Span s, const char *what)
{
    if (v->kind == V_list && v->n && sty->kind == STY_value && sty->type.rank)
        v = unify_list(f, v, sty, s, what);
    v = val_plain(f, v);
    if (is_error(v))
        return v;
    switch (sty->kind) {
    case STY_value: return unify_value(f, v, sty, s, what);
    case STY_tuple: return unify_tuple(f, v, sty, s, what);
    case STY_none: return v;
    default:
        if (v->kind != V_agg || !sty_equal(f, v->sty, sty))
            return wrong_type(f, v, sty, s, what);
        return v;
    }
}

Val *val_fill(Fx *f, Val *v, CoreSty *sty, Span s, const char *what)
{
    if (v->kind == V_list)
        return val_unify(f, v, sty, s, what);
    v = val_plain(f, v);
    if (is_error(v) || sty->kind != STY_value || sty->type.rank == 0 || v->kind != V_core || v->type.rank ||
        !dtype_converts(v->type.dtype, v->weak, sty->type.dtype))
        return val_unify(f, v, sty, s, what);
    Core *c = core_as(f, v, sty->type.dtype, s);
    if (!c)
        return val_error();
    if (!core_is_cheap(c))
        c = let_out(f, c, "x");
    return fill(f, c, sty->type.rank, sty->type.dims);
}
