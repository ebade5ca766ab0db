/* be_control.c - if, for, while over scalars, or over blocks inside vector loops.
 *
 *     if     uniform condition: a branch; else both sides under masks, each jumped over where nothing is on
 *     for    a counted loop with carried values
 *     while  head: go = condition(state); br go, body, exit
 */
#include "backend/be_reduce_int.h"

static void shape_of(Em *em, const IrNode *n, int *nr, bool *vec)
{
    *nr = be_varies(em, n, DEP_ROWS) ? em->R : 1;
    *vec = be_varies(em, n, DEP_LANES);
}

/* The values of a terminator spread to the shape of `like`, flattened into state. */
static int flatten(Em *em, const IrNode *like, IrDtype t, Val *x, LV *state)
{
    int nr, n = 0;
    bool vec;
    shape_of(em, like, &nr, &vec);
    if (!x) {
        LV zero = be_zero(be_vector(be_val_type(em->be, t), vec ? em->W : 0));
        for (int i = 0; i < nr * (vec ? em->V : 1); i++)
            state[n++] = zero;
        return n;
    }
    Val *y = val_spread(em, x, nr, 1, vec);
    for (int i = 0; i < y->nr * y->nv; i++)
        state[n++] = y->v[i];
    return n;
}

static Val *unflatten(Em *em, const IrNode *like, IrDtype t, const LV *state, int *at)
{
    int nr;
    bool vec;
    shape_of(em, like, &nr, &vec);
    Val *y = val_new(em, t, nr, 1, vec);
    for (int i = 0; i < y->nr * y->nv; i++)
        y->v[i] = state[(*at)++];
    return y;
}

static LV *state_new(Em *em, int values) { return NEWN(em->be->a, LV, (values + 1) * em->R * em->V); }

static IrNode *terminator(IrRegion *r) { return r->last && r->last->op == OP_yield ? r->last : NULL; }

static void set_results(Em *em, IrNode *n, Val **v)
{
    if (n->type.dtype != DT_none)
        be_set(em, n, v[0]);
    for (IrUse *u = n->uses; u; u = u->next)
        if (u->user->op == OP_result)
            be_set(em, u->user, v[u->user->imm]);
}

static void branch_if(Em *em, IrNode *n, Val *cond)
{
    IrNode *y0 = terminator(n->regions[0]), *y1 = terminator(n->regions[1]);
    int k = y0 ? y0->nin : 0, m = 0, at = 0;
    LV *state = state_new(em, k);
    for (int i = 0; i < k; i++)
        m += flatten(em, n, y0->in[i]->type.dtype, NULL, state + m);
    Cond c = em_if(em, cond->v[0], m, state);
    for (int side = 0; side < 2; side++) {
        IrNode *y = side ? y1 : y0;
        if (side)
            em_else(em, &c, state);
        be_region(em, n->regions[side]);
        m = 0;
        for (int i = 0; i < k; i++)
            m += flatten(em, n, y->in[i]->type.dtype, be_val(em, y->in[i]), state + m);
    }
    em_end_if(em, &c, state);
    Val **v = NEWN(em->be->a, Val *, k + 1);
    for (int i = 0; i < k; i++)
        v[i] = unflatten(em, n, y0->in[i]->type.dtype, state, &at);
    set_results(em, n, v);
}

/* One side under its mask; values where nothing is on are zero. */
static void masked_side(Em *em, IrNode *n, int side, Val *mask, Val **out)
{
    IrNode *y = terminator(n->regions[side]);
    int k = y ? y->nin : 0, m = 0, at = 0;
    LV *state = state_new(em, k);
    for (int i = 0; i < k; i++)
        m += flatten(em, n, y->in[i]->type.dtype, NULL, state + m);
    bool quiet = em->written_out && (mask->vec || mask->nr > 1) && be_is_quiet(em, n->regions[side], mask->vec ? DEP_LANES : DEP_ROWS);
    Val *old = em->mask;
    Cond c;
    if (!quiet)
        c = em_if(em, val_any(em, mask), m, state);
    em->mask = mask;
    be_region(em, n->regions[side]);
    m = 0;
    for (int i = 0; i < k; i++)
        m += flatten(em, n, y->in[i]->type.dtype, be_val(em, y->in[i]), state + m);
    em->mask = old;
    if (!quiet)
        em_end_if(em, &c, state);
    for (int i = 0; i < k; i++)
        out[i] = unflatten(em, n, y->in[i]->type.dtype, state, &at);
}

/* Loads of one side, which give 0 where they are off, for a choice of 0 there. */
static bool is_the_same(const Val *a, const Val *b)
{
    bool same = a->vec && b->vec && a->nr == b->nr && a->nv == b->nv;
    for (int i = 0; i < a->nr * a->nv && same; i++)
        same = be_is_zero_outside(a->v[i]) && LLVMIsConstant(b->v[i]) && LLVMIsNull(b->v[i]);
    return same;
}

/* Nothing is asked any more. */
static void take_side(Em *em, IrNode *n, int side)
{
    IrNode *y = terminator(n->regions[side]);
    int k = y ? y->nin : 0;
    Val **v = NEWN(em->be->a, Val *, k + 1);
    be_region(em, n->regions[side]);
    for (int i = 0; i < k; i++)
        v[i] = be_val(em, y->in[i]);
    set_results(em, n, v);
}

/* What is left of the conditions that must all hold; NULL: nothing. */
static Val *unsettled(Em *em, IrNode *c, const uint8_t *settled)
{
    if (settled[c->id])
        return NULL;
    return c->op == OP_and ? val_and(em, unsettled(em, c->in[0], settled), unsettled(em, c->in[1], settled)) : be_val(em, c);
}

void be_if(Em *em, IrNode *n)
{
    bool known = n == em->choice.n;
    Val *cond = known && em->choice.other ? NULL : known ? unsettled(em, n->in[0], em->choice.settled) : be_val(em, n->in[0]);
    if (!cond) {
        take_side(em, n, em->choice.other);
        return;
    }
    if (cond->nr == 1 && cond->nv == 1 && !cond->vec) {
        branch_if(em, n, cond);
        return;
    }
    IrNode *y = terminator(n->regions[0]);
    int k = y ? y->nin : 0;
    Val **a = NEWN(em->be->a, Val *, k + 1), **b = NEWN(em->be->a, Val *, k + 1);
    masked_side(em, n, 0, val_and(em, em->mask, cond), a);
    masked_side(em, n, 1, val_and(em, em->mask, be_not(em, cond)), b);
    for (int i = 0; i < k; i++)
        a[i] = y->in[i]->op == OP_load && y->in[i]->parent == n->regions[0] && is_the_same(a[i], b[i]) ? a[i] : val_select(em, cond, a[i], b[i]);
    set_results(em, n, a);
}

static void bind_args(Em *em, IrRegion *r, int skip, const LV *state)
{
    int at = 0;
    for (int i = skip; i < r->params.n; i++)
        be_set(em, r->params.p[i], unflatten(em, r->params.p[i], r->params.p[i]->type.dtype, state, &at));
}

static void next_values(Em *em, IrRegion *r, int skip, LV *state)
{
    IrNode *y = terminator(r);
    int m = 0;
    for (int i = skip; i < r->params.n; i++)
        m += flatten(em, r->params.p[i], r->params.p[i]->type.dtype, be_val(em, y->in[i - skip]), state + m);
}

static int first_values(Em *em, IrNode *n, IrRegion *r, int first_in, int skip, LV *state)
{
    int m = 0;
    for (int i = skip; i < r->params.n; i++)
        m += flatten(em, r->params.p[i], r->params.p[i]->type.dtype, be_val(em, n->in[first_in + i - skip]), state + m);
    return m;
}

static void loop_results(Em *em, IrNode *n, IrRegion *r, int skip, const LV *state)
{
    int at = 0, k = r->params.n - skip;
    Val **v = NEWN(em->be->a, Val *, k + 1);
    for (int i = 0; i < k; i++)
        v[i] = unflatten(em, r->params.p[skip + i], r->params.p[skip + i]->type.dtype, state, &at);
    set_results(em, n, v);
}

enum { FEW_TURNS = 64, STRETCH = 65536 };

/* Whether a reduction or loop may take long for one point. */
static bool may_be_long(const IrNode *loop)
{
    const IrRegion *r = loop->regions[0];
    double n = 1;
    for (int i = 0; i < r->params.n; i++) {
        int64_t k;
        if (!dim_is_const(r->params.p[i]->dim, &k))
            return true;
        n *= (double)k;
    }
    return n > (double)STRETCH;
}

/* Where it stands in a kernel's point, not in a loop of it but those that take one place after the other (of a scatter). */
static bool is_cut_short(const Em *em, const IrNode *n)
{
    if (!em->outer || em->env || !may_be_long(n))
        return false;
    while (n->op == OP_tfor && n->parent != em->kernel && n->parent->owner && n->parent->owner->op == OP_tfor && n->parent->owner->loop == LOOP_seq)
        n = n->parent->owner;
    return n->parent == em->kernel;
}

void be_end_of_block(Em *em, const IrNode *loop)
{
    if (is_cut_short(em, loop))
        be_leave_if_cancelled(em);
}

Stretch be_stretch(Em *em, const IrNode *loop, LV p0, LV p1, int n, LV *state)
{
    Stretch s = { .of = loop, .p0 = p0, .p1 = p1 };
    if (!is_cut_short(em, loop))
        return s;
    s.loop = em_loop(em, p0, p1, STRETCH, n, state);
    LV end = em_bin(em, LLVMAdd, s.loop.iv, be_int(em->be, STRETCH));
    s.p0 = s.loop.iv;
    s.p1 = em_select(em, em_icmp(em, LLVMIntSLT, end, p1), end, p1);
    s.inside = true;
    return s;
}

void be_stretch_end(Em *em, Stretch *s, LV *state)
{
    if (!s->inside)
        return;
    be_end_of_block(em, s->of);
    em_loop_end(em, &s->loop, state);
}

/* After a turn. Kernels are cut short by a cancel alone, and not by a fault: of those the smallest is wanted. */
static void end_of_turn(Em *em, const IrNode *x)
{
    int64_t n;
    if (!em->outer)
        be_return_if_stopped(em);
    else if (!x || x->op != OP_index || !x->dim || !dim_is_const(x->dim, &n) || n > FEW_TURNS)
        be_leave_if_cancelled(em);
}

void be_for(Em *em, IrNode *n)
{
    IrRegion *r = n->regions[0];
    LV *state = state_new(em, r->params.n);
    Val *lo = be_val(em, n->in[0]), *hi = be_val(em, n->in[1]);
    int m = first_values(em, n, r, 2, 1, state), old = em->mem_level;
    Loop l = em_loop(em, lo->v[0], hi->v[0], 1, m, state);
    em->mem_level = em->scopes.n - 1;
    be_set(em, r->params.p[0], val_scalar(em, DT_i64, l.iv));
    bind_args(em, r, 1, state);
    be_region(em, r);
    next_values(em, r, 1, state);
    end_of_turn(em, r->params.p[0]);
    em->mem_level = old;
    em_loop_end(em, &l, state);
    loop_results(em, n, r, 1, state);
}

/* head: state = phi; go = condition(state); br go, body, exit.  body: next(state); br head. */
void be_while(Em *em, IrNode *n)
{
    IrRegion *cond = n->regions[0], *body = n->regions[1];
    LV *state = state_new(em, body->params.n), *phis = state_new(em, body->params.n);
    int m = first_values(em, n, body, 0, 0, state), old = em->mem_level;
    LLVMBasicBlockRef head = em_new_block(em, "while"), run = em_new_block(em, "body"), exit = em_new_block(em, "exit"), from = em->block;
    LLVMPositionBuilderAtEnd(em->b, from);
    em_open(em, false, LLVMBuildBr(em->b, head));
    em_go(em, head);
    for (int i = 0; i < m; i++) {
        phis[i] = em_raw(em, LLVMBuildPhi(em->b, LLVMTypeOf(state[i]), ""));
        LLVMAddIncoming(phis[i], &state[i], &from, 1);
    }
    em->mem_level = em->scopes.n - 1;
    bind_args(em, cond, 0, phis);
    be_region(em, cond);
    LV go = be_val(em, terminator(cond)->in[0])->v[0];
    LLVMPositionBuilderAtEnd(em->b, em->block);
    LLVMBasicBlockRef decide = em->block;
    em_open(em, true, LLVMBuildCondBr(em->b, go, run, exit));
    em_go(em, run);
    bind_args(em, body, 0, phis);
    be_region(em, body);
    next_values(em, body, 0, state);
    end_of_turn(em, NULL);
    LLVMPositionBuilderAtEnd(em->b, em->block);
    LLVMBuildBr(em->b, head);
    for (int i = 0; i < m; i++)
        LLVMAddIncoming(phis[i], &state[i], &em->block, 1);
    em_close(em);
    em_close(em);
    em->mem_level = old;
    em_go(em, exit);
    for (int i = 0; i < m; i++) { /* a name for each in the scope outside */
        state[i] = em_raw(em, LLVMBuildPhi(em->b, LLVMTypeOf(phis[i]), ""));
        LLVMAddIncoming(state[i], &phis[i], &decide, 1);
    }
    loop_results(em, n, body, 0, state);
}
