/* be_reduce_memory.c - lanes16 where lanes are taken by something else: the 16 accumulators of an element lie in memory.
 *
 *     sum [d] { (q[i, d] - k[j, d]) ^ 2 }, lanes over j:     for p: acc[p % 16] += x;  the tree over acc
 *
 * Several rows have some at a time in registers (be_reduce_sets.c). All 16 of one row there gained nothing: what transposes its operand costs more.
 */
#include "backend/be_reduce_int.h"

static LV lane_address(Em *em, Red *red, LV lane, int i)
{
    LT t = LLVMTypeOf(red->identity);
    return em_gep(em, t, red->memory, em_bin(em, LLVMAdd, em_bin(em, LLVMMul, lane, be_int(em->be, red->k)), be_int(em->be, i)));
}

void red_memory_clear(Em *em, Red *red)
{
    for (int lane = 0; lane < LANES16; lane++)
        for (int i = 0; i < red->k; i++)
            em_store(em, red->identity, lane_address(em, red, be_int(em->be, lane), i), 8);
}

LV red_memory_sum(Em *em, Red *red, int i)
{
    LV l[LANES16];
    for (int lane = 0; lane < LANES16; lane++)
        l[lane] = em_load_now(em, LLVMTypeOf(red->identity), lane_address(em, red, be_int(em->be, lane), i));
    for (int half = LANES16 / 2; half; half /= 2)
        for (int lane = 0; lane < half; lane++)
            l[lane] = red_combine(em, red, l[lane], l[lane + half]);
    return l[0];
}

void red_memory_update(Em *em, Red *red, Val *on, LV place)
{
    LV lane = em_bin(em, LLVMAnd, place, be_int(em->be, LANES16 - 1));
    LT t = LLVMTypeOf(red->identity);
    Val *x = red_value(em, red), *m = on ? val_spread(em, on, red->nr, 1, red->vec) : NULL;
    for (int i = 0; i < red->k; i++) {
        LV p = lane_address(em, red, lane, i), old = em_load_now(em, t, p), next = red_combine(em, red, old, x->v[i]);
        em_store(em, m ? em_select(em, m->v[i], next, old) : next, p, 8);
    }
}
