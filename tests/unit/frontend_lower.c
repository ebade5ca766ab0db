/* frontend_lower.c - lowering of checked trees built by hand: everything it makes is sound, and has the shape that it should. */
#include <stdio.h>
#include <stdlib.h>

#include "core_make.h"
#include "ir_eval.h"

static CoreTest c;

static void setup(void) { ir_test_init(&c.t); }
static void teardown(void) { ir_test_drop(&c.t); }

static int count_op(const IrRegion *r, IrOp op)
{
    int k = 0;
    for (const IrNode *n = r->first; n; n = n->next) {
        k += n->op == op;
        for (int i = 0; i < n->nregions; i++)
            k += count_op(n->regions[i], op);
    }
    return k;
}

static IrFn *lowered(CoreFn *fn)
{
    IrFn *ir = frontend_lower(c.t.m, fn, c.t.diags);
    ck_assert_msg(ir != NULL, "not lowered: %s", c.t.diags->list.n ? c.t.diags->list.p[0]->text : "");
    for (int i = 0; i < c.t.m->fns.n; i++) {
        const char *broken = ir_test_broken(&c.t, c.t.m->fns.p[i]), *text = ir_test_text(&c.t, c.t.m->fns.p[i]);
        if (getenv("SHOW_IR"))
            printf("%s\n", text);
        ck_assert_msg(!broken, "%s\n%s", broken, text);
    }
    return ir;
}

static Ev ints(int n, const int64_t *v)
{
    EvTensor *t = ev_tensor(c.t.arena, 1, (int64_t[]){ n });
    for (int i = 0; i < n; i++)
        t->at[i].i = v[i];
    return (Ev){ .t = t };
}

static Ev floats(int rank, const int64_t *shape, const double *v)
{
    EvTensor *t = ev_tensor(c.t.arena, rank, shape);
    for (int64_t i = 0; i < t->count; i++)
        t->at[i].f = v[i];
    return (Ev){ .t = t };
}

static Ev *run(const IrFn *ir, const int64_t *dims, const Ev *args, int *fault)
{
    int loads = 0;
    return ev_run(c.t.arena, ir, dims, args, fault, &loads);
}

static const IrType none = { DT_none, 0, NULL }, i64 = { DT_i64, 0, NULL }, b1 = { DT_bool, 0, NULL }, f32 = { DT_f32, 0, NULL };

/* fn max_area(height: i32[N]): two pointers, with an `if` that assigns in both branches. */
START_TEST(loops_carry_what_they_assign)
{
    CoreFn *fn = mk_fn(&c, "max_area");
    Dim n = mk_dim(&c, "N");
    CoreVar *h = mk_param(&c, "height", mk_type(&c, DT_i32, 1, n), false);
    CoreVar *l = mk_var(&c, "l", i64, true), *r = mk_var(&c, "r", i64, true), *best = mk_var(&c, "best", i64, true);
    vec_push(c.t.arena, &fn->results, i64);
    Core *at_l = MK(&c, load, ir_scalar(DT_i32), mk_use(&c, h), OPN(&c, clampi, DT_i64, mk_use(&c, l), mk_int(&c, DT_i64, 0), mk_dim_of(&c, n)));
    Core *at_r = MK(&c, load, ir_scalar(DT_i32), mk_use(&c, h), OPN(&c, clampi, DT_i64, mk_use(&c, r), mk_int(&c, DT_i64, 0), mk_dim_of(&c, n)));
    Core *area = OPN(&c, mul, DT_i64, OPN(&c, cast, DT_i64, OPN(&c, min, DT_i32, at_l, at_r)), OPN(&c, sub, DT_i64, mk_use(&c, r), mk_use(&c, l)));
    Core *body = STMT(&c, block, mk_set(&c, C_assign, best, OPN(&c, max, DT_i64, mk_use(&c, best), area)),
                      STMT(&c, ifs, OPN(&c, lt, DT_bool, at_l, at_r),
                           STMT(&c, block, mk_set(&c, C_assign, l, OPN(&c, add, DT_i64, mk_use(&c, l), mk_int(&c, DT_i64, 1)))),
                           STMT(&c, block, mk_set(&c, C_assign, r, OPN(&c, sub, DT_i64, mk_use(&c, r), mk_int(&c, DT_i64, 1))))));
    fn->body = STMT(&c, block, mk_set(&c, C_let, l, mk_int(&c, DT_i64, 0)),
                    mk_set(&c, C_let, r, OPN(&c, sub, DT_i64, mk_dim_of(&c, n), mk_int(&c, DT_i64, 1))),
                    mk_set(&c, C_let, best, mk_int(&c, DT_i64, 0)),
                    STMT(&c, while, OPN(&c, lt, DT_bool, mk_use(&c, l), mk_use(&c, r)), body), STMT(&c, return, mk_use(&c, best)));
    IrFn *ir = lowered(fn);
    ck_assert_int_eq(count_op(ir->body, OP_while), 1);
    ck_assert_int_eq(count_op(ir->body, OP_if), 1);
    ck_assert_int_eq(ir->checks.n, 4);
    int fault;
    Ev height = ints(9, (int64_t[]){ 1, 8, 6, 2, 5, 4, 8, 3, 7 });
    ck_assert_int_eq(run(ir, (int64_t[]){ 9 }, &height, &fault)->i, 49);
    ck_assert_int_eq(fault, -1);
}
END_TEST

/* p[i, j] = exp(s[i, j]) | j <= i;  out[i] = sum[j](p[i, j] * v[j]):  absent terms become the guard of the sum. */
static CoreVar *guarded_map(CoreVar *s, Dim t, Core **let)
{
    CoreIndex *i = mk_index(&c, "i", t), *j = mk_index(&c, "j", t);
    CoreVar *p = mk_var(&c, "p", s->type, false);
    Core *e = OPN(&c, exp, DT_f32, MK(&c, load, f32, mk_use(&c, s), mk_at(&c, i), mk_at(&c, j)));
    Core *g = MK(&c, guard, f32, OPN(&c, le, DT_bool, mk_at(&c, j), mk_at(&c, i)), e);
    *let = mk_set(&c, C_let, p, mk_over(&c, MK(&c, map, s->type, g), 2, i, j));
    return p;
}

static Core *weighted_sum(CoreVar *p, CoreVar *v, Dim t)
{
    CoreIndex *i = mk_index(&c, "i", t), *j = mk_index(&c, "j", t);
    Core *body = OPN(&c, mul, DT_f32, MK(&c, load, f32, mk_use(&c, p), mk_at(&c, i), mk_at(&c, j)), MK(&c, load, f32, mk_use(&c, v), mk_at(&c, j)));
    Core *sum = mk_over(&c, MK(&c, reduce, f32, body), 1, j);
    sum->redop = RED_sum;
    sum->order = ORDER_contract;
    return mk_over(&c, MK(&c, map, v->type, sum), 1, i);
}

START_TEST(absent_terms_guard_their_sum)
{
    CoreFn *fn = mk_fn(&c, "mix");
    Dim t = mk_dim(&c, "T");
    CoreVar *s = mk_param(&c, "s", mk_type(&c, DT_f32, 2, t, t), false), *v = mk_param(&c, "v", mk_type(&c, DT_f32, 1, t), false);
    vec_push(c.t.arena, &fn->results, v->type);
    Core *let;
    CoreVar *p = guarded_map(s, t, &let);
    fn->body = STMT(&c, block, let, STMT(&c, return, weighted_sum(p, v, t)));
    IrFn *ir = lowered(fn);
    ck_assert_int_eq(count_op(ir->body, OP_map), 3); /* p, where p is present, out */
    ck_assert_int_eq(count_op(ir->body, OP_if), 0);
    ck_assert_int_eq(count_op(ir->body, OP_exp), 1);
    int fault;
    double nan = (double)NAN, s0[] = { 0, nan, nan, 0, 0, nan, 0, 0, 0 }, v0[] = { 1, 2, 4 };
    Ev args[] = { floats(2, (int64_t[]){ 3, 3 }, s0), floats(1, (int64_t[]){ 3 }, v0) };
    Ev *out = run(ir, (int64_t[]){ 3 }, args, &fault);
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq(out->t->at[i].f, (double)((2 << i) - 1));
}
END_TEST

/* The same with the sum in a function of its own: it gets a version that takes the predicate. C gets 0 for absent results. */
START_TEST(arguments_and_results_keep_absence)
{
    CoreFn *mix = mk_fn(&c, "mix");
    Dim t = mk_dim(&c, "T");
    CoreVar *p = mk_param(&c, "p", mk_type(&c, DT_f32, 2, t, t), false), *v = mk_param(&c, "v", mk_type(&c, DT_f32, 1, t), false);
    vec_push(c.t.arena, &mix->results, v->type);
    mix->body = STMT(&c, block, STMT(&c, return, weighted_sum(p, v, t)));

    CoreFn *probs = mk_fn(&c, "probs");
    Dim u = mk_dim(&c, "U");
    CoreVar *s = mk_param(&c, "s", mk_type(&c, DT_f32, 2, u, u), false);
    vec_push(c.t.arena, &probs->results, s->type);
    Core *let;
    CoreVar *q = guarded_map(s, u, &let);
    probs->body = STMT(&c, block, let, STMT(&c, return, mk_use(&c, q)));

    CoreFn *fn = mk_fn(&c, "attend");
    Dim n = mk_dim(&c, "N");
    CoreVar *x = mk_param(&c, "x", mk_type(&c, DT_f32, 2, n, n), false), *y = mk_param(&c, "y", mk_type(&c, DT_f32, 1, n), false);
    CoreVar *w = mk_var(&c, "w", x->type, false), *o = mk_var(&c, "o", y->type, false);
    vec_push(c.t.arena, &fn->results, y->type);
    Core *call1 = STMT(&c, call, mk_use(&c, x)), *call2 = STMT(&c, call, mk_use(&c, w), mk_use(&c, y));
    call1->callee = probs;
    call2->callee = mix;
    call1->dims = call2->dims = arena_copy(c.t.arena, &n, sizeof n);
    call1->nouts = call2->nouts = 1;
    call1->outs = arena_copy(c.t.arena, &w, sizeof w);
    call2->outs = arena_copy(c.t.arena, &o, sizeof o);
    fn->body = STMT(&c, block, call1, call2, STMT(&c, return, mk_use(&c, o)));

    IrFn *ir = lowered(fn);
    ck_assert_int_eq(count_op(ir->body, OP_call), 2);
    ck_assert_int_eq(c.t.m->fns.n, 3);
    ck_assert_int_eq(c.t.m->fns.p[0]->results.n, 2);
    ck_assert_int_eq(c.t.m->fns.p[1]->params.n, 3);
    int fault;
    double nan = (double)NAN, s0[] = { 0, nan, 0, 0 }, v0[] = { 1, nan };
    Ev args[] = { floats(2, (int64_t[]){ 2, 2 }, s0), floats(1, (int64_t[]){ 2 }, v0) };
    ck_assert_double_eq(run(ir, (int64_t[]){ 2 }, args, &fault)->t->at[0].f, 1); /* the NaN of v stands under an absent weight */
    IrFn *alone = lowered(probs);
    ck_assert_double_eq(run(alone, (int64_t[]){ 2 }, args, &fault)->t->at[1].f, 0);
    ck_assert_int_eq(alone->results.n, 1);
    ck_assert_int_eq(count_op(alone->body, OP_if), 1);
}
END_TEST

/* for i in 0..N { if x[i] < 0 { return i }; if x[i] == 0 { continue }; if s > 9 { break }; s = s + x[i] }; return s */
static CoreFn *early(bool with_return)
{
    CoreFn *fn = mk_fn(&c, with_return ? "early" : "breaks");
    Dim n = mk_dim(&c, "N");
    CoreVar *x = mk_param(&c, "x", mk_type(&c, DT_i64, 1, n), false), *s = mk_var(&c, "s", i64, true);
    vec_push(c.t.arena, &fn->results, i64);
    CoreIndex *i = mk_index(&c, "i", n);
    Core *xi = MK(&c, load, i64, mk_use(&c, x), mk_at(&c, i));
    Core *ret = STMT(&c, ifs, OPN(&c, lt, DT_bool, xi, mk_int(&c, DT_i64, 0)), STMT(&c, block, STMT(&c, return, mk_at(&c, i))));
    Core *skip = STMT(&c, ifs, OPN(&c, eq, DT_bool, xi, mk_int(&c, DT_i64, 0)), STMT(&c, block, mk(&c, C_continue, none, 0)));
    Core *stop = STMT(&c, ifs, OPN(&c, lt, DT_bool, mk_int(&c, DT_i64, 9), mk_use(&c, s)), STMT(&c, block, mk(&c, C_break, none, 0)));
    Core *add = mk_set(&c, C_assign, s, OPN(&c, add, DT_i64, mk_use(&c, s), xi));
    Core *loop = STMT(&c, for, with_return ? STMT(&c, block, ret, skip, stop, add) : STMT(&c, block, skip, add));
    loop->index = i;
    fn->body = STMT(&c, block, mk_set(&c, C_let, s, mk_int(&c, DT_i64, 0)), loop, STMT(&c, return, mk_use(&c, s)));
    return fn;
}

START_TEST(early_exits_become_carried_flags)
{
    IrFn *ir = lowered(early(true));
    ck_assert_int_eq(count_op(ir->body, OP_while), 1);
    ck_assert_int_eq(count_op(ir->body, OP_for), 0);
    static const struct { int64_t x[4], early, all; } rows[] = {
        { { 1, 2, 3, 4 }, 10, 10 }, { { 5, 0, 6, 7 }, 11, 18 }, { { 1, 0, -3, 9 }, 2, 7 }, { { -1, 0, 0, 0 }, 0, -1 }, { { 9, 9, 9, 9 }, 18, 36 }
    };
    IrFn *all = lowered(early(false));
    ck_assert_int_eq(count_op(all->body, OP_for), 1); /* continue alone leaves a plain loop */
    for (int i = 0; i < 5; i++) {
        int fault;
        Ev x = ints(4, rows[i].x);
        ck_assert_int_eq(run(ir, (int64_t[]){ 4 }, &x, &fault)->i, rows[i].early);
        ck_assert_int_eq(run(all, (int64_t[]){ 4 }, &x, &fault)->i, rows[i].all);
    }
}
END_TEST

/* if a { if b { return 1 } }; s = 5; return s:  the rest runs where no branch has left. */
START_TEST(a_branch_that_may_leave_guards_the_rest)
{
    CoreFn *fn = mk_fn(&c, "maybe");
    CoreVar *a = mk_param(&c, "a", b1, false), *b = mk_param(&c, "b", b1, false), *s = mk_var(&c, "s", i64, true);
    vec_push(c.t.arena, &fn->results, i64);
    Core *inner = STMT(&c, ifs, mk_use(&c, b), STMT(&c, block, STMT(&c, return, mk_int(&c, DT_i64, 1))));
    fn->body = STMT(&c, block, mk_set(&c, C_let, s, mk_int(&c, DT_i64, 0)), STMT(&c, ifs, mk_use(&c, a), STMT(&c, block, inner)),
                    mk_set(&c, C_assign, s, mk_int(&c, DT_i64, 5)), STMT(&c, return, mk_use(&c, s)));
    IrFn *ir = lowered(fn);
    ck_assert_int_eq(count_op(ir->body, OP_if), 3);
    for (int i = 0; i < 4; i++) {
        int fault;
        Ev args[] = { { .i = i & 1 }, { .i = i >> 1 } };
        ck_assert_int_eq(run(ir, NULL, args, &fault)->i, i == 3 ? 1 : 5);
    }
}
END_TEST

/* var h[t] parameter, updated; a running sum; a recurrence from the end h[t] = y[t] + (h[t+1] ?? 0). */
START_TEST(updates_and_recurrences_are_loops_over_updates)
{
    CoreFn *fn = mk_fn(&c, "scan");
    Dim t = mk_dim(&c, "T"), d = mk_dim(&c, "D");
    IrType type = mk_type(&c, DT_f32, 2, t, d);
    CoreVar *v = mk_param(&c, "v", type, true), *y = mk_var(&c, "y", type, false), *h = mk_var(&c, "h", type, false);
    vec_push(c.t.arena, &fn->results, type);
    Core *up = STMT(&c, update, mk_float(&c, 2), mk_int(&c, DT_i64, 0), mk_int(&c, DT_i64, 0));
    up->target = v;
    up->box = NEWN(c.t.arena, Dim, 2);
    Core *cum = MK(&c, cum, type, mk_use(&c, v));
    cum->redop = RED_sum;
    cum->ival = 0;

    CoreIndex *i = mk_index(&c, "t", t), *j = mk_index(&c, "d", d);
    Core *next = OPN(&c, add, DT_i64, mk_at(&c, i), mk_int(&c, DT_i64, 1));
    Core *after = MK(&c, load, f32, mk_use(&c, h), next, mk_at(&c, j));
    Core *prev = MK(&c, if, f32, OPN(&c, lt, DT_bool, next, mk_dim_of(&c, t)), after, mk_float(&c, 0));
    Core *body = OPN(&c, add, DT_f32, prev, MK(&c, load, f32, mk_use(&c, y), mk_at(&c, i), mk_at(&c, j)));
    CoreRecEq *eq = NEW(c.t.arena, CoreRecEq);
    *eq = (CoreRecEq){ h, 2, NEWN(c.t.arena, CoreIndex *, 2), body };
    eq->indices[0] = i;
    eq->indices[1] = j;
    CoreRec *rec = NEW(c.t.arena, CoreRec);
    int *axis = NEW(c.t.arena, int), *step = NEW(c.t.arena, int);
    *step = -1;
    *rec = (CoreRec){ 1, eq, 1, step, arena_copy(c.t.arena, &axis, sizeof axis), arena_copy(c.t.arena, &t, sizeof t) };
    Core *value = mk(&c, C_rec, type, 0);
    value->rec = rec;
    fn->body = STMT(&c, block, up, mk_set(&c, C_let, y, cum), mk_set(&c, C_let, h, value), STMT(&c, return, mk_use(&c, h)));
    IrFn *ir = lowered(fn);
    ck_assert_int_eq(count_op(ir->body, OP_for), 2);
    ck_assert_int_eq(count_op(ir->body, OP_update), 3);
    ck_assert_int_eq(ir->vars.n, 1);
    int fault;
    Ev x = floats(2, (int64_t[]){ 3, 1 }, (double[]){ 1, 10, 100 });
    Ev *out = run(ir, (int64_t[]){ 3, 1 }, &x, &fault); /* v = 2 10 100; y = 2 12 112; h sums from the end */
    ck_assert_double_eq(out[0].t->at[0].f, 2);
    double want[] = { 126, 124, 112 };
    for (int k = 0; k < 3; k++)
        ck_assert_double_eq(out[1].t->at[k].f, want[k]);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("lower");
    TCase *tc = tcase_create("lower");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, loops_carry_what_they_assign);
    tcase_add_test(tc, absent_terms_guard_their_sum);
    tcase_add_test(tc, arguments_and_results_keep_absence);
    tcase_add_test(tc, early_exits_become_carried_flags);
    tcase_add_test(tc, a_branch_that_may_leave_guards_the_rest);
    tcase_add_test(tc, updates_and_recurrences_are_loops_over_updates);
    suite_add_tcase(s, tc);
    return test_main(s);
}
