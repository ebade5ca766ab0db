/* limits.c - numbers between which an integer lies, by the form of its value: what a cast, a minimum and a maximum, a residue, bits say, also of the elements of a tensor.
 *
 *     %b = map [i, j] { min(max(%a[i, j], 0), 31) }        %b[i, j] lies in 0 .. 31: a subscript of an axis of 32 places that is looked for nowhere
 *     isub(R, W // 2)                                       dim R - W // 2           of sizes, in a function of ints that was put in place of its call
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

/* ---- arithmetic of sizes ----------------------------------------------------------------------------------------------- */

/* A size that a tensor gives is below 2^56 (runtime/mem.h), and one that equations give from such ones is given a margin. */
static const __int128 SIZE_MOST = (__int128)1 << 60, MOST = (__int128)1 << 62;

typedef struct Span128 { __int128 lo, hi; } Span128;

static bool span_of(const IrFn *fn, Dim d, Span128 *out);

static bool is_size(const IrFn *fn, const DimSym *s)
{
    for (int i = 0; i < fn->dims.n; i++)
        if (fn->dims.p[i] == s)
            return true;
    return false;
}

static __int128 least(__int128 a, __int128 b) { return a < b ? a : b; }
static __int128 most(__int128 a, __int128 b) { return a > b ? a : b; }

/* A quotient is no farther from 0 than what is divided, a residue than what it is divided by. */
static Span128 around(Span128 far, bool negative)
{
    __int128 m = most(far.hi, -far.lo);
    return (Span128){ negative ? -m : 0, m };
}

static bool span_of_atom(const IrFn *fn, const DimAtom *atom, Span128 *out)
{
    Span128 a, b;
    if (atom->kind == DA_SYM)
        *out = (Span128){ 0, SIZE_MOST };
    if (atom->kind == DA_SYM)
        return is_size(fn, atom->sym);
    if (!span_of(fn, atom->a, &a) || !span_of(fn, atom->b, &b))
        return false;
    switch (atom->kind) {
    case DA_MIN: *out = (Span128){ least(a.lo, b.lo), least(a.hi, b.hi) }; break;
    case DA_MAX: *out = (Span128){ most(a.lo, b.lo), most(a.hi, b.hi) }; break;
    case DA_MOD: *out = around(b, b.lo < 0); break;
    default: *out = around(a, a.lo < 0 || b.lo < 0); break;
    }
    return true;
}

static bool near(Span128 s) { return s.lo > -MOST && s.hi < MOST; }

/* Of factors that are near: their product has 124 bits at most. */
static bool multiply(Span128 *x, Span128 y)
{
    __int128 p[4] = { x->lo * y.lo, x->lo * y.hi, x->hi * y.lo, x->hi * y.hi };
    *x = (Span128){ least(least(p[0], p[1]), least(p[2], p[3])), most(most(p[0], p[1]), most(p[2], p[3])) };
    return near(*x);
}

static bool span_of(const IrFn *fn, Dim d, Span128 *out)
{
    const DimTerm *terms;
    int n = dim_is_poison(d) ? -1 : dim_terms(d, &terms);
    *out = (Span128){ 0, 0 };
    for (int i = 0; i < n; i++) {
        Span128 term = { terms[i].coef, terms[i].coef }, factor;
        if (!near(term))
            return false;
        for (int k = 0; k < terms[i].nfactors; k++)
            for (int times = 0; times < terms[i].factors[k].power; times++)
                if (!span_of_atom(fn, terms[i].factors[k].atom, &factor) || !multiply(&term, factor))
                    return false;
        *out = (Span128){ out->lo + term.lo, out->hi + term.hi };
        if (!near(*out))
            return false;
    }
    return n >= 0;
}

typedef struct Fitting { PassCx *cx; VEC(IrNode *) all; } Fitting;

static void see_fitting(void *user, IrNode *n)
{
    Fitting *f = user;
    Span128 s;
    if ((n->op == OP_iadd || n->op == OP_isub || n->op == OP_imul) && span_of(n->parent->fn, pass_dim_of(f->cx, n), &s))
        vec_push(f->cx->arena, &f->all, n);
}

void pass_sizes_fit(PassCx *cx, IrFn *fn)
{
    Fitting f = { .cx = cx };
    ir_walk(fn->body, see_fitting, &f);
    for (int i = 0; i < f.all.n; i++) {
        IrNode *n = f.all.p[i];
        IrBuilder b = { fn, n->parent, n, n->span };
        ir_replace(n, pass_keeps_symbol(cx, n, ir_dim_value(&b, pass_dim_of(cx, n))));
        ir_drop(n);
    }
}
