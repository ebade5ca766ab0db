/* lower_asked.c - sizes as values that may not fit: the sums and products of a dim as operations that ask, step by step.
 *
 *     n * n + 1        %0 = imul %n, %n row 0        in the order in which a dim is evaluated (ir/dim_map.c), so that the same step faults
 *                      %1 = iadd %0, 1 row 0
 */
#include "frontend/lower_int.h"

typedef struct Asked { Low *l; int row; } Asked;

static IrNode *value(Asked *a, Dim d);

static IrNode *step(Asked *a, IrOp op, IrNode *x, IrNode *y)
{
    IrNode *n = ir_add2(&a->l->b, op, ir_scalar(DT_i64), x, y);
    if (ir_ops[op].effects & FAULTS)
        n->imm = a->row;
    return n;
}

static IrNode *atom_value(Asked *a, const DimAtom *t)
{
    if (t->kind == DA_SYM)
        return low_dim_node(a->l, dim_of_atom(t));
    IrNode *x = value(a, t->a), *y = value(a, t->b);
    switch (t->kind) {
    case DA_MOD: return step(a, OP_mod, x, y);
    case DA_MIN: return step(a, OP_min, x, y);
    case DA_MAX: return step(a, OP_max, x, y);
    default: return step(a, OP_floordiv, x, y);
    }
}

static IrNode *term_value(Asked *a, const DimTerm *t)
{
    IrNode *x = t->coef == 1 && t->nfactors ? NULL : ir_int(&a->l->b, t->coef);
    for (int i = 0; i < t->nfactors; i++) {
        IrNode *f = atom_value(a, t->factors[i].atom);
        for (int k = 0; k < t->factors[i].power; k++)
            x = x ? step(a, OP_imul, x, f) : f;
    }
    return x;
}

static IrNode *value(Asked *a, Dim d)
{
    const DimTerm *t;
    int n = dim_terms(d, &t);
    IrNode *sum = n ? term_value(a, &t[0]) : ir_int(&a->l->b, 0);
    for (int i = 1; i < n; i++)
        sum = step(a, OP_iadd, sum, term_value(a, &t[i]));
    return sum;
}

IrNode *low_asked_dim(Low *l, const Core *e)
{
    const char *text = arena_printf(low_arena(l), "%s passes 2^63", dim_text(l->m->dims, e->dim));
    Asked a = { l, ir_check_row_equal(l->ir, FAULT_range, e->span, text) };
    return value(&a, e->dim);
}
