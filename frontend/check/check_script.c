/* check_script.c - top-level statements: each is a function of the script's variables.
 *
 *     let cut = len(text) * 9 // 10        reads text: u8[N]; writes cut: int
 *     let train = text[:cut]               reads text and cut; writes train: u8[cut]
 *
 * Sizes of variables are symbols of the script, the same in all its statements. A statement's plan binds those it mentions from the
 * sizes of the variables that it reads; a symbol that they do not tell is bound from the variable that brought it (its home).
 */
#include "frontend/check/check_int.h"

typedef struct ScriptUses Stmt; /* what a statement, or a function, reads of the script */

/* ---- which variables a statement uses ---- */

static ScriptUse *use_of(Stmt *st, Ent *e)
{
    for (int i = 0; i < st->uses.n; i++)
        if (st->uses.p[i].ent == e)
            return &st->uses.p[i];
    return NULL;
}

static ScriptUse *use(Stmt *st, Ent *e)
{
    ScriptUse *u = use_of(st, e);
    if (u)
        return u;
    ScriptUse one = { .ent = e, .param = -1 };
    PUSH(st->f, &st->uses, one);
    return &vec_last(&st->uses);
}

static const Tree *root_of(const Tree *t)
{
    while (t->kind == T_member || t->kind == T_index)
        t = t->kids[0];
    return t;
}

static void writes_root(Stmt *st, const Tree *t)
{
    if (t->kind == T_tuple) {
        for (int i = 0; i < t->kids[0]->nkids; i++)
            writes_root(st, t->kids[0]->kids[i]);
        return;
    }
    t = root_of(t);
    Ent *e = t->kind == T_name ? scope_own(st->script, t->name) : NULL;
    if (e && e->kind == ENT_script && e->script->mut)
        use(st, e)->writes = true;
}

static void find_uses(Stmt *st, const Tree *t, int depth)
{
    if (!t || depth > OP_DEPTH_MOST)
        return;
    if (t->kind == T_name) {
        Ent *e = scope_own(st->script, t->name);
        if (e && e->kind == ENT_val && e->val->kind == V_fn && !e->val->decl && e->val->tree)
            find_uses(st, e->val->tree, depth + 1);
        if (e && e->kind == ENT_script && !e->val)
            use(st, e);
    }
    if (t->kind == T_assign)
        writes_root(st, t->kids[0]);
    if (t->kind == T_arg && t->flags & TF_VAR)
        writes_root(st, t->kids[0]);
    for (int i = 0; i < t->nkids; i++)
        find_uses(st, t->kids[i], depth);
}

/* ---- parameters ---- */

static void add_param(Stmt *st, ScriptUse *u)
{
    Fx *f = st->f;
    Ent *e = u->ent;
    Scope *at = f->scope;
    u->param = f->fn->surface.n;
    f->scope = st->params;
    bool older = scope_own(st->script, e->name) != e; /* read by a function that was checked before the name was declared again */
    Name name = older ? name_of(f->cx->names, arena_printf(f->a, "%s.%d", e->name, u->param)) : e->name;
    Ent *local = u->local = param_entry(f, name, e->span, e->sty, u->writes, false);
    f->scope = at;
    if (e->grows) { /* what is read is made of it */
        local->kind = ENT_var;
        local->val = NULL;
        local->grows = e->grows;
        grow_holds(f, local);
    }
    sig_script_param(st->sig, u->param, e->size);
    if (e->sty->kind == STY_value && e->size && local->leaves[0]->sym) { /* an int's value, as sizes mention it */
        Dim v = dim_sym(f->dims, local->leaves[0]->sym), s = dim_sym(f->dims, e->size);
        sig_script_value(st->sig, e->size, v, e->span);
        if (!u->writes)
            facts_eq(f->facts, v, s);
    }
}

static void params(Stmt *st)
{
    for (int i = 0; i < st->uses.n; i++) {
        if (st->uses.p[i].param < 0)
            add_param(st, &st->uses.p[i]);
        if (i + 1 < st->uses.n)
            continue;
        DimSym *open; /* all are there: what is still unknown is bound from its home */
        while ((open = sig_script_solve(st->sig))) {
            Ent *home = map_find(&st->f->cx->script_home, open);
            if (!home || use_of(st, home))
                break;
            use(st, home);
            add_param(st, &vec_last(&st->uses));
            i = st->uses.n - 1;
        }
    }
}

/* ---- what a statement leaves behind ---- */

typedef struct Out { Stmt *st; Ent *ent; bool fresh; DimSym *late; Name number; } Out; /* number: of the header, whose size it is; or NULL */

/* A size that an effect of the statement gave is known in the statements after it: its symbol there. */
static Dim known_later(Stmt *st, DimSym *s)
{
    return map_find(&st->later, s);
}

static void out_symbol(void *user, DimSym *s)
{
    Out *o = user;
    const Ent *e = s->user && !s->index ? NULL : o->ent;
    o->fresh |= s->index;
    if (s->late) {
        o->fresh |= !known_later(o->st, s);
        o->late = s;
        return;
    }
    if (!s->user) {
        if (!map_find(&o->st->f->cx->script_home, s))
            map_put(&o->st->f->cx->script_home, s, o->ent);
        return;
    }
    for (int i = 0; !e && i < o->st->uses.n; i++) {
        const ScriptUse *u = &o->st->uses.p[i];
        const CoreParam *p = &o->st->f->fn->surface.p[u->param];
        if (u->ent->size && o->st->f->fn->params.p[p->first]->sym == s && !u->writes)
            return;
    }
    o->fresh |= e == NULL;
}

static Dim out_subst(void *user, DimSym *s)
{
    Out *o = user;
    if (s->late)
        return known_later(o->st, s);
    for (int i = 0; s->user && i < o->st->uses.n; i++) {
        const ScriptUse *u = &o->st->uses.p[i];
        const CoreParam *p = &o->st->f->fn->surface.p[u->param];
        if (u->ent->size && o->st->f->fn->params.p[p->first]->sym == s)
            return dim_sym(o->st->f->dims, u->ent->size);
    }
    return NULL;
}

/* A size as the script says it: in its own symbols, or a new one if it came from inside the statement. */
static Dim out_dim(Out *o, Dim d)
{
    Fx *f = o->st->f;
    o->fresh = false;
    o->late = NULL;
    dim_syms(d, out_symbol, o);
    if (!o->fresh)
        return dim_subst(f->dims, d, out_subst, o);
    Name name = o->number ? name_of(f->cx->names, arena_printf(f->a, "%s.%s", o->ent->name, o->number)) : o->ent->name;
    DimSym *s = dim_sym_new(f->dims, name, o->ent->span), *alone;
    if (o->late && dim_is_sym(d, &alone) && alone == o->late)
        map_put(&o->st->later, alone, (void *)dim_sym(f->dims, s));
    map_put(&f->cx->script_home, s, o->ent);
    facts_le(f->cx->facts, dim_int(f, 0), dim_sym(f->dims, s));
    return dim_sym(f->dims, s);
}

static CoreSty *out_type(Out *o, const CoreSty *s)
{
    Fx *f = o->st->f;
    CoreSty *r = arena_copy(f->a, s, sizeof *s);
    Dim dims[RANK_MOST];
    for (int i = 0; i < s->type.rank; i++)
        dims[i] = out_dim(o, s->type.dims[i]);
    if (s->type.rank)
        r->type = tensor_type(f, s->type.dtype, s->type.rank, dims);
    if (s->elem)
        r->elem = out_type(o, s->elem);
    if (s->count)
        r->count = out_dim(o, s->count);
    if (s->kind == STY_tuple) {
        r->parts = NEWN(f->a, CoreSty *, s->n + 1);
        for (int i = 0; i < s->n; i++)
            r->parts[i] = out_type(o, s->parts[i]);
    }
    if (s->args) {
        r->args = NEWN(f->a, Dim, s->n + 1);
        for (int i = 0; i < s->n; i++) {
            o->number = s->strct && i < s->strct->numbers.n ? s->strct->numbers.p[i]->name : NULL;
            r->args[i] = out_dim(o, s->args[i]);
        }
        o->number = NULL;
    }
    return r;
}

static bool is_constant(const Val *v)
{
    return v->kind == V_core && v->type.rank == 0 && (v->core->kind == C_const || v->core->kind == C_str);
}

static bool is_static(const Val *v)
{
    return v->kind == V_fn || v->kind == V_type || v->kind == V_module || v->kind == V_tree || v->kind == V_error;
}

static Ent *script_add(Stmt *st, EntKind k, Name n, Span s)
{
    Fx *f = st->f;
    Ent *old = scope_own(st->script, n);
    if (old && !f->cx->repl) {
        report(f, E0202, s, "'%s' is already declared here", n);
        diag_note(f->cx->diags, old->span, "'%s' was declared before", n);
    }
    f->cx->constants += old && old->val;
    return scope_enter(f, st->script, k, n, s);
}

static void new_variable(Stmt *st, const Ent *x, CoreStmt *out, ScriptResult *r)
{
    Fx *f = st->f;
    bool var = x->kind == ENT_var;
    Val *v = var ? place_value(f, x->sty, x->leaves) : x->val;
    if (is_static(v)) {
        if (v->kind == V_fn && v->fx == f && v->scope->outer == st->params) { /* names in it are the script's */
            v->fx = NULL;
            v->scope = st->script;
        }
        script_add(st, ENT_val, x->name, x->span)->val = v;
        return;
    }
    v = v->kind == V_list && !v->n ? v : val_plain(f, v);
    CoreSty *sty = var ? x->sty : val_sty(f, v);
    if (!sty || is_error(v)) {
        if (!is_error(v))
            report(f, E0206, x->span, "%s cannot be kept in a variable of a script", val_text(f, v));
        script_add(st, ENT_val, x->name, x->span)->val = val_error();
        return;
    }
    Ent *e = script_add(st, ENT_script, x->name, x->span);
    Out o = { st, e, false, NULL, NULL };
    CoreScriptVar *sv = NEW(f->a, CoreScriptVar);
    *sv = (CoreScriptVar){ .name = x->name, .span = x->span, .sty = out_type(&o, sty), .mut = var, .id = f->cx->module->script_vars.n,
                            .grows = x->grows ? &x->grows->dtype : NULL };
    PUSH(f, &f->cx->module->script_vars, sv);
    PUSH(f, &out->writes, sv);
    e->script = sv;
    e->grows = x->grows;
    e->sty = sv->sty;
    if (!var && is_constant(v))
        e->val = v;
    if (!var && sty->kind == STY_value && sty->type.rank == 0 && sty->type.dtype == DT_i64 && sty->weak) {
        e->size = dim_sym_new(f->dims, x->name, x->span);
        map_put(&f->cx->script_home, e->size, e);
    }
    Core **leaves;
    int n = val_leaves_of(f, v, &leaves);
    for (int i = 0; i < n; i++)
        PUSH(f, &r->leaves, leaves[i]);
}

static void new_variables(Stmt *st, const Scope *s, CoreStmt *out, ScriptResult *r)
{
    VEC(const Ent *) list = { 0 };
    for (const Ent *e = s->ents; e; e = e->next)
        PUSH(st->f, &list, e);
    for (int i = list.n; i-- > 0;)
        if (list.p[i]->name)
            new_variable(st, list.p[i], out, r);
}

/* ---- a statement ---- */

static bool is_value(const Val *v)
{
    return v->kind != V_none && v->kind != V_error && !(v->kind == V_list && !v->n);
}

static void statement_value(Stmt *st, Val *v, CoreStmt *out, ScriptResult *r, Span s)
{
    Fx *f = st->f;
    Core **leaves;
    CoreSty *sty = is_value(v) ? val_sty(f, v = val_plain(f, v)) : NULL;
    out->value = sty ? sty : NEW(f->a, CoreSty);
    if (!sty) {
        if (is_value(v))
            report(f, E0208, s, "%s is no value that can be shown", val_text(f, v));
        return;
    }
    if (!f->cx->repl) {
        report(f, E0208, s, "the value of this expression, %s, is dropped", val_text(f, v));
        diag_help(f->cx->diags, "show it: print(..), or give it a name: let _ = ..");
    }
    int n = val_leaves_of(f, v, &leaves);
    for (int i = 0; i < n; i++)
        PUSH(f, &r->leaves, leaves[i]);
}

static bool is_statement(const Tree *t)
{
    return (t->kind >= T_let && t->kind <= T_assign) || t->kind == T_error;
}

static void finish(Stmt *st, CoreStmt *out, ScriptResult *r)
{
    Fx *f = st->f;
    CoreFn *fn = f->fn;
    Core *ret = core_kids(f, C_return, ir_scalar(DT_none), r->leaves.n, r->leaves.p);
    ret->span = fn->span;
    emit(f, ret);
    for (int i = 0; i < fn->params.n; i++)
        if (fn->params.p[i]->mut)
            PUSH(f, &fn->results, fn->params.p[i]->type);
    for (int i = 0; i < r->leaves.n; i++)
        PUSH(f, &fn->results, r->leaves.p[i]->type);
    fn->body = core_kids(f, C_block, ir_scalar(DT_none), f->frame->stmts.n, f->frame->stmts.p);
    fn->body->span = fn->span;
    fn->result = out->value;
}

static void script_statement(Cx *cx, Unit *u, const Tree *t)
{
    Name name = name_of(cx->names, arena_printf(cx->a, "script.%d", ++cx->script_numbers));
    Fx *f = fx_new(cx, NULL, name, t->span);
    Stmt st = { .f = f, .script = cx->script, .later = map_new(cx->a) };
    ScriptResult r = { 0 };
    CoreStmt out = { .span = t->span, .fn = f->fn };
    f->is_script = f->fn->statement = true;
    f->scope = u->scope;
    cx->script->outer = u->scope;
    f->scope = cx->script;
    st.params = scope_push(f, SCOPE_fn);
    f->script_uses = &st;
    st.sig = sig_script(f);
    find_uses(&st, t, 0);
    params(&st);
    Scope *block = scope_push(f, SCOPE_block);
    Val *v = val_none(f);
    if (is_statement(t))
        statement(f, t);
    else
        v = expr(f, t);
    for (int i = 0; i < st.uses.n; i++) {
        PUSH(f, &out.reads, st.uses.p[i].ent->script);
        if (st.uses.p[i].writes)
            PUSH(f, &out.writes, st.uses.p[i].ent->script);
    }
    absent_meanings(&st);
    new_variables(&st, block, &out, &r);
    r.nvars = r.leaves.n;
    statement_value(&st, v, &out, &r, t->span);
    if (!f->fn->failed) {
        absent_read(&st, &out, &r);
        absent_keep(&st, &out, &r);
    }
    sig_order_rows(f);
    finish(&st, &out, &r);
    vec_push(cx->a, &cx->module->script, out);
}

void frontend_seed(Frontend *fe, int64_t seed, int done)
{
    fe->seed = seed;
    fe->script_numbers = done;
}

/* Functions of the file read the script's constants only, so they were checked before. */
void script_check(Cx *cx, Unit *u, const Tree *file, bool more)
{
    const Tree *list = file->kids[0];
    cx->repl = more;
    if (!cx->script || !more) {
        cx->script = NEW(cx->a, Scope);
        cx->script->kind = SCOPE_block;
        cx->script_home = map_new(cx->a);
    }
    for (int i = 0; i < list->nkids; i++) {
        const Tree *t = list->kids[i];
        bool decl = (t->kind == T_fn && t->name) || t->kind == T_extern_fn || t->kind == T_op || t->kind == T_model || t->kind == T_struct_ ||
                    t->kind == T_adapter || t->kind == T_tree || t->kind == T_import || t->kind == T_error;
        if (!decl)
            script_statement(cx, u, t);
    }
    if (!more)
        absent_prune(cx->module);
}

/* ---- constants of the script, read by functions ---- */

static bool is_constant_tree(const Unit *u, const Tree *t, int depth);

static bool is_constant_let(const Unit *u, const Tree *t, int depth)
{
    return t->kind == T_let && t->kids[0]->kind == T_name && is_constant_tree(u, t->kids[2], depth);
}

static bool is_constant_tree(const Unit *u, const Tree *t, int depth)
{
    if (!t)
        return true;
    switch (t->kind) {
    case T_int_: case T_float_: case T_string: return true;
    case T_name: return depth < 16 && (!map_find(&u->lets, t->name) || is_constant_let(u, map_find(&u->lets, t->name), depth + 1));
    case T_unary: case T_binary: case T_listlit: case T_list: case T_tuple:
        for (int i = 0; i < t->nkids; i++)
            if (!is_constant_tree(u, t->kids[i], depth))
                return false;
        return true;
    default: return false;
    }
}

/* ---- variables of the script, read by functions: parameters that nobody writes ---- */

static Stmt *uses_of(Fx *f)
{
    if (f->script_uses)
        return f->script_uses;
    Stmt *st = f->script_uses = NEW(f->a, Stmt);
    *st = (Stmt){ .f = f, .script = f->cx->script, .sig = sig_script(f) };
    st->params = f->params;
    return st;
}

/* In a trial nothing is kept: a value of the type is enough. */
static Val *stand_in(Fx *f, const Ent *e)
{
    int n;
    IrType *types = sty_leaf_types(f, e->sty, &n);
    Core **leaves = NEWN(f->a, Core *, n + 1);
    for (int i = 0; i < n; i++)
        leaves[i] = core_of_var(f, var_new(f, e->name, e->span, types[i], false));
    return val_leaves(f, e->sty, leaves);
}

Val *script_read(Fx *f, Ent *e, Span s)
{
    if (e->val)
        return e->val;
    if (f->fn->exported) {
        report(f, E0207, s, "'%s' is a variable of the script; an exported function reads none", e->name);
        return val_error();
    }
    if (e->script->mut && !f->is_script) {
        report(f, E0201, s, "'%s' is a 'var' of the script; a function may read its 'let's only", e->name);
        return val_error();
    }
    Stmt *st = f->script_uses;
    if (f->trial && !(st && use_of(st, e)))
        return stand_in(f, e);
    st = uses_of(f);
    use(st, e);
    params(st);
    Ent *local = use_of(st, e)->local;
    return local->val ? local->val : local->grows ? grow_value(f, local, s) : place_value(f, local->sty, local->leaves);
}

/* What `let` at the top of a file gives a name, made anew where it is read. */
static Val *let_again(Fx *f, Unit *u, const Tree *t, Name n, Span s)
{
    Scope *at = f->scope;
    f->scope = u->scope;
    Val *v = val_plain(f, expr(f, t->kids[2]));
    if (t->kids[1] && !is_error(v)) {
        CoreSty *sty = type_of(f, t->kids[1]);
        v = sty ? val_fill(f, v, sty, s, "the value") : val_error();
    }
    f->scope = at;
    return v->kind == V_core && v->type.rank ? val_core(f, let_out(f, v->core, n), false) : v;
}

const Tree *unit_constant(const Unit *u, Name n)
{
    const Tree *t = map_find(&u->lets, n);
    return t && n[0] != '_' && !(t->flags & TF_VAR) && is_constant_let(u, t, 0) ? t : NULL;
}

Val *unit_constant_value(Fx *f, Unit *u, Name n, Span s)
{
    return let_again(f, u, unit_constant(u, n), n, s);
}

Val *script_let(Fx *f, Name n, Span s)
{
    Unit *u = NULL;
    for (Scope *x = f->scope; x && !u; x = x->outer)
        u = x->kind == SCOPE_unit ? x->unit : NULL;
    const Tree *t = u ? map_find(&u->lets, n) : NULL;
    bool own = u == f->cx->main;
    if (!t || (f->is_script && own))
        return NULL;
    if (t->flags & TF_VAR) {
        report(f, E0211, s, "'%s' is a 'var' of the script; a function may read its 'let's only", n);
        return val_error();
    }
    if (f->fn->exported && own) {
        report(f, E0211, s, "'%s' is of the script, which an exported function does not know; pass it as an argument", n);
        return val_error();
    }
    if (!is_constant_let(u, t, 0)) {
        Ent *e = f->cx->script && own ? scope_own(f->cx->script, n) : NULL;
        if (e)
            return script_read(f, e, s);
        report(f, E0201, s, "'%s' has no value yet where this function is used", n);
        return val_error();
    }
    return let_again(f, u, t, n, s);
}
