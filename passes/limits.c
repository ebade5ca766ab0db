/* limits.c - numbers between which an integer lies, by the form of its value: what a cast, a minimum and a maximum, a residue, bits say, also of the elements of a tensor.
 *
 *     %b = map [i, j] { min(max(%a[i, j], 0), 31) }        %b[i, j] lies in 0 .. 31: a subscript of an axis of 32 places that is looked for nowhere
 */
#include "passes/pass_int.h"

enum { DEPTH = 12 };

static bool type_limits(IrDtype t, int64_t *lo, int64_t *hi)
{
    int bits = 8 * (int)dtype_bytes(t);
    bool sign = dtype_is_signed(t);
    *lo = sign ? INT64_MIN >> (64 - bits) : 0;
    *hi = sign ? INT64_MAX >> (64 - bits) : bits == 64 ? INT64_MAX : ((int64_t)1 << bits) - 1;
    return dtype_is_int(t) && (sign || bits < 64);
}

static bool both(const IrNode *n, int64_t lo[2], int64_t hi[2], int depth);

static bool limits(const IrNode *n, int64_t *lo, int64_t *hi, int depth)
{
    int64_t l[2], h[2];
    bool whole = type_limits(n->type.dtype, lo, hi) && !n->type.rank;
    if (!whole || !depth)
        return whole;
    switch (n->op) {
    case OP_const:
        *lo = *hi = n->imm;
        break;
    case OP_cast: /* of what fits */
        if (dtype_is_int(n->in[0]->type.dtype) && limits(n->in[0], &l[0], &h[0], depth - 1) && l[0] >= *lo && h[0] <= *hi)
            *lo = l[0], *hi = h[0];
        break;
    case OP_max:
        if (both(n, l, h, depth))
            *lo = l[0] > l[1] ? l[0] : l[1], *hi = h[0] > h[1] ? h[0] : h[1];
        break;
    case OP_min:
        if (both(n, l, h, depth))
            *lo = l[0] < l[1] ? l[0] : l[1], *hi = h[0] < h[1] ? h[0] : h[1];
        break;
    case OP_mod:
        if (n->in[1]->op == OP_const && n->in[1]->imm > 0)
            *lo = 0, *hi = n->in[1]->imm - 1;
        break;
    case OP_bit_and:
        if (n->in[1]->op == OP_const && n->in[1]->imm >= 0)
            *lo = 0, *hi = n->in[1]->imm < *hi ? n->in[1]->imm : *hi;
        break;
    case OP_load:
        if (n->in[0]->op == OP_map && !pass_guard(n->in[0]->regions[0]))
            return limits(ir_terminator(n->in[0]->regions[0])->in[0], lo, hi, depth - 1);
        break;
    default: break;
    }
    return true;
}

static bool both(const IrNode *n, int64_t lo[2], int64_t hi[2], int depth)
{
    return limits(n->in[0], &lo[0], &hi[0], depth - 1) && limits(n->in[1], &lo[1], &hi[1], depth - 1);
}

bool pass_limits(const IrNode *n, int64_t *lo, int64_t *hi) { return limits(n, lo, hi, DEPTH); }
