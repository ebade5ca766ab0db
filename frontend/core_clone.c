/* core_clone.c - copies of checked expressions with other indices, what an expression depends on, and what may be done with it.
 *
 *     exp(s[i, j] - m[i])   with j := k   is   exp(s[i, k] - m[i])
 *
 * Indices and variables that the expression itself introduces get fresh copies, so no node has two owners.
 */
#include "frontend/check/check_int.h"

/* ---- copies ---- */

static Dim subst_dim(Subst *s, Dim d);

static Dim subst_sym(void *user, DimSym *sym)
{
    Subst *s = user;
    if (sym->index) {
        for (int i = 0; i < s->n; i++)
            if (s->from[i]->sym == sym)
                return s->to_dim[i];
        CoreIndex *x = map_find(&s->idx, sym->user);
        return x ? dim_sym(s->f->dims, x->sym) : NULL;
    }
    CoreVar *v = sym->user ? map_find(&s->vars, sym->user) : NULL;
    return v && v->sym ? dim_sym(s->f->dims, v->sym) : NULL;
}

static Dim subst_dim(Subst *s, Dim d)
{
    return d ? dim_subst(s->f->dims, d, subst_sym, s) : NULL;
}

Dim dim_at(Fx *f, Dim d, int n, CoreIndex *const *from, Dim const *to)
{
    Subst s = { n, from, NULL, to, map_new(f->a), map_new(f->a), f, 1 << 30 };
    return subst_dim(&s, d);
}

static IrType subst_type(Subst *s, IrType t)
{
    if (t.rank == 0)
        return t;
    Dim dims[RANK_MOST];
    for (int i = 0; i < t.rank; i++)
        dims[i] = subst_dim(s, t.dims[i]);
    return tensor_type(s->f, t.dtype, t.rank, dims);
}

static CoreIndex *fresh_index(Subst *s, CoreIndex *x)
{
    CoreIndex *y = index_new(s->f, x->name, x->span, subst_dim(s, x->lo), subst_dim(s, x->extent));
    ((Idx *)y)->depth = ((Idx *)x)->depth;
    map_put(&s->idx, x, y);
    return y;
}

static CoreVar *fresh_var(Subst *s, CoreVar *v)
{
    CoreVar *w = var_new(s->f, v->name, v->span, subst_type(s, v->type), v->mut);
    ((Var *)w)->depth = ((Var *)v)->depth;
    if (v->sym && !w->sym)
        w->sym = dim_sym_new(s->f->dims, v->name, v->span), w->sym->user = w;
    map_put(&s->vars, v, w);
    return w;
}

static Core *copy(Subst *s, const Core *c);

static Core *copy_index(Subst *s, const Core *c)
{
    for (int i = 0; i < s->n; i++)
        if (s->from[i] == c->index)
            return s->to[i];
    CoreIndex *x = map_find(&s->idx, c->index);
    return core_of_index(s->f, x ? x : c->index);
}

/* A variable made under an index that is replaced, or out of reach, is made again. */
static bool is_made_again(Subst *s, CoreVar *v)
{
    const Var *x = (const Var *)v;
    if (map_find(&s->vars, v) || !x->def)
        return false;
    bool again = x->depth > s->expand;
    for (int i = 0; i < x->deps.n && !again; i++)
        for (int k = 0; k < s->n; k++)
            again |= s->from[k] == x->deps.p[i];
    return again;
}

static Core *copy_var(Subst *s, const Core *c)
{
    return is_made_again(s, c->var) ? copy(s, ((const Var *)c->var)->def) : NULL;
}

/* Those of them that sizes and places say, which are no expressions: variables before the node. */
typedef struct Said { Subst *s; VEC(CoreVar *) vars; } Said;

static void say_sym(void *user, DimSym *sym)
{
    Said *q = user;
    if (sym->index || !sym->user || !is_made_again(q->s, sym->user))
        return;
    for (int i = 0; i < q->vars.n; i++)
        if (q->vars.p[i] == sym->user)
            return;
    PUSH(q->s->f, &q->vars, sym->user);
}

static void say_dim(Said *q, Dim d)
{
    if (d)
        dim_syms(d, say_sym, q);
}

static Said said_by(Subst *s, const Core *c)
{
    Said q = { .s = s };
    for (int i = 0; i < c->nindices; i++) {
        say_dim(&q, c->indices[i]->lo);
        say_dim(&q, c->indices[i]->extent);
    }
    if (c->kind == C_for) {
        say_dim(&q, c->index->lo);
        say_dim(&q, c->index->extent);
    }
    if (c->kind == C_dim)
        say_dim(&q, c->dim);
    for (int i = 0; (c->kind == C_slicebox || c->kind == C_update) && i < c->nkids - 1; i++)
        say_dim(&q, c->box[i]);
    for (int i = 0; c->kind == C_call && i < c->callee->dims.n; i++)
        say_dim(&q, c->dims[i]);
    return q;
}

static Core *copy_node(Subst *s, const Core *c);

static Core *copy_behind(Subst *s, const Core *c, const Said *q)
{
    Core **kids = NEWN(s->f->a, Core *, q->vars.n + 1);
    for (int i = 0; i < q->vars.n; i++) {
        CoreVar *v = q->vars.p[i];
        Core *value = copy(s, ((Var *)v)->def);
        kids[i] = core_kids(s->f, C_let, ir_scalar(DT_none), 1, &value);
        kids[i]->var = fresh_var(s, v);
        kids[i]->span = v->span;
    }
    kids[q->vars.n] = copy_node(s, c);
    for (int i = 0; i < q->vars.n; i++)
        map_put(&s->vars, q->vars.p[i], NULL);
    IrType t = kids[q->vars.n]->type;
    return core_kids(s->f, t.dtype == DT_none ? C_stmts : C_block, t, q->vars.n + 1, kids);
}

static Dim *copy_dims(Subst *s, Dim const *dims, int n)
{
    Dim *d = NEWN(s->f->a, Dim, n);
    for (int i = 0; i < n; i++)
        d[i] = subst_dim(s, dims[i]);
    return d;
}

static CoreRec *copy_rec(Subst *s, const CoreRec *r)
{
    CoreRec *n = arena_copy(s->f->a, r, sizeof *r);
    n->eqs = NEWN(s->f->a, CoreRecEq, r->n);
    for (int i = 0; i < r->n; i++) {
        n->eqs[i] = r->eqs[i];
        n->eqs[i].var = fresh_var(s, r->eqs[i].var);
    }
    for (int i = 0; i < r->n; i++) {
        CoreRecEq *e = &n->eqs[i];
        e->indices = NEWN(s->f->a, CoreIndex *, e->nindices);
        for (int k = 0; k < e->nindices; k++)
            e->indices[k] = fresh_index(s, r->eqs[i].indices[k]);
        e->body = copy(s, r->eqs[i].body);
    }
    n->scan_extent = copy_dims(s, r->scan_extent, r->nscan);
    return n;
}

/* Fields that the union of a node holds, by kind. */
static void copy_payload(Subst *s, Core *n, const Core *c)
{
    CoreVar *v;
    switch (c->kind) {
    case C_dim: n->dim = subst_dim(s, c->dim); break;
    case C_var: case C_assign:
        v = map_find(&s->vars, c->var);
        n->var = v ? v : c->var;
        break;
    case C_let: n->var = fresh_var(s, c->var); break;
    case C_slicebox: case C_update:
        n->box = copy_dims(s, c->box, c->nkids - 1);
        v = c->target ? map_find(&s->vars, c->target) : NULL;
        n->target = v ? v : c->target;
        break;
    case C_call: n->dims = copy_dims(s, c->dims, c->callee->dims.n); break;
    case C_rec: n->rec = copy_rec(s, c->rec); break;
    default: break;
    }
}

static void copy_outs(Subst *s, Core *n, const Core *c)
{
    n->outs = NEWN(s->f->a, CoreVar *, c->nouts);
    for (int i = 0; i < c->nouts; i++)
        n->outs[i] = fresh_var(s, c->outs[i]);
}

static Core *copy(Subst *s, const Core *c)
{
    if (!c)
        return NULL;
    if (c->kind == C_index)
        return copy_index(s, c);
    Core *again = c->kind == C_var ? copy_var(s, c) : NULL;
    if (again)
        return again;
    Said said = said_by(s, c);
    return said.vars.n ? copy_behind(s, c, &said) : copy_node(s, c);
}

static Core *copy_node(Subst *s, const Core *c)
{
    if (s->f->cx->clone_nodes++ > CLONE_NODES_MOST) {
        if (s->f->cx->clone_nodes == CLONE_NODES_MOST + 2)
            report(s->f, E0604, c->span, "an expression grows too large when its operators are written out");
        return core_number(s->f, c->type.dtype, 0); /* the function has failed */
    }
    Core *n = arena_copy(s->f->a, c, sizeof *c);
    if (c->nindices) { /* before the body */
        n->indices = NEWN(s->f->a, CoreIndex *, c->nindices);
        for (int i = 0; i < c->nindices; i++)
            n->indices[i] = fresh_index(s, c->indices[i]);
    }
    if (c->kind == C_for)
        n->index = fresh_index(s, c->index);
    n->kids = c->nkids ? NEWN(s->f->a, Core *, c->nkids) : NULL;
    for (int i = 0; i < c->nkids; i++)
        n->kids[i] = copy(s, c->kids[i]);
    copy_payload(s, n, c);
    if (c->nouts)
        copy_outs(s, n, c);
    n->type = subst_type(s, c->type);
    return n;
}

Core *core_clone_to(Fx *f, const Core *c, int n, CoreIndex *const *from, Core *const *to, Dim const *to_dim)
{
    Subst s = { n, from, to, to_dim, map_new(f->a), map_new(f->a), f, 1 << 30 };
    return copy(&s, c);
}

Core *core_clone_out(Fx *f, const Core *c, int n, CoreIndex *const *from, CoreIndex *const *to, int depth)
{
    Core *cores[RANK_MOST];
    Dim dims[RANK_MOST];
    for (int i = 0; i < n; i++) {
        cores[i] = core_of_index(f, to[i]);
        dims[i] = dim_sym(f->dims, to[i]->sym);
    }
    Subst s = { n, from, cores, dims, map_new(f->a), map_new(f->a), f, depth };
    return copy(&s, c);
}

Core *core_clone(Fx *f, const Core *c, int n, CoreIndex *const *from, CoreIndex *const *to)
{
    Core *cores[RANK_MOST];
    Dim dims[RANK_MOST];
    for (int i = 0; i < n; i++) {
        cores[i] = core_of_index(f, to[i]);
        dims[i] = dim_sym(f->dims, to[i]->sym);
    }
    return core_clone_to(f, c, n, from, cores, dims);
}

/* ---- what an expression needs ---- */

typedef struct Walk { Fx *f; Free *free; Map own; } Walk;

static void need_index(Walk *w, CoreIndex *x)
{
    if (map_find(&w->own, x))
        return;
    for (int i = 0; i < w->free->idx.n; i++)
        if (w->free->idx.p[i] == x)
            return;
    PUSH(w->f, &w->free->idx, x);
    int d = ((Idx *)x)->depth;
    w->free->depth = d > w->free->depth ? d : w->free->depth;
}

static void need_var(Walk *w, CoreVar *v)
{
    if (map_find(&w->own, v))
        return;
    const Var *x = (const Var *)v;
    w->free->depth = x->depth > w->free->depth ? x->depth : w->free->depth;
    if (!x->def)
        w->free->var_depth = x->depth > w->free->var_depth ? x->depth : w->free->var_depth;
    for (int i = 0; i < x->deps.n; i++)
        need_index(w, x->deps.p[i]);
}

static void need_sym(void *user, DimSym *s)
{
    if (s->index && s->user)
        need_index(user, s->user);
    else if (s->user)
        need_var(user, s->user);
}

static void need_dim(Walk *w, Dim d)
{
    if (d)
        dim_syms(d, need_sym, w);
}

static void walk(Walk *w, const Core *c);

static void walk_rec(Walk *w, const CoreRec *r)
{
    for (int i = 0; i < r->n; i++)
        map_put(&w->own, r->eqs[i].var, r->eqs);
    for (int i = 0; i < r->n; i++) {
        for (int k = 0; k < r->eqs[i].nindices; k++) {
            need_dim(w, r->eqs[i].indices[k]->extent);
            map_put(&w->own, r->eqs[i].indices[k], r->eqs);
        }
        walk(w, r->eqs[i].body);
    }
}

static void walk_own(Walk *w, const Core *c)
{
    for (int i = 0; i < c->nindices; i++) {
        need_dim(w, c->indices[i]->lo);
        need_dim(w, c->indices[i]->extent);
        map_put(&w->own, c->indices[i], (void *)c);
    }
    if (c->kind == C_for) {
        need_dim(w, c->index->lo);
        need_dim(w, c->index->extent);
        map_put(&w->own, c->index, (void *)c);
    }
    if (c->kind == C_let)
        map_put(&w->own, c->var, (void *)c);
    for (int i = 0; i < c->nouts; i++)
        map_put(&w->own, c->outs[i], (void *)c);
}

static void walk(Walk *w, const Core *c)
{
    if (!c)
        return;
    walk_own(w, c);
    for (int i = 0; i < c->nkids; i++)
        walk(w, c->kids[i]);
    switch (c->kind) {
    case C_dim: need_dim(w, c->dim); break;
    case C_index: need_index(w, c->index); break;
    case C_var: case C_assign: need_var(w, c->var); break;
    case C_rec: walk_rec(w, c->rec); break;
    case C_slicebox:
        for (int i = 0; i < c->nkids - 1; i++)
            need_dim(w, c->box[i]);
        break;
    case C_call:
        for (int i = 0; i < c->callee->dims.n; i++)
            need_dim(w, c->dims[i]);
        break;
    default: break;
    }
}

Free core_free(Fx *f, const Core *c)
{
    Free r = { 0 };
    Walk w = { f, &r, map_new(f->a) };
    walk(&w, c);
    return r;
}

bool core_has(const Core *c, CoreKind k)
{
    if (!c)
        return false;
    if (c->kind == k)
        return true;
    for (int i = 0; i < c->nkids; i++)
        if (core_has(c->kids[i], k))
            return true;
    return false;
}

enum { CHEAP_NODES = 100 };

static bool is_cheap(const Core *c, int *nodes)
{
    if (++*nodes > CHEAP_NODES)
        return false;
    switch (c->kind) {
    case C_const: case C_str: case C_dim: case C_var: case C_index: return true;
    case C_op: case C_load: case C_if: case C_guard:
        if (c->kind == C_op && c->op == OP_extern)
            return false;
        for (int i = 0; i < c->nkids; i++)
            if (!is_cheap(c->kids[i], nodes))
                return false;
        return true;
    default: return false;
    }
}

bool core_is_cheap(const Core *c)
{
    int nodes = 0;
    return is_cheap(c, &nodes);
}

bool core_is_safe(const Core *c)
{
    if (!c)
        return true;
    if (c->bound || (c->kind == C_dim && c->checked) || (c->kind == C_op && ((ir_ops[c->op].effects & FAULTS) || c->op == OP_extern)))
        return false;
    if (c->kind == C_call || c->kind == C_while || c->kind == C_check || c->kind == C_effect || c->kind == C_rec ||
        c->kind == C_scope)
        return false;
    for (int i = 0; i < c->nkids; i++)
        if (!core_is_safe(c->kids[i]))
            return false;
    return true;
}
