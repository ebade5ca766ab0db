/* check_sig.c - signatures: new dims, leaves of parameters, and the entry plan that binds the one from the other.
 *
 *     fn relative(q: f32[B, H, T, D], bias: f32[H, 2 * R + 1])
 *         B = axis 0 of q  ..  axis 0 of bias must be H;  t = axis 1 of bias;  R = (t - 1) / 2, which must be whole
 */
#include "frontend/check/sig_int.h"

#include <ctype.h>

/* ---- new names ---- */

static bool in_scope(Fx *f, Name n)
{
    bool found = false;
    for (Scope *s = f->scope; s && !found; s = s->outer)
        if (s->kind == SCOPE_self)
            self_member(f, s, n, (Span){ 0, 0, 0 }, &found);
    return found || scope_find(f->scope, n) || decl_find(f, f->scope, n);
}

DimSym *sig_new_dim(Sig *g, Name n, Span s)
{
    Fx *f = g->f;
    DimSym *sym = dim_sym_new(f->dims, n, s);
    PUSH(f, &f->fn->dims, sym);
    PUSH(f, &g->fresh, sym);
    PUSH(f, &g->bound, false);
    facts_le(f->facts, dim_int(f, 0), dim_sym(f->dims, sym));
    return sym;
}

static void collect_expr(Sig *g, const Tree *t)
{
    Fx *f = g->f;
    if (!t)
        return;
    if (t->kind == T_name && isupper((unsigned char)t->name[0]) && !in_scope(f, t->name)) {
        Ent *e = scope_add(f, ENT_val, t->name, t->span);
        e->val = val_dim(f, dim_sym(f->dims, sig_new_dim(g, t->name, t->span)));
    }
    for (int i = t->kind == T_call && t->kids[0]->kind == T_name; i < t->nkids; i++)
        collect_expr(g, t->kids[i]);
}

static void collect_type(Sig *g, const Tree *t)
{
    if (!t)
        return;
    if (t->kind == T_tbase) {
        if (t->kids[1])
            collect_expr(g, t->kids[1]);
        if (t->kids[2])
            collect_expr(g, t->kids[2]);
    } else if (t->kind == T_tlist) {
        collect_type(g, t->kids[0]);
        collect_expr(g, t->kids[1]);
    } else if (t->kind == T_ttuple) {
        for (int i = 0; i < t->kids[0]->nkids; i++)
            collect_type(g, t->kids[0]->kids[i]);
    }
}

static bool has_rest(const Tree *t)
{
    if (!t || t->kind == T_rest)
        return t != NULL;
    for (int i = 0; i < t->nkids; i++)
        if (has_rest(t->kids[i]))
            return true;
    return false;
}

static void new_pack(Sig *g, const Tree *params)
{
    Fx *f = g->f;
    if (f->env.pack < 0 || !has_rest(params))
        return;
    for (int i = 0; i < f->env.pack; i++) {
        Name n = name_of(f->cx->names, f->env.pack == 1 ? ".." : arena_printf(f->a, "..%d", i));
        f->pack[i] = dim_sym(f->dims, sig_new_dim(g, n, params->span));
    }
}

/* ---- leaves ---- */

static CoreVar *leaf_var(Fx *f, Name n, const char *path, Span s, IrType t, bool var)
{
    const char *text = path && path[0] ? arena_printf(f->a, "%s.%s", n, path) : n;
    CoreVar *v = var_new(f, name_of(f->cx->names, text), s, t, false);
    v->param = true;
    v->mut = var;
    ((Var *)v)->depth = 0; /* one that a body adds, too */
    PUSH(f, &f->fn->params, v);
    PUSH(f, &f->inst->modified, false);
    return v;
}

static void leaf_paths(Fx *f, const CoreSty *s, const char *prefix, const char **out, int *n)
{
    switch (s->kind) {
    case STY_struct:
        for (int i = 0; i < s->strct->leaves.n; i++)
            out[(*n)++] = prefix[0] ? arena_printf(f->a, "%s.%s", prefix, s->strct->leaves.p[i].path) : s->strct->leaves.p[i].path;
        break;
    case STY_list: leaf_paths(f, s->elem, prefix[0] ? arena_printf(f->a, "%s.*", prefix) : "*", out, n); break;
    case STY_tuple:
        for (int i = 0; i < s->n; i++)
            leaf_paths(f, s->parts[i], arena_printf(f->a, "%s%s%d", prefix, prefix[0] ? "." : "", i), out, n);
        break;
    default: out[(*n)++] = prefix; break;
    }
}

Ent *param_entry(Fx *f, Name n, Span s, CoreSty *sty, bool var, bool named)
{
    int k = 0, m = 0;
    IrType *types = sty_leaf_types(f, sty, &k);
    const char **paths = NEWN(f->a, const char *, k + 1);
    CoreParam p = { .name = n, .span = s, .sty = sty, .var = var, .named = named, .first = f->fn->params.n, .nleaves = k };
    leaf_paths(f, sty, "", paths, &m);
    Core **leaves = NEWN(f->a, Core *, k + 1);
    CoreVar **vars = NEWN(f->a, CoreVar *, k + 1);
    for (int i = 0; i < k; i++) {
        vars[i] = leaf_var(f, n, paths[i], s, types[i], var);
        leaves[i] = core_of_var(f, vars[i]);
    }
    PUSH(f, &f->fn->surface, p);
    Ent *e = scope_add(f, var ? ENT_var : ENT_val, n, s);
    e->sty = sty;
    e->leaves = vars;
    e->nleaves = k;
    if (!var)
        e->val = val_leaves(f, sty, leaves);
    return e;
}

/* ---- parameters ---- */

CoreSty *param_type(Fx *f, const Tree *p, Val **fallback)
{
    *fallback = NULL;
    if (p->kids[1]) {
        Scope *at = f->scope;
        *fallback = expr_plain(f, p->kids[1]);
        f->scope = at;
        if (is_error(*fallback))
            return NULL;
    }
    if (p->kids[0])
        return type_of(f, p->kids[0]);
    if (*fallback)
        return val_sty(f, *fallback);
    report(f, E0205, p->span, "parameter '%s' has no type", p->name);
    if (p->name == W(f, self))
        diag_help(f->cx->diags, "functions of a model see its parameters and parts by their names, and no 'self'");
    return NULL;
}

static bool is_int_param(Fx *f, const Tree *p)
{
    const Tree *t = p->kids[0];
    if (p->flags & TF_VAR)
        return false;
    if (!t)
        return p->kids[1] && p->kids[1]->kind == T_int_ && !tree_int_is_large(p->kids[1]);
    return t->kind == T_tbase && t->kids[0]->name == W(f, int_) && !t->kids[2];
}

static void one_param(Fx *f, const Tree *p)
{
    Val *fallback;
    if (p->kids[0] && p->kids[0]->kind == T_tfn)
        return; /* static, in scope already */
    Ent *old = NULL;
    for (Ent *e = f->scope->ents; e; e = e->next)
        if (e->name == p->name && e->span.lo == p->span.lo)
            old = e;
    f->in_params = true;
    CoreSty *sty = param_type(f, p, &fallback);
    f->in_params = false;
    if (!sty || sty->kind == STY_fn) {
        if (!old)
            scope_add(f, ENT_val, p->name, p->span)->val = val_error();
        return;
    }
    if (old)
        old->name = NULL;
    Ent *e = param_entry(f, p->name, p->span, sty, p->flags & TF_VAR, p->flags & TF_NAMED || p->kids[1]);
    if (old) { /* the symbol that dims mention already */
        DimSym *s = NULL;
        dim_is_sym(old->val->dim, &s);
        e->leaves[0]->sym = s;
        s->user = e->leaves[0];
        e->val = val_leaves(f, sty, (Core *[]){ core_of_var(f, e->leaves[0]) });
    }
    if (fallback && sty->kind == STY_value) {
        Val *v = val_unify(f, fallback, sty, p->kids[1]->span, "the default");
        if (v->kind == V_core && (v->core->kind == C_const || v->core->kind == C_str))
            vec_last(&f->fn->surface).fallback = v->core;
    }
}

/* Ints are known by name before the types that mention them. */
static void int_params(Fx *f, const Tree *params)
{
    for (int i = 0; i < params->nkids; i++) {
        const Tree *p = params->kids[i];
        if (!is_int_param(f, p))
            continue;
        DimSym *s = dim_sym_new(f->dims, p->name, p->span);
        scope_add(f, ENT_val, p->name, p->span)->val = val_dim(f, dim_sym(f->dims, s));
    }
}

const char *source_text(Fx *f, Span s)
{
    if (!s.file)
        return "";
    const Source *src = f->cx->sources->files.p[s.file - 1];
    return arena_text(f->a, src->text + s.lo, s.hi - s.lo);
}

static void where_row(Fx *f, PlanKind k, Dim a, Dim b, const Tree *t)
{
    oblige(f, k, a, b, t->span, source_text(f, t->span));
}

static int comparisons(Fx *f, const Tree *t)
{
    if (t->kind == T_chain)
        return t->nkids - 1;
    if (t->kind == T_binary && t->name == W(f, and_))
        return comparisons(f, t->kids[0]) + comparisons(f, t->kids[1]);
    return 1 << 20;
}

static void where_clause(Fx *f, const Tree *t)
{
    f->dimctx++;
    Val *v;
    Core *c = expr_bool(f, t, &v);
    f->dimctx--;
    if (is_error(v))
        return;
    int n = 0;
    for (const Cond *k = v->when; k; k = k->next)
        n++;
    if (n == comparisons(f, t)) {
        for (const Cond *k = v->when; k; k = k->next)
            where_row(f, k->rel == REL_eq ? PLAN_eq : k->rel == REL_ne ? PLAN_ne : PLAN_le, k->a, k->b, t);
    } else {
        check_statement(f, c, STATUS_CHECK, arena_printf(f->a, "%s does not hold", source_text(f, t->span)), t->span);
        assume(f, v->when);
    }
}

void struct_where(Fx *f, const Tree *t)
{
    where_clause(f, t);
}

static void bind_numbers(Sig *g, Struct *self)
{
    Fx *f = g->f;
    for (int i = 0; self && i < self->pub.numbers.n; i++) {
        DimSym *s = self->pub.numbers.p[i];
        PUSH(f, &f->fn->dims, s);
        PlanRow row = { .kind = PLAN_number, .sym = s, .param = 0, .axis = i, .span = f->fn->span };
        sig_add_row(f, row);
        facts_le(f->facts, dim_int(f, 0), dim_sym(f->dims, s));
    }
    for (int i = 0; self && i < self->fx->fn->plan.n; i++) { /* what the model itself takes for granted */
        PlanRow r = self->fx->fn->plan.p[i];
        oblige(f, r.kind, r.a, r.b, r.span, r.text);
    }
}

/* Numbers of a model type variable are dims; parameters of that type bind them. */
static void static_params(Sig *g, const Tree *statics)
{
    Fx *f = g->f;
    for (int i = 0; statics && i < statics->nkids; i++) {
        const Tree *p = statics->kids[i];
        Val *v = f->env.statics.p[i].val;
        Ent *e = scope_add(f, ENT_val, p->name, p->span);
        if (!v) {
            DimSym *s = dim_sym_new(f->dims, p->name, p->span);
            PUSH(f, &f->fn->dims, s);
            PUSH(f, &f->inst->statics, s);
            e->val = val_dim(f, dim_sym(f->dims, s));
            facts_le(f->facts, dim_int(f, 0), dim_sym(f->dims, s));
        } else if (v->kind == V_type && v->sty) {
            CoreSty *sty = arena_copy(f->a, v->sty, sizeof *sty);
            sty->args = NEWN(f->a, Dim, sty->n + 1);
            for (int k = 0; k < sty->n; k++) {
                DimSym *old = v->sty->strct->numbers.p[k], *s = sig_new_dim(g, old->name, p->span);
                s->bound = old->bound;
                sty->args[k] = dim_sym(f->dims, s);
            }
            e->val = val_new(f, V_type);
            e->val->sty = sty;
        } else
            e->val = v;
    }
}

static void fn_params(Fx *f, const Tree *params, int nstatics)
{
    for (int i = 0, k = nstatics; i < params->nkids; i++)
        if (params->kids[i]->kids[0] && params->kids[i]->kids[0]->kind == T_tfn && k < f->env.statics.n)
            scope_add(f, ENT_val, params->kids[i]->name, params->kids[i]->span)->val = f->env.statics.p[k++].val;
}

static int row_class(const PlanRow *r)
{
    if (r->kind == PLAN_bind || r->kind == PLAN_number || r->kind == PLAN_solve)
        return 0;
    return r->kind == PLAN_axis || r->kind == PLAN_numeq ? 2 : 1;
}

/* Names first, then what must hold for them to make sense, then sizes that must agree. */
void sig_order_rows(Fx *f)
{
    CoreFn *fn = f->fn;
    PlanRow *rows = NEWN(f->a, PlanRow, fn->plan.n + 1);
    int n = 0;
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < fn->plan.n; i++)
            if (row_class(&fn->plan.p[i]) == k)
                rows[n++] = fn->plan.p[i];
    fn->plan.p = rows;
    fn->plan.cap = n + 1;
}

void sig_bind(Fx *f, Struct *self, const Tree *statics, const Tree *params, const Tree *result, const Tree *where)
{
    Sig g = { .f = f };
    f->sig = &g;
    bind_numbers(&g, self);
    static_params(&g, statics);
    int first = self ? 1 : 0;
    fn_params(f, params, statics ? statics->nkids : 0);
    int_params(f, params);
    for (int i = 0; i < params->nkids; i++)
        collect_type(&g, params->kids[i]->kids[0]);
    new_pack(&g, params);
    for (int i = 0; i < params->nkids; i++)
        one_param(f, params->kids[i]);
    for (int i = first; i < f->fn->surface.n; i++)
        sig_bind_param(&g, i);
    sig_solve_all(&g);
    if (!f->fn->failed) /* a type that is wrong may have been what told the dim */
        sig_report_unsolved(&g);
    sig_order_rows(f);
    for (int i = 0; where && i < where->nkids; i++)
        where_clause(f, where->kids[i]);
    f->sig = NULL;
    f->in_result = true;
    if (result)
        f->result = type_of(f, result);
    f->in_result = false;
}
