/* check_linear_row.c - what a function of integers gives for one of them: a row of a table.
 *
 *     y[t, d] = E[x[t], d] + sum_r A[r, x[t]] B[d, r]          with v for x[t]:   E[v, d] + sum_r A[r, v] B[d, r]
 *
 * Nothing has to be linear here: whatever is computed from the number at one place may stand in the table.
 */
#include "frontend/linear_int.h"

static bool is_input(const Linear *l, const Core *c) { return c->kind == C_load && c->kids[0]->kind == C_var && c->kids[0]->var == l->x; }

static Core *row_of(Linear *l, Core *c);

/* x[t]: all that read it read one place. */
static Core *token_of(Linear *l, const Core *c)
{
    bool first = !l->token_at[0];
    for (int i = 0; i + 1 < c->nkids; i++) {
        Dim d = linear_place(l, c->kids[i + 1]);
        if (!d || (!first && !dims_equal(l->f, d, l->token_at[i]))) {
            linear_refuse(l, l->top, true, "more than one place of the input for a result");
            return NULL;
        }
        l->token_at[i] = d;
    }
    return core_of_index(l->f, l->token);
}

static Core *with_rows(Linear *l, const Core *c)
{
    Core *r = arena_copy(l->f->a, c, sizeof *c);
    r->kids = NEWN(l->f->a, Core *, c->nkids + 1);
    for (int i = 0; i < c->nkids; i++)
        if (c->kids[i] && !(r->kids[i] = row_of(l, c->kids[i])))
            return NULL;
    return r;
}

static Core *subscript(Linear *l, Core *c)
{
    const Core *x = c;
    while (x->kind == C_op && (x->op == OP_clampi || x->op == OP_cast || x->op == OP_narrow))
        x = x->kids[0];
    return is_input(l, x) ? token_of(l, x) : row_of(l, c);
}

static Core *load_row(Linear *l, Core *c)
{
    Fx *f = l->f;
    Core *t = c->kids[0], *subs[RANK_MOST];
    Dim dims[RANK_MOST];
    for (int i = 0; i + 1 < c->nkids; i++)
        if (!(subs[i] = subscript(l, c->kids[i + 1])))
            return NULL;
    if (!linear_mentions(l, t))
        return core_load(f, t, c->nkids - 1, subs);
    Core *def = t->kind == C_var ? map_find(&l->dependent, t->var) : t;
    if (!def || def->kind != C_map || def->nindices != c->nkids - 1) {
        linear_refuse(l, c->span.file ? c->span : l->top, true, "a tensor that is no formula of its places");
        return NULL;
    }
    for (int i = 0; i < def->nindices; i++)
        if (!(dims[i] = dim_of_core(f, subs[i]))) {
            linear_refuse(l, c->span, true, "places that are computed from data");
            return NULL;
        }
    return row_of(l, core_clone_to(f, def->kids[0], def->nindices, def->indices, subs, dims));
}

static Core *block_row(Linear *l, Core *c)
{
    for (int i = 0; i + 1 < c->nkids; i++) {
        Core *s = c->kids[i];
        if (s->kind != C_let || s->var->mut || s->var->type.rank) {
            linear_refuse(l, s->span, true, "statements inside of a formula");
            return NULL;
        }
        map_put(&l->locals, s->var, s->kids[0]);
        linear_statement(l, s);
    }
    return row_of(l, c->kids[c->nkids - 1]);
}

static Core *row_of(Linear *l, Core *c)
{
    Core *def, *again;
    if (!linear_mentions(l, c))
        return linear_closed(l, c);
    switch (c->kind) {
    case C_load:
        if (is_input(l, c)) {
            Core *v = token_of(l, c);
            return v ? core_cast(l->f, v, c->type.dtype, OP_cast) : NULL;
        }
        return load_row(l, c);
    case C_op: case C_reduce: case C_if: return with_rows(l, c);
    case C_block: return block_row(l, c);
    case C_var:
        def = map_find(&l->dependent, c->var);
        again = def && def != &l->opaque ? core_clone_to(l->f, def, 0, NULL, NULL, NULL) : NULL;
        if (again)
            return row_of(l, again);
        break;
    case C_dim:
        linear_refuse(l, c->span, false, "how many rows the input has");
        return NULL;
    default: break;
    }
    linear_refuse(l, c->span, true, "statements that are no formula");
    return NULL;
}

Core *linear_row(Linear *l, Core *element)
{
    l->token = index_new(l->f, name_of(l->f->cx->names, "row"), l->span, NULL, dim_int(l->f, 1));
    return row_of(l, element);
}
