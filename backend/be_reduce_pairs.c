/* be_reduce_pairs.c - sums of products of small integers, two places at a time.
 *
 *     sum [k] { i32(a[k]) * i32(b[k]) }        of i8, u8 and i16: one instruction multiplies 16-bit integers and adds the products of neighbours
 *
 * Integers may be added in any order.
 */
#include "backend/be_reduce_int.h"

typedef struct Pair { Val *a[2], *b[2]; int place; } Pair;

static bool is_small(const IrNode *x)
{
    IrDtype t = x->op == OP_cast ? x->in[0]->type.dtype : DT_none;
    return t == DT_i8 || t == DT_u8 || t == DT_i16;
}

const char *red_pair_instruction(const Em *em, const Red *red)
{
    if (red->op != RED_sum || red->in != DT_i32 || red->out != DT_i32 || red->memory || !red->vec || red->value->op != OP_mul ||
        !is_small(red->value->in[0]) || !is_small(red->value->in[1]))
        return NULL;
    return em->W == 16 && em->be->target.avx512 ? "llvm.x86.avx512.pmaddw.d.512" : em->W == 8 && em->be->target.avx2 ? "llvm.x86.avx2.pmadd.wd" : NULL;
}

static void keep_factors(Em *em, Red *red, Val *on, LV *state, void *user)
{
    Pair *p = user;
    (void)on, (void)state;
    p->a[p->place] = be_val(em, red->value->in[0]);
    p->b[p->place++] = be_val(em, red->value->in[1]);
}

/* The low halves of two side by side. */
static Val *side_by_side(Em *em, Red *red, Val *const x[2])
{
    Val *y = val_new(em, DT_i32, x[0]->nr, x[0]->nv, x[0]->vec);
    for (int i = 0; i < y->nr * y->nv; i++) {
        int lanes = be_lanes_of(x[0]->v[i]);
        LV low = be_const(em->be->i32, 0xffff), up = be_const(em->be->i32, 16);
        low = em_bin(em, LLVMAnd, x[0]->v[i], lanes ? em_splat(em, low, lanes) : low);
        up = em_bin(em, LLVMShl, x[1]->v[i], lanes ? em_splat(em, up, lanes) : up);
        y->v[i] = em_bin(em, LLVMOr, low, up);
    }
    return val_spread(em, y, red->nr, 1, red->vec);
}

LV red_pairs(Em *em, Red *red, int nstate, LV *state, LV p0, LV p1, const Range *g, const char *instruction)
{
    LV n = em_bin(em, LLVMSub, p1, p0), whole = em_bin(em, LLVMAdd, p0, em_bin(em, LLVMAnd, n, be_int(em->be, -2)));
    Loop l = em_loop(em, p0, whole, 2, nstate, state);
    Pair pair = { .place = 0 };
    for (int u = 0; u < 2; u++) {
        Val *pos = val_scalar(em, DT_i64, em_bin(em, LLVMAdd, l.iv, be_int(em->be, u)));
        be_set(em, vec_last(&red->r->params), val_add(em, g->lo, pos));
        red_element(em, red, NULL, nstate, state, keep_factors, &pair);
    }
    Val *a = side_by_side(em, red, pair.a), *b = side_by_side(em, red, pair.b);
    LT halves = be_vector(em->be->i16, 2 * em->W);
    for (int i = 0; i < red->k; i++) {
        LV x[] = { em_cast(em, LLVMBitCast, a->v[i], halves), em_cast(em, LLVMBitCast, b->v[i], halves) };
        state[i] = em_bin(em, LLVMAdd, state[i], em_intrinsic(em, MOVE_FREE, instruction, NULL, NULL, 2, x));
    }
    em_loop_end(em, &l, state);
    return em_select(em, em_icmp(em, LLVMIntSGT, whole, p0), whole, p0);
}
