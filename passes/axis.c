/* axis.c - the axis of a tensor that a range whose ends differ by row walks, and in which it lies for all rows.
 *
 *     sum [j: max(0, i - w + 1)..i + 1] { %e[i, j] }          T, of %e: f32[S, T], where i is below T
 *
 * The shortest of several. Not of a few neighbours, of which there are as many for each row: these are written out.
 */
#include "passes/stream_int.h"

enum { FEW = 32 };

typedef struct Walk { PassCx *cx; IrNode *x; Facts *facts; bool fits; Walked *of; } Walk;

static bool is_clamp(const Walk *a, const IrNode *n) { return n->op == OP_clampi && n->in[0] == a->x && n->in[1]->op == OP_const && !n->in[1]->imm; }

/* The shortest axis that the index walks. */
static void see_axis(void *user, IrNode *n)
{
    Walk *a = user;
    if (is_clamp(a, n))
        vec_push(a->cx->arena, &a->of->clamps, n);
    for (int i = 1; n->op == OP_load && i < n->nin && a->fits; i++) {
        Dim size = n->in[0]->type.dims[i - 1];
        if ((n->in[i] != a->x && !is_clamp(a, n->in[i])) || size == a->of->size)
            continue;
        if (!a->of->size || facts_prove_le(a->facts, size, a->of->size) == YES)
            a->of->size = size;
        else
            a->fits = facts_prove_le(a->facts, a->of->size, size) == YES;
    }
}

static Dim begin_of(DimCx *d, const IrNode *x) { return x->lo ? x->lo : dim_const(d, 0); }

static bool is_inside(const Walk *a)
{
    DimCx *d = a->cx->module->dims;
    for (int i = 0; i < a->of->clamps.n; i++)
        if (a->of->clamps.p[i]->parent == a->x->parent && pass_dim_of(a->cx, a->of->clamps.p[i]->in[2]) == a->of->size) /* asked at each place of the range */
            return true;
    return facts_prove_le(a->facts, dim_const(d, 0), begin_of(d, a->x)) == YES && facts_prove_le(a->facts, pass_end_of(a->cx, a->x), a->of->size) == YES;
}

/* Its ends are not those of an axis. */
static bool is_part(PassCx *cx, const IrNode *x, const IrNode *reduce)
{
    int64_t n;
    bool few = dim_is_const(x->dim, &n) && n <= FEW;
    return x->op == OP_index && !few && (!pass_from_zero(x) || pass_dim_depends(cx, x->dim, reduce->parent));
}

bool pass_find_axis(PassCx *cx, IrNode *reduce, IrNode *x, Walked *axis)
{
    *axis = (Walked){ .size = NULL };
    if (!is_part(cx, x, reduce))
        return false;
    Walk a = { cx, x, pass_ranges_around(cx, reduce->parent), true, axis };
    ir_walk(reduce->regions[0], see_axis, &a);
    return a.fits && axis->size && is_inside(&a);
}
