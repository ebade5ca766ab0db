/* check_absent.c - absent values from one statement of a script to the next.
 *
 *     let p[i, j] = softmax[j | j <= i](s[i, j])      also writes `p.present`, bool[N, N]: where p is not absent
 *     let y[i] = sum[j](p[i, j] * v[j])               reads both; its p is map [i, j] guard(`p.present`[i, j], p[i, j])
 *     print(p)                                        reads p alone: what is shown is 0 where it is absent
 *
 * Each statement is compiled by itself, so whether an element is there has to be a value that goes from one to the other. A hidden variable
 * of the script is that value: the boundary of statements, interpreted or compiled, knows nothing of absence. A script keeps those that a later
 * statement looks at. The REPL does not know what will be asked and keeps all: where the types and the text say that nothing can be
 * absent, which is nearly everywhere, that is none.
 */
#include "frontend/absent_int.h"
#include "frontend/check/check_int.h"

/* ---- does a statement look at whether a variable is there ---- */

static bool looks(const Core *c, const CoreVar *v);

/* What reads its operand as 0: of a chain of parts and other shapes only the subscripts look. */
static bool looks_behind(const Core *c, const CoreVar *v)
{
    for (; c->kind == C_load || c->kind == C_slicebox || c->kind == C_reshape; c = c->kids[0])
        for (int i = 1; i < c->nkids; i++)
            if (looks(c->kids[i], v))
                return true;
    return c->kind != C_var && looks(c, v);
}

static bool effect_looks(const CoreEffect *e, const CoreVar *v)
{
    for (int i = 0; i < e->nargs; i++)
        for (int k = 0; k < e->args[i].nleaves; k++)
            if (looks_behind(e->args[i].leaves[k], v))
                return true;
    return false;
}

static bool looks(const Core *c, const CoreVar *v)
{
    if (!c)
        return false;
    if (c->kind == C_var)
        return c->var == v;
    if (c->kind == C_effect && effect_looks(c->effect, v))
        return true;
    for (int i = 0; c->kind == C_rec && i < c->rec->n; i++)
        if (looks(c->rec->eqs[i].body, v))
            return true;
    for (int i = 0; i < c->nkids; i++)
        if (looks(c->kids[i], v))
            return true;
    return false;
}

/* In what the statement does, or in what it gives; a value that is only shown is read as 0. */
static bool statement_looks(const Fx *f, const ScriptResult *r, const CoreVar *v)
{
    for (int i = 0; i < f->frame->stmts.n; i++)
        if (looks(f->frame->stmts.p[i], v))
            return true;
    for (int i = 0; i < r->leaves.n; i++)
        if (i < r->nvars ? looks(r->leaves.p[i], v) : looks_behind(r->leaves.p[i], v))
            return true;
    return false;
}

/* ---- reading ---- */

void absent_meanings(ScriptUses *st)
{
    for (int i = 0; i < st->uses.n; i++) {
        const Ent *e = st->uses.p[i].ent, *last = scope_own(st->script, e->name);
        const CoreSty *a = e->sty, *b = last && last->kind == ENT_script ? last->sty : a;
        bool newer = a->kind == STY_value && b->kind == STY_value && a->type.dtype == b->type.dtype && a->type.rank == b->type.rank;
        st->uses.p[i].now = newer && last ? last->script : e->script;
    }
}

static CoreSty *bool_like(Fx *f, IrType t)
{
    CoreSty *s = NEW(f->a, CoreSty);
    *s = (CoreSty){ .kind = STY_value, .type = tensor_type(f, DT_bool, t.rank, t.dims) };
    return s;
}

static Core *element(Fx *f, CoreVar *v, int n, CoreIndex *const *idx)
{
    Core *subs[RANK_MOST];
    for (int i = 0; i < n; i++)
        subs[i] = core_of_index(f, idx[i]);
    return n ? core_load(f, core_of_var(f, v), n, subs) : core_of_var(f, v);
}

/* v, of which `at` is the value as it is stored: absent where `present` is false. */
static Core *guarded(Fx *f, const CoreVar *v, CoreVar *at, CoreVar *present)
{
    CoreIndex *idx[RANK_MOST];
    int n = v->type.rank;
    for (int i = 0; i < n; i++)
        idx[i] = index_new(f, name_of(f->cx->names, "i"), v->span, dim_const(f->dims, 0), v->type.dims[i]);
    Core *x = element(f, at, n, idx);
    x = core_kids(f, C_guard, x->type, 2, (Core *[]){ element(f, present, n, idx), x });
    x->span = v->span;
    return core_map(f, n, idx, x);
}

static void emit_first(Fx *f, Core *c)
{
    PUSH(f, &f->frame->stmts, c);
    for (int i = f->frame->stmts.n - 1; i > 0; i--)
        f->frame->stmts.p[i] = f->frame->stmts.p[i - 1];
    f->frame->stmts.p[0] = c;
}

/* The parameter becomes a variable that is made of two. */
static void read_leaf(ScriptUses *st, CoreStmt *out, int param, CoreScriptVar *hidden)
{
    Fx *f = st->f;
    CoreVar *v = f->fn->params.p[param], *stored;
    Scope *at = f->scope;
    f->scope = st->params;
    CoreVar *present = param_entry(f, hidden->name, hidden->span, bool_like(f, v->type), false, false)->leaves[0];
    f->scope = at;
    stored = var_new(f, v->name, v->span, v->type, false);
    stored->param = true;
    v->param = false;
    f->fn->params.p[param] = stored;
    if (v->sym) { /* sizes mention the number, which is 0 where it is absent */
        stored->sym = v->sym;
        stored->sym->user = stored;
        v->sym = NULL;
    }
    Core *let = core_kids(f, C_let, ir_scalar(DT_none), 1, (Core *[]){ guarded(f, v, stored, present) });
    let->var = v;
    let->span = v->span;
    emit_first(f, let);
    hidden->read = true;
    PUSH(f, &out->reads, hidden);
}

void absent_read(ScriptUses *st, CoreStmt *out, const ScriptResult *r)
{
    Fx *f = st->f;
    for (int i = 0; i < st->uses.n; i++) {
        const CoreParam p = f->fn->surface.p[st->uses.p[i].param];
        CoreScriptVar **present = st->uses.p[i].now->present;
        for (int k = 0; present && k < p.nleaves; k++)
            if (present[k] && statement_looks(f, r, f->fn->params.p[p.first + k]))
                read_leaf(st, out, p.first + k, present[k]);
    }
}

/* ---- keeping ---- */

/* The hidden variable of the leaf, made. */
static CoreScriptVar *hidden_of(Fx *f, CoreScriptVar *of, int leaf)
{
    int n;
    IrType *types = sty_leaf_types(f, of->sty, &n);
    if (!of->present)
        of->present = NEWN(f->a, CoreScriptVar *, n);
    CoreScriptVar *h = of->present[leaf] = NEW(f->a, CoreScriptVar);
    *h = (CoreScriptVar){ .name = name_of(f->cx->names, arena_printf(f->a, "%s.present%d", of->name, leaf)), .span = of->span,
                          .sty = bool_like(f, types[leaf]), .id = f->cx->module->script_vars.n, .of = of, .leaf = leaf };
    PUSH(f, &f->cx->module->script_vars, h);
    return h;
}

bool frontend_keep_absent(Frontend *fe, const CoreScriptVar *hidden)
{
    Ent *e = scope_own(fe->script, name_of(fe->names, hidden->of->name));
    Fx *f = fx_new(fe, NULL, name_of(fe->names, "script"), hidden->span);
    if (!e || e->kind != ENT_script || hidden->leaf >= sty_nleaves(e->sty))
        return false;
    e->val = NULL; /* the number that it is defined as there is not all of its value */
    hidden_of(f, e->script, hidden->leaf);
    return true;
}

static void keep_leaf(ScriptUses *st, CoreStmt *out, CoreScriptVar *v, int leaf, Core *value)
{
    Fx *f = st->f;
    PUSH(f, &out->writes, hidden_of(f, v, leaf));
    Core *p = core_kids(f, C_present, tensor_type(f, DT_bool, value->type.rank, value->type.dims), 1, (Core *[]){ value });
    p->span = v->span;
    vec_push(f->a, &st->present, p);
}

/* Tensors and numbers, and those in tuples: what goes into a list or a field is read as 0. */
static void open_leaves(const CoreSty *s, bool *open, int *at)
{
    if (s->kind == STY_tuple)
        for (int i = 0; i < s->n; i++)
            open_leaves(s->parts[i], open, at);
    else if (s->kind == STY_value)
        open[(*at)++] = true;
    else
        *at += sty_nleaves(s);
}

/* The new variables' leaves, of which those that may be absent are followed by whether they are there. */
static void keep(ScriptUses *st, CoreStmt *out, ScriptResult *r, const bool *absent)
{
    Fx *f = st->f;
    int at = 0, nwrites = out->writes.n;
    for (int i = 0; i < nwrites && at < r->nvars; i++) {
        CoreScriptVar *v = out->writes.p[i];
        bool is_new = true;
        for (int k = 0; k < out->reads.n; k++)
            is_new &= out->reads.p[k] != v;
        if (!is_new)
            continue;
        int n = sty_nleaves(v->sty), leaf = 0;
        bool *open = NEWN(f->a, bool, n + 1);
        open_leaves(v->sty, open, &leaf);
        for (int k = 0; k < n; k++, at++) {
            if (v->mut || !open[k] || !absence_of(absent, r->leaves.p[at]))
                continue;
            r->leaves.p[at] = let_out(f, r->leaves.p[at], v->name);
            keep_leaf(st, out, v, k, r->leaves.p[at]);
        }
    }
}

void absent_keep(ScriptUses *st, CoreStmt *out, ScriptResult *r)
{
    Fx *f = st->f;
    /* What `keep` adds are variables of values that are looked at before. */
    Absence a = { .arena = f->a, .var = NEWN(f->a, bool, f->fn->vars.n + r->leaves.n + 1), .results = absence_results, .user = f->a };
    if (r->nvars != r->leaves.n)
        return; /* an expression: it makes no variables */
    for (int i = 0; i < f->frame->stmts.n; i++)
        absence_scan(&a, f->frame->stmts.p[i]);
    keep(st, out, r, a.var);
    for (int i = 0; i < st->present.n; i++)
        PUSH(f, &r->leaves, st->present.p[i]);
}

static void drop_unread(CoreStmt *st)
{
    Core *ret = st->fn->body->kids[st->fn->body->nkids - 1];
    int kept = 0, first = 0;
    for (int i = 0; i < st->writes.n; i++)
        first += st->writes.p[i]->of != NULL;
    int nleaves = ret->nkids - first, nresults = st->fn->results.n - first; /* hidden ones are the last, one leaf each */
    for (int i = 0, k = 0; i < st->writes.n; i++) {
        CoreScriptVar *v = st->writes.p[i];
        bool read = !v->of || v->read;
        if (read && v->of) {
            ret->kids[nleaves++] = ret->kids[ret->nkids - first + k];
            st->fn->results.p[nresults++] = st->fn->results.p[st->fn->results.n - first + k];
        }
        k += v->of != NULL;
        if (read)
            st->writes.p[kept++] = v;
    }
    st->writes.n = kept;
    ret->nkids = nleaves;
    st->fn->results.n = nresults;
}

void absent_prune(CoreModule *m)
{
    for (int i = 0; i < m->script.n; i++) {
        CoreStmt *st = &m->script.p[i];
        bool hidden = false;
        for (int k = 0; k < st->writes.n; k++)
            hidden |= st->writes.p[k]->of != NULL;
        if (hidden)
            drop_unread(st);
    }
}
