/* check_builtin.c - builtin functions: the table, and scalar operations element by element. */
#include "frontend/check/builtin_int.h"

typedef enum Kind { REDUCE, COMPACT, RUNNING, FLOAT, NUMBER, INT, TEST, CALL } Kind;

static const struct Row { const char *name; Kind kind; int what, nargs; BuiltinCall *call; } rows[] = {
#define BUILTIN(name, kind, what, nargs, meaning) { #name, kind, BUILTIN_##kind(what), nargs, BUILTIN_CALL_##kind(what) },
#define BUILTIN_REDUCE(w) w
#define BUILTIN_COMPACT(w) w
#define BUILTIN_RUNNING(w) w
#define BUILTIN_FLOAT(w) w
#define BUILTIN_NUMBER(w) w
#define BUILTIN_INT(w) w
#define BUILTIN_TEST(w) w
#define BUILTIN_CALL(w) 0
#define BUILTIN_CALL_REDUCE(w) NULL
#define BUILTIN_CALL_COMPACT(w) NULL
#define BUILTIN_CALL_RUNNING(w) NULL
#define BUILTIN_CALL_FLOAT(w) NULL
#define BUILTIN_CALL_NUMBER(w) NULL
#define BUILTIN_CALL_INT(w) NULL
#define BUILTIN_CALL_TEST(w) NULL
#define BUILTIN_CALL_CALL(w) builtin_##w
#include "frontend/builtins.def"
#undef BUILTIN
};

void builtins_init(Cx *cx)
{
    cx->builtin_rows = map_new(cx->a);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        map_put(&cx->builtin_rows, name_of(cx->names, rows[i].name), (void *)&rows[i]);
}

int builtin_find(Fx *f, Name n)
{
    const struct Row *r = map_find(&f->cx->builtin_rows, n);
    return r ? (int)(r - rows) : -1;
}

const char *builtin_name(int row)
{
    return rows[row].name;
}

bool builtin_is_op(int row)
{
    return rows[row].kind == REDUCE || rows[row].kind == COMPACT || rows[row].kind == RUNNING;
}

bool builtin_is_compact(int row)
{
    return rows[row].kind == COMPACT;
}

bool builtin_is_cum(int row)
{
    return rows[row].kind == RUNNING;
}

RedOp builtin_redop(int row)
{
    return (RedOp)rows[row].what;
}

/* ---- scalar operations ---- */

static bool takes(Kind k, const Val *v)
{
    IrDtype t = v->type.dtype;
    bool fl = dtype_is_float(t) || (v->weak && t == DT_i64);
    return k == FLOAT || k == TEST ? fl : k == INT ? dtype_is_int(t) : dtype_is_float(t) || dtype_is_int(t);
}

static Val *scalar_row(Fx *f, const void *user, int n, Val **given, Span s)
{
    const struct Row *r = user;
    Val *args[2] = { NULL, NULL }, joined;
    for (int i = 0; i < n; i++) {
        args[i] = val_plain(f, given[i]);
        if (!takes(r->kind, args[i])) {
            report(f, E0204, s, "'%s' of %s", r->name, val_text(f, args[i]));
            if (dtype_is_int(args[i]->type.dtype) && r->kind != INT)
                diag_help(f->cx->diags, "a cast makes it a float: %s(f32(x))", r->name);
            return val_error();
        }
        if ((r->kind == FLOAT || r->kind == TEST) && args[i]->type.dtype == DT_i64)
            args[i] = val_core(f, core_cast(f, args[i]->core, DT_f64, OP_cast), true);
    }
    IrDtype t = args[0]->type.dtype;
    bool weak = args[0]->weak;
    if (n == 2 && !dtype_join(args[0], args[1], &t, &weak)) {
        report(f, E0204, s, "'%s' of %s and %s", r->name, val_text(f, args[0]), val_text(f, args[1]));
        return val_error();
    }
    joined = (Val){ .kind = V_core, .type = ir_scalar(t), .weak = weak };
    Core *x = core_as(f, args[0], t, s), *y = n == 2 ? core_as(f, args[1], t, s) : NULL;
    if (!x || (n == 2 && !y))
        return val_error();
    IrDtype out = r->kind == TEST ? DT_bool : joined.type.dtype;
    if (n == 1 && r->what == OP_abs && weak && out == DT_i64 && r->kind != TEST)
        return int_abs(f, x, args[0]->dim, s);
    return val_core(f, n == 2 ? core_op2(f, (IrOp)r->what, out, x, y) : core_op1(f, (IrOp)r->what, out, x), weak && r->kind != TEST);
}

static Val *scalar_extremum(Fx *f, const void *user, int n, Val **args, Span s)
{
    bool max = *(const bool *)user;
    Val *a = val_plain(f, args[0]), *b = val_plain(f, args[1]);
    IrDtype t;
    bool weak;
    (void)n;
    if (val_is_int(a) && val_is_int(b)) {
        Dim d = a->dim && b->dim ? (max ? dim_max : dim_min)(f->dims, a->dim, b->dim) : NULL;
        if (d && !dim_is_poison(d) && dim_at_entry(f, d))
            return val_dim(f, d);
        return val_int(f, core_op2(f, max ? OP_max : OP_min, DT_i64, a->core, b->core), d);
    }
    if (!takes(NUMBER, a) || !takes(NUMBER, b) || !dtype_join(a, b, &t, &weak)) {
        report(f, E0204, s, "'%s' of %s and %s", max ? "max" : "min", val_text(f, a), val_text(f, b));
        return val_error();
    }
    Core *x = core_as(f, a, t, s), *y = core_as(f, b, t, s);
    return x && y ? val_core(f, core_op2(f, max ? OP_max : OP_min, t, x, y), weak) : val_error();
}

Val *min_max(Fx *f, bool max, Val *a, Val *b, Span s)
{
    if (is_error(a) || is_error(b))
        return val_error();
    return elementwise_set(f, 2, (Val *[]){ a, b }, scalar_extremum, &max, s);
}

static Val *held(Fx *f, Val *v)
{
    if (core_is_cheap(v->core))
        return v;
    Val *w = NEW(f->a, Val);
    *w = *v;
    w->core = let_here(f, v->core, "x");
    return w;
}

/* Integers keep their bounds; a float that is NaN stays, and the gradient is 1 on the closed interval. */
static Val *scalar_clip(Fx *f, const void *user, int n, Val **args, Span s)
{
    static const bool yes = true, no = false;
    Val *x = val_plain(f, args[0]), *lo = val_plain(f, args[1]), *hi = val_plain(f, args[2]);
    IrDtype t, u;
    bool weak;
    (void)user;
    (void)n;
    if (takes(INT, x) && takes(INT, lo) && takes(INT, hi)) {
        Val *v = scalar_extremum(f, &yes, 2, (Val *[]){ x, lo }, s);
        return is_error(v) ? v : scalar_extremum(f, &no, 2, (Val *[]){ v, hi }, s);
    }
    Val mid;
    bool ok = takes(NUMBER, x) && takes(NUMBER, lo) && takes(NUMBER, hi) && dtype_join(x, lo, &t, &weak);
    mid = (Val){ .kind = V_core, .type = ir_scalar(ok ? t : DT_f32), .weak = ok && weak };
    if (!ok || !dtype_join(&mid, hi, &u, &weak)) {
        report(f, E0204, s, "'clip' of %s, %s and %s", val_text(f, x), val_text(f, lo), val_text(f, hi));
        return val_error();
    }
    Core *c[3];
    Val *all[3] = { held(f, x), held(f, lo), held(f, hi) };
    for (int i = 0; i < 3; i++)
        if (!(c[i] = core_as(f, all[i], u, s)))
            return val_error();
    Core *low = core_op2(f, OP_lt, DT_bool, c[0], c[1]), *high = core_op2(f, OP_lt, DT_bool, c[2], c[0]);
    return val_core(f, core_op3(f, OP_select, u, low, c[1], core_op3(f, OP_select, u, high, c[2], c[0])), weak);
}

Val *builtin_clip(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    (void)trees;
    return elementwise_set(f, n, args, scalar_clip, NULL, s);
}

/* ---- calls ---- */

static bool takes_named(Fx *f, const struct Row *r, const Tree *args)
{
    for (int i = 0; i < args->nkids; i++) {
        const Tree *a = args->kids[i];
        bool axis = r->call == builtin_concat || r->call == builtin_topk || r->call == builtin_sort;
        bool known = (axis && a->name == W(f, axis)) || (r->call == builtin_sort && a->name == W(f, descending));
        if ((a->name && !known && r->call != builtin_adapt && r->call != builtin_bind) || a->flags & TF_VAR) {
            if (a->name)
                report(f, E0205, a->span, "'%s' takes no argument '%s'", r->name, a->name);
            else
                report(f, E0205, a->span, "'%s' takes no 'var' argument", r->name);
            foreign_help(f, a->name);
            return false;
        }
    }
    return true;
}

Val *builtin_call(Fx *f, int row, const Tree *args, Span s)
{
    const struct Row *r = &rows[row];
    Val **vals = NEWN(f->a, Val *, args->nkids + 1);
    int n = 0;
    if (!takes_named(f, r, args))
        return val_error();
    bool ok = true;
    for (int i = 0; i < args->nkids; i++) {
        if (args->kids[i]->name)
            continue;
        f->dimctx += r->kind == CALL && n > 0;
        vals[n] = expr(f, args->kids[i]->kids[0]);
        f->dimctx -= r->kind == CALL && n > 0;
        ok &= !is_error(vals[n++]);
    }
    if (!ok)
        return val_error();
    if (r->nargs >= 0 && n != r->nargs) {
        report(f, E0205, s, "'%s' takes %d argument%s, not %d", r->name, r->nargs, r->nargs == 1 ? "" : "s", n);
        return val_error();
    }
    if (r->kind == CALL)
        return r->call(f, n, vals, args, s);
    for (int i = 0; i < n; i++)
        if ((vals[i]->kind != V_agg || r->kind == TEST) && vals[i]->kind != V_core && vals[i]->kind != V_ratio && vals[i]->kind != V_list) {
            report(f, E0204, s, "'%s' of %s", r->name, val_text(f, vals[i]));
            return val_error();
        }
    return elementwise_set(f, n, vals, scalar_row, r, s);
}
