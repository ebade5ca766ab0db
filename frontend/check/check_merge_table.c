/* check_merge_table.c - merge of tables of rows: y[t, d] = E[x[t], d], x of integers. The adapted element with a row's number for x[t] is the new table. */
#include "frontend/check/merge_int.h"

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
    CoreIndex *from[RANK_MOST + 1], *to[RANK_MOST + 1];
    if (!same_place(m, &layer->called, c)) {
        merge_refused_for(m, true, c->l.top, who, "it reads other places of the input than the model below");
        return NULL;
    }
    for (int i = 0; i < layer->nweight; i++) {
        from[i] = layer->weight_axes[i].out < 0 ? c->l.token : c->out[layer->weight_axes[i].out];
        to[i] = axes[i];
    }
    return merge_same_rows(m, c, core_clone(m->f, c->row, layer->nweight, from, to), who, "a factor that differs from row to row");
}
