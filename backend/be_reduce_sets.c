/* be_reduce_sets.c - lanes16 beside other lanes and several rows, or of rows that are looked up: accumulators of some places at a time, in registers.
 *
 *     sum [d] { (q[i, d] - k[j, d]) ^ 2 }, rows i, lanes j       for each block of 256, with sets of four places:
 *       for u in 0, 2, 1, 3:   l[u], l[u + 4], l[u + 8], l[u + 12] over all d;     t[u] = (l[u] + l[u + 8]) + (l[u + 4] + l[u + 12])
 *       total += (t[0] + t[2]) + (t[1] + t[3])                  the tree over 16 lanes
 *
 * What rows share is loaded once for all of them, and the range is read once for each set. Adding to the identity changes no bit of an accumulator, which is
 * never -0.
 * What lies row after row is read in that order where one row of results is computed (accumulators in memory, be_reduce_memory.c): rows of a power of two of
 * bytes, four or eight apart, lie in few sets of the caches. Rows that are looked up lie anywhere.
 */
#include "backend/be_reduce_int.h"

typedef struct Sets { Red *red; const Range *g; LV p0, whole, p1; int count; } Sets; /* count: of sets; places before `whole` are whole groups of 16 */

/* Half of the registers hold accumulators. */
static int count_sets(const Em *em, const Red *red)
{
    int most = em->be->target.avx512 ? 16 : 8, n = 1;
    while (n < LANES16 && LANES16 / n * red->k > most)
        n *= 2;
    return n;
}

static void place(Em *em, const Sets *s, LV p, LV *acc)
{
    be_set(em, vec_last(&s->red->r->params), val_add(em, s->g->lo, val_scalar(em, DT_i64, p)));
    red_element(em, s->red, NULL, s->red->k, acc, red_update, NULL);
}

/* The sum over lanes u, u + count, .. */
static void run_set(Em *em, const Sets *s, LV u, LV *sum)
{
    Red *red = s->red;
    int each = LANES16 / s->count, n = each * red->k;
    LV *acc = NEWN(em->be->a, LV, n);
    for (int i = 0; i < n; i++)
        acc[i] = red->identity;
    Loop l = em_loop(em, s->p0, s->whole, LANES16, n, acc);
    for (int c = 0; c < each; c++) {
        place(em, s, em_bin(em, LLVMAdd, em_bin(em, LLVMAdd, l.iv, u), be_int(em->be, c * s->count)), acc + c * red->k);
        em_cut(em); /* else the loads of all places come first, and fill the registers */
    }
    em_loop_end(em, &l, acc);
    for (int c = 0; c < each; c++) {
        LV p = em_bin(em, LLVMAdd, em_bin(em, LLVMAdd, s->whole, u), be_int(em->be, c * s->count));
        Cond some = em_if(em, em_icmp(em, LLVMIntSLT, p, s->p1), red->k, acc + c * red->k);
        place(em, s, p, acc + c * red->k);
        em_end_if(em, &some, acc + c * red->k);
    }
    for (int half = each / 2; half; half /= 2)
        for (int i = 0; i < half * red->k; i++)
            acc[i] = red_combine(em, red, acc[i], acc[half * red->k + i]);
    for (int i = 0; i < red->k; i++)
        sum[i] = red_combine(em, red, sum[i], acc[i]);
}

/* The tree over lanes u, u + step, ..: those of u + 2 n step, then the others. */
static void run_tree(Em *em, const Sets *s, LV u, int step, LV *sum)
{
    if (step == s->count) {
        run_set(em, s, u, sum);
        return;
    }
    Red *red = s->red;
    LV *half = NEWN(em->be->a, LV, red->k);
    Loop l = em_loop_if(em, be_int(em->be, 0), be_int(em->be, 2), 1, red->k, sum, RUNS_surely);
    for (int i = 0; i < red->k; i++)
        half[i] = red->identity;
    run_tree(em, s, em_bin(em, LLVMAdd, u, em_bin(em, LLVMMul, l.iv, be_int(em->be, step))), 2 * step, half);
    for (int i = 0; i < red->k; i++)
        sum[i] = red_combine(em, red, sum[i], half[i]);
    em_loop_end(em, &l, sum);
}

/* Is it made of what is read at a place of the sum? */
static bool is_read(const Red *red, const IrNode *x)
{
    bool found = x->parent == red->r && x->op == OP_load;
    for (int i = 0; i < x->nin && x->parent == red->r && !found; i++)
        found = is_read(red, x->in[i]);
    return found;
}

static bool looks_up(const Red *red)
{
    bool found = false;
    for (const IrNode *n = red->r->first; n; n = n->next)
        for (int i = 1; i < n->nin && n->op == OP_load && !found; i++)
            found = is_read(red, n->in[i]);
    return found;
}

Val *be_reduce_sets(Em *em, Red *red)
{
    Be *be = em->be;
    int64_t zero;
    if ((red->nr == 1 && (!looks_up(red) || be_wants_turns(em, red->r, false))) || !red->vec || red->r->params.n > 1 || red->guard || em->turn >= 0)
        return NULL;
    Range g = red_range(em, red, red->r->params.p[0]);
    if (g.extent || g.from || g.to || !be_const_value(g.p0, &zero) || zero)
        return NULL;
    LV *total = NEWN(be->a, LV, red->k), *sum = NEWN(be->a, LV, red->k), shift = be_int(be, 8);
    LV last = em_bin(em, LLVMAShr, em_bin(em, LLVMAdd, g.p1, be_int(be, BLOCK - 1)), shift);
    for (int i = 0; i < red->k; i++)
        total[i] = red->identity;
    Loop l = em_loop(em, be_int(be, 0), last, 1, red->k, total);
    LV start = em_bin(em, LLVMShl, l.iv, shift), stop = em_bin(em, LLVMAdd, start, be_int(be, BLOCK));
    Sets s = { .red = red, .g = &g, .p0 = start, .count = count_sets(em, red) };
    s.p1 = val_minmax(em, val_scalar(em, DT_i64, g.p1), val_scalar(em, DT_i64, stop), false)->v[0];
    s.whole = em_bin(em, LLVMAdd, start, em_bin(em, LLVMAnd, em_bin(em, LLVMSub, s.p1, start), be_int(be, -LANES16)));
    for (int i = 0; i < red->k; i++)
        sum[i] = red->identity;
    run_tree(em, &s, be_int(be, 0), 1, sum);
    for (int i = 0; i < red->k; i++)
        total[i] = red_combine(em, red, total[i], sum[i]);
    be_end_of_block(em, red->n);
    em_loop_end(em, &l, total);
    return red_finish(em, red, total);
}
