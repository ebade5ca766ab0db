/* check_merge_table.c - merge of tables of rows: y[t, d] = E[x[t], d], x of integers. The adapted element with a row's number for x[t] is the new table. */
#include "frontend/merge_int.h"

bool merge_table_axes(const Called *c, const Core *row, Layer *out)
{
    int tokens = 0;
    for (int i = 0; i < out->nweight; i++) {
        const Core *x = row->kids[i + 1];
        int at = -1;
        for (int k = 0; k < c->nout && x->kind == C_index; k++)
            at = x->index == c->out[k] ? k : at;
        bool token = x->kind == C_index && x->index == c->l.token;
        if (at < 0 && !token)
            return false;
        tokens += token;
        out->weight_axes[i] = (LayerAxis){ at, -1 };
    }
    return tokens == 1;
}

/* Both read the input at the same place of the result. */
static bool same_place(Merge *m, const Called *a, const Called *b)
{
    Map syms = map_new(m->f->a);
    if (a->rank != b->rank || a->nout != b->nout || !a->table || !b->table)
        return false;
    for (int i = 0; i < a->nout; i++)
        map_put(&syms, a->out[i]->sym, (void *)(uintptr_t)dim_sym(m->f->dims, b->out[i]->sym));
    for (int i = 0; i < a->rank; i++)
        if (b->l.token_at[i] && !dims_equal(m->f, dim_subst_syms(m->f, a->l.token_at[i], &syms), b->l.token_at[i]))
            return false;
    return true;
}

Core *merge_row(Merge *m, Called *c, const Layer *layer, CoreIndex *const *axes, const char *who)
{
    Fx *f = m->f;
    CoreIndex *from[RANK_MOST + 1], *to[RANK_MOST + 1];
    if (!same_place(m, &layer->called, c)) {
        merge_refused_for(m, true, c->l.top, who, "it reads other places of the input than the model below");
        return NULL;
    }
    for (int i = 0; i < layer->nweight; i++) {
        from[i] = layer->weight_axes[i].out < 0 ? c->l.token : c->out[layer->weight_axes[i].out];
        to[i] = axes[i];
    }
    Core *v = core_clone(f, c->row, layer->nweight, from, to);
    if (!merge_has_rows(f, v, c))
        return v;
    merge_refused_for(m, false, c->l.span, who, "a factor that differs from row to row");
    return NULL;
}
