/* core_clone.c - copies of checked expressions with other indices, what an expression depends on, and what may be done with it.
 *
 *     exp(s[i, j] - m[i])   with j := k   is   exp(s[i, k] - m[i])
 *
 * Indices and variables that the expression itself introduces get fresh copies, so no node has two owners.
 */
#include "frontend/check_int.h"

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
static Core *copy_var(Subst *s, const Core *c)
{
    const Var *x = (const Var *)c->var;
    if (map_find(&s->vars, c->var) || !x->def)
        return NULL;
    bool again = x->depth > s->expand;
    for (int i = 0; i < x->deps.n && !again; i++)
        for (int k = 0; k < s->n; k++)
            again |= s->from[k] == x->deps.p[i];
    return again ? copy(s, x->def) : NULL;
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
    if (c->bound || (c->kind == C_op && ((ir_ops[c->op].effects & FAULTS) || c->op == OP_extern)))
        return false;
    if (c->kind == C_call || c->kind == C_while || c->kind == C_check || c->kind == C_effect || c->kind == C_rec ||
        c->kind == C_scope)
        return false;
    for (int i = 0; i < c->nkids; i++)
        if (!core_is_safe(c->kids[i]))
            return false;
    return true;
}

/* ---- the order of a reduction: by its form alone (architecture.md, decision 2) ---- */

enum { FACTORS_MOST = 64 };

static void factors(const Core *c, const Core **out, int *n)
{
    if (c->kind == C_op && c->op == OP_mul && *n < FACTORS_MOST - 1) {
        factors(c->kids[0], out, n);
        factors(c->kids[1], out, n);
    } else if (*n < FACTORS_MOST) {
        out[(*n)++] = c;
    }
}

static bool among(const CoreIndex *x, int n, CoreIndex *const *idx)
{
    for (int i = 0; i < n; i++)
        if (idx[i] == x)
            return true;
    return false;
}

static bool has_reduced(const Free *r, int n, CoreIndex *const *idx)
{
    for (int i = 0; i < r->idx.n; i++)
        if (among(r->idx.p[i], n, idx))
            return true;
    return false;
}

/* Some free index of a (not a reduced one) is missing in b. */
static bool lacks(const Free *a, const Free *b, int n, CoreIndex *const *idx)
{
    for (int i = 0; i < a->idx.n; i++)
        if (!among(a->idx.p[i], n, idx) && !among(a->idx.p[i], b->idx.n, b->idx.p))
            return true;
    return false;
}

static bool is_contraction(Fx *f, int n, CoreIndex *const *idx, const Core *body)
{
    const Core *fs[FACTORS_MOST];
    Free deps[FACTORS_MOST];
    int nf = 0;
    factors(body->kind == C_block ? body->kids[body->nkids - 1] : body, fs, &nf);
    for (int i = 0; i < nf; i++) {
        deps[i] = core_free(f, fs[i]);
    }
    for (int i = 0; i < nf; i++)
        for (int k = 0; k < nf; k++)
            if (i != k && has_reduced(&deps[i], n, idx) && has_reduced(&deps[k], n, idx) && lacks(&deps[i], &deps[k], n, idx))
                return true;
    return false;
}

/* a[i] == j in a conjunction, i reduced and j free; a conjunct that may be asked under the ones before it only makes it a choice. */
static bool is_scatter(const Core *g, int n, CoreIndex *const *idx)
{
    if (g && g->kind == C_if && g->kids[2]->kind == C_const && !g->kids[2]->ival)
        return is_scatter(g->kids[0], n, idx);
    if (!g || g->kind != C_op)
        return false;
    if (g->op == OP_and)
        return is_scatter(g->kids[0], n, idx) || is_scatter(g->kids[1], n, idx);
    if (g->op != OP_eq)
        return false;
    for (int side = 0; side < 2; side++) {
        const Core *x = g->kids[side], *y = g->kids[1 - side];
        while (x->kind == C_op && (x->op == OP_cast || x->op == OP_narrow))
            x = x->kids[0];
        while (y->kind == C_op && (y->op == OP_cast || y->op == OP_narrow))
            y = y->kids[0];
        if (y->kind != C_index || among(y->index, n, idx) || x->kind != C_load)
            continue;
        for (int i = 1; i < x->nkids; i++)
            if (x->kids[i]->kind == C_index && among(x->kids[i]->index, n, idx))
                return true;
    }
    return false;
}

IrOrder core_order(Fx *f, RedOp op, int n, CoreIndex *const *idx, const Core *body, const Core *guard)
{
    if (is_scatter(guard, n, idx))
        return ORDER_chain;
    if (op == RED_sum && is_contraction(f, n, idx, body))
        return ORDER_contract;
    return ORDER_lanes16;
}
