/* be_tfor.c - loops of kernels that run in vectors or in register blocks.
 *
 *     tfor lanes n     for n in steps of V * W: the body with V vectors; the rest with masked ones
 *     tfor rows i      for i in steps of R: the body with R rows; the rest one row at a time
 *
 * A loop whose body has inner loops of a different length for each lane, memory of its own, or calls of C functions (which no lane
 * that a guard turns off may reach) runs serially.
 */
#include "backend/be_int.h"

/* A sum over several indices counts its places with their extents, each of which must be one number. */
static bool counts_differently(Em *em, const IrNode *n, int bit)
{
    if (n->op != OP_reduce || n->order == ORDER_chain)
        return false;
    for (int i = 1; i < n->regions[0]->params.n; i++)
        if (be_dim_depends(em, n->regions[0]->params.p[i]->dim, bit))
            return true;
    return false;
}

/* Whether the body has a loop whose number of turns, or a local memory whose place, differs from lane to lane. */
bool be_needs_serial(Em *em, IrRegion *r, int bit)
{
    for (IrNode *n = r->first; n; n = n->next) {
        bool loop = n->op == OP_while || (n->op == OP_for && ((em->dep[n->in[0]->id] | em->dep[n->in[1]->id]) & bit));
        if ((loop && (em->dep[n->id] & bit)) || counts_differently(em, n, bit))
            return true;
        if ((n->op == OP_buffer && n->place == PLACE_local) || n->op == OP_extern)
            return true;
        for (int k = 0; k < n->nregions; k++)
            if (be_needs_serial(em, n->regions[k], bit))
                return true;
    }
    return false;
}

/* What is loaded does not count: it is widened or narrowed where it is used. */
static void see_width(void *user, IrNode *n)
{
    int *widest = user;
    IrDtype t = n->op == OP_store ? n->in[0]->type.dtype : n->type.dtype;
    if (t == DT_none || t == DT_bool || t == DT_key || n->op == OP_buffer || n->op == OP_const || n->op == OP_load)
        return;
    int bytes = t == DT_f16 || t == DT_bf16 ? 4 : dtype_bytes(t);
    if ((dtype_is_float(t) || n->op == OP_store) && bytes > *widest)
        *widest = bytes;
}

static int lanes_for(Em *em, IrRegion *r)
{
    int most = em->be->opt->max_lanes, widest = 4;
    ir_walk(r, see_width, &widest);
    int n = em->be->opt->opt == 0 ? 0 : em->be->target.vector_bytes / widest;
    if (most)
        n = n < most ? n : most;
    return n < 2 ? 0 : n;
}

static Val *index_value(Em *em, LV base, int64_t coef, int mult)
{
    Val *x = val_scalar(em, DT_i64, base);
    x->coef = coef;
    if (mult)
        x->mult = mult;
    return x;
}

static void body_pass(Em *em, IrRegion *r)
{
    int old = em->mem_level;
    em->mem_level = em->scopes.n - 1;
    be_region(em, r);
    em->mem_level = old;
}

/* Whether the body may run again for a lane that it has run for: it reads nothing of what it stores, which lies in the task's own memory, or (`anywhere`)
 * is stored by the task alone. And whether a vector may begin anywhere: quotients of the index make whole vectors. */
typedef struct Again { const IrNode *index, *store; IrRegion *body; bool anywhere, may; } Again;

static bool is_argument(const IrNode *root) { return root->op == OP_param || root->place == PLACE_param || root->place == PLACE_block; }

static bool is_same_memory(const IrNode *a, const IrNode *b)
{
    a = be_root(a);
    b = be_root(b);
    bool results = a->place == PLACE_result && b->place == PLACE_result && !is_argument(a) && !is_argument(b);
    return a == b || (((is_argument(a) && is_argument(b)) || results) && a->imm == b->imm);
}

static void see_read(void *user, IrNode *n)
{
    Again *a = user;
    if (n->op == OP_load && is_same_memory(n->in[0], a->store->in[0]))
        a->may = false;
}

static void see_again(void *user, IrNode *n)
{
    Again *a = user;
    bool quotient = n->op == OP_floordiv || n->op == OP_mod || (n->op == OP_dim && n->dim && dim_mentions(n->dim, a->index->sym));
    if (quotient || (n->op == OP_store && !a->anywhere && be_root(n->in[0])->place != PLACE_scratch))
        a->may = false;
    if (n->op == OP_store && a->may) {
        a->store = n;
        ir_walk(a->body, see_read, a);
    }
}

static bool may_run_again(const IrNode *n, bool anywhere)
{
    Again a = { n->regions[0]->params.p[0], NULL, n->regions[0], anywhere, true };
    ir_walk(n->regions[0], see_again, &a);
    return a.may;
}

/* Several turns at a time, for loads that read them at once (be_transpose.c); returns where the rest begins: where that does no harm there is none, as the
 * last ones begin early enough, but of fewer turns than are read at once. */
static LV serial_turns(Em *em, IrNode *n, LV lo, LV hi, int turns, bool panels)
{
    IrRegion *r = n->regions[0], *old = em->turn_region;
    bool again = !(panels && be_takes_panels(em, r)) && may_run_again(n, true);
    LV end = be_turns_end(em, lo, hi, turns), last = em_bin(em, LLVMSub, hi, be_int(em->be, turns));
    end = again ? em_select(em, em_icmp(em, LLVMIntSGT, end, lo), hi, lo) : end;
    Loop l = em_loop(em, lo, end, turns, 0, NULL);
    LV first = again ? em_select(em, em_icmp(em, LLVMIntSLT, l.iv, last), l.iv, last) : l.iv;
    em->turn_region = r;
    em->turns_at_once = turns;
    em->turn_panels = panels;
    for (int u = 0; u < turns; u++) {
        em->turn = u;
        be_set(em, r->params.p[0], index_value(em, em_bin(em, LLVMAdd, first, be_int(em->be, u)), 0, 0));
        body_pass(em, r);
    }
    em->turn = -1;
    em->turn_region = old;
    em_loop_end(em, &l, NULL);
    return em_select(em, em_icmp(em, LLVMIntSGT, end, lo), end, lo);
}

static void serial_loop(Em *em, IrNode *n, LV lo, LV hi)
{
    int64_t c;
    bool panels = be_const_value(lo, &c) && c == 0;
    int turns = em->W && em->turn < 0 ? be_wants_turns(em, n->regions[0], panels) : 0;
    if (turns)
        lo = serial_turns(em, n, lo, hi, turns, panels);
    Stretch part = { .p0 = lo, .p1 = hi };
    if (n->loop == LOOP_seq && !em->task)
        part = be_stretch(em, n, lo, hi, 0, NULL);
    Loop l = em_loop_if(em, part.p0, part.p1, 1, 0, NULL, turns ? RUNS_seldom : RUNS_maybe);
    be_set(em, n->regions[0]->params.p[0], index_value(em, l.iv, 0, 0));
    body_pass(em, n->regions[0]);
    if (n->loop == LOOP_seq && em->task && n->parent == em->kernel) /* stretches of a product: a turn is long */
        be_leave_if_cancelled(em);
    em_loop_end(em, &l, NULL);
    be_stretch_end(em, &part, NULL);
}

static LV whole_part(Em *em, LV lo, LV hi, int64_t step)
{
    LV n = em_bin(em, LLVMSub, hi, lo);
    if (step > 1)
        n = em_bin(em, LLVMMul, be_floordiv(em, n, be_int(em->be, step)), be_int(em->be, step));
    return em_bin(em, LLVMAdd, lo, n);
}

/* Runs [from, hi) in whole steps of v vectors; returns where it ended. */
static LV lanes_main(Em *em, IrNode *n, LV from, LV hi, int v, int mult)
{
    int64_t step = (int64_t)v * em->W, a, b;
    LV end = whole_part(em, from, hi, step);
    if (be_const_value(from, &a) && be_const_value(end, &b) && a >= b)
        return from;
    em->V = v;
    int m = be_pow2_of(step);
    Loop l = em_loop(em, from, end, step, 0, NULL);
    be_set(em, n->regions[0]->params.p[0], index_value(em, l.iv, 1, mult < m ? mult : m));
    body_pass(em, n->regions[0]);
    em_loop_end(em, &l, NULL);
    em->V = 1;
    LV ran = em_icmp(em, LLVMIntSGT, end, from);
    return em_select(em, ran, end, from);
}

/* Vectors that lie wholly beyond hi stand at the first one's place: a masked read of memory that is not there is off but slow.
 * padded: what the contractions read is there for all vectors, as their panels are as long. */
static Val *tail_index(Em *em, Val *x, LV hi, bool padded)
{
    if (em->V == 1 || padded)
        return x;
    Val *y = val_new(em, DT_i64, 1, em->V, false);
    y->coef = 1;
    y->mult = x->mult < em->W ? x->mult : be_pow2_of(em->W);
    for (int j = 0; j < em->V; j++) {
        LV at = val_at(em, x, 0, j);
        y->v[j] = j ? em_select(em, em_icmp(em, LLVMIntSLT, at, hi), at, x->v[0]) : at;
    }
    return y;
}

static void tail_body(Em *em, IrNode *n, LV at, LV hi, int mult, bool padded)
{
    Val *old = em->mask, *x = index_value(em, at, 1, mult);
    be_set(em, n->regions[0]->params.p[0], tail_index(em, x, hi, padded));
    em->mask = val_and(em, old, val_lanes_below(em, at, hi));
    em->tail_mask = old ? NULL : em->mask;
    em->tail_count = em_bin(em, LLVMSub, hi, at);
    body_pass(em, n->regions[0]);
    em->mask = old;
    em->tail_mask = NULL;
}

/* Lanes whose loads lie a stride apart: vectors with all lanes on read several turns at once, others turn by turn. Where that does no
 * harm the last vector begins early enough to be whole. */
static void strided_loop(Em *em, IrNode *n, LV lo, LV hi, int mult)
{
    bool again = may_run_again(n, true);
    LV w = be_int(em->be, em->W), last = em_bin(em, LLVMSub, hi, w);
    if (again)
        last = em_select(em, em_icmp(em, LLVMIntSGT, lo, last), lo, last);
    em->V = 1;
    Loop l = em_loop(em, lo, hi, em->W, 0, NULL);
    LV late = em_icmp(em, LLVMIntSGT, l.iv, last), at = again ? em_select(em, late, last, l.iv) : l.iv;
    em->all_on = em_icmp(em, LLVMIntSGE, em_bin(em, LLVMSub, hi, again ? lo : l.iv), w);
    em->mostly_on = true;
    tail_body(em, n, at, hi, again ? 1 : mult < em->W ? mult : be_pow2_of(em->W), false);
    em->mostly_on = false;
    em->all_on = NULL;
    em_loop_end(em, &l, NULL);
}

/* once: the rest is less than v vectors. panel: how many lanes from a multiple of it on the contractions may read without a mask; 0: none. */
static void lanes_tail(Em *em, IrNode *n, LV from, LV hi, int v, int mult, bool once, int64_t panel)
{
    int64_t a, b, step = (int64_t)v * em->W;
    int m = be_pow2_of(step);
    bool padded = panel && panel % step == 0 && mult % step == 0;
    if (be_const_value(from, &a) && be_const_value(hi, &b) && a >= b)
        return;
    em->V = v;
    m = mult < m ? mult : m;
    if (once) {
        Cond c = em_if(em, em_icmp(em, LLVMIntSLT, from, hi), 0, NULL);
        tail_body(em, n, from, hi, m, padded);
        em_end_if(em, &c, NULL);
    } else {
        Loop l = em_loop(em, from, hi, step, 0, NULL);
        em->mostly_on = true;
        tail_body(em, n, l.iv, hi, m, padded);
        em->mostly_on = false;
        em_loop_end(em, &l, NULL);
    }
    em->V = 1;
}

/* The same of what is turned alone: fewer lanes than a vector has are read under a mask, several turns at once, too. */
static void turned_loop(Em *em, IrNode *n, LV lo, LV hi, int mult)
{
    Cond c = em_if(em, em_icmp(em, LLVMIntSLT, em_bin(em, LLVMSub, hi, lo), be_int(em->be, em->W)), 0, NULL);
    lanes_tail(em, n, lo, hi, 1, mult, true, 0);
    em_else(em, &c, NULL);
    strided_loop(em, n, lo, hi, mult);
    em_end_if(em, &c, NULL);
}

/* Vectors of which the last one begins early enough to be whole; returns where they end. Fewer lanes than a vector has are left. */
static LV overlapping(Em *em, IrNode *n, LV from, LV hi)
{
    LV last = em_bin(em, LLVMSub, hi, be_int(em->be, em->W)), end = em_select(em, em_icmp(em, LLVMIntSLE, from, last), hi, from);
    Loop l = em_loop(em, from, end, em->W, 0, NULL);
    LV at = em_select(em, em_icmp(em, LLVMIntSLT, l.iv, last), l.iv, last);
    be_set(em, n->regions[0]->params.p[0], index_value(em, at, 1, 1));
    body_pass(em, n->regions[0]);
    em_loop_end(em, &l, NULL);
    return end;
}

enum { MOST_ROWS = 8, SIX = 6, FOUR = 4, PAIR = 2, NEAR = 1024 }; /* at once; places of a sum of which 256 lanes stay near */
/* Simple operations of a body beside which masks do not show; AVX2: where it writes three tensors or more (an optimiser), for each of them. */
enum { HEAVY = 24, HEAVY_512 = 10, HEAVY_STORE = 12 };

/* masks: its loads would need them in the rest of a loop; panel: the shortest panel that it reads, 0: none; copied: one lies in scratch, where it was
 * copied for lanes that may be few; strided: several turns of a sum are read at once, turned: of a loop, panels: from panels. */
typedef struct Work { Em *em; bool contracts, strided, turned, panels, masks, copied; int turns, stores; int64_t panel; double weight; } Work;

/* Lanes side by side, but not in panels: there lanes beyond the end read what pads the panel. A gather has a mask
 * in any case. */
static bool needs_mask(Em *em, const IrNode *load, int64_t *panel)
{
    IrType t = load->in[0]->type;
    if (!t.rank || !be_varies(em, load->in[load->nin - 1], DEP_LANES))
        return false;
    int64_t width = be_panel_lanes(load);
    bool padded = width && width % em->W == 0;
    if (padded)
        *panel = width;
    return !padded;
}

static void see_load(void *user, IrNode *n)
{
    Work *w = user;
    int64_t panel = 0;
    if (n->op != OP_load)
        return;
    w->masks = w->masks || needs_mask(w->em, n, &panel);
    w->copied = w->copied || (panel && be_root(n->in[0])->place == PLACE_scratch);
    if (panel && (!w->panel || panel < w->panel))
        w->panel = panel;
}

static void see_contraction(void *user, IrNode *n)
{
    Work *w = user;
    w->weight += be_weight(n);
    w->stores += n->op == OP_store;
    w->turned = w->turned || (n->op == OP_tfor && n->loop == LOOP_seq && be_wants_turns(w->em, n->regions[0], false));
    if (n->op != OP_reduce || n->order != ORDER_contract)
        return;
    w->contracts = true;
    int turns = be_wants_turns(w->em, n->regions[0], true);
    w->strided = w->strided || turns;
    w->panels = w->panels || be_takes_panels(w->em, n->regions[0]);
    w->turns = turns > w->turns ? turns : w->turns;
    ir_walk(n->regions[0], see_load, w);
}

/* One row alone needs more vectors at once to hide the latency of its multiply-adds: 64 lanes, at most 8 vectors, half of that where
 * its loads are work themselves. */
static int vectors_for(const Em *em, const IrNode *n, const Work *w)
{
    int v = n->factor ? n->factor : 1, alone = 64 / em->W;
    alone = alone > 8 ? 8 : alone;
    if (w->turns > 4)
        return 1; /* as many values as lanes wait in registers */
    if (w->strided && !w->panels)
        alone /= 2;
    if ((w->weight > (double)HEAVY || w->panels) && alone > 4)
        alone = 4; /* what follows the contraction is written once for each vector */
    if (em->half)
        return w->contracts ? 2 * v : v;
    return w->contracts && em->R == 1 && alone > v ? alone : v;
}

/* Where steps end: all of them whole, and the last one if more than half of its lanes are on. */
static LV wide_end(Em *em, LV from, LV hi, int64_t step)
{
    LV count = em_bin(em, LLVMSub, hi, from), rest = em_bin(em, LLVMAnd, count, be_int(em->be, step - 1));
    return em_select(em, em_icmp(em, LLVMIntSGT, rest, be_int(em->be, step / 2)), hi, em_bin(em, LLVMSub, hi, rest));
}

/* [from, hi) with v vectors a step, or one if it has them all. once: it is at most one step. */
static void few_or_many(Em *em, IrNode *n, LV from, LV hi, int v, int mult, bool once, int64_t panel)
{
    Cond k = em_if(em, em_icmp(em, LLVMIntSLE, em_bin(em, LLVMSub, hi, from), be_int(em->be, em->W)), 0, NULL);
    lanes_tail(em, n, from, hi, 1, mult, true, 0);
    em_else(em, &k, NULL);
    lanes_tail(em, n, from, hi, v, mult, once, panel);
    em_end_if(em, &k, NULL);
}

/* Every turn under a mask: half the code of a loop and its rest. Where lanes may be few (a short head, the last keys of a block; not the
 * outputs of a layer), at most one vector takes one. Whole steps of many sums whose loads would need it take none: a masked load takes the slot of a multiply-add. */
static void masked_loop(Em *em, IrNode *n, Val *lo, LV hi, int v, const Work *w)
{
    LV from = lo->v[0], count = em_bin(em, LLVMSub, hi, from);
    int64_t c, panel = w->masks ? 0 : w->panel;
    if (w->strided && !em->mask && v == 1) { /* a mask would cost a register for the place of each lane */
        strided_loop(em, n, from, hi, lo->mult);
        return;
    }
    if (w->strided) {
        from = lanes_main(em, n, from, hi, v, lo->mult);
        lanes_tail(em, n, from, hi, 1, lo->mult, false, 0);
        return;
    }
    if (em->R > MOST_ROWS / 2 && v > 1 && w->masks) {
        from = lanes_main(em, n, from, hi, v, lo->mult);
        few_or_many(em, n, from, hi, v, lo->mult, true, 0);
        return;
    }
    if (em->R > MOST_ROWS / 2 || v == 1 || (!w->masks && !w->copied) || be_const_value(count, &c)) {
        lanes_tail(em, n, from, hi, v, lo->mult, false, panel);
        return;
    }
    if (v > PAIR && em->R > 1) {
        LV wide = w->masks ? lanes_main(em, n, from, hi, v, lo->mult) : wide_end(em, from, hi, (int64_t)v * em->W);
        if (!w->masks)
            lanes_tail(em, n, from, wide, v, lo->mult, false, panel);
        from = wide;
        v = PAIR;
    }
    few_or_many(em, n, from, hi, v, lo->mult, false, panel);
}

/* Whether a loop of this many turns takes whole steps only. */
static bool is_even(Em *em, IrNode *n, const Val *lo, LV hi, int64_t step)
{
    const IrNode *x = n->regions[0]->params.p[0];
    int64_t c;
    if (be_const_value(em_bin(em, LLVMSub, hi, lo->v[0]), &c))
        return c % step == 0;
    return !x->from && !x->to && be_dim(em, x->dim)->mult % step == 0;
}

static void lanes_loop(Em *em, IrNode *n, Val *lo, LV hi)
{
    Work w = { .em = em };
    ir_walk(n->regions[0], see_contraction, &w);
    int v = vectors_for(em, n, &w);
    bool even = is_even(em, n, lo, hi, (int64_t)v * em->W);
    if (!even && v > 1 && w.contracts && em->R > 1 && is_even(em, n, lo, hi, em->W)) { /* sums in registers are what counts: no idle vector */
        LV rest = lanes_main(em, n, lo->v[0], hi, v, lo->mult);
        lanes_main(em, n, rest, hi, 1, lo->mult);
        return;
    }
    if (!even && v == 1 && w.turned && !w.contracts && !em->mask && may_run_again(n, true)) {
        turned_loop(em, n, lo->v[0], hi, lo->mult);
        return;
    }
    int heavy_from = em->be->target.avx512 ? HEAVY_512 : w.stores > 2 ? w.stores * HEAVY_STORE : HEAVY;
    bool heavy = !w.contracts && w.weight >= heavy_from;
    if (!even && (heavy || (w.contracts && (em->be->target.avx512 || !w.masks)))) {
        masked_loop(em, n, lo, hi, v, &w);
        return;
    }
    if (!even && v == 1 && !em->be->target.avx512 && may_run_again(n, false)) {
        lanes_tail(em, n, overlapping(em, n, lo->v[0], hi), hi, 1, lo->mult, true, 0);
        return;
    }
    LV from = lanes_main(em, n, lo->v[0], hi, v, lo->mult);
    if (even)
        return;
    int rest = em->be->target.avx512 ? v : (v + 1) / 2;
    if (w.contracts && em->R == 1 && rest > 1) {
        LV one = em_icmp(em, LLVMIntSLE, em_bin(em, LLVMSub, hi, from), be_int(em->be, em->W));
        lanes_tail(em, n, em_select(em, one, from, hi), hi, 1, lo->mult, true, 0);
        from = em_select(em, one, hi, from);
    }
    lanes_tail(em, n, from, hi, rest, lo->mult, rest == v, 0);
}

/* Is the number of turns a multiple of n whatever the dims are? */
static bool is_multiple(Em *em, const IrNode *x, int64_t n)
{
    return n > 1 && !x->from && !x->to && be_dim(em, x->dim)->mult % n == 0;
}

static void see_sum(void *user, IrNode *n)
{
    IrNode **found = user;
    if (n->op == OP_reduce && n->order == ORDER_contract)
        *found = n;
}

typedef struct Sizes { Em *em; bool known; } Sizes;

static void see_size(void *user, DimSym *s)
{
    Sizes *x = user;
    x->known = x->known && ((intptr_t)map_find(x->em->syms, s) & 1);
}

/* Rows that a product's step of eight leaves, at most: five are a step of four and one alone, where what both read is not far away. */
static LV rows_left(Em *em, const IrNode *sum)
{
    IrRegion *r = sum->regions[0];
    LV few = be_int(em->be, MOST_ROWS / 2);
    Sizes x = { em, r->params.n == 1 };
    dim_syms(vec_last(&r->params)->dim, see_size, &x);
    if (!x.known)
        return few;
    LV near = em_icmp(em, LLVMIntSLE, be_dim_scalar(em, vec_last(&r->params)->dim), be_int(em->be, NEAR));
    return em_select(em, near, be_int(em->be, MOST_ROWS / 2 + 1), few);
}

typedef struct Turns { Em *em; int rows; bool found, panels; } Turns;

/* Sums that take turns from a row of each lane at once (be_transpose.c), for all rows of a step. */
static void see_turns(void *user, IrNode *n)
{
    Turns *t = user;
    Em *em = t->em;
    if (n->op != OP_tfor || n->loop != LOOP_lanes || em->W)
        return;
    IrRegion *r = n->regions[0];
    em->W = lanes_for(em, r);
    em->R = t->rows;
    be_depend(em, r, r->params.p[0], DEP_LANES);
    for (const IrNode *x = r->first; x; x = x->next)
        if (x->op == OP_reduce && x->order == ORDER_contract && be_wants_turns(em, x->regions[0], true)) {
            t->found = true;
            t->panels = t->panels || be_takes_panels(em, x->regions[0]);
        }
    be_depend_end(em, r, DEP_LANES);
    em->R = 1;
    em->W = 0;
}

static LV least(Em *em, LV a, LV b) { return em_select(em, em_icmp(em, LLVMIntSLT, a, b), a, b); }

/* Where steps end that begin at lo: a rest of more than `few` rows is one more step. */
static LV steps_end(Em *em, LV lo, LV hi, int factor, LV few)
{
    LV n = em_bin(em, LLVMAdd, em_bin(em, LLVMSub, hi, lo), em_bin(em, LLVMSub, be_int(em->be, factor - 1), few));
    LV end = em_bin(em, LLVMAdd, lo, em_bin(em, LLVMMul, be_floordiv(em, n, be_int(em->be, factor)), be_int(em->be, factor)));
    return em_select(em, em_icmp(em, LLVMIntSGT, hi, lo), end, lo);
}

/* Where steps of six rows end: five left are one more of them, of eight or more with two left the last six are left, too. */
static LV sixes_end(Em *em, LV lo, LV hi)
{
    LV n = em_bin(em, LLVMSub, hi, lo), six = be_int(em->be, SIX), two = em_icmp(em, LLVMIntEQ, be_floormod(em, n, six), be_int(em->be, 2));
    LV steps = be_floordiv(em, em_bin(em, LLVMAdd, n, be_int(em->be, 1)), six);
    LV spared = em_select(em, em_bin(em, LLVMAnd, two, em_icmp(em, LLVMIntSGT, n, six)), six, be_int(em->be, 0));
    LV end = em_bin(em, LLVMAdd, lo, em_bin(em, LLVMSub, em_bin(em, LLVMMul, steps, six), spared));
    return em_select(em, em_icmp(em, LLVMIntSGT, hi, lo), end, lo);
}

/* first: of all rows. Rows of the last step that lie beyond the end are the last row again: the same bits are stored twice. */
static void rows_steps(Em *em, IrNode *n, LV first, LV lo, LV hi, LV end, int factor, bool whole)
{
    int64_t a, b;
    if (be_const_value(lo, &a) && be_const_value(end, &b) && a >= b)
        return;
    LV last = em_bin(em, LLVMSub, hi, be_int(em->be, 1));
    Loop l = em_loop(em, lo, end, factor, 0, NULL);
    Val *rows = val_new(em, DT_i64, factor, 1, false);
    for (int r = 0; r < factor; r++) {
        LV row = em_bin(em, LLVMAdd, l.iv, be_int(em->be, r));
        rows->v[r] = whole || !r ? row : em_select(em, em_icmp(em, LLVMIntSLT, row, last), row, last);
    }
    em->R = factor;
    em->first_rows = em_icmp(em, LLVMIntEQ, l.iv, first);
    be_set(em, n->regions[0]->params.p[0], rows);
    body_pass(em, n->regions[0]);
    em->R = 1;
    em->first_rows = NULL;
    em_loop_end(em, &l, NULL);
}

typedef struct Window { Em *em; const IrNode *last; bool found; } Window;

static void see_moving(void *user, IrNode *n)
{
    Window *w = user;
    for (int i = 1; n->op == OP_load && i < n->nin; i++)
        w->found = w->found || ((w->em->dep[n->in[i]->id] & DEP_ROWS) && be_depends_on(n->in[i], w->last));
}

/* All places are written out, or those along which rows move. */
static void see_window(void *user, IrNode *n)
{
    Window *w = user;
    BeWindow is = be_window(n);
    w->found = w->found || is == WINDOW_all;
    w->last = is == WINDOW_last ? vec_last(&n->regions[0]->params) : NULL;
    if (w->last)
        ir_walk(n->regions[0], see_moving, w);
}

/* Steps of rows that are numbers apart. A rest of more than `few` rows is one more step, which begins early enough to be whole: the same bits are stored twice.
 * Returns where the rest begins; with fewer rows than a step, from `all` on, all of them are the rest. */
static LV window_steps(Em *em, IrNode *n, LV all, LV lo, LV hi, int factor, int few)
{
    Be *be = em->be;
    LV last = em_bin(em, LLVMSub, hi, be_int(be, factor)), end = steps_end(em, lo, hi, factor, be_int(be, few));
    end = em_select(em, em_icmp(em, LLVMIntSLE, all, last), least(em, end, hi), lo);
    Loop l = em_loop(em, lo, end, factor, 0, NULL);
    LV first = least(em, l.iv, last);
    Val *rows = val_new(em, DT_i64, factor, 1, false);
    for (int r = 0; r < factor; r++)
        rows->v[r] = em_bin(em, LLVMAdd, first, be_int(be, r));
    em->R = factor;
    be_set(em, n->regions[0]->params.p[0], rows);
    body_pass(em, n->regions[0]);
    em->R = 1;
    em_loop_end(em, &l, NULL);
    return end;
}

static bool has_window(Em *em, const IrNode *n)
{
    Window w = { em, NULL, false };
    ir_walk(n->regions[0], see_window, &w);
    return w.found;
}

/* A rest of rows: many are one more step; of products, and of loads that are put together for several rows, some are a step of half as many
 * with twice the vectors; few run row by row, where a row costs about a third of a step. Steps of six leave their rest to
 * steps of four, which are nearly as good: 8 are 4 + 4, 10 are 6 + 4. */
static void rows_loop(Em *em, IrNode *n, LV lo, LV hi)
{
    int64_t a, b;
    int factor = n->factor ? n->factor : 1;
    LV first = lo;
    bool whole = factor > 1 && is_multiple(em, n->regions[0]->params.p[0], factor), six = factor == SIX && !whole;
    IrNode *sum = NULL;
    Turns t = { .em = em, .rows = factor / 2 };
    if (factor > 1 && !whole && has_window(em, n)) { /* rows that are numbers apart read the same vectors */
        LV rest = window_steps(em, n, lo, lo, hi, factor, factor > FOUR ? FOUR : 0);
        if (factor > FOUR)
            rest = window_steps(em, n, lo, rest, hi, FOUR, 0);
        serial_loop(em, n, rest, hi);
        return;
    }
    if (factor == MOST_ROWS && em->be->opt->opt >= 2)
        ir_walk(n->regions[0], see_sum, &sum);
    if (factor >= MOST_ROWS / 2 && !six && !whole && em->be->opt->opt >= 2)
        ir_walk(n->regions[0], see_turns, &t);
    if (six) {
        whole = is_multiple(em, n->regions[0]->params.p[0], FOUR);
        LV end = sixes_end(em, lo, hi);
        rows_steps(em, n, first, lo, hi, end, SIX, whole);
        lo = end;
        factor = FOUR;
    }
    if (factor > 1) {
        int few = sum || t.found ? factor / 2 : factor < MOST_ROWS ? 1 : 2;
        LV end = whole ? hi : steps_end(em, lo, hi, factor, sum && !t.found ? rows_left(em, sum) : be_int(em->be, few));
        rows_steps(em, n, first, lo, hi, end, factor, whole);
        lo = end;
    }
    if ((sum || t.found) && !whole) {
        LV end = steps_end(em, lo, hi, factor / 2, be_int(em->be, sum || t.panels));
        em->half = sum;
        rows_steps(em, n, first, lo, hi, end, factor / 2, false);
        em->half = false;
        lo = end;
    }
    if (!whole && (!t.found || t.panels || sum) && !(be_const_value(lo, &a) && be_const_value(hi, &b) && a >= b))
        serial_loop(em, n, lo, hi);
}

/* Runs the loop in blocks if its body allows it. */
static bool in_blocks(Em *em, IrNode *n, int bit, Val *lo, LV hi)
{
    IrRegion *r = n->regions[0];
    be_depend(em, r, r->params.p[0], bit);
    bool can = !be_needs_serial(em, r, bit);
    if (can && bit == DEP_LANES)
        lanes_loop(em, n, lo, hi);
    else if (can)
        rows_loop(em, n, lo->v[0], hi);
    be_depend_end(em, r, bit);
    return can;
}

static Val *one_bound(Em *em, Dim d, bool max)
{
    Val *x = be_dim(em, d);
    if (x->nr == 1)
        return x;
    Val *y = val_scalar(em, DT_i64, val_bound(em, x, max));
    y->mult = x->mult;
    return y;
}

/* The part [from, to) where the guard may hold of the range [lo, lo + extent), for any of the rows. */
static void index_range(Em *em, IrNode *x, Val **lo, LV *hi)
{
    *lo = x->lo ? be_dim(em, x->lo) : val_int(em, 0);
    *hi = em_bin(em, LLVMAdd, (*lo)->v[0], be_dim_scalar(em, x->dim));
    if (x->to)
        *hi = val_minmax(em, val_scalar(em, DT_i64, *hi), one_bound(em, x->to, true), false)->v[0];
    if (x->from)
        *lo = val_minmax(em, *lo, one_bound(em, x->from, false), true);
}

void be_tfor(Em *em, IrNode *n)
{
    Val *lo;
    LV hi;
    index_range(em, n->regions[0]->params.p[0], &lo, &hi);
    bool done = false;
    if (n->loop == LOOP_lanes && !em->W && (em->W = lanes_for(em, n->regions[0]))) {
        done = in_blocks(em, n, DEP_LANES, lo, hi);
        em->W = 0;
    } else if (n->loop == LOOP_rows && em->R == 1) {
        done = in_blocks(em, n, DEP_ROWS, lo, hi);
    }
    if (!done)
        serial_loop(em, n, lo->v[0], hi);
}
