/* check_op.c - operators with binders: reductions, pointwise operators, those that the program declares.
 *
 *     softmax[j | j <= i](s[i, j])      with   op softmax[j](x) { let e = exp(x - max[j](x));  e / sum[j](e) }
 *
 * is written out: `x` is s[i, j] at the place that is wanted, and s[i, k] inside `max[k | k <= i]`. The declaration's one binder
 * stands for all binders of the use, with their guard.
 */
#include "frontend/check_int.h"

#include <string.h>

/* ---- which operator ---- */

/* A variable, or a member of the model whose function this is. */
static bool is_variable(Fx *f, Name n)
{
    bool found = false;
    for (Scope *s = f->scope; s && !found; s = s->outer)
        if (s->kind == SCOPE_self)
            self_member(f, s, n, (Span){ 0, 0, 0 }, &found);
    return found || scope_find(f->scope, n);
}

bool op_named(Fx *f, const Tree *base, OpRef *op)
{
    *op = (OpRef){ .row = -1 };
    Name n = base->name;
    if (base->kind == T_member && base->kids[0]->kind == T_name) {
        Decl *m = is_variable(f, base->kids[0]->name) ? NULL : decl_find(f, f->scope, base->kids[0]->name);
        if (!m || m->kind != DECL_unit)
            return false;
        op->decl = map_find(&m->target->decls, n);
        return op->decl && op->decl->kind == DECL_op;
    }
    if (base->kind != T_name || is_variable(f, n))
        return false;
    op->decl = decl_find(f, f->scope, n);
    if (op->decl)
        return op->decl->kind == DECL_op;
    op->is_map = n == W(f, map);
    op->row = op->is_map ? -1 : builtin_find(f, n);
    return op->is_map || (op->row >= 0 && builtin_is_op(op->row));
}

static bool is_pointwise(const OpRef *op)
{
    if (op->decl) {
        const Tree *type = op->decl->tree->kids[3];
        return type->kind == T_tbase && type->kids[2] != NULL;
    }
    return !op->is_map && builtin_is_cum(op->row);
}

bool op_scope(Fx *f, const Tree *base, bool *binds)
{
    OpRef op;
    if (!op_named(f, base, &op))
        return false;
    *binds = !is_pointwise(&op);
    return true;
}

static const char *op_name(const OpRef *op)
{
    return op->decl ? op->decl->name : op->is_map ? "map" : builtin_name(op->row);
}

/* ---- parameters of a declared operator ---- */

static bool param_dtype(Fx *f, const Tree *p, Val *v, const char *op, Span s)
{
    const Tree *type = p->kids[0];
    bool weak;
    Name n = type && type->kind == T_tbase ? type->kids[0]->name : W(f, float_);
    bool number = dtype_is_float(v->type.dtype) || (v->weak && v->type.dtype == DT_i64);
    bool ok = n == W(f, float_) ? number : n == W(f, num) ? number || dtype_is_int(v->type.dtype)
            : dtype_converts(v->type.dtype, v->weak, dtype_named(f, n, &weak));
    if (!ok)
        report(f, E0206, s, "'%s' of %s takes %s, not %s", p->name, op, n, val_text(f, v));
    return ok;
}

static Val *param_value(Fx *f, const Tree *p, Val *v, IrDtype join)
{
    const Tree *type = p->kids[0];
    bool weak;
    Name n = type && type->kind == T_tbase ? type->kids[0]->name : W(f, float_);
    IrDtype t = n == W(f, float_) || n == W(f, num) ? join : dtype_named(f, n, &weak);
    if (t == DT_none || v->type.dtype == t)
        return v;
    return val_core(f, core_cast(f, v->core, t, OP_cast), false);
}

static bool join_floats(Fx *f, const Tree *params, int n, Val **args, IrDtype *t, bool *weak, const char *op, Span s)
{
    Val sum = { .kind = V_error };
    for (int i = 0; i < n; i++) {
        const Tree *p = params->kids[i];
        const Tree *type = p->kids[0];
        Name name = type && type->kind == T_tbase ? type->kids[0]->name : W(f, float_);
        if (!param_dtype(f, p, args[i], op, s))
            return false;
        if (name != W(f, float_) && name != W(f, num))
            continue;
        Val v = *args[i];
        if (name == W(f, float_) && v.type.dtype == DT_i64)
            v.type = ir_scalar(DT_f64);
        IrDtype j = v.type.dtype;
        bool w = v.weak;
        if (sum.kind == V_core && !dtype_join(&sum, &v, &j, &w))
            return false;
        sum = (Val){ .kind = V_core, .type = ir_scalar(j), .weak = w };
    }
    *t = sum.kind == V_core ? sum.type.dtype : DT_none;
    *weak = sum.weak;
    return true;
}

/* ---- writing out ---- */

typedef struct Use { OpRef op; Group *g; int n; Val *args[RANK_MOST]; const Tree *given; Span span; } Use;

static void bind_params(Fx *f, const Use *u, IrDtype join, bool weak)
{
    const Tree *d = u->op.decl->tree, *params = d->kids[2];
    for (int i = 0; i < u->n; i++) {
        Val *v = param_value(f, params->kids[i], u->args[i], join);
        if (v != u->args[i])
            v->weak = weak;
        if (!u->g->phantom && !core_is_cheap(v->core)) {
            Val *w = NEW(f->a, Val);
            *w = *v;
            w->core = let_here(f, v->core, params->kids[i]->name);
            v = w;
        }
        Ent *e = scope_add(f, ENT_val, params->kids[i]->name, params->kids[i]->span);
        e->val = v;
        Free need = core_free(f, v->core);
        for (int k = 0; k < need.idx.n; k++)
            for (int j = 0; j < u->g->n; j++)
                if (u->g->idx[j] == need.idx.p[k] && !e->carry.n)
                    PUSH(f, &e->carry, ((Carry){ d->kids[1]->name, u->g }));
    }
}

/* The parameters that were given by name, or their defaults. */
static bool bind_named(Fx *f, const Use *u, Scope *outer)
{
    const Tree *params = u->op.decl->tree->kids[2];
    for (int i = u->n; i < params->nkids; i++) {
        const Tree *p = params->kids[i], *arg = NULL;
        for (int k = 0; u->given && k < u->given->nkids; k++)
            if (u->given->kids[k]->name == p->name)
                arg = u->given->kids[k]->kids[0];
        Scope *inner = f->scope;
        Val *v;
        if (!arg && !p->kids[1]) {
            report(f, E0205, u->span, "'%s' of '%s' is not given", p->name, op_name(&u->op));
            return false;
        }
        f->scope = arg ? outer : inner;
        v = expr_plain(f, arg ? arg : p->kids[1]);
        f->scope = inner;
        if (is_error(v))
            return false;
        scope_let(f, p->name, (Span){ 0, 0, 0 }, v);
    }
    return true;
}

static Val *write_out(Fx *f, const Use *u)
{
    const Tree *d = u->op.decl->tree;
    Scope *outer = f->scope;
    Env env = f->env;
    IrDtype join;
    bool weak = false;
    if (!join_floats(f, d->kids[2], u->n, (Val **)u->args, &join, &weak, op_name(&u->op), u->span))
        return val_error();
    if (f->op_depth >= OP_DEPTH_MOST) {
        report(f, E0212, u->span, "operator '%s' uses itself", op_name(&u->op));
        return val_error();
    }
    f->op_depth++;
    f->scope = u->op.decl->unit->scope;
    scope_push(f, SCOPE_fn);
    f->env.fdtype = f->env.ndtype = join;
    f->env.fweak = f->env.nweak = weak;
    Ent *e = scope_add(f, ENT_index, d->kids[1]->name, (Span){ 0, 0, 0 });
    e->group = u->g;
    e->op_binder = true;
    bind_params(f, u, join, weak);
    Val *v = bind_named(f, u, outer) ? (d->kids[5]->kind == T_block ? block_value(f, d->kids[5]) : expr_plain(f, d->kids[5])) : val_error();
    v = val_plain(f, v);
    if (!is_error(v) && (v->kind != V_core || v->type.rank)) {
        report(f, E0403, d->kids[5]->span, "the value of an operator is a number, not %s", val_text(f, v));
        v = val_error();
    } else if (!is_error(v) && v->type.dtype == DT_bool && d->kids[3]->kids[0]->name == W(f, float_)) {
        report(f, E0403, d->kids[5]->span, "the value of operator '%s' is bool, but float is declared", op_name(&u->op));
        v = val_error();
    }
    f->scope = outer;
    f->env = env;
    f->op_depth--;
    return v;
}

/* ---- guards and arguments ---- */

static Core *guard_core(Fx *f, const Tree *guard, const Cond **known)
{
    Val *v;
    frame_push(f, FRAME_cond);
    Core *c = expr_bool(f, guard, &v);
    *known = v->when;
    return frame_pop(f, c);
}

static Core *and_guard(Fx *f, Core *a, Core *b)
{
    if (!a || !b)
        return a ? a : b;
    return core_is_safe(b) && core_is_cheap(b) ? core_op2(f, OP_and, DT_bool, a, b) : core_if(f, a, b, core_bool(f, false));
}

static int npositional(const Tree *args)
{
    int n = 0;
    while (n < args->nkids && !args->kids[n]->name)
        n++;
    return n;
}

static int nplain(const Tree *params)
{
    int n = 0;
    while (n < params->nkids && !(params->kids[n]->flags & TF_NAMED))
        n++;
    return n;
}

static bool named_known(Fx *f, const OpRef *op, const Tree *args, int from)
{
    const Tree *params = op->decl ? op->decl->tree->kids[2] : NULL;
    for (int i = from; i < args->nkids; i++) {
        bool known = false;
        for (int k = 0; params && k < params->nkids; k++)
            known |= params->kids[k]->name == args->kids[i]->name && (params->kids[k]->flags & TF_NAMED);
        if (!known || !args->kids[i]->name) {
            const char *n = args->kids[i]->name;
            if (n)
                report(f, E0205, args->kids[i]->span, "operator '%s' takes no argument '%s'", op_name(op), n);
            else
                report(f, E0205, args->kids[i]->span, "operator '%s' takes no such argument", op_name(op));
            if (n && !strcmp(n, "dim"))
                diag_help(f->cx->diags, "write axis: k");
            return false;
        }
    }
    return true;
}

static bool arguments(Fx *f, Use *u, const Tree *args)
{
    int want = u->op.decl ? nplain(u->op.decl->tree->kids[2]) : 1;
    u->n = npositional(args);
    u->given = args;
    if (u->n != want || want > RANK_MOST) {
        report(f, E0205, u->span, "operator '%s' takes %d argument%s, not %d", op_name(&u->op), want, want == 1 ? "" : "s", u->n);
        return false;
    }
    if (!named_known(f, &u->op, args, u->n))
        return false;
    bool ok = true;
    for (int i = 0; i < u->n; i++) {
        const Tree *t = args->kids[i]->kids[0];
        frame_push(f, FRAME_guard);
        Val *v = expr_plain(f, t), *w = NEW(f->a, Val);
        *w = *v;
        if (is_error(v) || v->kind != V_core || v->type.rank) {
            if (!is_error(v))
                report(f, E0206, t->span, "the argument of '%s' is a number for each place, not %s", op_name(&u->op), val_text(f, v));
            ok = false;
        }
        w->core = frame_pop(f, ok ? v->core : NULL);
        w->when = w->unless = NULL;
        u->args[i] = w;
    }
    return ok;
}

/* ---- reductions ---- */

static bool reducible(Fx *f, RedOp op, const Val *v, Span s)
{
    IrDtype t = v->type.dtype;
    bool logic = op == RED_all || op == RED_any || op == RED_count;
    if (logic ? t == DT_bool : dtype_is_float(t) || dtype_is_int(t))
        return true;
    report(f, E0206, s, "'%s' over %s: %s is needed", redop_name(op), val_text(f, v), logic ? "a condition" : "a number");
    if (op == RED_sum && t == DT_bool)
        diag_help(f->cx->diags, "count[..](c) counts the places where c holds");
    return false;
}

Val *reduce_value(Fx *f, RedOp op, Group *g, Val *v, Span s)
{
    if (is_error(v) || !reducible(f, op, v, s))
        return val_error();
    if ((op == RED_argmax || op == RED_argmin) && g->n != 1) {
        report(f, E0307, s, "'%s' gives the value of one index", redop_name(op));
        return val_error();
    }
    if (op == RED_count && core_is_true(v->core) && !g->guard) {
        Dim n = dim_int(f, 1);
        for (int i = 0; i < g->n; i++)
            n = dim_mul(f->dims, n, g->idx[i]->extent ? g->idx[i]->extent : dim_int(f, 1));
        return dim_is_poison(n) ? val_error() : val_dim(f, n);
    }
    Core *c = core_reduce(f, op, g->n, g->idx, v->core, g->guard);
    c->span = s;
    bool index = op == RED_count || op == RED_argmax || op == RED_argmin;
    return val_core(f, let_stat(f, c, redop_name(op)), index || v->weak);
}

static Group *join_groups(Fx *f, int n, const Binder *b, Group *const *copies)
{
    Group *g = NEW(f->a, Group);
    g->idx = NEWN(f->a, CoreIndex *, RANK_MOST);
    for (int i = 0; i < n; i++) {
        const Group *part = copies[i] ? copies[i] : b[i].group;
        for (int k = 0; k < part->n && g->n < RANK_MOST; k++)
            g->idx[g->n++] = part->idx[k];
        g->guard = and_guard(f, g->guard, part->guard);
    }
    return g;
}

static Group *copy_group(Fx *f, const Group *g)
{
    Group *c = NEW(f->a, Group);
    c->n = g->n;
    c->idx = NEWN(f->a, CoreIndex *, g->n);
    for (int i = 0; i < g->n; i++)
        c->idx[i] = index_copy(f, g->idx[i]);
    c->guard = g->guard ? core_clone(f, g->guard, g->n, g->idx, c->idx) : NULL;
    return c;
}

/* Binders of a reducing operator: new indices, or inside a declaration its binder, over the same set again. */
static bool reduce_binders(Fx *f, const Tree *subs, int *n, Binder *b, Group **copies)
{
    if (!binders_of(f, subs, n, b))
        return false;
    for (int i = 0; i < *n; i++) {
        Ent *e = b[i].written ? NULL : scope_find(f->scope, b[i].name);
        copies[i] = e && e->kind == ENT_index && e->op_binder ? copy_group(f, e->group) : NULL;
    }
    return true;
}

static void enter_binders(Fx *f, int n, Binder *b, Group *const *copies)
{
    for (int i = 0; i < n; i++) {
        if (!copies[i]) {
            binders_enter(f, 1, &b[i]);
            continue;
        }
        Ent *e = scope_add(f, ENT_index, b[i].name, (Span){ 0, 0, 0 });
        e->group = b[i].group = copies[i];
        e->op_binder = true;
        b[i].written = true;
    }
}

static bool has_error(const Tree *t)
{
    if (!t)
        return false;
    if (t->kind == T_error)
        return true;
    for (int i = 0; i < t->nkids; i++)
        if (has_error(t->kids[i]))
            return true;
    return false;
}

static Val *reducing(Fx *f, OpRef op, const Tree *subs, const Tree *guard, const Tree *args, Span s)
{
    Binder b[RANK_MOST];
    Group *copies[RANK_MOST];
    int n;
    const Tree *bodies[2] = { guard, args };
    if (has_error(args) || !reduce_binders(f, subs, &n, b, copies))
        return val_error();
    frame_push(f, FRAME_index);
    scope_push(f, SCOPE_index);
    enter_binders(f, n, b, copies);
    bool ok = ranges_find(f, n, b, NULL, NULL, s, 2, bodies);
    Group *g = join_groups(f, n, b, copies);
    for (int i = 0; i < g->n; i++)
        index_enter(f, g->idx[i]);
    Use u = { .op = op, .g = g, .span = s };
    const Cond *known = NULL;
    if (ok && guard)
        g->guard = and_guard(f, g->guard, guard_core(f, guard, &known));
    assume(f, known);
    ok = ok && arguments(f, &u, args);
    scope_pop(f);
    frame_merge(f);
    if (!ok)
        return val_error();
    if (!op.decl)
        return reduce_value(f, builtin_redop(op.row), g, u.args[0], s);
    g->phantom = true;
    return write_out(f, &u);
}

/* ---- pointwise operators ---- */

static Group *named_places(Fx *f, const Tree *subs, const char *op)
{
    Group *g = NEW(f->a, Group);
    g->idx = NEWN(f->a, CoreIndex *, RANK_MOST);
    for (int i = 0; i < subs->nkids; i++) {
        const Tree *t = subs->kids[i];
        Ent *e = t->kind == T_name ? scope_find(f->scope, t->name) : NULL;
        if (!e || e->kind != ENT_index || e->group->phantom || g->n + e->group->n > RANK_MOST) {
            report(f, E0307, t->span, "'%s' works at a place: its binder is an index of the equation around it", op);
            return NULL;
        }
        for (int k = 0; k < e->group->n; k++)
            g->idx[g->n++] = e->group->idx[k];
        g->guard = and_guard(f, g->guard, e->group->guard);
    }
    return g;
}

static double identity_of(RedOp op)
{
    return op == RED_sum ? 0 : op == RED_prod ? 1 : -__builtin_inf();
}

static Val *running(Fx *f, const Use *u, Core *guard)
{
    RedOp op = builtin_redop(u->op.row);
    Val *v = u->args[0];
    if (u->g->n != 1) {
        report(f, E0307, u->span, "'%s' runs along one index", op_name(&u->op));
        return val_error();
    }
    if (!reducible(f, op, v, u->span))
        return val_error();
    Core *c = v->core;
    if (guard)
        c = core_if(f, guard, c, core_number(f, c->type.dtype, identity_of(op)));
    return val_core(f, let_running(f, op, c, u->g->idx[0]), v->weak);
}

static void materialise(Fx *f, Use *u)
{
    for (int i = 0; i < u->n; i++) {
        Core *c = u->args[i]->core;
        if (core_is_cheap(c))
            continue;
        if (f->trial) { /* only its type matters */
            u->args[i]->core = core_number(f, c->type.dtype, 0);
            continue;
        }
        if (u->g->guard)
            c = core_kids(f, C_guard, c->type, 2, (Core *[]){ u->g->guard, c });
        Core *t = let_table(f, c, "x");
        if (t != c)
            u->args[i]->core = t;
    }
}

static Val *at_place(Fx *f, Use *u, Core *guard)
{
    if (!u->op.decl)
        return running(f, u, guard);
    materialise(f, u);
    return write_out(f, u);
}

static Val *pointwise(Fx *f, OpRef op, const Tree *subs, const Tree *guard, const Tree *args, Span s)
{
    Use u = { .op = op, .span = s, .g = named_places(f, subs, op_name(&op)) };
    const Cond *known = NULL;
    Core *own = NULL;
    if (!u.g || has_error(args))
        return val_error();
    frame_push(f, FRAME_guard);
    if (guard)
        own = guard_core(f, guard, &known);
    assume(f, known);
    bool ok = arguments(f, &u, args);
    u.g->guard = and_guard(f, u.g->guard, own);
    Val *v = ok ? at_place(f, &u, own) : val_error();
    if (is_error(v)) {
        frame_merge(f);
        return v;
    }
    if (!own) {
        frame_merge(f);
        return v;
    }
    Core *c = frame_pop(f, v->core);
    const Tree *other = op.decl ? op.decl->tree->kids[4] : NULL;
    if (!other)
        c = core_kids(f, C_guard, c->type, 2, (Core *[]){ own, c });
    else {
        Val *e = expr_plain(f, other);
        Core *no = is_error(e) ? NULL : core_as(f, e, c->type.dtype, other->span);
        if (!no)
            return val_error();
        c = core_if(f, own, c, no);
    }
    c->span = s;
    return val_core(f, c, v->weak);
}

Val *op_use(Fx *f, const Tree *base, const Tree *subs, const Tree *guard, const Tree *args, Span s)
{
    OpRef op;
    if (!op_named(f, base, &op))
        return NULL;
    if (op.is_map) {
        if (guard) {
            report(f, E0307, guard->span, "'map' takes no guard");
            return val_error();
        }
        return map_use(f, subs, args, s);
    }
    return is_pointwise(&op) ? pointwise(f, op, subs, guard, args, s) : reducing(f, op, subs, guard, args, s);
}

Val *map_use(Fx *f, const Tree *subs, const Tree *args, Span s)
{
    if (args->nkids != 1 || args->kids[0]->name) {
        report(f, E0205, s, "'map' takes one argument");
        return val_error();
    }
    return equation_value(f, subs, args->kids[0]->kids[0], NULL, DT_none, s, false);
}

/* ---- axis form ---- */

typedef struct Axes { bool reduced[RANK_MOST]; bool given, keep; } Axes;

static bool one_axis(Fx *f, const Tree *t, int rank, Axes *a)
{
    int64_t k;
    Dim d = dim_expr(f, t);
    if (!d)
        return false;
    if (!dim_is_const(d, &k) || k < -rank || k >= rank) {
        report(f, dim_is_const(d, &k) ? E0303 : E0213, t->span, "an axis is a number from %d to %d here", -rank, rank - 1);
        return false;
    }
    int64_t at = k < 0 ? k + rank : k;
    if (a->reduced[at]) {
        report(f, E0205, t->span, "axis %lld is given twice", (long long)at);
        return false;
    }
    a->reduced[at] = a->given = true;
    return true;
}

static bool axes_of(Fx *f, const Tree *args, int rank, Axes *a)
{
    *a = (Axes){ 0 };
    for (int i = 0; i < args->nkids; i++) {
        const Tree *t = args->kids[i]->kids[0];
        if (args->kids[i]->name == W(f, axis)) {
            int n = t->kind == T_tuple ? t->kids[0]->nkids : 1;
            for (int k = 0; k < n; k++)
                if (!one_axis(f, t->kind == T_tuple ? t->kids[0]->kids[k] : t, rank, a))
                    return false;
        } else if (args->kids[i]->name == W(f, keep)) {
            Val *v = expr(f, t);
            if (v->kind != V_core || v->core->kind != C_const || v->type.dtype != DT_bool) {
                if (!is_error(v))
                    report(f, E0213, t->span, "'keep' is true or false");
                return false;
            }
            a->keep = v->core->ival != 0;
        }
    }
    return true;
}

static Tree *other_named(Fx *f, const Tree *args)
{
    Tree *l = arena_copy(f->a, args, sizeof *args);
    l->kids = NEWN(f->a, Tree *, args->nkids + 1);
    l->nkids = 0;
    for (int i = 0; i < args->nkids; i++)
        if (args->kids[i]->name && args->kids[i]->name != W(f, axis) && args->kids[i]->name != W(f, keep))
            l->kids[l->nkids++] = args->kids[i];
    return l;
}

static bool axis_args(Fx *f, const OpRef *op, const Tree *args, int *n, Val **vals, Span s)
{
    int want = op->decl ? nplain(op->decl->tree->kids[2]) : 1;
    *n = npositional(args);
    if (*n != want) {
        report(f, E0205, s, "operator '%s' takes %d argument%s, not %d", op_name(op), want, want == 1 ? "" : "s", *n);
        return false;
    }
    for (int i = 0; i < *n; i++) {
        vals[i] = expr_plain(f, args->kids[i]->kids[0]);
        if (is_error(vals[i]))
            return false;
        if (!val_is_tensor(vals[i]) || vals[i]->type.rank != vals[0]->type.rank) {
            report(f, E0206, args->kids[i]->span, "'%s' without binders takes a tensor, not %s", op_name(op), val_text(f, vals[i]));
            return false;
        }
        for (int k = 0; k < vals[0]->type.rank; k++)
            if (!dims_equal(f, vals[0]->type.dims[k], vals[i]->type.dims[k])) {
                report(f, E0203, s, "shapes %s and %s differ", val_text(f, vals[0]), val_text(f, vals[i]));
                return false;
            }
    }
    return true;
}

static Val *axis_value(Fx *f, Use *u)
{
    if (u->op.decl)
        return write_out(f, u);
    if (builtin_is_cum(u->op.row))
        return running(f, u, NULL);
    return reduce_value(f, builtin_redop(u->op.row), u->g, u->args[0], u->span);
}

Val *op_axis(Fx *f, OpRef op, const Tree *args, Span s)
{
    Val *vals[RANK_MOST];
    Axes axes;
    CoreIndex *outer[RANK_MOST], *all[RANK_MOST];
    Use u = { .op = op, .span = s, .g = NEW(f->a, Group), .given = other_named(f, args) };
    bool point = is_pointwise(&op);
    int no = 0;
    if (!axis_args(f, &op, args, &u.n, vals, s) || !axes_of(f, args, vals[0]->type.rank, &axes) || !named_known(f, &op, u.given, 0))
        return val_error();
    int rank = vals[0]->type.rank;
    if (point && !axes.given) {
        report(f, E0205, s, "'%s' without binders needs an axis: %s(x, axis: -1)", op_name(&op), op_name(&op));
        return val_error();
    }
    for (int i = 0; i < u.n; i++)
        vals[i] = val_core(f, addressable(f, vals[i]->core), false);
    frame_push(f, FRAME_index);
    u.g->idx = NEWN(f->a, CoreIndex *, rank);
    for (int k = 0; k < rank; k++) {
        bool red = axes.reduced[k] || !axes.given;
        all[k] = index_new(f, name_of(f->cx->names, "i"), s, NULL, vals[0]->type.dims[k]);
        if (red)
            u.g->idx[u.g->n++] = all[k];
        if (!red || point)
            index_enter(f, outer[no++] = all[k]);
        else if (axes.keep)
            index_enter(f, outer[no++] = index_new(f, name_of(f->cx->names, "i"), s, NULL, dim_int(f, 1)));
    }
    frame_push(f, FRAME_index);
    for (int k = 0; k < rank && !point; k++)
        if (axes.reduced[k] || !axes.given)
            index_enter(f, all[k]);
    for (int i = 0; i < u.n; i++)
        u.args[i] = val_at(f, vals[i], rank, all);
    frame_merge(f);
    u.g->phantom = !point;
    Val *v = axis_value(f, &u);
    if (no == 0 && !is_error(v)) {
        frame_merge(f);
        return v;
    }
    return tabulate(f, no, outer, v, s);
}

/* ---- categorical[v | g](logits), a draw ---- */

Val *op_categorical(Fx *f, const Tree *subs, const Tree *guard, const Tree *args, struct Draw *d, Span s)
{
    Binder b[RANK_MOST];
    Group *copies[RANK_MOST];
    int n;
    const Tree *bodies[2] = { guard, args };
    if (args->nkids < 1 || args->kids[0]->name || !reduce_binders(f, subs, &n, b, copies))
        return val_error();
    frame_push(f, FRAME_index);
    scope_push(f, SCOPE_index);
    enter_binders(f, n, b, copies);
    bool ok = ranges_find(f, n, b, NULL, NULL, s, 2, bodies);
    Group *g = join_groups(f, n, b, copies);
    for (int i = 0; i < g->n; i++)
        index_enter(f, g->idx[i]);
    const Cond *known = NULL;
    if (ok && guard)
        g->guard = and_guard(f, g->guard, guard_core(f, guard, &known));
    assume(f, known);
    Val *v = val_error();
    if (ok && g->n == 1) {
        frame_push(f, FRAME_guard);
        Val *logit = expr_plain(f, args->kids[0]->kids[0]);
        if (!is_error(logit) && (logit->kind != V_core || logit->type.rank))
            report(f, E0206, args->kids[0]->span, "a draw's logit is a number for each place, not %s", val_text(f, logit));
        else if (!is_error(logit))
            v = gumbel(f, d, logit, g->idx[0]);
        Core *c = frame_pop(f, is_error(v) ? NULL : v->core);
        v = is_error(v) ? v : val_core(f, c, false);
    } else if (ok)
        report(f, E0307, s, "'categorical' draws one index");
    scope_pop(f);
    frame_merge(f);
    return reduce_value(f, RED_argmax, g, v, s);
}

/* ---- a declaration on its own: its parameters are tensors over N places ---- */

static Val *param_tensor(Fx *f, const Tree *p, Dim n)
{
    bool weak;
    const Tree *type = p->kids[0];
    Name t = type && type->kind == T_tbase ? type->kids[0]->name : W(f, float_);
    IrDtype d = t == W(f, float_) || t == W(f, num) ? DT_f32 : dtype_named(f, t, &weak);
    if (d == DT_none) {
        report(f, E0403, type->span, "a parameter of an operator is a number, not '%s'", t);
        return val_error();
    }
    return val_core(f, core_of_var(f, var_new(f, p->name, p->span, tensor_type(f, d, 1, &n), false)), false);
}

void check_op_decl(Fx *f0, Decl *d)
{
    Fx *f = fx_new(f0->cx, f0, d->name, d->tree->span);
    const Tree *t = d->tree, *params = t->kids[2];
    DimSym *sym = dim_sym_new(f->dims, name_of(f->cx->names, "N"), t->span);
    Dim n = dim_sym(f->dims, sym);
    Use u = { .op = { .decl = d, .row = -1 }, .g = NEW(f->a, Group), .n = nplain(params), .span = t->span };
    if (t->kids[3]->kind != T_tbase) {
        report(f, E0403, t->kids[3]->span, "an operator gives a number, or one for each place: float, float[%s]", t->kids[1]->name);
        return;
    }
    const Tree *dims = t->kids[3]->kids[2];
    if (dims && (dims->nkids != 1 || dims->kids[0]->kind != T_name || dims->kids[0]->name != t->kids[1]->name)) {
        report(f, E0403, dims->span, "an operator gives a number, or one for each place: float, float[%s]", t->kids[1]->name);
        return;
    }
    if (t->kids[4] && !dims) {
        report(f, E0403, t->kids[4]->span, "only an operator with a value for each place, float[%s], has an 'else'", t->kids[1]->name);
        return;
    }
    f->scope = d->unit->scope;
    facts_le(f->facts, dim_int(f, 0), n);
    u.g->n = 1;
    u.g->idx = NEWN(f->a, CoreIndex *, 1);
    frame_push(f, FRAME_index);
    index_enter(f, u.g->idx[0] = index_new(f, t->kids[1]->name, t->kids[1]->span, NULL, n));
    for (int i = 0; i < u.n && i < RANK_MOST; i++) {
        Val *x = param_tensor(f, params->kids[i], n);
        if (is_error(x))
            return;
        u.args[i] = val_at(f, x, 1, u.g->idx);
    }
    if (!is_pointwise(&u.op)) {
        frame_merge(f);
        u.g->phantom = true;
    }
    for (int i = u.n; i < params->nkids; i++)
        if (!params->kids[i]->kids[1])
            return; /* a named parameter without a default: only a use tells */
    write_out(f, &u);
}
