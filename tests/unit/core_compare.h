/* core_compare.h - a random checked tree, lowered and evaluated as tensor IR, gives what the interpreter gives.
 *
 * The seed of a failing program is printed; MLC_SEED runs that one only, MLC_PROGRAMS how many.
 */
#ifndef MLC_TESTS_CORE_COMPARE_H
#define MLC_TESTS_CORE_COMPARE_H

#include <stdio.h>
#include <stdlib.h>

#include "core_random.h"
#include "interp/interp.h"
#include "ir_eval.h"

static bool equal(double x, double y)
{
    return x == y || (isnan(x) && isnan(y)) || fabs(x - y) <= 1e-9 * fabs(x);
}

static void show(CoreTest *c)
{
    for (int i = 0; i < c->t.m->fns.n; i++)
        fprintf(stderr, "%s\n", ir_test_text(&c->t, c->t.m->fns.p[i]));
}

static void compare(CoreTest *c, const IrFn *ir, const InterpTensor *want, const Ev *got, int size, uint64_t seed)
{
    bool same = equal(*(double *)want[1].data, got[1].f);
    for (int k = 0; k < 3; k += 2)
        for (int i = 0; i < size; i++)
            same = same && !got[k].t->at[i].undefined && equal(((double *)want[k].data)[i], got[k].t->at[i].f);
    if (same)
        return;
    show(c);
    for (int k = 0; k < 3; k += 2)
        for (int i = 0; i < size; i++)
            fprintf(stderr, "result %d[%d]: %g, lowered %g\n", k, i, ((double *)want[k].data)[i], got[k].t->at[i].f);
    fprintf(stderr, "result 1: %g, lowered %g\n", *(double *)want[1].data, got[1].f);
    ck_abort_msg("MLC_SEED=%llu: '%s' differs from the interpreter", (unsigned long long)seed, ir->name);
}

static void check_sound(CoreTest *c, uint64_t seed)
{
    for (int i = 0; i < c->t.m->fns.n; i++) {
        const IrFn *ir = c->t.m->fns.p[i];
        const char *says = ir_test_broken(&c->t, ir), *text = ir_test_text(&c->t, ir);
        ck_assert_msg(!says, "MLC_SEED=%llu: %s\n%s", (unsigned long long)seed, says, text);
    }
}

/* What a test does to the lowered function before it is evaluated. */
typedef bool (*Prepare)(CoreTest *c, IrFn *ir, Buf *errors);

static void check_prepared(CoreTest *c, IrFn *ir, Prepare prepare, uint64_t seed)
{
    Buf errors = buf_new(c->t.arena);
    if (!prepare || prepare(c, ir, &errors))
        return;
    show(c);
    fprintf(stderr, "%s\n", buf_text(&errors));
    ck_abort_msg("MLC_SEED=%llu: it is not sound", (unsigned long long)seed);
}

/* true: the interpreter ran it without a fault */
static bool run_one(uint64_t seed, int size, Prepare prepare)
{
    CoreTest c;
    ir_test_init(&c.t);
    CoreFn *fn = random_program(&c, seed);
    IrFn *ir = frontend_lower(c.t.m, fn, c.t.diags);
    ck_assert_msg(ir != NULL, "MLC_SEED=%llu: %s", (unsigned long long)seed, c.t.diags->list.n ? c.t.diags->list.p[0]->text : "");
    check_sound(&c, seed);
    check_prepared(&c, ir, prepare, seed);

    double x[4] = { 1, -2, (double)NAN, 3 }, y[4] = { 0.5, 1, -1, 2 }, s = 2;
    InterpTensor args[] = { { DT_f64, 1, { size }, x, false }, { DT_f64, 1, { size }, y, false }, { DT_f64, 0, { 0 }, &s, false } }, out[3];
    int64_t dims[] = { size };
    InterpError err;
    int status = interp_call(c.t.arena, fn, args, NULL, out, &(InterpOptions){ .dims = dims }, &err);
    if (status == 0) {
        Ev in[3] = { { .t = ev_tensor(c.t.arena, 1, dims) }, { .t = ev_tensor(c.t.arena, 1, dims) }, { .f = s } };
        for (int i = 0; i < size; i++) {
            in[0].t->at[i].f = x[i];
            in[1].t->at[i].f = y[i];
        }
        int fault, loads = 0;
        Ev *got = ev_run(c.t.arena, ir, dims, in, &fault, &loads);
        if (fault >= 0)
            show(&c);
        ck_assert_msg(fault < 0, "MLC_SEED=%llu: a fault that the interpreter does not have", (unsigned long long)seed);
        compare(&c, ir, out, got, size, seed);
    } else {
        ck_assert_msg(status == 9, "MLC_SEED=%llu: status %d: %s", (unsigned long long)seed, status, err.text);
    }
    ir_test_drop(&c.t);
    return status == 0;
}

static void run_many(Prepare prepare, uint64_t programs)
{
    const char *one = getenv("MLC_SEED"), *many = getenv("MLC_PROGRAMS");
    uint64_t first = one ? strtoull(one, NULL, 10) : 1, count = one ? 1 : many ? strtoull(many, NULL, 10) : programs, good = 0;
    for (uint64_t seed = first; seed < first + count; seed++)
        good += run_one(seed, 1 + (int)(seed % 4), prepare);
    ck_assert_msg(one || good * 2 > count, "only %llu of %llu programs run", (unsigned long long)good, (unsigned long long)count);
}

#endif
