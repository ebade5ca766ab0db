/* be_flow.c - counted loops and branches with carried values.
 *
 *     before:  br lo < hi, pre, exit          (left out where both are constants)
 *     pre:     br head                        <- what does not change in the loop moves here
 *     head:    iv = phi, state = phi ...      body
 *              br iv + step < hi, head, exit
 *     exit:    state = phi [init, before], [last, latch]
 */
#include "backend/be_int.h"

static LLVMBasicBlockRef jump_into(Em *em, LV cond, LLVMBasicBlockRef yes, LLVMBasicBlockRef no, LV *br)
{
    LLVMBasicBlockRef from = em->block;
    LLVMPositionBuilderAtEnd(em->b, from);
    *br = cond ? LLVMBuildCondBr(em->b, cond, yes, no) : LLVMBuildBr(em->b, yes);
    return from;
}

static LV phi(Em *em, LT t, LV x, LLVMBasicBlockRef from)
{
    LV p = LLVMBuildPhi(em->b, t, "");
    LLVMAddIncoming(p, &x, &from, 1);
    return em_raw(em, p);
}

static bool surely_runs(LV lo, LV hi)
{
    int64_t a, b;
    return be_const_value(lo, &a) && be_const_value(hi, &b) && a < b;
}

static bool runs_once(LV lo, LV hi, int64_t step)
{
    int64_t a, b;
    return be_const_value(lo, &a) && be_const_value(hi, &b) && a < b && b - a <= step;
}

Loop em_loop(Em *em, LV lo, LV hi, int64_t step, int n, LV *state) { return em_loop_if(em, lo, hi, step, n, state, RUNS_maybe); }

Loop em_loop_if(Em *em, LV lo, LV hi, int64_t step, int n, LV *state, LoopRuns runs)
{
    Loop l = { .lo = lo, .hi = hi, .n = n, .step = step, .guarded = runs != RUNS_surely && !surely_runs(lo, hi), .once = runs_once(lo, hi, step) };
    LV br;
    if (l.once) {
        l.iv = lo;
        l.level = em->scopes.n;
        return l;
    }
    l.init = NEWN(em->be->a, LV, n + 1);
    l.phis = NEWN(em->be->a, LV, n + 1);
    l.exit = em_new_block(em, "exit");
    l.before = em->block;
    if (l.guarded) {
        LLVMBasicBlockRef pre = em_new_block(em, "pre");
        jump_into(em, em_icmp(em, LLVMIntSLT, lo, hi), pre, l.exit, &br);
        em_open(em, true, br);
        vec_last(&em->scopes).seldom = runs == RUNS_seldom;
        em_go(em, pre);
    }
    l.head = em_new_block(em, "loop");
    LLVMBasicBlockRef from = jump_into(em, NULL, l.head, NULL, &br);
    em_open(em, false, br);
    em_go(em, l.head);
    l.iv = phi(em, em->be->i64, lo, from);
    for (int i = 0; i < n; i++) {
        l.init[i] = state[i];
        state[i] = l.phis[i] = phi(em, LLVMTypeOf(state[i]), state[i], from);
    }
    l.level = em->scopes.n;
    return l;
}

void em_loop_end(Em *em, Loop *l, LV *state)
{
    LLVMBasicBlockRef latch = em->block;
    if (l->once)
        return;
    LLVMPositionBuilderAtEnd(em->b, latch);
    LV next = LLVMBuildAdd(em->b, l->iv, be_int(em->be, l->step), "");
    LLVMBuildCondBr(em->b, LLVMBuildICmp(em->b, LLVMIntSLT, next, l->hi, ""), l->head, l->exit);
    LLVMAddIncoming(l->iv, &next, &latch, 1);
    for (int i = 0; i < l->n; i++)
        LLVMAddIncoming(l->phis[i], &state[i], &latch, 1);
    em_close(em);
    if (l->guarded)
        em_close(em);
    em_go(em, l->exit);
    for (int i = 0; i < l->n; i++) {
        LV last = state[i];
        state[i] = phi(em, LLVMTypeOf(last), last, latch);
        if (l->guarded)
            LLVMAddIncoming(state[i], &l->init[i], &l->before, 1);
    }
}

/* A switch without cases: LLVM joins blocks that a plain jump connects before it selects instructions, and these only afterwards. */
void em_cut(Em *em)
{
    LLVMBasicBlockRef next = em_new_block(em, "cut");
    LLVMPositionBuilderAtEnd(em->b, em->block);
    LLVMBuildSwitch(em->b, be_const(em->be->i32, 0), next, 0);
    em_go(em, next);
}

Cond em_if(Em *em, LV c, int n, LV *state)
{
    Cond k = { .n = n, .init = NEWN(em->be->a, LV, n + 1), .first = NEWN(em->be->a, LV, n + 1) };
    LLVMBasicBlockRef then = em_new_block(em, "then");
    k.join = em_new_block(em, "join");
    for (int i = 0; i < n && state; i++)
        k.init[i] = state[i];
    k.from = jump_into(em, c, then, k.join, &k.br);
    em_open(em, true, k.br);
    em_go(em, then);
    return k;
}

static void leave_branch(Em *em, Cond *c)
{
    LLVMPositionBuilderAtEnd(em->b, em->block);
    LLVMBuildBr(em->b, c->join);
    em_close(em);
}

void em_else(Em *em, Cond *c, LV *state)
{
    for (int i = 0; i < c->n; i++)
        c->first[i] = state[i];
    c->first_end = em->block;
    c->in_else = true;
    leave_branch(em, c);
    c->other = em_new_block(em, "else");
    LLVMSetSuccessor(c->br, 1, c->other);
    em_open(em, true, c->br);
    em_go(em, c->other);
}

void em_end_if(Em *em, Cond *c, LV *state)
{
    LLVMBasicBlockRef last = em->block;
    leave_branch(em, c);
    em_go(em, c->join);
    for (int i = 0; i < c->n; i++) {
        LV p = phi(em, LLVMTypeOf(state[i]), state[i], last);
        LV x = c->in_else ? c->first[i] : c->init[i];
        LLVMBasicBlockRef from = c->in_else ? c->first_end : c->from;
        LLVMAddIncoming(p, &x, &from, 1);
        state[i] = p;
    }
}
