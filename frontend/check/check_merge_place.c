/* check_merge_place.c - the terms of an adapted layer at the places of the layer below.
 *
 *     layer     y[n, o, p] = sum_ck x[n, c, s p + k] W[o, c, k]
 *     term      sum_cjr x[n, c, s p + j] A[r, c, j] B[o, r]            j is k: the coefficient of W[o, c, k] is sum_r A[r, c, k] B[o, r]
 *     term      x[n, o, s p] g[o]                                      the coefficient is g[o] where c = o and k = 0, else 0
 *
 * For each index of the layer's sum the place that the term reads is solved. An index of the term's sum that it names alone, over the same range,
 * is replaced by it; anything else is a condition. Indices of the result that the weight has not may stand in neither.
 */
#include "frontend/check/merge_int.h"

typedef struct Match {
    Merge *m;
    Called *c;
    const Layer *layer;
    CoreIndex *const *axes;  /* of the weight */
    const LinearTerm *t;
    Map syms;                /* DimSym -> Dim: of the layer's indices and sizes, then of the term's */
    Dim value[RANK_MOST];    /* of each index of the layer's sum, in the term's indices */
} Match;

static CoreIndex *axis_of_sum(const Match *x, int s)
{
    for (int i = 0; i < x->layer->nweight; i++)
        if (x->layer->weight_axes[i].sum == s)
            return x->axes[i];
    return NULL;
}

/* The layer was written out with indices and sizes of its own. */
static void see_layer(Match *x)
{
    Fx *f = x->m->f;
    const Called *of = &x->layer->called;
    x->syms = map_new(f->a);
    for (int i = 0; i < of->nout; i++)
        map_put(&x->syms, of->out[i]->sym, (void *)(uintptr_t)dim_sym(f->dims, x->c->out[i]->sym));
    for (int i = 0; i < of->nsizes; i++)
        map_put(&x->syms, of->sizes[i], (void *)(uintptr_t)dim_sym(f->dims, x->c->sizes[i]));
}

/* What each index of the layer's sum is where the term reads; false: it reads elsewhere. */
static bool solve(Match *x)
{
    Fx *f = x->m->f;
    const LinearTerm *b = &x->layer->term;
    for (int a = 0; a < x->c->rank; a++) {
        Dim place = dim_subst_syms(f, b->at[a], &x->syms), at = x->t->at[a];
        int unknown = -1;
        for (int s = 0; s < b->sum.n; s++)
            if (dim_mentions(place, b->sum.p[s]->sym)) {
                if (!x->value[s] && unknown >= 0)
                    return false;
                unknown = x->value[s] ? unknown : s;
            }
        for (int s = 0; s < b->sum.n; s++)
            if (x->value[s]) {
                Map known = map_new(f->a);
                map_put(&known, b->sum.p[s]->sym, (void *)(uintptr_t)x->value[s]);
                place = dim_subst_syms(f, place, &known);
            }
        if (unknown < 0) {
            if (!dims_equal(f, place, at))
                return false;
            continue;
        }
        Dim sym = dim_sym(f->dims, b->sum.p[unknown]->sym), rest = dim_sub(f->dims, place, sym);
        if (dim_mentions(rest, b->sum.p[unknown]->sym))
            return false;
        x->value[unknown] = dim_sub(f->dims, at, rest);
    }
    for (int s = 0; s < b->sum.n; s++)
        if (!x->value[s])
            return false;
    return true;
}

/* The term's own index that this is, over the whole axis; -1: it is none. */
static int index_named(const Match *x, Dim v, const CoreIndex *axis)
{
    Fx *f = x->m->f;
    for (int k = 0; k < x->t->sum.n; k++) {
        const CoreIndex *j = x->t->sum.p[k];
        if (v == dim_sym(f->dims, j->sym) && dims_equal(f, j->lo, dim_int(f, 0)) && dims_equal(f, j->extent, axis->extent))
            return k;
    }
    return -1;
}

Core *merge_same_rows(Merge *m, const Called *c, Core *v, const char *who, const char *what)
{
    Free need = core_free(m->f, v);
    for (int i = 0; i < need.idx.n; i++)
        for (int r = 0; r < c->nout; r++)
            if (need.idx.p[i] == c->out[r]) {
                merge_refused_for(m, false, c->l.span, who, what);
                return NULL;
            }
    return v;
}

/* Pairs of indices: what stands in the copy for one of the term. */
typedef struct Renamed { int n, nrest; CoreIndex *from[RANK_MOST * 3], *to[RANK_MOST * 3], *rest[RANK_MOST * 2]; } Renamed;

static void rename_index(Match *x, Renamed *r, CoreIndex *from, CoreIndex *to)
{
    r->from[r->n] = from;
    r->to[r->n++] = to;
    map_put(&x->syms, from->sym, (void *)(uintptr_t)dim_sym(x->m->f->dims, to->sym));
}

static void rename_all(Match *x, Renamed *r, bool *bound)
{
    Fx *f = x->m->f;
    const LinearTerm *b = &x->layer->term;
    int taken[RANK_MOST * 2] = { 0 };
    for (int i = 0; i < x->layer->nweight; i++)
        if (x->layer->weight_axes[i].out >= 0)
            rename_index(x, r, x->c->out[x->layer->weight_axes[i].out], x->axes[i]);
    for (int s = 0; s < b->sum.n; s++) {
        int k = index_named(x, x->value[s], axis_of_sum(x, s));
        bound[s] = k >= 0 && k < RANK_MOST * 2 && !taken[k];
        if (!bound[s])
            continue;
        taken[k] = 1;
        rename_index(x, r, x->t->sum.p[k], axis_of_sum(x, s));
    }
    for (int k = 0; k < x->t->sum.n; k++)
        if (!taken[k]) {
            r->rest[r->nrest] = index_copy(f, x->t->sum.p[k]);
            rename_index(x, r, x->t->sum.p[k], r->rest[r->nrest++]);
        }
}

/* Is there an element of the weight for each place that the term reads, whatever the sizes? */
static bool has_element(const Match *x, int s)
{
    Fx *f = x->m->f;
    Dim v = x->value[s];
    return facts_prove_le(f->facts, dim_int(f, 0), v) == YES && facts_prove_lt(f->facts, f->dims, v, axis_of_sum(x, s)->extent) == YES;
}

/* The coefficient of one term; NULL: reported. */
static Core *coefficient(Match *x, const char *who)
{
    Fx *f = x->m->f;
    Renamed r = { 0 };
    bool bound[RANK_MOST];
    see_layer(x);
    if (!solve(x)) {
        merge_refused_for(x->m, true, x->c->l.top, who, "it reads other places than the model below, or rows of the input that meet one another");
        return NULL;
    }
    rename_all(x, &r, bound);
    for (int s = 0; s < x->layer->term.sum.n; s++)
        if (!bound[s] && !has_element(x, s)) {
            merge_refused_for(x->m, true, x->c->l.top, who, "it may read places of the input that no element of the weight multiplies");
            return NULL;
        }
    Core *v = core_clone(f, x->t->coef, r.n, r.from, r.to), *zero = core_number(f, v->type.dtype, 0);
    for (int s = 0; s < x->layer->term.sum.n; s++)
        if (!bound[s]) {
            Dim place = dim_subst_syms(f, x->value[s], &x->syms);
            v = core_if(f, core_op2(f, OP_eq, DT_bool, core_of_index(f, axis_of_sum(x, s)), core_of_dim(f, place)), v, zero);
        }
    v = r.nrest ? core_reduce(f, RED_sum, r.nrest, r.rest, v, NULL) : v;
    return merge_same_rows(x->m, x->c, v, who, "a factor that differs from row to row");
}

Core *merge_weight(Merge *m, Called *c, const Layer *layer, CoreIndex *const *axes, const char *who)
{
    Fx *f = m->f;
    Core *sum = NULL;
    if (c->rank != layer->called.rank || c->nout != layer->called.nout || c->nsizes != layer->called.nsizes || c->table) {
        merge_refused_for(m, true, c->l.top, who, "its input or result has other axes than that of the model below");
        return NULL;
    }
    for (int k = 0; k < c->form.terms.n; k++) {
        Match x = { .m = m, .c = c, .layer = layer, .axes = axes, .t = &c->form.terms.p[k] };
        if (x.t->sum.n > RANK_MOST * 2) {
            merge_refused_for(m, true, c->l.top, who, "a sum over too many indices");
            return NULL;
        }
        Core *v = coefficient(&x, who);
        if (!v)
            return NULL;
        sum = sum ? core_op2(f, OP_add, v->type.dtype, sum, v) : v;
    }
    return sum ? sum : core_number(f, c->dtype, 0);
}

Core *merge_constant(Merge *m, Called *c, const Layer *layer, CoreIndex *const *axes, const char *who)
{
    Fx *f = m->f;
    CoreIndex *from[RANK_MOST], *to[RANK_MOST];
    if (!c->form.constant)
        return core_number(f, c->dtype, 0);
    for (int i = 0; i < layer->nbias; i++) {
        from[i] = c->out[layer->bias_axes[i].out];
        to[i] = axes[i];
    }
    return merge_same_rows(m, c, core_clone(f, c->form.constant, layer->nbias, from, to), who, "a constant that differs from row to row");
}
