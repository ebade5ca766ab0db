/* fault_quiet.c - the operations of a region that may fault, without their faults: of what has been searched for before (fault_slice.c).
 *
 *     %c = clampi %at, 0, N          %c = max(min(%at, N - 1), 0)
 *     %d = isub %i, %w               %d = sub %i, %w
 *     %n = narrow %d : i32           %n = cast %d : i32
 *
 * Each gives the value of the other wherever that does not fault, so it may run where nobody asks for it: for a whole block of places, outside of a
 * guard. Where it would have faulted the search has, and what is computed from it is no result.
 */
#include "passes/stream_int.h"

typedef struct Quiet { PassCx *cx; VEC(IrNode *) all; } Quiet;

static void see_fault(void *user, IrNode *n)
{
    Quiet *q = user;
    if (pass_is_fault(n))
        vec_push(q->cx->arena, &q->all, n);
}

static IrNode *inside(IrBuilder *b, const IrNode *n)
{
    IrNode *last = ir_add2(b, OP_sub, n->type, n->in[2], ir_int(b, 1));
    return ir_add2(b, OP_max, n->type, ir_add2(b, OP_min, n->type, n->in[0], last), n->in[1]);
}

static IrNode *one_for_zero(IrBuilder *b, const IrNode *n)
{
    IrNode *zero = ir_const_int(b, n->type.dtype, 0), *one = ir_const_int(b, n->type.dtype, 1);
    return ir_add3(b, OP_select, n->type, ir_add2(b, OP_eq, ir_scalar(DT_bool), n->in[0], zero), one, n->in[0]);
}

static IrNode *quiet(IrNode *n)
{
    IrBuilder b = { n->parent->fn, n->parent, n, n->span };
    switch (n->op) {
    case OP_iadd: return ir_add2(&b, OP_add, n->type, n->in[0], n->in[1]);
    case OP_isub: return ir_add2(&b, OP_sub, n->type, n->in[0], n->in[1]);
    case OP_imul: return ir_add2(&b, OP_mul, n->type, n->in[0], n->in[1]);
    case OP_narrow: return ir_add1(&b, OP_cast, n->type, n->in[0]);
    case OP_nonzero: return one_for_zero(&b, n);
    case OP_divisor: return n->in[0]; /* division by -1 does not trap */
    case OP_clampi: return inside(&b, n);
    default: return NULL; /* check: it has no value */
    }
}

static void make_quiet(PassCx *cx, IrNode *n)
{
    IrNode *by = quiet(n);
    if (by)
        ir_replace(n, pass_keeps_symbol(cx, n, by));
    ir_drop(n);
}

void pass_quiet_faults(PassCx *cx, IrRegion *r)
{
    Quiet q = { .cx = cx };
    ir_walk(r, see_fault, &q);
    for (int i = 0; i < q.all.n; i++)
        make_quiet(cx, q.all.p[i]);
}

void pass_quiet_fault(PassCx *cx, IrNode *n)
{
    for (int i = 0; i < n->nregions; i++)
        pass_quiet_faults(cx, n->regions[i]);
    if (pass_is_fault(n))
        make_quiet(cx, n);
}
