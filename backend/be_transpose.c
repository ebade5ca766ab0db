/* be_transpose.c - loads whose lanes lie a stride apart while the reduction runs along memory: four turns are read at once.
 *
 *     sum [d] { q[i, d] * k[j, d] }, lanes over j:     k[j .. j + 16, d] would be a gather for each d
 *
 * For each lane one load of four elements; a 4 x 4 transposition inside 128-bit parts gives the vectors of d, d + 1, d + 2, d + 3.
 * Lanes beyond the end of a loop read the first lane's row instead. Several rows share the vectors; each its own, that is a gather.
 */
#include "backend/be_int.h"

static bool depends_on(Em *em, const IrNode *n, const IrNode *index)
{
    /* Subscripts are few and shallow: an index, or arithmetic of indices; anything deeper counts as depending. */
    const IrNode *todo[32] = { n };
    for (int k = 1, seen = 0; seen < k; seen++) {
        const IrNode *x = todo[seen];
        if (x == index)
            return true;
        if (x->op == OP_dim && (x->dim == NULL || dim_mentions(x->dim, index->sym)))
            return true;
        if (x->parent != index->parent || x->nregions)
            continue; /* from outside of the reduction */
        for (int i = 0; i < x->nin; i++) {
            if (k == 32)
                return true;
            todo[k++] = x->in[i];
        }
    }
    (void)em;
    return false;
}

/* x[.., j, .., d]: d is the reduction's innermost index itself, nothing else depends on it, and another subscript varies by lane. */
static bool is_strided(Em *em, const IrNode *n, const IrNode *index)
{
    IrDtype t = n->type.dtype;
    int last = n->nin - 1;
    if (n->op != OP_load || last < 2 || n->in[last] != index || (t != DT_f32 && t != DT_i32 && t != DT_u32))
        return false;
    bool lanes = false;
    for (int i = 1; i < last; i++) {
        if (depends_on(em, n->in[i], index))
            return false;
        if (em->R > 1 && be_varies(em, n->in[i], DEP_ROWS))
            return false;
        lanes = lanes || be_varies(em, n->in[i], DEP_LANES);
    }
    return lanes;
}

bool be_wants_turns(Em *em, IrRegion *r)
{
    if (em->W < 4 || em->W % 4 || (em->mask && em->mask != em->tail_mask))
        return false;
    for (const IrNode *n = r->first; n && r->params.n; n = n->next)
        if (is_strided(em, n, vec_last(&r->params)))
            return true;
    return false;
}

/* Where the row of lane 0 of vector j begins, and how far the next lane's is: both from outside of the loop over the reduction. */
static LV row_of(Em *em, IrNode *n, int r, int j, LV *step)
{
    IrType t = n->in[0]->type;
    DimCx *cx = em->be->ir->dims;
    LV at = be_int(em->be, 0);
    Dim stride = dim_const(cx, 1);
    *step = at;
    for (int i = t.rank - 2; i >= 0; i--) {
        stride = dim_mul(cx, stride, t.dims[i + 1]);
        Val *s = be_val(em, n->in[i + 1]);
        LV k = be_dim_scalar(em, stride);
        at = em_bin(em, LLVMAdd, at, em_bin(em, LLVMMul, val_at(em, s, r, j), k));
        *step = em_bin(em, LLVMAdd, *step, em_bin(em, LLVMMul, k, be_int(em->be, s->coef)));
    }
    return em_gep(em, be_mem_type(em->be, t.dtype), be_base(em, n->in[0]), at);
}

/* Where four turns of lane l lie. Without a mask every fourth lane has a pointer of its own and the lanes between are 1, 2, 3 steps from
 * it: few registers. With one, a lane that is off stands for lane 0 (which is on, or stands for one that is). */
static LV lane_at(Em *em, LT t, LV row, LV k, LV step, int j, int l)
{
    LV zero = be_int(em->be, 0), d = em_bin(em, LLVMMul, step, be_int(em->be, l));
    if (em->mask) {
        d = em_select(em, em_extract(em, val_vec(em, em->mask, 0, j), be_int(em->be, l)), d, zero);
        return em_gep(em, t, em_gep(em, t, row, k), d);
    }
    LV first = em_gep(em, t, em_gep(em, t, row, em_bin(em, LLVMMul, step, be_int(em->be, l / 4 * 4))), k);
    return l % 4 ? em_gep(em, t, first, em_bin(em, LLVMMul, step, be_int(em->be, l % 4))) : first;
}

static LV joined(Em *em, LV a, LV b)
{
    int n = be_lanes_of(a);
    LV at[64];
    for (int i = 0; i < 2 * n; i++)
        at[i] = LLVMConstInt(em->be->i32, (unsigned)i, 0);
    return em_shuffle(em, a, b, LLVMConstVector(at, (unsigned)(2 * n)));
}

/* In each part of four lanes: a[x], a[y] and b[x], b[y], as `at` says (4 and more: of b). */
static LV mixed(Em *em, LV a, LV b, const int at[4])
{
    int n = be_lanes_of(a);
    LV m[64];
    for (int i = 0; i < n; i++) {
        int from = at[i % 4], part = i / 4 * 4;
        m[i] = LLVMConstInt(em->be->i32, (unsigned)(from < 4 ? part + from : n + part + from - 4), 0);
    }
    return em_shuffle(em, a, b, LLVMConstVector(m, (unsigned)n));
}

static void four_turns(Em *em, IrNode *n, LV k, int r, int j, LV out[4])
{
    static const int lo[] = { 0, 4, 1, 5 }, hi[] = { 2, 6, 3, 7 }, first[] = { 0, 1, 4, 5 }, second[] = { 2, 3, 6, 7 };
    LT t = be_mem_type(em->be, n->type.dtype), four = be_vector(t, 4);
    LV v[4], part[16], step, row = row_of(em, n, r, j, &step);
    for (int i = 0; i < 4; i++) { /* lanes i, i + 4, i + 8, ... */
        int parts = em->W / 4;
        for (int g = 0; g < parts; g++)
            part[g] = em_load(em, four, lane_at(em, t, row, k, step, j, i + 4 * g), 4, MEM_WRITTEN);
        for (; parts > 1; parts /= 2)
            for (int g = 0; g < parts / 2; g++)
                part[g] = joined(em, part[2 * g], part[2 * g + 1]);
        v[i] = part[0];
    }
    LV a = mixed(em, v[0], v[1], lo), b = mixed(em, v[2], v[3], lo), c = mixed(em, v[0], v[1], hi), d = mixed(em, v[2], v[3], hi);
    out[0] = mixed(em, a, b, first);
    out[1] = mixed(em, a, b, second);
    out[2] = mixed(em, c, d, first);
    out[3] = mixed(em, c, d, second);
}

static void read_turns(Em *em, IrNode *n)
{
    Val **kept = NEWN(em->be->a, Val *, 4), *k = be_val(em, n->in[n->nin - 1]);
    int nr = 1;
    for (int i = 1; i < n->nin - 1; i++)
        nr = be_varies(em, n->in[i], DEP_ROWS) ? em->R : nr;
    for (int u = 0; u < 4; u++)
        kept[u] = val_new(em, n->type.dtype, nr, 1, true);
    for (int r = 0; r < nr; r++)
        for (int j = 0; j < em->V; j++) {
            LV out[4];
            four_turns(em, n, val_at(em, k, 0, 0), r, j, out);
            for (int u = 0; u < 4; u++)
                kept[u]->v[r * em->V + j] = out[u];
        }
    map_put(&em->turns, n, kept);
}

Val *be_load_turn(Em *em, IrNode *n)
{
    IrRegion *r = n->parent;
    if (em->turn < 0 || r != em->turn_region || !is_strided(em, n, vec_last(&r->params)))
        return NULL;
    for (int i = 1; i < n->nin; i++)
        if (be_val(em, n->in[i])->vec)
            return NULL; /* not an index and a constant */
    if (em->turn == 0)
        read_turns(em, n);
    return ((Val **)map_find(&em->turns, n))[em->turn];
}
