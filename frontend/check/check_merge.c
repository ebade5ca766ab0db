/* check_merge.c - merge(tuned): the model before adapt, with weights that give what the adapted one gives.
 *
 *     base      y[t, o] = sum_i x[t, i] weight[o, i] + bias[o]                 which leaf is the weight, which the bias
 *     adapted   y[t, o] = sum of terms that are linear in x (check_linear.c), and a constant
 *     merged    weight[o, i] = the coefficient of x[t, i],  bias[o] = the constant
 *
 * A layer may have any axes: each index of its sum is found again at a place of the input, so an element of the weight says which place
 * it multiplies for which result; axes of the result that the weight lacks are rows (a convolution's points, a batch).
 * check_merge_place.c finds the terms of an adapter at the places of the layer, check_merge_table.c merges tables of rows.
 *
 * Both forms come from the functions `call`, written out for an input that nobody gives. A coefficient is one sum in the order that the adapter says,
 * in its element type: for LoRA weight + (alpha / rank) sum_r a[r, i] b[o, r], rounded once a term.
 */
#include "frontend/check/adapt_int.h"
#include "frontend/check/builtin_int.h"
#include "frontend/check/merge_int.h"

#include <string.h>

static const char *name_at(const CoreSty *s) { return struct_of(s)->decl->name; }

bool merge_refused(Merge *m, const Linear *l, const char *who)
{
    Fx *f = m->f;
    report(f, l->unknown ? E0503 : E0410, l->where, "'%s' cannot be merged: %s", who, l->why);
    if (l->where.lo != m->span.lo || l->where.file != m->span.file)
        diag_note(f->cx->diags, m->span, "it is asked for here");
    return false;
}

bool merge_refused_for(Merge *m, bool unknown, Span where, const char *who, const char *why)
{
    Linear l = { .why = why, .unknown = unknown, .where = where };
    return merge_refused(m, &l, who);
}

/* ---- a layer's function as a form ---- */

/* A size that the signature introduces: any. */
static Dim any_size(Merge *m, Called *c, Name n)
{
    Fx *f = m->f;
    DimSym *sym = dim_sym_new(f->dims, n ? n : name_of(f->cx->names, "rows"), m->span);
    Dim d = dim_sym(f->dims, sym);
    facts_le(f->facts, dim_int(f, 1), d);
    c->sizes[c->nsizes++] = sym;
    if (n)
        scope_add(f, ENT_val, n, m->span)->val = val_dim(f, d);
    return d;
}

static bool has_unknown(Fx *f, const Tree *t)
{
    bool found = t->kind == T_name && !scope_find(f->scope, t->name) && !decl_find(f, f->scope, t->name);
    for (int i = 0; i < t->nkids && !found; i++)
        found = t->kids[i] && has_unknown(f, t->kids[i]);
    return found;
}

/* The type of the one tensor that it takes, `f32[.., D]`; NULL: it takes something else. */
static const Tree *input_tree(const Field *call)
{
    const Tree *params = call->tree->kids[2], *t = params->nkids == 1 ? params->kids[0]->kids[0] : NULL;
    return t && t->kind == T_tbase && t->kids[2] && t->kids[2]->nkids ? t : NULL;
}

/* The element type of the input, and its sizes: those of the layer's numbers, and any. */
static bool input_type(Merge *m, Val *net, const Field *fd, Called *c)
{
    Fx *f = m->f;
    const Tree *t = input_tree(fd), *dims = t ? t->kids[2] : NULL;
    bool weak, ok = true;
    Span head = { fd->span.file, fd->span.lo, fd->span.lo };
    c->dtype = dims ? dtype_named(f, t->kids[0]->name, &weak) : DT_none;
    c->table = dims && dtype_is_int(c->dtype) && !weak;
    if (!dims || !(dtype_is_float(c->dtype) || c->table) || fd->tree->kids[1])
        return merge_refused_for(m, true, head, name_at(net->sty), "its 'call' takes more than one tensor of numbers");
    c->sizes = NEWN(f->a, DimSym *, RANK_MOST);
    Scope *at = f->scope;
    self_scope(f, fd->method, net);
    scope_push(f, SCOPE_block);
    for (int i = 0; ok && i < dims->nkids; i++) {
        const Tree *d = dims->kids[i];
        bool name = d->kind == T_name && !scope_find(f->scope, d->name);
        int n = d->kind == T_rest ? m->pack : 1;
        if (c->rank + n > RANK_MOST || (d->kind != T_rest && !name && has_unknown(f, d))) {
            ok = merge_refused_for(m, true, head, name_at(net->sty), "the sizes of its input do not stand alone");
            break;
        }
        for (int k = 0; k < n && ok; k++) {
            c->dims[c->rank] = d->kind == T_rest ? any_size(m, c, NULL) : name ? any_size(m, c, d->name) : dim_expr(f, d);
            ok = c->dims[c->rank++] != NULL;
        }
    }
    f->scope = at;
    return ok;
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
    Span head = fd ? (Span){ fd->span.file, fd->span.lo, fd->span.lo } : m->span;
    *c = (Called){ 0 };
    if (!fd)
        return merge_refused_for(m, true, m->span, name_at(net->sty), "it has no 'call'");
    if (!input_type(m, net, fd, c))
        return false;
    int nvars = f->fn->vars.n, nplan = f->fn->plan.n;
    Frame *fr = frame_push(f, FRAME_block);
    CoreVar *x = var_new(f, name_of(f->cx->names, "x"), m->span, tensor_type(f, c->dtype, c->rank, c->dims), false);
    c->l = (Linear){ .f = f, .x = x, .sizes = c->sizes, .nsizes = c->nsizes, .dependent = map_new(f->a), .locals = map_new(f->a), .span = head, .top = head };
    Val *v = written_out(f, net, x, m->span);
    frame_pop_block(f);
    for (int i = 0; i < fr->stmts.n; i++) /* what does not mention x stays */
        if (!linear_statement(&c->l, fr->stmts.p[i]))
            emit(f, fr->stmts.p[i]);
    if (is_error(v))
        return false;
    if (v->kind != V_core)
        return merge_refused_for(m, true, fd->span, name_at(net->sty), "its result is no tensor");
    c->nout = v->type.rank;
    f->facts = facts_new(f->dims, f->facts); /* the caller's again when the form is used: there may be no such places */
    for (int i = 0; i < c->nout; i++) {
        CoreIndex *o = c->out[i] = index_new(f, name_of(f->cx->names, "o"), m->span, NULL, v->type.dims[i]);
        facts_range(f->facts, o->sym, dim_int(f, 0), o->extent);
    }
    if (!is_addressable(v->core)) { /* an expression of its own */
        CoreVar *y = var_new(f, name_of(f->cx->names, "y"), m->span, v->type, false);
        Core *let = core_kids(f, C_let, ir_scalar(DT_none), 1, &v->core);
        let->var = y;
        if (linear_statement(&c->l, let))
            v = val_core(f, core_of_var(f, y), false);
    }
    Core *element = val_at(f, v, c->nout, c->out)->core;
    bool ok = c->table ? (c->row = linear_row(&c->l, element)) != NULL : linear_form(&c->l, element, &c->form);
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

static int index_among(const CoreIndex *x, int n, CoreIndex *const *idx)
{
    for (int i = 0; i < n; i++)
        if (idx[i] == x)
            return i;
    return -1;
}

/* The axes of a leaf: each an index of its own, of the result or one of these. */
static bool axes_of_leaf(const Called *c, const Core *leaf, int n, CoreIndex *const *sums, LayerAxis *axes)
{
    for (int i = 0; i + 1 < leaf->nkids; i++) {
        const Core *x = leaf->kids[i + 1];
        int out = x->kind == C_index ? index_among(x->index, c->nout, c->out) : -1;
        int sum = x->kind == C_index && out < 0 ? index_among(x->index, n, sums) : -1;
        if (out < 0 && sum < 0)
            return false;
        for (int k = 0; k < i; k++)
            if (axes[k].out == out && axes[k].sum == sum)
                return false;
        axes[i] = (LayerAxis){ out, sum };
    }
    return true;
}

/* y[t, d] = E[x[t], d]: one axis is the number that the input gives. */
static bool axes_of_table(const Called *c, const Core *row, Layer *out)
{
    bool token = false;
    if (!axes_of_leaf(c, row, 1, &c->l.token, out->weight_axes))
        return false;
    for (int i = 0; i < out->nweight; i++)
        token |= out->weight_axes[i].out < 0;
    return token;
}

/* Each index of the sum is an axis of the weight, and is known from the place that is read. */
static bool places_tell(Fx *f, const Layer *y)
{
    for (int s = 0; s < y->term.sum.n; s++) {
        DimSym *sym = y->term.sum.p[s]->sym;
        bool axis = false, told = false;
        for (int i = 0; i < y->nweight; i++)
            axis |= y->weight_axes[i].sum == s;
        for (int i = 0; i < y->called.rank; i++) {
            Dim rest = dim_sub(f->dims, y->term.at[i], dim_sym(f->dims, sym));
            told |= dim_mentions(y->term.at[i], sym) && !dim_mentions(rest, sym);
        }
        if (!axis || !told)
            return false;
    }
    return true;
}

/* Which leaves of the model are its weight and its bias. */
static bool layer_of(Fx *f, const Called *c, CoreVar *const *vars, int n, Layer *out)
{
    *out = (Layer){ .bias = -1, .called = *c };
    const Core *w = c->table ? c->row : c->form.terms.n == 1 ? c->form.terms.p[0].coef : NULL, *b = c->form.constant;
    if (!w || !is_leaf(w, vars, n, &out->weight))
        return false;
    out->nweight = w->nkids - 1;
    if (c->table)
        return axes_of_table(c, w, out);
    out->term = c->form.terms.p[0];
    if (!axes_of_leaf(c, w, out->term.sum.n, out->term.sum.p, out->weight_axes) || !places_tell(f, out))
        return false;
    return !b || (is_leaf(b, vars, n, &out->bias) && (out->nbias = b->nkids - 1) && axes_of_leaf(c, b, 0, NULL, out->bias_axes) && out->bias != out->weight);
}

static bool find_layer(Merge *m, CoreSty *sty, Layer *out)
{
    Fx *f = m->f;
    int n;
    IrType *types = sty_leaf_types(f, sty, &n);
    CoreVar **vars = NEWN(f->a, CoreVar *, n + 1);
    Core **leaves = NEWN(f->a, Core *, n + 1);
    Called *c = NEW(f->a, Called);
    Facts *known = f->facts;
    Trial t = trial_begin(f);
    for (int i = 0; i < n; i++) {
        vars[i] = var_new(f, name_of(f->cx->names, "leaf"), m->span, types[i], false);
        leaves[i] = core_of_var(f, vars[i]);
    }
    bool ok = called(m, val_leaves(f, sty, leaves), c) && layer_of(f, c, vars, n, out);
    f->facts = known;
    trial_end(f, &t);
    return ok || merge_refused_for(m, true, m->span, name_at(sty), "it is not known as a sum of products with a weight that it stores, and a bias");
}

/* ---- merged leaves ---- */

/* The weight, or the bias, of the layer that does what this part does. */
static Core *merged_value(Merge *m, Val *part, const Layer *layer, bool bias)
{
    Fx *f = m->f;
    Called *c = NEW(f->a, Called);
    Facts *known = f->facts;
    const char *who = name_at(part->sty);
    if (!called(m, part, c)) {
        f->facts = known;
        if (c->l.why)
            merge_refused(m, &c->l, who);
        return NULL;
    }
    if (c->form.constant && layer->bias < 0) {
        f->facts = known;
        merge_refused_for(m, false, c->l.span, who, "it adds a constant, and the model has no bias");
        return NULL;
    }
    const IrType *t = &part->leaves[bias ? layer->bias : layer->weight]->type;
    CoreIndex *axes[RANK_MOST];
    for (int i = 0; i < t->rank; i++)
        axes[i] = index_new(f, name_of(f->cx->names, "i"), m->span, NULL, t->dims[i]);
    Core *v = layer->called.table ? merge_row(m, c, layer, axes, who) : bias ? merge_constant(m, c, layer, axes, who) : merge_weight(m, c, layer, axes, who);
    f->facts = known;
    return v ? core_map(f, t->rank, axes, core_cast(f, v, t->dtype, OP_cast)) : NULL;
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
                return merge_refused_for(m, false, fd->span, st->decl->name, arena_printf(f->a, "it depends on the input '%s'", fd->name));
            if (fd->kind == FIELD_method && fd->name != W(f, call) && method_find((Struct *)st->over->strct, fd->name))
                return merge_refused_for(m, true, head, st->decl->name, arena_printf(f->a, "it changes '%s'; only 'call' is merged", fd->name));
        }
    return true;
}

/* How many axes the input has beside `..`; whether it has that. */
static int input_axes(Fx *f, const CoreSty *sty, bool *rest)
{
    const Field *fd = method_find((Struct *)sty->strct, W(f, call));
    const Tree *t = fd ? input_tree(fd) : NULL;
    int n = 0;
    *rest = false;
    for (int i = 0; t && i < t->kids[2]->nkids; i++) {
        *rest |= t->kids[2]->kids[i]->kind == T_rest;
        n += t->kids[2]->kids[i]->kind != T_rest;
    }
    return n;
}

/* The axes of `..` where one says how many there are: one if neither does. */
static int rows_of_pack(int own, bool rest, int other, bool other_rest)
{
    return rest && !other_rest && other >= own ? other - own : 1;
}

/* Adapters over one layer: the leaves of the layer. */
static bool merge_part(Merge *m, CoreSty *old, Core **from, CoreSty *new_, Core **to)
{
    Fx *f = m->f;
    Layer layer;
    bool part_rest, layer_rest;
    int part = input_axes(f, old, &part_rest), below = input_axes(f, new_, &layer_rest);
    m->pack = rows_of_pack(below, layer_rest, part, part_rest);
    if (!mergeable(m, old) || !find_layer(m, new_, &layer))
        return false;
    m->pack = rows_of_pack(part, part_rest, below, layer_rest);
    CoreSty *base = old;
    while (struct_of(base)->over)
        base = sty_subst(f, struct_of(base)->over, struct_subst, base);
    if (base->strct != new_->strct)
        return merge_refused_for(m, true, m->span, name_at(old), "parts of it are adapted themselves");
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
