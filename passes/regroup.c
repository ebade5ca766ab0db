/* regroup.c - rule 4 of PASSES.md: which of two sums of a product is taken first.
 *
 *     %s = map [i, j] { sum [d] %q[i, d] * %k[j, d] }      %u = map [d, e] { sum [j] %k[j, d] * %v[j, e] }
 *     map [i, e] { sum [j] %s[i, j] * %v[j, e] }           map [i, e] { sum [d] %q[i, d] * %u[d, e] }
 *
 * are the same real number. The other grouping is taken if every reader of %s allows it and it costs less for all sizes: at most 9/10 of
 * the multiplications, or a lower power of the sizes at no more than twice the multiplications for the smallest ones. A row alone and a
 * row among others may then be grouped differently, and so have other bits: the default pipeline does it only when it is asked to.
 */
#include "passes/stream_int.h"
#include "passes/regroup_int.h"

enum { WEIGHTS_DEEP = 3 };

/* ---- products -------------------------------------------------------------------------------------------------------- */

static bool add_factor(Reader *r, IrNode *n, bool over, bool element)
{
    if (r->nfactors == REGROUP_FACTORS)
        return false;
    r->factors[r->nfactors++] = (Factor){ .n = n, .over = over, .element = element };
    return true;
}

static bool split_product(Reader *r, IrNode *n, bool over);

static bool split_operands(Reader *r, IrNode *n, bool over)
{
    return split_product(r, n->in[0], over) && split_product(r, n->in[1], n->op == OP_div ? !over : over);
}

/* The factors of n: of the reader's value, of the tensor's element at r->load, and of the inner sum. */
static bool split_product(Reader *r, IrNode *n, bool over)
{
    bool in_reader = n->parent == r->reduce->regions[0], in_element = n->parent == r->s->regions[0] || n->parent == r->inner->regions[0];
    if (n == r->load || n == r->inner) {
        IrRegion *body = n == r->load ? r->s->regions[0] : r->inner->regions[0];
        return !over && split_product(r, ir_terminator(body)->in[0], false);
    }
    if ((in_reader || in_element) && (n->op == OP_mul || n->op == OP_div))
        return split_operands(r, n, over);
    return add_factor(r, n, over, in_element);
}

/* ---- indices --------------------------------------------------------------------------------------------------------- */

static void finds_index(void *user, DimSym *s)
{
    *(bool *)user = *(bool *)user || s->index;
}

/* Runs from 0 to an extent that is the same everywhere. */
static bool is_plain_index(const IrNode *x)
{
    bool varies = x->op != OP_index || !pass_is_whole(x) || dim_is_poison(x->dim);
    if (!varies)
        dim_syms(x->dim, finds_index, &varies);
    return !varies;
}

static bool has_plain_indices(const IrRegion *r)
{
    for (int i = 0; i < r->params.n; i++)
        if (!is_plain_index(r->params.p[i]))
            return false;
    return true;
}

static bool is_plain_sum(const IrNode *n)
{
    return n->op == OP_reduce && n->redop == RED_sum && !n->stream && (n->type.dtype == DT_f32 || n->type.dtype == DT_f64) && n->nregions == 1 && n->nin == 0 &&
           has_plain_indices(n->regions[0]);
}

/* The terms of a sum's guard go where the indices that they need do. */
static bool split_guard(Reader *r, IrNode *g, bool element)
{
    if (g && g->op == OP_and)
        return split_guard(r, g->in[0], element) && split_guard(r, g->in[1], element);
    if (!g || !add_factor(r, g, false, element))
        return !g;
    r->factors[r->nfactors - 1].guard = true;
    return true;
}

bool regroup_needs(const Reader *r, const Factor *f, IrNode *x)
{
    if (!f->element || x->parent == r->inner->regions[0])
        return pass_depends_on(r->cx, f->n, x);
    const IrRegion *element = r->s->regions[0];
    for (int i = 0; i < element->params.n; i++)
        if (pass_depends_on(r->cx, r->load->in[i + 1], x) && pass_depends_on(r->cx, f->n, element->params.p[i]))
            return true;
    return false;
}

static bool needs_any(const Reader *r, const Factor *f, const IrRegion *indices)
{
    for (int i = 0; i < indices->params.n; i++)
        if (regroup_needs(r, f, indices->params.p[i]))
            return true;
    return false;
}

/* Of all indices of a region, those that the first sum needs are axes of its result. */
static bool keep_indices(Reader *r, const IrRegion *region)
{
    for (int i = 0; i < region->params.n; i++) {
        bool needed = false;
        for (int k = 0; k < r->nfactors && !needed; k++)
            needed = r->factors[k].early && regroup_needs(r, &r->factors[k], region->params.p[i]);
        if (!needed)
            continue;
        if (r->nkept == REGROUP_INDICES || !is_plain_index(region->params.p[i]))
            return false;
        r->kept[r->nkept++] = region->params.p[i];
    }
    return true;
}

/* The second sum has its lanes along the reader's last index: that is the last axis of what it reads. */
static void last_index_last(Reader *r, int outer)
{
    IrRegion *around = r->reduce->parent;
    if (!outer || r->kept[outer - 1] != vec_last(&around->params))
        return;
    IrNode *last = r->kept[outer - 1];
    for (int i = outer; i < r->nkept; i++)
        r->kept[i - 1] = r->kept[i];
    r->kept[r->nkept - 1] = last;
}

static bool sort_factors(Reader *r)
{
    int early = 0;
    for (int i = 0; i < r->nfactors; i++) {
        Factor *f = &r->factors[i];
        f->early = needs_any(r, f, r->reduce->regions[0]);
        f->late = !f->early && needs_any(r, f, r->inner->regions[0]);
        early += f->early && !f->guard;
        if (f->guard && !f->early && !f->late) /* of the whole */
            return false;
    }
    for (IrRegion *at = r->reduce->parent; at != r->s->parent; at = at->owner->parent)
        if (!keep_indices(r, at))
            return false;
    int outer = r->nkept;
    if (!keep_indices(r, r->inner->regions[0]))
        return false;
    int kept_of_inner = r->nkept - outer;
    last_index_last(r, outer);
    return early && kept_of_inner == r->inner->regions[0]->params.n; /* else the inner sum is of factors that do not meet */
}

/* ---- readers --------------------------------------------------------------------------------------------------------- */

static bool find_reader(Reader *r)
{
    IrNode *owner = r->load->parent->owner;
    if (r->load->op != OP_load || r->load->in[0] != r->s || !owner || !is_plain_sum(owner) || owner->type.dtype != r->s->type.dtype)
        return false;
    r->reduce = owner;
    for (IrRegion *at = owner->parent; at != r->s->parent; at = at->owner->parent)
        if (!at->owner || at->owner->op != OP_map)
            return false;
    r->top = pass_ancestor_in(owner, r->s->parent);
    if (!split_product(r, ir_terminator(owner->regions[0])->in[0], false) || !split_guard(r, pass_guard(owner->regions[0]), false) ||
        !split_guard(r, pass_guard(r->inner->regions[0]), true))
        return false;
    for (int i = 0; i < r->nfactors; i++) /* the load stands in the product once, and nothing else in it reads s */
        if (pass_depends_on(r->cx, r->factors[i].n, r->load))
            return false;
    return sort_factors(r) && regroup_can_build(r);
}

static IrNode *inner_sum(const IrNode *s)
{
    IrNode *found = NULL;
    for (IrNode *n = s->regions[0]->first; n; n = n->next) {
        if (n->op == OP_reduce && found)
            return NULL;
        if (n->op == OP_reduce)
            found = n;
    }
    bool plain = found && is_plain_sum(found) && ir_nuses(found) == 1 && !pass_guard(s->regions[0]) && has_plain_indices(s->regions[0]);
    return plain && found->type.dtype == s->type.dtype ? found : NULL;
}

/* ---- costs ----------------------------------------------------------------------------------------------------------- */

static Dim times_extents(DimCx *d, Dim n, const IrRegion *r)
{
    for (int i = 0; i < r->params.n; i++)
        n = dim_mul(d, n, r->params.p[i]->dim);
    return n;
}

/* Multiplications of the reader's loop: over the indices around it that it needs. */
static Dim turns_of(const Reader *r, const IrRegion *summed)
{
    DimCx *d = r->cx->module->dims;
    Dim n = times_extents(d, dim_const(d, 1), summed);
    for (IrRegion *at = r->reduce->parent; at != r->s->parent; at = at->owner->parent)
        for (int i = 0; i < at->params.n; i++)
            if (pass_depends_on(r->cx, r->reduce, at->params.p[i]))
                n = dim_mul(d, n, at->params.p[i]->dim);
    return n;
}

static Dim turns_before(const Reader *r)
{
    DimCx *d = r->cx->module->dims;
    Dim n = times_extents(d, dim_const(d, 1), r->reduce->regions[0]);
    for (int i = 0; i < r->nkept; i++)
        n = dim_mul(d, n, r->kept[i]->dim);
    return n;
}

static int degree(const DimTerm *t)
{
    int n = 0;
    for (int i = 0; i < t->nfactors; i++)
        n += t->factors[i].power;
    return n;
}

static int power_of(const DimTerm *t, const DimAtom *a)
{
    for (int i = 0; i < t->nfactors; i++)
        if (t->factors[i].atom == a)
            return t->factors[i].power;
    return 0;
}

static bool divides(const DimTerm *a, const DimTerm *b)
{
    for (int i = 0; i < a->nfactors; i++)
        if (a->factors[i].power > power_of(b, a->factors[i].atom))
            return false;
    return true;
}

/* Is den * a <= num * b for all sizes of at least 1? Each term of a is paid by terms of b that it divides. */
static bool is_paid(PassCx *cx, Dim a, Dim b, int64_t den, int64_t num)
{
    const DimTerm *ta, *tb;
    int na = dim_terms(a, &ta), nb = dim_terms(b, &tb);
    int64_t *purse = NEWN(cx->arena, int64_t, nb ? nb : 1);
    for (int k = 0; k < nb; k++)
        if (tb[k].coef < 0 || __builtin_mul_overflow(tb[k].coef, num, &purse[k]))
            return false;
    for (int i = 0; i < na; i++) {
        int64_t owed;
        if (__builtin_mul_overflow(ta[i].coef, den, &owed))
            return false;
        for (int k = 0; k < nb && owed > 0; k++) {
            int64_t paid = divides(&ta[i], &tb[k]) ? (owed < purse[k] ? owed : purse[k]) : 0;
            purse[k] -= paid;
            owed -= paid;
        }
        if (owed > 0)
            return false;
    }
    return true;
}

static int degree_of(Dim d)
{
    const DimTerm *t;
    int n = dim_terms(d, &t), most = 0;
    for (int i = 0; i < n; i++)
        most = degree(&t[i]) > most ? degree(&t[i]) : most;
    return most;
}

static bool pays(PassCx *cx, const Reader *readers, int n)
{
    const Reader *r = readers;
    DimCx *d = cx->module->dims;
    Dim before = times_extents(d, times_extents(d, dim_const(d, 1), r->s->regions[0]), r->inner->regions[0]), after = dim_const(d, 0);
    for (; r < readers + n; r++) {
        before = dim_add(d, before, turns_of(r, r->reduce->regions[0]));
        after = dim_add(d, after, dim_add(d, turns_before(r), turns_of(r, r->inner->regions[0])));
    }
    if (dim_is_poison(before) || dim_is_poison(after))
        return false;
    return is_paid(cx, after, before, 10, 9) || (degree_of(after) < degree_of(before) && is_paid(cx, after, before, 1, 2));
}

/* ---- products of weights ------------------------------------------------------------------------------------------------ */

typedef struct Elementary { int deep; bool found; } Elementary;

static void see_elementary(void *user, IrNode *n)
{
    Elementary *e = user, inner = { e->deep - 1, false };
    e->found = e->found || pass_is_elementary((IrOp)n->op);
    if (!e->found && n->op == OP_load && e->deep && online_is_plain_map(n->in[0]))
        ir_walk(n->in[0]->regions[0], see_elementary, &inner);
    e->found = e->found || inner.found;
}

/* A load of what an elementary function makes of scores, by that index and another one. */
static const IrNode *weights_along(PassCx *cx, const IrNode *n, const IrNode *place)
{
    Elementary e = { WEIGHTS_DEEP, false };
    const IrNode *row = NULL;
    bool along = false;
    if (n->op != OP_load || !online_is_plain_map(n->in[0]) || !online_is_dear(n))
        return NULL;
    for (int i = 1; i < n->nin; i++)
        along = along || n->in[i] == place;
    ir_walk(n->in[0]->regions[0], see_elementary, &e);
    for (int i = n->nin - 1; i > 0 && along && e.found && !row; i--)
        row = n->in[i] != place && n->in[i]->op == OP_index && online_is_of_pairs(cx, n, n->in[i], place) ? n->in[i] : NULL;
    return row;
}

/* Is it a sum over places of the weights of rows and the weights that places have of others (two layers of attention), each of its own index? By its form
 * alone, so that a row has the same bits among any number of others: as it is written it would be stored, and of the other sums each is a pass. */
static bool is_of_weights(PassCx *cx, const IrNode *inner)
{
    const IrRegion *r = inner->regions[0];
    const IrNode *v = ir_terminator(r)->in[0];
    if (r->params.n != 1 || v->op != OP_mul)
        return false;
    const IrNode *a = weights_along(cx, v->in[0], r->params.p[0]), *b = weights_along(cx, v->in[1], r->params.p[0]);
    return a && b && a != b && a->parent == inner->parent && b->parent == inner->parent;
}

/* Its reader multiplies it by what is no weights itself: the last of several layers goes first. */
static bool ends_in_values(const Reader *r)
{
    for (int i = 0; i < r->nfactors; i++)
        if (!r->factors[i].element && weights_along(r->cx, r->factors[i].n, r->reduce->regions[0]->params.p[0]))
            return false;
    return r->reduce->regions[0]->params.n == 1 && r->nkept <= r->top->type.rank; /* no guard brings the row into the first sum */
}

static bool spares_weights(PassCx *cx, const IrNode *inner, const Reader *readers, int n)
{
    bool good = is_of_weights(cx, inner);
    for (int i = 0; i < n && good; i++)
        good = ends_in_values(&readers[i]);
    return good;
}

/* ---- the pass -------------------------------------------------------------------------------------------------------- */

static bool regroup(PassCx *cx, IrNode *s)
{
    bool asked = cx->options->regroup || cx->options->pipeline; /* of the default pipeline only if it is asked for */
    VEC(Reader) readers = { 0 };
    IrNode *inner = inner_sum(s);
    for (IrUse *u = inner ? s->uses : NULL; u; u = u->next) {
        Reader r = { .cx = cx, .s = s, .inner = inner, .load = u->user };
        if (!find_reader(&r))
            return false;
        vec_push(cx->arena, &readers, r);
    }
    if (!readers.n || !(spares_weights(cx, inner, readers.p, readers.n) || (asked && pays(cx, readers.p, readers.n))))
        return false;
    pass_remark(cx, CHOICE_regrouped, s, "its readers' sums are taken first, which needs fewer multiplications");
    for (int i = 0; i < readers.n; i++) {
        Reader r = { .cx = cx, .s = s, .inner = inner, .load = readers.p[i].load };
        if (find_reader(&r)) /* again: a factor may be a sum that was just replaced */
            regroup_build(&r);
    }
    cx->changed++;
    if (!s->uses && !s->sym && !pass_faults(s))
        ir_drop(s); /* or it would still ask for what it was made of */
    return true;
}

static void visit(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (n->op == OP_map && regroup(cx, n))
            next = r->first; /* what it was made of may go first now */
        for (int i = 0; i < n->nregions && n->op != OP_map; i++)
            visit(cx, n->regions[i]);
    }
}

bool pass_regroup(PassCx *cx, IrFn *fn)
{
    visit(cx, fn->body);
    return true;
}
