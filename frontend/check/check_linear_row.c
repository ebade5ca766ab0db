/* check_linear_row.c - what a function of integers gives for one of them: a row of a table.
 *
 *     y[t, d] = E[x[t], d] + sum_r A[r, x[t]] B[d, r]          with v for x[t]:   E[v, d] + sum_r A[r, v] B[d, r]
 *
 * Nothing has to be linear here: whatever is computed from the number at one place may stand in the table.
 */
#include "frontend/check/linear_int.h"

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
    return linear_is_input(l, x) ? token_of(l, x) : row_of(l, c);
}

static Core *load_row(Linear *l, Core *c)
{
    Core *subs[RANK_MOST];
    for (int i = 0; i + 1 < c->nkids; i++)
        if (!(subs[i] = subscript(l, c->kids[i + 1])))
            return NULL;
    if (!linear_mentions(l, c->kids[0]))
        return core_load(l->f, c->kids[0], c->nkids - 1, subs);
    Span at = l->span;
    Core *element = linear_element(l, c, subs), *row = element ? row_of(l, element) : NULL;
    l->span = at;
    return row;
}

static Core *block_row(Linear *l, Core *c)
{
    return linear_lets(l, c) ? row_of(l, c->kids[c->nkids - 1]) : NULL;
}

static Core *row_of(Linear *l, Core *c)
{
    Core *value;
    if (!linear_mentions(l, c))
        return linear_closed(l, c);
    switch (c->kind) {
    case C_load:
        if (linear_is_input(l, c)) {
            Core *v = token_of(l, c);
            return v ? core_cast(l->f, v, c->type.dtype, OP_cast) : NULL;
        }
        return load_row(l, c);
    case C_op: case C_reduce: case C_if: return with_rows(l, c);
    case C_block: return block_row(l, c);
    case C_var:
        if ((value = linear_value(l, c->var)))
            return row_of(l, value);
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
