/* be_transpose.c - loads whose lanes lie a stride apart while the reduction runs along memory: several turns are read at once.
 *
 *     sum [d] { q[i, d] * k[j, d] }, lanes over j:     k[j .. j + 16, d] would be a gather for each d
 *
 * For each lane one load of four elements; a 4 x 4 transposition inside 128-bit parts gives the vectors of d, d + 1, d + 2, d + 3.
 * Where one vector of lanes is all there is, a whole vector of elements for each lane, transposed: each line of memory is read once.
 * So is a packed weight in a sum along what its panels cut (w[n // 16, k, n % 16], lanes over k): 16 lanes of a panel are 1 KiB in one piece.
 * Lanes beyond the end of a loop read the first lane's row instead. Several rows share the vectors; each its own, that is a gather.
 */
#include "backend/be_int.h"

enum { MOST_TURNS = 16, STEPS_AHEAD = 2, PANELS_AHEAD = 16 };

bool be_depends_on(const IrNode *n, const IrNode *index)
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
    return false;
}

/* The index, or so many places behind it: d, d + 64 c. panels: at a multiple of 16 where a step of turns begins. */
static bool is_along(const IrNode *s, const IrNode *index, bool panels)
{
    const DimTerm *t;
    const IrNode *from = s->op == OP_add ? s->in[1] : NULL;
    if (s == index)
        return true;
    if (!from || s->in[0] != index || be_depends_on(from, index))
        return false;
    for (int i = from->op == OP_dim && panels ? dim_terms(from->dim, &t) : 0; i > 0; i--)
        if (t[i - 1].coef % MOST_TURNS)
            return false;
    return !panels || from->op == OP_dim || (from->op == OP_const && from->imm % MOST_TURNS == 0);
}

/* (d + c) // 16, (d + c) % 16: of panels that are as long as many turns. */
static bool is_in_panels(const IrNode *s, IrOp op, const IrNode *index)
{
    return s->op == op && s->in[1]->op == OP_const && s->in[1]->imm > 0 && s->in[1]->imm % MOST_TURNS == 0 && is_along(s->in[0], index, true);
}

/* x[.., j, .., d]: d is the reduction's innermost index, perhaps from a place on, nothing else depends on it, and another subscript varies by
 * lane. Or x[d // 16, .., j, .., d % 16], if panels may be read so: steps of turns begin at multiples of 16. */
static bool is_strided(Em *em, const IrNode *n, const IrNode *index, bool panels)
{
    IrDtype t = n->type.dtype;
    int last = n->nin - 1;
    if (n->op != OP_load || last < 2 || (t != DT_f32 && t != DT_f64 && t != DT_i32 && t != DT_u32 && t != DT_u64 && t != DT_bf16 && t != DT_f16))
        return false;
    bool lanes = false, whole = is_along(n->in[last], index, false);
    if (!whole && !(panels && is_in_panels(n->in[last], OP_mod, index)))
        return false;
    for (int i = 1; i <= last; i++) {
        bool along = i == last || be_depends_on(n->in[i], index), varies = be_varies(em, n->in[i], DEP_LANES);
        if (along && (varies || (i < last && (whole || !is_in_panels(n->in[i], OP_floordiv, index)))))
            return false;
        if (em->R > 1 && be_varies(em, n->in[i], DEP_ROWS))
            return false;
        lanes = lanes || varies;
    }
    return lanes;
}

static bool is_of_panels(const IrNode *n) { return n->in[n->nin - 1]->op == OP_mod; }

/* Are the lanes places of a block, with more behind it? Elsewhere rows are long, each a stream of its own, or few. */
static bool lanes_are_block(const IrNode *n)
{
    for (const IrRegion *r = n->parent; r && r->owner; r = r->owner->parent)
        if (r->owner->op == OP_tfor && r->owner->loop == LOOP_lanes)
            return be_is_block(r->params.p[0]);
    return false;
}

/* From panels four turns for a row alone, whose lanes are four vectors, each with a sum of its own; as many as lanes where registers hold them beside the
 * sums of several rows, also of rows as they lie (each line is read once then), and where panels are copied. Else as many for a row and a vector alone; but four of what is copied for a block: that lies
 * in the caches, twice the loads take no longer than twice the shuffles, and those are twice the code for LLVM. */
int be_wants_turns(Em *em, IrRegion *r, bool panels)
{
    if (em->W < 4 || em->W % 4 || em->W > MOST_TURNS || (em->mask && em->mask != em->tail_mask))
        return 0;
    int loads = 0;
    bool sum = r->owner->op == OP_reduce, cut = false, block = false;
    for (const IrNode *n = r->first; n && r->params.n; n = n->next)
        if (is_strided(em, n, vec_last(&r->params), panels)) {
            loads++;
            cut = cut || is_of_panels(n);
            block = block || lanes_are_block(n);
        }
    bool whole = sum && (cut || (em->R > 1 && !block)) ? em->R > 1 && em->be->target.registers >= 2 * MOST_TURNS : em->R == 1 && (sum || !block);
    return !loads ? 0 : loads == 1 && em->V == 1 && whole ? em->W : 4;
}

bool be_takes_panels(Em *em, const IrRegion *r)
{
    for (const IrNode *n = r->first; n && r->params.n; n = n->next)
        if (is_strided(em, n, vec_last(&r->params), true) && is_of_panels(n))
            return true;
    return false;
}

LV be_turns_end(Em *em, LV lo, LV hi, int turns)
{
    LV n = em_bin(em, LLVMSub, hi, lo), end = em_bin(em, LLVMAdd, lo, em_bin(em, LLVMAnd, n, be_int(em->be, -turns)));
    return em->all_on ? em_select(em, em->all_on, end, lo) : end;
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
        if (be_depends_on(n->in[i + 1], vec_last(&n->parent->params)))
            continue;
        Val *s = be_val(em, n->in[i + 1]);
        LV k = be_dim_scalar(em, stride);
        at = em_bin(em, LLVMAdd, at, em_bin(em, LLVMMul, val_at(em, s, r, j), k));
        *step = em_bin(em, LLVMAdd, *step, em_bin(em, LLVMMul, k, be_int(em->be, s->coef)));
    }
    return em_gep(em, be_mem_type(em->be, t.dtype), be_base(em, n->in[0]), at);
}

/* How far from there this turn's element is. */
static LV along_row(Em *em, IrNode *n)
{
    IrType t = n->in[0]->type;
    DimCx *cx = em->be->ir->dims;
    LV at = val_at(em, be_val(em, n->in[t.rank]), 0, 0);
    Dim stride = dim_const(cx, 1);
    for (int i = t.rank - 2; i >= 0; i--) {
        stride = dim_mul(cx, stride, t.dims[i + 1]);
        if (be_depends_on(n->in[i + 1], vec_last(&n->parent->params)))
            at = em_bin(em, LLVMAdd, at, em_bin(em, LLVMMul, val_at(em, be_val(em, n->in[i + 1]), 0, 0), be_dim_scalar(em, stride)));
    }
    return at;
}

/* p[n * step], n below 4: addresses may count in pairs of elements, so 2 * step needs no register of its own. */
static LV steps_on(Em *em, LT t, LV p, LV step, int n)
{
    if (n == 2 && t != em->be->f64 && t != em->be->i64)
        return em_gep(em, t == em->be->i16 ? em->be->i32 : em->be->i64, p, step);
    return n ? em_gep(em, t, p, em_bin(em, LLVMMul, step, be_int(em->be, n))) : p;
}

/* Where the turns of lane l lie, of 16 at most. Without a mask every fourth lane is one, two, three times four steps from the first one, the
 * lanes between 1, 2, 3 steps from it: few registers. With one, a lane that is off stands for lane 0 (which is on, or stands for one that is). */
static LV lane_at(Em *em, LT t, LV row, LV k, LV step, int j, int l)
{
    LV zero = be_int(em->be, 0), first = em_gep(em, t, row, k);
    if (em->mask && !em->all_on) {
        LV d = em_bin(em, LLVMMul, step, be_int(em->be, l));
        LV on = em_icmp(em, LLVMIntSGT, em->tail_count, be_int(em->be, j * em->W + l)); /* less work for LLVM than a lane taken out of the mask */
        return em_gep(em, t, first, em_select(em, on, d, zero));
    }
    LV four = em_bin(em, LLVMMul, step, be_int(em->be, 4));
    if (l / 4 == 3)
        first = steps_on(em, t, first, four, 1);
    return steps_on(em, t, steps_on(em, t, first, four, l / 4 == 3 ? 2 : l / 4), step, l % 4);
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

/* Parts of four lanes: two of a (at[0], at[1]), then two of b; of vectors that are two parts long one each. */
static LV parts(Em *em, LV a, LV b, int first, int second)
{
    int n = be_lanes_of(a), half = n / 2;
    LV m[64];
    for (int i = 0; i < n; i++) {
        int part = i % half < 4 ? first : second;
        m[i] = LLVMConstInt(em->be->i32, (unsigned)((i < half ? 0 : n) + 4 * part + i % 4), 0);
    }
    return em_shuffle(em, a, b, LLVMConstVector(m, (unsigned)n));
}

/* The same of elements of eight bytes, whose pairs are 128 bits: neighbours stay within them first. */
static void transpose_doubles(Em *em, const LV v[4], LV out[4])
{
    static const int even[] = { 0, 4, 2, 6 }, odd[] = { 1, 5, 3, 7 }, first[] = { 0, 1, 4, 5 }, second[] = { 2, 3, 6, 7 };
    for (int i = 0; i < 2; i++) {
        LV a = mixed(em, v[0], v[1], i ? odd : even), b = mixed(em, v[2], v[3], i ? odd : even);
        out[i] = mixed(em, a, b, first);
        out[2 + i] = mixed(em, a, b, second);
    }
}

/* v[i], four vectors: of each part of four lanes the transposition. */
static void transpose_parts(Em *em, const LV v[4], LV out[4])
{
    static const int lo[] = { 0, 4, 1, 5 }, hi[] = { 2, 6, 3, 7 }, first[] = { 0, 1, 4, 5 }, second[] = { 2, 3, 6, 7 };
    LT t = LLVMGetElementType(LLVMTypeOf(v[0]));
    if (t == em->be->f64 || t == em->be->i64) {
        transpose_doubles(em, v, out);
        return;
    }
    LV a = mixed(em, v[0], v[1], lo), b = mixed(em, v[2], v[3], lo), c = mixed(em, v[0], v[1], hi), d = mixed(em, v[2], v[3], hi);
    out[0] = mixed(em, a, b, first);
    out[1] = mixed(em, a, b, second);
    out[2] = mixed(em, c, d, first);
    out[3] = mixed(em, c, d, second);
}

/* How far on what is asked for lies: of a panel what 16 panels later has for the same lanes, else those of two steps later; NULL: nothing is. */
static LV ahead(Em *em, IrNode *n, LV step)
{
    IrType t = n->in[0]->type;
    DimCx *cx = em->be->ir->dims;
    Dim stride = dim_const(cx, PANELS_AHEAD);
    if (!is_of_panels(n))
        return be_may_be_far(n->in[0]) && lanes_are_block(n) ? em_bin(em, LLVMMul, step, be_int(em->be, STEPS_AHEAD * em->V * em->W)) : NULL;
    for (int i = t.rank - 1; i > 0; i--) {
        stride = dim_mul(cx, stride, t.dims[i]);
        if (be_depends_on(n->in[i], vec_last(&n->parent->params)))
            return be_dim_scalar(em, stride);
    }
    return NULL;
}

/* Rows that lie a stride apart are no stream that a processor sees ahead, nor are pieces of panels: while lanes are read, the same places further on are
 * asked for, each line once, in the second level (the first one waits for few lines at a time). */
static void fetch_ahead(Em *em, IrNode *n, LV row, LV k, LV step)
{
    int turns = em->turns_at_once, each = LINE / ((dtype_bytes(n->type.dtype) == 8 ? 8 : 4) * turns); /* steps that read a line: each asks for a part of the lanes */
    LT t = be_mem_type(em->be, n->type.dtype);
    LV at = ahead(em, n, step);
    if (!at)
        return;
    if (each > 1) {
        LV part = em_bin(em, LLVMAnd, em_bin(em, LLVMUDiv, k, be_int(em->be, turns)), be_int(em->be, each - 1));
        at = em_bin(em, LLVMAdd, at, em_bin(em, LLVMMul, part, em_bin(em, LLVMMul, step, be_int(em->be, em->W / each))));
    }
    LV next = em_gep(em, t, row, at);
    for (int l = 0; l < em->W / each; l++) /* of lanes that are off, too: nothing is read there */
        be_fetch(em, em->mask && !em->all_on ? em_gep(em, t, em_gep(em, t, next, k), em_bin(em, LLVMMul, step, be_int(em->be, l))) : lane_at(em, t, next, k, step, 0, l), 2);
}

/* Elements side by side, as computed with. */
static LV read_row(Em *em, const IrNode *n, LT t, LV p)
{
    IrDtype e = n->type.dtype;
    return be_from_mem(em, e, em_load(em, t, p, (unsigned)dtype_bytes(e), MEM_WRITTEN));
}

static void four_turns(Em *em, IrNode *n, LV k, int r, int j, LV out[4])
{
    LT t = be_mem_type(em->be, n->type.dtype), four = be_vector(t, 4);
    LV v[4], part[16], step, row = row_of(em, n, r, j, &step);
    for (int i = 0; i < 4; i++) { /* lanes i, i + 4, i + 8, ... */
        int count = em->W / 4;
        for (int g = 0; g < count; g++)
            part[g] = read_row(em, n, four, lane_at(em, t, row, k, step, j, i + 4 * g));
        for (; count > 1; count /= 2)
            for (int g = 0; g < count / 2; g++)
                part[g] = joined(em, part[2 * g], part[2 * g + 1]);
        v[i] = part[0];
    }
    fetch_ahead(em, n, row, k, step);
    transpose_parts(em, v, out);
}

/* As many turns as lanes. First four lanes at a time: part p of u[g][c] are lanes 4 g.. of turn 4 p + c; then the parts change places. */
static void whole_turns(Em *em, IrNode *n, LV k, int j, LV *out)
{
    LT t = be_mem_type(em->be, n->type.dtype), vector = be_vector(t, em->W);
    LV u[MOST_TURNS / 4][4], v[4], step, row = row_of(em, n, 0, j, &step);
    int groups = em->W / 4;
    for (int g = 0; g < groups; g++) {
        for (int i = 0; i < 4; i++)
            v[i] = read_row(em, n, vector, lane_at(em, t, row, k, step, j, 4 * g + i));
        transpose_parts(em, v, u[g]);
    }
    fetch_ahead(em, n, row, k, step);
    em_cut(em); /* LLVM looks through shuffles of shuffles of shuffles: four in a row took half of a kernel's time */
    for (int c = 0; c < 4; c++)
        if (groups == 1) {
            out[c] = u[0][c];
        } else if (groups == 2) {
            out[c] = parts(em, u[0][c], u[1][c], 0, 0);
            out[4 + c] = parts(em, u[0][c], u[1][c], 1, 1);
        } else {
            for (int odd = 0; odd < 2; odd++) {
                LV x = parts(em, u[0][c], u[1][c], odd, 2 + odd), y = parts(em, u[2][c], u[3][c], odd, 2 + odd);
                out[4 * odd + c] = parts(em, x, y, 0, 2);
                out[8 + 4 * odd + c] = parts(em, x, y, 1, 3);
            }
        }
}

static void read_turns(Em *em, IrNode *n)
{
    Val **kept = NEWN(em->be->a, Val *, em->turns_at_once);
    LV k = along_row(em, n);
    int nr = 1;
    for (int i = 1; i < n->nin - 1; i++)
        nr = be_varies(em, n->in[i], DEP_ROWS) ? em->R : nr;
    for (int u = 0; u < em->turns_at_once; u++)
        kept[u] = val_new(em, n->type.dtype, nr, 1, true);
    for (int r = 0; r < nr; r++)
        for (int j = 0; j < em->V; j++) {
            LV out[MOST_TURNS];
            if (em->turns_at_once == 4)
                four_turns(em, n, k, r, j, out);
            else
                whole_turns(em, n, k, j, out);
            for (int u = 0; u < em->turns_at_once; u++)
                kept[u]->v[r * em->V + j] = out[u];
        }
    map_put(&em->turns, n, kept);
}

Val *be_load_turn(Em *em, IrNode *n)
{
    IrRegion *r = n->parent;
    if (em->turn < 0 || r != em->turn_region || !is_strided(em, n, vec_last(&r->params), em->turn_panels))
        return NULL;
    for (int i = 1; i < n->nin; i++)
        if (be_val(em, n->in[i])->vec)
            return NULL; /* not an index and a constant */
    if (em->turn == 0)
        read_turns(em, n);
    return ((Val **)map_find(&em->turns, n))[em->turn];
}
