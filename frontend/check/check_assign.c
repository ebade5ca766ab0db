/* check_assign.c - assignment: to a variable, a field, elements, or a tuple of these. */
#include "frontend/check/check_int.h"

/* A place: leaves of a variable, under list subscripts that lead to it, then subscripts of a tensor. */
typedef struct Target {
    Ent *ent;
    CoreSty *sty;
    CoreVar **leaves;
    int nleaves;
    int nlead;          /* list subscripts */
    Core *lead[RANK_MOST];
    const Tree *index;  /* subscripts of a tensor, or NULL */
    Span span;
} Target;

static bool not_var(Fx *f, const Tree *t, const Ent *e)
{
    report(f, E0209, t->span, "'%s' is not a 'var' and keeps its value", t->name);
    if (e && e->span.file)
        diag_note(f->cx->diags, e->span, "'%s' is declared here", t->name);
    bool parameter = false;
    for (const Ent *p = f->params ? f->params->ents : NULL; p; p = p->next)
        parameter |= p == e;
    if (e && parameter)
        diag_help(f->cx->diags, "a copy may change: var y = %s; a 'var' parameter changes the caller's: var %s: ..", t->name, t->name);
    else if (e && (e->kind == ENT_val || e->kind == ENT_script))
        diag_help(f->cx->diags, "what changes is a 'var': var %s = ..", t->name);
    return false;
}

static bool name_place(Fx *f, const Tree *t, Target *p)
{
    Ent *e = scope_find(f->scope, t->name);
    if (!e) {
        bool found = false;
        for (Scope *s = f->scope; s && !found; s = s->outer)
            if (s->kind == SCOPE_self)
                self_member(f, s, t->name, t->span, &found);
        if (found || decl_find(f, f->scope, t->name))
            return not_var(f, t, NULL);
        Val *v = script_let(f, t->name, t->span);
        if (v && !is_error(v))
            return not_var(f, t, NULL);
        if (!v && unknown_name(f, t->span, t->name))
            diag_help(f->cx->diags, "a new variable is declared: let %s = .., or var %s = .. if it changes", t->name, t->name);
        return false;
    }
    if (e->kind == ENT_val && is_error(e->val))
        return false;
    if (e->kind != ENT_var || (e->nleaves && !e->leaves[0]->mut))
        return not_var(f, t, e);
    p->ent = e;
    p->sty = e->sty;
    p->leaves = e->leaves;
    p->nleaves = e->nleaves;
    return true;
}

static bool member_place(Fx *f, const Tree *t, Target *p)
{
    const CoreSty *s = p->sty;
    Field *fd = s->kind == STY_struct ? field_find((Struct *)s->strct, t->name) : NULL;
    CoreSty *set = !fd && !p->index && t->name == W(f, trainable) ? trainable_place(f, s, &p->leaves, &p->nleaves) : NULL;
    if (set) {
        p->sty = set;
        return true;
    }
    while (!fd && s->kind == STY_struct && ((Struct *)s->strct)->over) { /* what an adapter does not store, its base does: the first leaves */
        s = sty_subst(f, ((Struct *)s->strct)->over, struct_subst, (void *)s);
        fd = field_find((Struct *)s->strct, t->name);
    }
    if (p->index || !fd || !fd->sty) {
        if (fd && !fd->sty && fd->val && is_error(fd->val))
            return false;
        if (fd && !fd->sty)
            report(f, E0209, t->span, "'%s' is not stored and cannot be changed", t->name);
        else
            report(f, E0210, t->span, "%s has no field '%s'", core_sty_text(f->a, s), t->name);
        return false;
    }
    p->sty = sty_subst(f, fd->sty, struct_subst, (void *)s);
    p->leaves += fd->first;
    p->nleaves = fd->nleaves;
    return true;
}

static bool index_place(Fx *f, const Tree *t, Target *p)
{
    if (p->index) {
        report(f, E0103, t->span, "elements are named once: x[i, j] = ..");
        return false;
    }
    if (p->sty->kind != STY_list) {
        if (p->sty->kind != STY_value || p->sty->type.rank == 0) {
            report(f, E0206, t->span, "%s has no axes to index", core_sty_text(f->a, p->sty));
            return false;
        }
        p->index = t;
        return true;
    }
    Sub s[RANK_MOST];
    Dim dims[1] = { p->sty->count };
    IrType axis = { DT_i64, 1, dims };
    if (t->kids[1]->nkids != 1 || subs_of(f, t->kids[1], &axis, t->span, s) < 0 || s[0].extent)
        return false;
    p->lead[p->nlead++] = s[0].start;
    p->sty = p->sty->elem;
    return true;
}

static bool place_of(Fx *f, const Tree *t, Target *p)
{
    p->span = t->span;
    if (t->kind == T_name)
        return name_place(f, t, p);
    if (t->kind != T_member && t->kind != T_index) {
        report(f, E0103, t->span, "this cannot be assigned to");
        return false;
    }
    if (!place_of(f, t->kids[0], p))
        return false;
    return t->kind == T_member ? member_place(f, t, p) : index_place(f, t, p);
}

/* What stands in an index scope is evaluated in no order, so it changes nothing outside. */
static bool is_reachable(Fx *f, const Target *p)
{
    for (const Frame *fr = f->frame; fr; fr = fr->outer)
        if (fr->kind != FRAME_block && p->nleaves && fr->depth > ((const Var *)p->leaves[0])->depth) {
            report(f, E0307, p->span, "an assignment to '%s' stands inside an index scope", p->ent->name);
            return false;
        }
    return true;
}

static void touched(Fx *f, CoreVar *v)
{
    assigned(f, v);
    for (Frame *fr = f->frame; fr; fr = fr->outer)
        fr->impure = true;
}

static void assign_whole(Fx *f, CoreVar *v, Core *value, Span s)
{
    Core *c = core_kids(f, C_assign, ir_scalar(DT_none), 1, &value);
    c->var = v;
    c->span = s;
    emit(f, c);
    touched(f, v);
}

static void update(Fx *f, CoreVar *v, int n, Core *const *starts, Dim const *box, Core *value, Span s)
{
    Core *c = core_new(f, C_update, ir_scalar(DT_none), 1 + v->type.rank);
    c->kids[0] = value;
    c->box = NEWN(f->a, Dim, v->type.rank + 1);
    for (int i = 0; i < v->type.rank; i++) {
        c->kids[i + 1] = i < n ? starts[i] : core_i64(f, 0);
        c->box[i] = i < n ? box[i] : v->type.dims[i];
    }
    c->target = v;
    c->span = s;
    emit(f, c);
    touched(f, v);
}

static Val *whole_element(Fx *f, Val *v, const IrType *t, const Sub *subs, int rank, Span s)
{
    Dim dims[RANK_MOST];
    int n = 0;
    for (int i = 0; i < rank; i++)
        if (subs[i].extent)
            dims[n++] = subs[i].extent;
    CoreSty *want = sty_value(f, tensor_type(f, t->dtype, n, dims), false);
    v = val_plain(f, v);
    if (v->kind == V_core && v->type.rank == 0 && n) { /* one number for all elements of the part */
        Core *c = core_as(f, v, t->dtype, s);
        return c ? fill(f, c, n, dims) : val_error();
    }
    return val_unify(f, v, want, s, "the new value");
}

/* x[a:b:k] = v: a loop over each axis with a step, which sets the elements one step apart. */
static void assign_strided(Fx *f, Target *p, const Sub *subs, int rank, Core *v, Span s)
{
    CoreIndex *turn[RANK_MOST] = { 0 };
    Core *starts[RANK_MOST], *from[RANK_MOST], *value = let_here(f, v, "t");
    Dim box[RANK_MOST], part[RANK_MOST];
    int n = 0;
    for (int i = 0; i < p->nlead; i++) {
        starts[i] = p->lead[i];
        box[i] = NULL;
    }
    for (int i = 0; i < rank; i++)
        if (subs[i].stride) {
            turn[i] = index_new(f, name_of(f->cx->names, "k"), s, NULL, subs[i].extent);
            frame_push(f, FRAME_block);
            index_enter(f, turn[i]);
        }
    for (int i = 0; i < rank; i++) {
        Core *k = turn[i] ? core_of_index(f, turn[i]) : NULL;
        starts[p->nlead + i] = k ? core_op2(f, OP_add, DT_i64, subs[i].start, core_op2(f, OP_mul, DT_i64, k, core_of_dim(f, subs[i].stride)))
                                 : subs[i].start;
        box[p->nlead + i] = k ? NULL : subs[i].extent;
        if (!subs[i].extent)
            continue;
        from[n] = k ? k : core_i64(f, 0);
        part[n++] = box[p->nlead + i];
    }
    update(f, p->leaves[0], p->nlead + rank, starts, box, core_slicebox(f, value, from, part), s);
    for (int i = rank; i-- > 0;)
        if (turn[i]) {
            Core *body = frame_pop_block(f), *loop = stmt_new(f, C_for, s, 1, &body);
            loop->index = turn[i];
            emit(f, loop);
        }
}

static void assign_elements(Fx *f, Target *p, Val *v, Span s)
{
    Sub subs[RANK_MOST];
    Core *starts[RANK_MOST];
    Dim box[RANK_MOST];
    f->dimctx++;
    int rank = subs_of(f, p->index->kids[1], &p->sty->type, p->index->span, subs);
    f->dimctx--;
    if (rank < 0 || is_error(v))
        return;
    bool steps = false;
    for (int i = 0; i < rank; i++)
        steps |= subs[i].stride != NULL;
    v = whole_element(f, v, &p->sty->type, subs, rank, s);
    if (is_error(v))
        return;
    if (steps) {
        assign_strided(f, p, subs, rank, v->core, s);
        return;
    }
    for (int i = 0; i < p->nlead; i++) {
        starts[i] = p->lead[i];
        box[i] = NULL;
    }
    for (int i = 0; i < rank; i++) {
        starts[p->nlead + i] = subs[i].start;
        box[p->nlead + i] = subs[i].extent;
    }
    update(f, p->leaves[0], p->nlead + rank, starts, box, v->core, s);
}

/* var n = 0, and then a real number. */
static bool began_whole(Fx *f, const Target *p, const Val *v, Span s)
{
    bool whole = p->sty->kind == STY_value && p->sty->weak && p->sty->type.rank == 0 && p->sty->type.dtype == DT_i64;
    if (!whole || p->leaves != p->ent->leaves || v->kind != V_core || v->type.rank || !dtype_is_float(v->type.dtype))
        return false;
    report(f, E0206, s, "the new value is %s, but %s is needed", val_text(f, v), core_sty_text(f->a, p->sty));
    diag_help(f->cx->diags, "'%s' is a whole number because it begins as one: var %s: f32 = 0; or round the value: i64(..)", p->ent->name, p->ent->name);
    return true;
}

static void assign_place(Fx *f, Target *p, Val *v, Span s)
{
    Core **leaves;
    Dim box[RANK_MOST] = { 0 };
    if (p->index) {
        assign_elements(f, p, v, s);
        return;
    }
    if (began_whole(f, p, v, s))
        return;
    v = val_fill(f, v, p->sty, s, "the new value");
    if (is_error(v))
        return;
    int n = val_leaves_of(f, v, &leaves);
    Core **fixed = NEWN(f->a, Core *, n + 1);
    for (int i = 0; i < n; i++) /* read before any of them changes */
        fixed[i] = n > 1 && leaves[i]->kind != C_const && leaves[i]->kind != C_dim && leaves[i] ? steady(f, leaves[i]) : leaves[i];
    for (int i = 0; i < n; i++)
        if (fixed[i]->kind == C_var && fixed[i]->var == p->leaves[i] && !p->nlead)
            continue;
        else if (p->nlead)
            update(f, p->leaves[i], p->nlead, p->lead, box, fixed[i], s);
        else
            assign_whole(f, p->leaves[i], fixed[i], s);
}

/* Not changed by what is assigned before it. */
Core *steady(Fx *f, Core *c)
{
    if (c->kind == C_var && !c->var->mut)
        return c;
    return let_here(f, c, "t");
}

static bool assign_tree(Fx *f, const Tree *left, Val *v, Span s);

static bool assign_tuple(Fx *f, const Tree *left, Val *v, Span s)
{
    const Tree *l = left->kids[0];
    if (is_error(v))
        return false;
    if (v->kind != V_tuple || v->n != l->nkids) {
        report(f, E0206, s, "%d places for %s", l->nkids, val_text(f, v));
        return false;
    }
    Val **parts = NEWN(f->a, Val *, v->n + 1);
    for (int i = 0; i < v->n; i++) { /* all right sides before any left side */
        Val *x = val_plain(f, v->parts[i]);
        parts[i] = x;
        if (x->kind == V_core) {
            parts[i] = NEW(f->a, Val);
            *parts[i] = *x;
            parts[i]->core = x->core->kind == C_const || x->core->kind == C_dim ? x->core : steady(f, x->core);
        } else if (x->kind == V_agg) {
            Core **leaves = NEWN(f->a, Core *, x->n + 1);
            for (int k = 0; k < x->n; k++)
                leaves[k] = steady(f, x->leaves[k]);
            parts[i] = val_leaves(f, x->sty, leaves);
        }
    }
    for (int i = 0; i < l->nkids; i++)
        assign_tree(f, l->kids[i], parts[i], s);
    return true;
}

static bool assign_tree(Fx *f, const Tree *left, Val *v, Span s)
{
    Target p = { 0 };
    const Ent *list = left->kind == T_name ? scope_find(f->scope, left->name) : NULL;
    if (list && list->kind == ENT_var && list->grows) {
        grow_assign(f, list, v, s);
        return true;
    }
    if (left->kind == T_tuple)
        return assign_tuple(f, left, v, s);
    if (left->kind == T_name && left->name == W(f, underscore))
        return true;
    if (!place_of(f, left, &p) || is_error(v) || !is_reachable(f, &p))
        return false;
    assign_place(f, &p, v, s);
    return true;
}

void assign_value(Fx *f, const Tree *left, Val *v, Span s)
{
    assign_tree(f, left, v, s);
}

void assign_statement(Fx *f, const Tree *t)
{
    const Tree *left = t->kids[0];
    if (f->frame->kind != FRAME_block) {
        report(f, E0307, t->span, "an assignment stands inside an index scope");
        return;
    }
    if (left->kind == T_index && left->kids[0]->kind == T_name && left->kids[0]->name == W(f, out) && !scope_find(f->scope, W(f, out))) {
        report(f, E0208, t->span, "'out[..] = ..' is the value of a function and its last statement");
        return;
    }
    if (left->kind == T_index && left->kids[0]->kind == T_name && !scope_find(f->scope, left->kids[0]->name)) {
        Target p = { 0 };
        name_place(f, left->kids[0], &p); /* says what is wrong; the right side would only repeat it */
        f->fn->failed |= !f->trial;
        return;
    }
    if (!t->name) {
        assign_tree(f, left, expr(f, t->kids[1]), t->span);
        return;
    }
    if (!place_is_steady(f, left))
        return;
    char op[3] = { t->name[0], 0, 0 };
    later_begin(f, t); /* x += e is x + e */
    Val *old = expr(f, left), *v = expr(f, t->kids[1]);
    later_end(f);
    if (old->kind == V_fn || old->kind == V_type || old->kind == V_module)
        assign_tree(f, left, val_error(), t->span); /* says that it is no variable */
    else if (!is_error(old))
        assign_tree(f, left, arith(f, name_of(f->cx->names, op), old, v, t->span), t->span);
}
