/* tile_block_shift.c - does a value need two indices through one combination of them alone?
 *
 *     x[c, 2 * y + i - 1] ?? 0     y and i: yes, 2 * y + i
 *
 * Then its value at (y, i + by) is that at (y + step, i), as long as by * y + step * i is the same.
 */
#include "passes/tile/tile_block_int.h"

typedef struct Both { PassCx *cx; IrNode *outer, *index; int64_t by, step; bool ok; } Both; /* by 0: not met yet */

static bool needs(Both *f, const IrNode *n) { return pass_depends_on(f->cx, n, f->outer) || pass_depends_on(f->cx, n, f->index); }

static bool term_is_linear(Both *f, const DimTerm *t, int64_t *by, int64_t *step)
{
    const DimSym *s = t->nfactors == 1 && t->factors[0].power == 1 && t->factors[0].atom->kind == DA_SYM ? t->factors[0].atom->sym : NULL;
    const IrNode *def = s ? map_find(&f->cx->sym_nodes, s) : NULL;
    if (def && (def == f->outer || def == f->index)) {
        int64_t *to = def == f->outer ? by : step;
        return !__builtin_add_overflow(*to, t->coef, to);
    }
    for (int i = 0; i < t->nfactors; i++) {
        Dim atom = dim_of_atom(t->factors[i].atom);
        if (pass_dim_depends_on(f->cx, atom, f->outer) || pass_dim_depends_on(f->cx, atom, f->index))
            return false;
    }
    return true;
}

/* n == by * outer + step * index + what needs neither? */
static bool is_linear(Both *f, const IrNode *n, int64_t *by, int64_t *step)
{
    int64_t y[2], i[2];
    *by = n == f->outer;
    *step = n == f->index;
    if (*by || *step || !needs(f, n))
        return true;
    if (n->op == OP_dim) {
        const DimTerm *terms;
        int many = dim_terms(n->dim, &terms);
        for (int k = 0; k < many; k++)
            if (!term_is_linear(f, &terms[k], by, step))
                return false;
        return true;
    }
    if (n->type.dtype != DT_i64 || n->nin != 2 || (n->op != OP_add && n->op != OP_sub && n->op != OP_mul))
        return false;
    for (int k = 0; k < 2; k++)
        if (!is_linear(f, n->in[k], &y[k], &i[k]))
            return false;
    if (n->op == OP_mul) {
        int k = n->in[0]->op == OP_const ? 0 : 1;
        int64_t c = n->in[k]->imm;
        return n->in[k]->op == OP_const && !__builtin_mul_overflow(c, y[1 - k], by) && !__builtin_mul_overflow(c, i[1 - k], step);
    }
    int64_t sign = n->op == OP_add ? 1 : -1;
    return !__builtin_add_overflow(y[0], sign * y[1], by) && !__builtin_add_overflow(i[0], sign * i[1], step);
}

static void see_uses(Both *f, IrNode *n)
{
    int64_t by, step;
    if (!f->ok || !needs(f, n))
        return;
    if (n->type.dtype == DT_i64 && is_linear(f, n, &by, &step)) {
        f->ok = by > 0 && step > 0 && (!f->by || (by == f->by && step == f->step));
        f->by = by;
        f->step = step;
        return;
    }
    if (n->op == OP_dim || (n->nregions && n->op != OP_if)) {
        f->ok = false;
        return;
    }
    for (int i = 0; i < n->nin; i++)
        see_uses(f, n->in[i]);
    for (int k = 0; k < n->nregions; k++)
        for (int i = 0; i < ir_terminator(n->regions[k])->nin; i++)
            see_uses(f, ir_terminator(n->regions[k])->in[i]);
}

bool shift_find(PassCx *cx, IrNode *x, IrNode *outer, IrNode *index, int64_t *by, int64_t *step)
{
    Both f = { cx, outer, index, 0, 0, true };
    see_uses(&f, x);
    *by = f.by;
    *step = f.step;
    return f.ok && f.by;
}
