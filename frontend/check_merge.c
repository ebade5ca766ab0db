/* check_merge.c - merge(tuned): the model before adapt, with weights that give what the adapted one gives.
 *
 *     base      y[t, o] = sum_i x[t, i] weight[o, i] + bias[o]                 which leaf is the weight, which the bias
 *     adapted   y[t, o] = sum of terms that are linear in x (check_linear.c), and a constant
 *     merged    weight[o, i] = the coefficient of x[t, i],  bias[o] = the constant
 *
 * Both forms come from the functions `call`, written out for an input that nobody gives. A coefficient is one sum in the order that the adapter says,
 * in its element type: for LoRA weight + (alpha / rank) sum_r a[r, i] b[o, r], rounded once a term.
 */
#include "frontend/adapt_int.h"
#include "frontend/builtin_int.h"
#include "frontend/linear_int.h"

#include <string.h>

typedef struct Merge {
    Fx *f;
    Span span;
    VEC(Dim) counts; /* of the lists around the part */
} Merge;

/* What a layer is: y = x W + c. */
typedef struct Layer { int weight, bias; bool out_first; } Layer; /* leaves; bias -1: none. out_first: W[o, i], else W[i, o] */

/* A layer's function, written out. */
typedef struct Called { Linear l; LinearForm form; CoreIndex *out; IrDtype dtype; Dim in, size; } Called;

static const char *name_at(const CoreSty *s) { return struct_of(s)->decl->name; }

static bool refused(Merge *m, const Linear *l, const char *who)
{
    Fx *f = m->f;
    report(f, l->unknown ? E0503 : E0410, l->where, "'%s' cannot be merged: %s", who, l->why);
    if (l->where.lo != m->span.lo || l->where.file != m->span.file)
        diag_note(f->cx->diags, m->span, "it is asked for here");
    return false;
}

static bool refused_for(Merge *m, bool unknown, Span where, const char *who, const char *why)
{
    Linear l = { .why = why, .unknown = unknown, .where = where };
    return refused(m, &l, who);
}

/* ---- a layer's function as a form ---- */

/* How many axes the input has, its element type, and the size of its last axis. */
static bool input_type(Merge *m, Val *net, const Field *fd, int *rank, Called *c)
{
    Fx *f = m->f;
    const Tree *params = fd->tree->kids[2], *t = params->nkids == 1 ? params->kids[0]->kids[0] : NULL;
    const Tree *dims = t && t->kind == T_tbase ? t->kids[2] : NULL;
    bool weak;
    Span head = { fd->span.file, fd->span.lo, fd->span.lo };
    c->dtype = dims ? dtype_named(f, t->kids[0]->name, &weak) : DT_none;
    if (!dims || !dims->nkids || !dtype_is_float(c->dtype) || fd->tree->kids[1])
        return refused_for(m, true, head, name_at(net->sty), "its 'call' takes more than one tensor of floats");
    *rank = dims->nkids; /* `..` is one row axis */
    Scope *at = f->scope;
    self_scope(f, fd->method, net);
    const Tree *last = dims->kids[dims->nkids - 1];
    c->in = last->kind == T_rest ? NULL : dim_expr(f, last);
    f->scope = at;
    if (!c->in && last->kind == T_rest)
        return refused_for(m, true, head, name_at(net->sty), "its input has no last axis of its own");
    return c->in != NULL;
}

static Val *written_out(Fx *f, Val *net, CoreVar *x, Span s)
{
    Tree name = { .kind = T_name, .name = name_of(f->cx->names, "merged input"), .span = s }, *kid = arena_copy(f->a, &name, sizeof name);
    Tree arg = { .kind = T_arg, .span = s, .nkids = 1, .kids = arena_copy(f->a, &kid, sizeof kid) }, *one = arena_copy(f->a, &arg, sizeof arg);
    Tree args = { .kind = T_list, .span = s, .nkids = 1, .kids = arena_copy(f->a, &one, sizeof one) };
    scope_push(f, SCOPE_block);
    scope_enter(f, f->scope, ENT_val, name.name, s)->val = val_core(f, core_of_var(f, x), false);
    f->write_out++;
    Val *v = member(f, net, W(f, call), s, s);
    v = is_error(v) ? v : call_fn(f, v, arena_copy(f->a, &args, sizeof args), s);
    f->write_out--;
    scope_pop(f);
    return v;
}

/* What was written for an input that nobody gives leaves no trace: variables of its size, conditions on its rows. */
static void forget(Merge *m, Linear *l, int nvars, int nplan)
{
    CoreFn *fn = m->f->fn;
    int n = nplan;
    for (int i = nvars; i < fn->vars.n; i++)
        if (fn->vars.p[i] == l->x || map_find(&l->dependent, fn->vars.p[i]))
            fn->vars.p[i]->type = ir_scalar(DT_f32);
    for (int i = nplan; i < fn->plan.n; i++)
        if (!linear_counts(l, fn->plan.p[i].a) && !linear_counts(l, fn->plan.p[i].b))
            fn->plan.p[n++] = fn->plan.p[i];
    fn->plan.n = n;
}

static bool called(Merge *m, Val *net, Called *c)
{
    Fx *f = m->f;
    Field *fd = method_find((Struct *)net->sty->strct, W(f, call));
    Dim dims[RANK_MOST];
    CoreIndex **idx = NEWN(f->a, CoreIndex *, RANK_MOST);
    Span head = fd ? (Span){ fd->span.file, fd->span.lo, fd->span.lo } : m->span;
    int rank = 0;
    *c = (Called){ 0 };
    if (!fd)
        return refused_for(m, true, m->span, name_at(net->sty), "it has no 'call'");
    if (!input_type(m, net, fd, &rank, c))
        return false;
    DimSym **sizes = NEWN(f->a, DimSym *, RANK_MOST);
    for (int i = 0; i + 1 < rank; i++) {
        sizes[i] = dim_sym_new(f->dims, name_of(f->cx->names, "rows"), m->span);
        dims[i] = dim_sym(f->dims, sizes[i]);
        facts_le(f->facts, dim_int(f, 1), dims[i]);
    }
    dims[rank - 1] = c->in;
    int nvars = f->fn->vars.n, nplan = f->fn->plan.n;
    Frame *fr = frame_push(f, FRAME_block);
    CoreVar *x = var_new(f, name_of(f->cx->names, "x"), m->span, tensor_type(f, c->dtype, rank, dims), false);
    c->l = (Linear){ .f = f, .x = x, .rows = idx, .sizes = sizes, .nsizes = rank - 1, .dependent = map_new(f->a), .locals = map_new(f->a), .span = head, .top = head };
    Val *v = written_out(f, net, x, m->span);
    frame_pop_block(f);
    for (int i = 0; i < fr->stmts.n; i++) /* what does not mention x stays */
        if (!linear_statement(&c->l, fr->stmts.p[i]))
            emit(f, fr->stmts.p[i]);
    if (is_error(v))
        return false;
    if (v->kind != V_core || v->type.rank != rank)
        return refused_for(m, true, fd->span, name_at(net->sty), "its result has other axes than its input");
    for (int i = 0; i < rank; i++)
        idx[i] = index_new(f, name_of(f->cx->names, i + 1 < rank ? "t" : "o"), m->span, NULL, v->type.dims[i]);
    c->out = idx[rank - 1];
    c->size = v->type.dims[rank - 1];
    if (!is_addressable(v->core)) { /* an expression of its own */
        CoreVar *y = var_new(f, name_of(f->cx->names, "y"), m->span, v->type, false);
        Core *let = core_kids(f, C_let, ir_scalar(DT_none), 1, &v->core);
        let->var = y;
        if (linear_statement(&c->l, let))
            v = val_core(f, core_of_var(f, y), false);
    }
    bool ok = linear_form(&c->l, val_at(f, v, rank, idx)->core, &c->form);
    forget(m, &c->l, nvars, nplan);
    return ok;
}

/* ---- the layer below ---- */

static bool is_leaf(const Core *c, CoreVar *const *vars, int n, int *leaf)
{
    for (int i = 0; c->kind == C_load && c->kids[0]->kind == C_var && i < n; i++)
        if (c->kids[0]->var == vars[i]) {
            *leaf = i;
            return true;
        }
    return false;
}

static bool at_index(const Core *c, int i, const CoreIndex *x) { return c->kids[i + 1]->kind == C_index && c->kids[i + 1]->index == x; }

/* Which leaves of the model are its weight and its bias. */
static bool layer_of(const Called *c, CoreVar *const *vars, int n, Layer *out)
{
    const LinearTerm *t = c->form.terms.n == 1 ? &c->form.terms.p[0] : NULL;
    *out = (Layer){ .bias = -1 };
    if (!t || t->sum.n != 1 || t->sum.p[0] != t->at || !is_leaf(t->coef, vars, n, &out->weight) || t->coef->nkids != 3)
        return false;
    out->out_first = at_index(t->coef, 0, c->out);
    if (!at_index(t->coef, out->out_first, t->at) || !at_index(t->coef, !out->out_first, c->out))
        return false;
    const Core *b = c->form.constant;
    return !b || (is_leaf(b, vars, n, &out->bias) && b->nkids == 2 && at_index(b, 0, c->out) && out->bias != out->weight);
}

static bool find_layer(Merge *m, CoreSty *sty, Layer *out)
{
    Fx *f = m->f;
    int n;
    IrType *types = sty_leaf_types(f, sty, &n);
    CoreVar **vars = NEWN(f->a, CoreVar *, n + 1);
    Core **leaves = NEWN(f->a, Core *, n + 1);
    Called c;
    Trial t = trial_begin(f);
    for (int i = 0; i < n; i++) {
        vars[i] = var_new(f, name_of(f->cx->names, "leaf"), m->span, types[i], false);
        leaves[i] = core_of_var(f, vars[i]);
    }
    bool ok = called(m, val_leaves(f, sty, leaves), &c) && layer_of(&c, vars, n, out);
    trial_end(f, &t);
    return ok || refused_for(m, true, m->span, name_at(sty), "it is not known as x W + b with a weight and a bias that it stores");
}

/* ---- merged leaves ---- */

static bool has_rows(Fx *f, const Core *c, const Called *k)
{
    Free need = core_free(f, c);
    for (int i = 0; i < need.idx.n; i++)
        for (int r = 0; k->l.rows[r] != k->out; r++)
            if (need.idx.p[i] == k->l.rows[r])
                return true;
    return false;
}

/* The coefficient of x[t, i] in y[t, o] from one term; NULL: it has none. */
static Core *coefficient(Merge *m, Called *c, const LinearTerm *t, CoreIndex *o, CoreIndex *i)
{
    Fx *f = m->f;
    CoreIndex *from[RANK_MOST * 2], *to[RANK_MOST * 2], *rest[RANK_MOST * 2];
    int n = 0, nrest = 0;
    bool summed = false;
    for (int k = 0; k < t->sum.n; k++) {
        bool at = t->sum.p[k] == t->at;
        summed |= at;
        from[n] = t->sum.p[k];
        to[n] = at ? i : index_copy(f, from[n]);
        if (!at)
            rest[nrest++] = to[n];
        n++;
    }
    from[n] = c->out;
    to[n++] = o;
    Core *v = core_clone(f, t->coef, n, from, to);
    v = nrest ? core_reduce(f, RED_sum, nrest, rest, v, NULL) : v;
    if (summed)
        return v;
    if (t->at != c->out)
        return NULL;
    Core *same = core_op2(f, OP_eq, DT_bool, core_of_index(f, o), core_of_index(f, i));
    return core_if(f, same, v, core_number(f, v->type.dtype, 0));
}

static bool fits(Merge *m, Called *c, const Layer *layer, const char *who)
{
    for (int i = 0; i < c->form.terms.n; i++)
        if (has_rows(m->f, c->form.terms.p[i].coef, c))
            return refused_for(m, false, c->l.span, who, "a factor that differs from row to row");
    if (c->form.constant && has_rows(m->f, c->form.constant, c))
        return refused_for(m, false, c->l.span, who, "a constant that differs from row to row");
    if (c->form.constant && layer->bias < 0)
        return refused_for(m, false, c->l.span, who, "it adds a constant, and the model has no bias");
    return true;
}

/* The weight, or the bias, of the layer that does what this part does. */
static Core *merged_value(Merge *m, Val *part, const Layer *layer, bool bias)
{
    Fx *f = m->f;
    Called c;
    if (!called(m, part, &c)) {
        if (c.l.why)
            refused(m, &c.l, name_at(part->sty));
        return NULL;
    }
    if (!fits(m, &c, layer, name_at(part->sty)))
        return NULL;
    CoreIndex *o = index_new(f, name_of(f->cx->names, "o"), m->span, NULL, c.size), *i = index_new(f, name_of(f->cx->names, "i"), m->span, NULL, c.in);
    if (bias) {
        Core *k = c.form.constant ? core_clone(f, c.form.constant, 1, &c.out, &o) : core_number(f, c.dtype, 0);
        return core_map(f, 1, &o, k);
    }
    Core *sum = NULL;
    for (int k = 0; k < c.form.terms.n; k++) {
        Core *x = coefficient(m, &c, &c.form.terms.p[k], o, i);
        if (!x) {
            refused_for(m, true, c.l.span, name_at(part->sty), "a place of the input that is the same for all");
            return NULL;
        }
        sum = sum ? core_op2(f, OP_add, x->type.dtype, sum, x) : x;
    }
    CoreIndex *both[2] = { layer->out_first ? o : i, layer->out_first ? i : o };
    return core_map(f, 2, both, sum ? sum : core_number(f, c.dtype, 0));
}

static Core *merged_leaf(Merge *m, CoreSty *sty, Core **from, const Layer *layer, bool bias)
{
    Fx *f = m->f;
    CoreIndex *idx[RANK_MOST];
    CoreSty *all = sty;
    for (int i = m->counts.n; i-- > 0;)
        all = list_sty(f, all, m->counts.p[i]);
    Val *part = val_leaves(f, all, from);
    if (!m->counts.n) {
        Core *c = merged_value(m, part, layer, bias);
        return c ? addressable(f, c) : NULL;
    }
    frame_push(f, FRAME_index);
    scope_push(f, SCOPE_index);
    for (int i = 0; i < m->counts.n; i++) {
        index_enter(f, idx[i] = index_new(f, name_of(f->cx->names, "i"), m->span, NULL, m->counts.p[i]));
        part = list_at(f, part, core_of_index(f, idx[i]), dim_sym(f->dims, idx[i]->sym));
    }
    Core *c = merged_value(m, part, layer, bias);
    scope_pop(f);
    if (!c) {
        frame_merge(f);
        return NULL;
    }
    Val *v = tabulate(f, m->counts.n, idx, val_core(f, c, false), m->span);
    return is_error(v) ? NULL : addressable(f, v->core);
}

/* What no weights can say. */
static bool mergeable(Merge *m, const CoreSty *sty)
{
    Fx *f = m->f;
    for (const Struct *st = struct_of(sty); st->over; st = struct_of(st->over))
        for (int i = 1; i < st->fields.n; i++) {
            const Field *fd = &st->fields.p[i];
            Span head = { fd->span.file, fd->span.lo, fd->span.lo };
            if (fd->kind == FIELD_input)
                return refused_for(m, false, fd->span, st->decl->name, arena_printf(f->a, "it depends on the input '%s'", fd->name));
            if (fd->kind == FIELD_method && fd->name != W(f, call) && method_find((Struct *)st->over->strct, fd->name))
                return refused_for(m, true, head, st->decl->name, arena_printf(f->a, "it changes '%s'; only 'call' is merged", fd->name));
        }
    return true;
}

/* Adapters over one layer: the leaves of the layer. */
static bool merge_part(Merge *m, CoreSty *old, Core **from, CoreSty *new_, Core **to)
{
    Fx *f = m->f;
    Layer layer;
    if (!mergeable(m, old) || !find_layer(m, new_, &layer))
        return false;
    CoreSty *base = old;
    while (struct_of(base)->over)
        base = sty_subst(f, struct_of(base)->over, struct_subst, base);
    if (base->strct != new_->strct)
        return refused_for(m, true, m->span, name_at(old), "parts of it are adapted themselves");
    memcpy(to, from, sizeof(Core *) * (size_t)new_->strct->leaves.n); /* those of the base are the first */
    Core *w = merged_leaf(m, old, from, &layer, false), *b = w && layer.bias >= 0 ? merged_leaf(m, old, from, &layer, true) : NULL;
    if (!w || (layer.bias >= 0 && !b))
        return false;
    to[layer.weight] = w;
    if (b)
        to[layer.bias] = b;
    return true;
}

/* ---- the type before adapt, and its value ---- */

static CoreSty *before(Fx *f, CoreSty *s, const CoreSty *as)
{
    if (s->kind == STY_list) {
        CoreSty *r = arena_copy(f->a, s, sizeof *s);
        r->elem = before(f, s->elem, as->elem);
        return r;
    }
    if (s->kind != STY_struct || s->strct == as->strct)
        return s;
    const Struct *st = struct_of(s);
    if (adapt_depth(st) > adapt_depth(struct_of(as)))
        return before(f, sty_subst(f, st->over, struct_subst, s), as);
    Struct *x = (Struct *)as->strct;
    CoreSty **parts = NEWN(f->a, CoreSty *, x->fields.n + 1);
    for (int i = 0; i < x->fields.n; i++)
        if (x->fields.p[i].kind == FIELD_part)
            parts[i] = before(f, sty_subst(f, st->fields.p[i].sty, struct_subst, s), x->fields.p[i].sty);
    return adapt_args(f, s, x, parts);
}

static bool unlift(Merge *m, CoreSty *old, Core **from, CoreSty *new_, Core **to)
{
    Fx *f = m->f;
    bool ok = true;
    if (old->kind == STY_list && new_->kind == STY_list) {
        PUSH(f, &m->counts, new_->count);
        ok = unlift(m, old->elem, from, new_->elem, to);
        m->counts.n--;
        return ok;
    }
    if (old->kind != STY_struct || old->strct == new_->strct) {
        memcpy(to, from, sizeof(Core *) * (size_t)sty_nleaves(old));
        return true;
    }
    const Struct *was = struct_of(old), *st = struct_of(new_);
    if (adapt_depth(was) > adapt_depth(st))
        return merge_part(m, old, from, new_, to);
    for (int i = 0; i < st->fields.n && ok; i++) {
        const Field *fd = &st->fields.p[i], *w = &was->fields.p[i];
        if (fd->kind == FIELD_part)
            ok = unlift(m, sty_subst(f, w->sty, struct_subst, old), from + w->first, sty_subst(f, fd->sty, struct_subst, new_), to + fd->first);
        else if (fd->sty)
            memcpy(to + fd->first, from + w->first, sizeof(Core *) * (size_t)fd->nleaves);
    }
    return ok;
}

Val *builtin_merge(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    Merge m = { .f = f, .span = s };
    Val *net = n == 1 ? val_plain(f, args[0]) : NULL;
    (void)trees;
    if (net && is_error(net))
        return net;
    bool model = net && net->kind == V_agg && net->sty->kind == STY_struct && net->sty->strct->is_model;
    Struct *plain = model ? adapt_plain(f, struct_of(net->sty), s) : NULL;
    if (!plain || &plain->pub == net->sty->strct) {
        report(f, E0205, s, "merge(tuned) takes a model that is adapted%s", model ? arena_printf(f->a, ", and %s is not", val_text(f, net)) : "");
        return val_error();
    }
    CoreSty as = { .kind = STY_struct, .strct = &plain->pub }, *sty = before(f, net->sty, &as);
    Core **to = NEWN(f->a, Core *, plain->pub.leaves.n + 1);
    return unlift(&m, net->sty, net->leaves, sty, to) ? val_leaves(f, sty, to) : val_error();
}
