/* check_stmt.c - statements: let and var, equations, assignments, loops, return; the value of a block. */
#include "frontend/check/check_int.h"

Core *stmt_new(Fx *f, CoreKind k, Span s, int n, Core *const *kids)
{
    Core *c = core_kids(f, k, ir_scalar(DT_none), n, kids);
    c->span = s;
    return c;
}

void stmt_impure(Fx *f)
{
    f->frame->impure = true;
}

bool stmt_needs_block(Fx *f, Span s, const char *what)
{
    if (f->frame->kind == FRAME_block)
        return true;
    report(f, E0307, s, "%s stands inside an index scope", what);
    return false;
}

/* ---- let ---- */

/* What is not simple gets a variable, so that it is computed once. */
Val *bound_value(Fx *f, Name n, Val *v)
{
    const char *hint = n ? n : "t";
    if (v->kind == V_agg) {
        Core **leaves = NEWN(f->a, Core *, v->n + 1);
        for (int i = 0; i < v->n; i++) {
            bool direct = v->leaves[i]->kind == C_var ? !v->leaves[i]->var->mut : v->leaves[i]->kind == C_const || v->leaves[i]->kind == C_dim;
            leaves[i] = direct ? v->leaves[i] : let_here(f, v->leaves[i], hint);
        }
        return val_leaves(f, v->sty, leaves);
    }
    if (v->kind == V_tuple || v->kind == V_list) {
        Val *w = val_new(f, v->kind);
        w->tree = v->tree;
        w->n = v->n;
        w->parts = NEWN(f->a, Val *, v->n + 1);
        for (int i = 0; i < v->n; i++)
            w->parts[i] = bound_value(f, n, v->parts[i]);
        return w;
    }
    if (v->kind != V_core || (v->core->kind == C_var && !v->core->var->mut) || v->core->kind == C_const || v->core->kind == C_dim ||
        v->core->kind == C_str || v->core->kind == C_index)
        return v;
    if (val_is_int(v) && v->dim && core_is_cheap(v->core) && core_is_safe(v->core) && !core_has(v->core, C_load) && !core_has(v->core, C_if)) {
        if (!core_has(v->core, C_var))
            return v;
    }
    Core *c = let_here(f, v->core, hint);
    Val *w = val_core(f, c, v->weak);
    if (val_is_int(w)) {
        w->dim = dim_sym(f->dims, c->var->sym);
        if (v->dim && !f->trial)
            facts_eq(f->facts, w->dim, v->dim);
        if (v->dim)
            w->dim = v->dim;
    }
    return w;
}

static bool is_value(const Val *v)
{
    return v->kind != V_none && v->kind != V_open;
}

static void bind_name(Fx *f, const Tree *name, Val *v)
{
    if (!is_value(v)) {
        report(f, E0208, name->span, "'%s' gets no value", name->name);
        v = val_error();
    }
    if (v->kind == V_list && v->n)
        v = val_plain(f, v);
    scope_let(f, name->name, name->span, bound_value(f, name->name, v));
}

void let_pattern(Fx *f, const Tree *p, Val *v)
{
    if (p->kind == T_name) {
        bind_name(f, p, v);
        return;
    }
    const Tree *l = p->kids[0];
    if (!is_error(v) && (v->kind != V_tuple || v->n != l->nkids)) {
        report(f, E0206, p->span, "%d names for %s", l->nkids, val_text(f, v));
        v = val_error();
    }
    for (int i = 0; i < l->nkids; i++)
        let_pattern(f, l->kids[i], is_error(v) ? v : v->parts[i]);
}

/* ---- var ---- */

static void var_error(Fx *f, Name n, Span s)
{
    scope_add(f, ENT_val, n, s)->val = val_error();
}

static CoreSty *var_type(Fx *f, Val *v, Span s)
{
    CoreSty *sty = val_sty(f, v);
    if (sty && sty->kind == STY_value && sty->weak && sty->type.rank)
        sty->weak = false;
    if (!sty) {
        report(f, E0206, s, "%s cannot be kept in a 'var'", val_text(f, v));
    }
    return sty;
}

Ent *var_declare(Fx *f, Name n, Span s, CoreSty *sty, Val *v)
{
    Core **leaves;
    int k = val_leaves_of(f, v, &leaves), m;
    IrType *types = sty_leaf_types(f, sty, &m);
    CoreVar **vars = NEWN(f->a, CoreVar *, k + 1);
    for (int i = 0; i < k; i++) {
        vars[i] = var_new(f, n, s, types[i], true);
        Core *let = stmt_new(f, C_let, s, 1, &leaves[i]);
        let->var = vars[i];
        emit(f, let);
    }
    Ent *e = scope_add(f, ENT_var, n, s);
    e->sty = sty;
    e->leaves = vars;
    e->nleaves = k;
    return e;
}

static void var_pattern(Fx *f, const Tree *p, Val *v, CoreSty *sty)
{
    v = v->kind == V_list && !v->n ? v : val_plain(f, v);
    if (p->kind == T_ptuple) {
        const Tree *l = p->kids[0];
        if (!is_error(v) && (v->kind != V_tuple || v->n != l->nkids)) {
            report(f, E0206, p->span, "%d names for %s", l->nkids, val_text(f, v));
            v = val_error();
        }
        for (int i = 0; i < l->nkids; i++)
            var_pattern(f, l->kids[i], is_error(v) ? v : v->parts[i], NULL);
        return;
    }
    if (v->kind == V_list && !sty && stmt_needs_block(f, p->span, "a 'var'")) {
        grow_declare(f, p->name, p->span);
        return;
    }
    if (!is_error(v) && !sty)
        sty = var_type(f, v, p->span);
    if (is_error(v) || !sty || !stmt_needs_block(f, p->span, "a 'var'"))
        var_error(f, p->name, p->span);
    else
        var_declare(f, p->name, p->span, sty, v);
}

static void let_statement(Fx *f, const Tree *t)
{
    CoreSty *sty = t->kids[1] ? type_of(f, t->kids[1]) : NULL;
    Val *v = expr(f, t->kids[2]);
    if (t->kids[1])
        v = sty ? val_fill(f, v, sty, t->kids[2]->span, "the value") : val_error();
    if (t->flags & TF_VAR) {
        if (!is_value(v)) {
            report(f, E0208, t->span, "a 'var' gets no value");
            v = val_error();
        }
        var_pattern(f, t->kids[0], v, sty);
    } else
        let_pattern(f, t->kids[0], v);
}

/* ---- equations ---- */

/* Axes that the equation leaves out are those of its element. */
static bool out_dims(Fx *f, const Binder *b, int n, const CoreSty *out, Dim *given, Span s)
{
    int packs = 0, at = 0;
    for (int i = 0; i < n; i++)
        packs += b[i].pack;
    int rank = out->kind == STY_value ? out->type.rank : -1, pack = rank - (n - packs);
    if (rank < 0 || packs > 1 || pack < 0) {
        report(f, E0304, s, "the result is %s, but the equation has %d indices", core_sty_text(f->a, out), n - packs);
        return false;
    }
    for (int i = 0; i < n; i++) {
        given[i] = b[i].pack ? NULL : out->type.dims[at];
        if (b[i].pack) {
            b[i].group->n = pack;
            b[i].group->idx = NEWN(f->a, CoreIndex *, pack + 1);
            for (int k = 0; k < pack; k++)
                b[i].group->idx[k] = index_new(f, name_of(f->cx->names, "p"), b[i].span, NULL, out->type.dims[at + k]);
        }
        at += b[i].pack ? pack : 1;
    }
    return true;
}

Val *equation_value(Fx *f, const Tree *subs, const Tree *body, CoreSty *out, IrDtype want, Span s, bool drawn)
{
    Binder *b = NEWN(f->a, Binder, RANK_MOST);
    Dim given[RANK_MOST] = { 0 };
    CoreIndex *idx[RANK_MOST];
    int n, k = 0;
    if (!binders_of(f, subs, &n, b))
        return val_error();
    frame_push(f, FRAME_index);
    scope_push(f, SCOPE_index);
    binders_enter(f, n, b);
    bool ok = !out || out_dims(f, b, n, out, given, s);
    ok = ok && ranges_find(f, n, b, out ? given : NULL, out ? "out" : NULL, f->fn->span, 1, &body);
    for (int i = 0; ok && i < n; i++)
        for (int j = 0; j < b[i].group->n && k < RANK_MOST; j++)
            index_enter(f, idx[k++] = b[i].group->idx[j]);
    Val *v = !ok ? val_error() : drawn ? draw(f, body, k, idx, want, s) : expr_plain(f, body);
    scope_pop(f);
    if (want != DT_none && v->kind == V_core && (v->type.dtype != want || v->weak) && dtype_converts(v->type.dtype, v->weak, want)) {
        Core *c = core_as(f, v, want, body->span);
        v = c ? val_core(f, c, false) : val_error();
    }
    v = tabulate(f, k, idx, v, s);
    if (!is_error(v))
        v->core->span = s;
    return v;
}

static void let_index(Fx *f, const Tree *t)
{
    CoreSty *sty = t->kids[1] ? type_of(f, t->kids[1]) : NULL;
    IrDtype want = sty && sty->kind == STY_value ? sty->type.dtype : DT_none;
    Name outside = f->defines;
    f->defines = t->name;
    Val *v = equation_value(f, t->kids[0], t->kids[2], NULL, want, t->span, t->flags & TF_DRAW);
    f->defines = outside;
    Tree name = { .kind = T_name, .name = t->name, .span = t->span };
    if (t->kids[1] && !is_error(v)) { /* the element type, or the whole type */
        if (sty && sty->kind == STY_value && sty->type.rank == 0 && v->type.rank)
            sty = sty_value(f, tensor_type(f, sty->type.dtype, v->type.rank, v->type.dims), false);
        v = sty ? val_unify(f, v, sty, t->span, "the value") : val_error();
    }
    if (t->flags & TF_VAR)
        var_pattern(f, &name, v, NULL);
    else
        bind_name(f, &name, v);
}

static void draw_statement(Fx *f, const Tree *t)
{
    Val *v = draw(f, t->kids[0], 0, NULL, DT_none, t->span);
    Tree name = { .kind = T_name, .name = t->name, .span = t->span };
    if (t->flags & TF_VAR)
        var_pattern(f, &name, v, NULL);
    else
        bind_name(f, &name, v);
}

/* ---- return ---- */

void return_statement(Fx *f, Val *v, Span s)
{
    Core **leaves = NULL;
    if (is_error(v)) {
        f->fn->failed |= !f->trial;
        if (!f->result && f->inferred)
            f->fn->failed |= !f->trial;
    } else if (f->result) {
        if (v->kind == V_none && f->result->kind != STY_none && f->fn->failed)
            return; /* what should stand here has been reported */
        if (v->kind == V_none && f->result->kind != STY_none) {
            report(f, E0208, s, "'%s' gives %s, but no value stands here", f->fn->name, core_sty_text(f->a, f->result));
            return;
        }
        v = val_unify(f, v, f->result, s, "the result");
    } else {
        v = val_plain(f, v);
        CoreSty *sty = is_error(v) ? NULL : val_sty(f, v);
        if (!sty && !is_error(v))
            report(f, E0206, s, "%s cannot be the result of a function", val_text(f, v));
        if (sty && !f->trial)
            f->fn->result = f->result = sty;
    }
    int n = is_error(v) ? 0 : val_leaves_of(f, v, &leaves);
    emit(f, stmt_new(f, C_return, s, n, leaves));
    stmt_impure(f);
    f->frame->ended = true;
}

/* ---- blocks ---- */

static bool is_out(Fx *f, const Tree *t)
{
    const Tree *l = t->kind == T_assign && !t->name ? t->kids[0] : NULL;
    return l && l->kind == T_index && l->kids[0]->kind == T_name && l->kids[0]->name == W(f, out) && !scope_find(f->scope, W(f, out));
}

static Val *out_value(Fx *f, const Tree *t)
{
    const Tree *l = t->kids[0];
    IrDtype want = f->result && f->result->kind == STY_value ? f->result->type.dtype : DT_none;
    return equation_value(f, l->kids[1], t->kids[1], f->result, want, t->span, false);
}

static bool drops_value(const Val *v)
{
    return v->kind != V_none && v->kind != V_error;
}

static void expression_statement(Fx *f, const Tree *t)
{
    Val *v = expr(f, t);
    if (drops_value(v)) {
        report(f, E0208, t->span, "the value of this expression, %s, is dropped", val_text(f, v));
        diag_help(f->cx->diags, "give it a name: let _ = ..");
    }
}

static void nested_decl(Fx *f, const Tree *t)
{
    report(f, E0104, t->span, "a declaration stands inside a function");
    if (t->kind == T_fn)
        diag_help(f->cx->diags, "a local function is a value: let f = fn(x) = ..");
    Name n = t->kind == T_import ? NULL : t->name;
    if (n && !scope_own(f->scope, n)) /* what mentions it would only repeat this */
        scope_add(f, ENT_val, n, t->span)->val = val_error();
}

void statement(Fx *f, const Tree *t)
{
    switch (t->kind) {
    case T_let: let_statement(f, t); break;
    case T_let_index: let_index(f, t); break;
    case T_draw: draw_statement(f, t); break;
    case T_rec: rec_statement(f, t); break;
    case T_while_: while_statement(f, t); break;
    case T_for_: for_statement(f, t); break;
    case T_return_:
        if (f->is_script && !f->written_out)
            report(f, E0104, t->span, "'return' stands outside of a function");
        else if (stmt_needs_block(f, t->span, "'return'"))
            return_statement(f, t->kids[0] ? expr(f, t->kids[0]) : val_none(f), t->span);
        break;
    case T_break_: jump_statement(f, t, C_break); break;
    case T_continue_: jump_statement(f, t, C_continue); break;
    case T_assign: assign_statement(f, t); break;
    case T_error: f->fn->failed |= !f->trial; break;
    case T_fn:
        if (!t->name) {
            expression_statement(f, t);
            break;
        }
        nested_decl(f, t);
        break;
    case T_extern_fn: case T_op: case T_model: case T_struct_: case T_adapter: case T_tree: case T_import:
        nested_decl(f, t);
        break;
    default: expression_statement(f, t); break;
    }
}

static bool is_expression(const Tree *t)
{
    return t->kind >= T_int_ && t->kind <= T_treelit && !(t->kind == T_arg || t->kind == T_slice || t->kind == T_rest);
}

static Val *items(Fx *f, const Tree *list, bool tail)
{
    for (int i = 0; i < list->nkids; i++) {
        const Tree *t = list->kids[i];
        bool last = i + 1 == list->nkids;
        if (last && tail && is_expression(t))
            return expr(f, t);
        if (last && tail && t->kind == T_fn && !t->name)
            return expr(f, t);
        if (last && is_out(f, t) && (f->frame->kind == FRAME_block || f->op_depth))
            return out_value(f, t);
        statement(f, t);
    }
    return val_none(f);
}

/* The last item is the value if it is an expression or names the result. */
Val *items_value(Fx *f, const Tree *list, bool tail)
{
    Later outside;
    later_inside(f, &outside, (Span){ 0 });
    Val *v = items(f, list, tail);
    f->later = outside;
    return v;
}

Val *block_value(Fx *f, const Tree *t)
{
    if (t->kind != T_block)
        return expr(f, t);
    scope_push(f, SCOPE_block);
    Val *v = items_value(f, t->kids[0], true);
    scope_pop(f);
    return v;
}

Val *body_items(Fx *f, const Tree *t)
{
    scope_push(f, SCOPE_block);
    Val *v = items_value(f, t->kids[0], true);
    scope_pop(f);
    return v;
}
