/* check_op.c - uses of operators with binders: sum[i | g](e) over new indices, softmax[j | g](e) at a place of the equation around it. */
#include "frontend/check/op_int.h"

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

bool op_is_pointwise(const OpRef *op)
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
    *binds = !op_is_pointwise(&op);
    return true;
}

const char *op_name(const OpRef *op)
{
    return op->decl ? op->decl->name : op->is_map ? "map" : builtin_name(op->row);
}

/* ---- guards and arguments ---- */

static Core *guard_core(Fx *f, const Tree *guard, const Cond **known)
{
    Val *v;
    frame_push(f, FRAME_cond);
    Core *c = expr_bool(f, guard, &v);
    *known = v->when;
    warn_guard(f, guard);
    return frame_pop(f, c);
}

static Core *and_guard(Fx *f, Core *a, Core *b)
{
    if (!a || !b)
        return a ? a : b;
    return core_is_safe(b) && core_is_cheap(b) ? core_op2(f, OP_and, DT_bool, a, b) : core_if(f, a, b, core_bool(f, false));
}

int op_npositional(const Tree *args)
{
    int n = 0;
    while (n < args->nkids && !args->kids[n]->name)
        n++;
    return n;
}

int op_nplain(const Tree *params)
{
    int n = 0;
    while (n < params->nkids && !(params->kids[n]->flags & TF_NAMED))
        n++;
    return n;
}

bool op_named_known(Fx *f, const OpRef *op, const Tree *args, int from)
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
            foreign_help(f, n);
            return false;
        }
    }
    return true;
}

static bool arguments(Fx *f, Use *u, const Tree *args)
{
    int want = u->op.decl ? op_nplain(u->op.decl->tree->kids[2]) : 1;
    u->n = op_npositional(args);
    u->given = args;
    if (u->n != want || want > RANK_MOST) {
        report(f, E0205, u->span, "operator '%s' takes %d argument%s, not %d", op_name(&u->op), want, want == 1 ? "" : "s", u->n);
        return false;
    }
    if (!op_named_known(f, &u->op, args, u->n))
        return false;
    bool ok = true;
    for (int i = 0; i < u->n; i++) {
        const Tree *t = args->kids[i]->kids[0];
        frame_push(f, FRAME_guard)->where = u->g->guard;
        Val *v = expr_plain(f, t), *w = NEW(f->a, Val);
        *w = *v;
        if (is_error(v) || v->kind != V_core || v->type.rank) {
            if (!is_error(v))
                report(f, E0206, t->span, "the argument of '%s' is a number for each place, not %s", op_name(&u->op), val_text(f, v));
            if (val_is_tensor(v))
                diag_help(f->cx->diags, "its other axes go with indices, too: x[i, d]");
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
        diag_help(f->cx->diags, "one for each row: axis: -1; the place among all: of reshape(x, M * N)");
        return val_error();
    }
    if (op == RED_count && core_is_true(v->core) && !g->guard) {
        Dim n = dim_int(f, 1);
        for (int i = 0; i < g->n; i++)
            n = dim_mul(f->dims, n, g->idx[i]->extent ? g->idx[i]->extent : dim_int(f, 1));
        return dim_is_poison(n) ? val_error() : val_dim(f, n);
    }
    Core *asked = int_reduce(f, op, g, v, s);
    if (asked)
        return val_core(f, asked, true);
    Core *run = running_reduce(f, op, g, v->core);
    if (run)
        return val_core(f, run, v->weak);
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

Group *op_group_copy(Fx *f, const Group *g)
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
        copies[i] = e && e->kind == ENT_index && e->op_binder ? op_group_copy(f, e->group) : NULL;
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

/* Opens the scope of new binders, with their ranges and what the guard tells; NULL: the binders are wrong, and nothing is open. */
static Group *open_binders(Fx *f, const Tree *subs, const Tree *guard, const Tree *args, Span s, bool *ok)
{
    Binder *b = NEWN(f->a, Binder, RANK_MOST);
    Group *copies[RANK_MOST];
    int n;
    const Tree *bodies[2] = { guard, args };
    if (!reduce_binders(f, subs, &n, b, copies))
        return NULL;
    frame_push(f, FRAME_index);
    scope_push(f, SCOPE_index);
    enter_binders(f, n, b, copies);
    *ok = ranges_find(f, n, b, NULL, NULL, s, 2, bodies);
    Group *g = join_groups(f, n, b, copies);
    for (int i = 0; i < g->n; i++)
        index_enter(f, g->idx[i]);
    const Cond *known = NULL;
    if (*ok && guard)
        g->guard = and_guard(f, g->guard, guard_core(f, guard, &known));
    assume(f, known);
    return g;
}

static Val *reducing(Fx *f, OpRef op, const Tree *subs, const Tree *guard, const Tree *args, Span s)
{
    bool ok = false;
    Group *g = has_error(args) ? NULL : open_binders(f, subs, guard, args, s, &ok);
    if (!g)
        return val_error();
    Use u = { .op = op, .g = g, .span = s };
    ok = ok && arguments(f, &u, args);
    scope_pop(f);
    frame_merge(f);
    if (!ok)
        return val_error();
    if (!op.decl && builtin_is_compact(op.row))
        return op_compact(f, &u);
    if (!op.decl)
        return reduce_value(f, builtin_redop(op.row), g, u.args[0], s);
    g->phantom = true;
    return op_write_out(f, &u);
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
            diag_help(f->cx->diags, "let p[b, v] = %s[v](x[b, v]), and read from it then: p[b, t[b]]", op);
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

Val *op_running(Fx *f, const Use *u, Core *guard)
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
    return val_core(f, let_running(f, op, false, false, c, u->g->idx[0]), v->weak);
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
        return op_running(f, u, guard);
    materialise(f, u);
    return op_write_out(f, u);
}

static Val *pointwise(Fx *f, OpRef op, const Tree *subs, const Tree *guard, const Tree *args, Span s)
{
    Use u = { .op = op, .span = s, .g = named_places(f, subs, op_name(&op)) };
    const Cond *known = NULL;
    Core *own = NULL;
    if (!u.g || has_error(args))
        return val_error();
    if (guard)
        own = guard_core(f, guard, &known); /* outside of what it guards: its statements come before it */
    frame_push(f, FRAME_guard)->where = own;
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
    return op_is_pointwise(&op) ? pointwise(f, op, subs, guard, args, s) : reducing(f, op, subs, guard, args, s);
}

Val *map_use(Fx *f, const Tree *subs, const Tree *args, Span s)
{
    if (args->nkids != 1 || args->kids[0]->name) {
        report(f, E0205, s, "'map' takes one argument");
        return val_error();
    }
    return equation_value(f, subs, args->kids[0]->kids[0], NULL, DT_none, s, false);
}

/* ---- categorical[v | g](logits), a draw ---- */

Val *op_categorical(Fx *f, const Tree *subs, const Tree *guard, const Tree *args, struct Draw *d, Span s)
{
    bool ok = false, one = args->nkids >= 1 && !args->kids[0]->name;
    Group *g = one ? open_binders(f, subs, guard, args, s, &ok) : NULL;
    if (!g)
        return val_error();
    Val *v = val_error();
    if (ok && g->n == 1) {
        frame_push(f, FRAME_guard)->where = g->guard;
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

