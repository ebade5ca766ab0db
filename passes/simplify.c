/* simplify.c - fold constants, index arithmetic and identities that keep every bit.
 *
 *     %2 = mul %x, 1.0                     %x
 *     %3 = floordiv(add(mul(%h, K), %d), K)      %h, when the ranges say 0 <= %d < K
 *     %4 = select true, %a, %b             %a
 *     %5 = map [i] { %t[i] }               %t
 *
 * Integer arithmetic is compared by its normal form as a Dim; floats fold only where the result is the same for NaN, Inf and -0.
 */
#include <math.h>

#include "passes/pass_int.h"

static bool is_int_const(const IrNode *n, int64_t v)
{
    return n->op == OP_const && !dtype_is_float(n->type.dtype) && n->type.dtype != DT_key && n->imm == v;
}

static bool is_float_const(const IrNode *n, double v)
{
    return n->op == OP_const && dtype_is_float(n->type.dtype) && n->fimm == v && signbit(n->fimm) == signbit(v);
}

static bool is_one(const IrNode *n) { return is_int_const(n, 1) || is_float_const(n, 1.0); }

static bool is_bool(const IrNode *n, bool v)
{
    return n->op == OP_const && n->type.dtype == DT_bool && (n->imm != 0) == v;
}

/* x op y that is x (or y) itself. */
static IrNode *identity(IrNode *n)
{
    IrNode *x = n->in[0], *y = n->nin > 1 ? n->in[1] : NULL;
    switch (n->op) {
    case OP_add: return is_int_const(y, 0) || is_float_const(y, -0.0) ? x : is_int_const(x, 0) || is_float_const(x, -0.0) ? y : NULL;
    case OP_sub: return is_int_const(y, 0) || is_float_const(y, 0.0) ? x : NULL;
    case OP_mul: return is_one(y) ? x : is_one(x) ? y : NULL;
    case OP_div:
    case OP_floordiv: return is_one(y) ? x : NULL;
    case OP_and: return is_bool(x, true) || x == y ? y : is_bool(y, true) ? x : is_bool(x, false) ? x : is_bool(y, false) ? y : NULL;
    case OP_or: return is_bool(x, false) || x == y ? y : is_bool(y, false) ? x : is_bool(x, true) ? x : is_bool(y, true) ? y : NULL;
    case OP_not: return x->op == OP_not ? x->in[0] : NULL;
    case OP_neg: return x->op == OP_neg ? x->in[0] : NULL;
    case OP_select: return is_bool(x, true) ? y : is_bool(x, false) ? n->in[2] : y == n->in[2] ? y : NULL;
    case OP_cast: return ir_type_equal(x->type, n->type) ? x : NULL;
    case OP_divisor: return x->op == OP_const && x->imm != -1 ? x : NULL;
    case OP_nonzero: return x->op == OP_const && x->imm != 0 ? x : NULL;
    case OP_iadd: return is_int_const(y, 0) ? x : is_int_const(x, 0) ? y : NULL;
    case OP_isub: return is_int_const(y, 0) ? x : NULL;
    case OP_imul: return is_one(y) ? x : is_one(x) ? y : NULL;
    default: return NULL;
    }
}

static bool compares_to(IrOp op, double a, double b)
{
    return op == OP_eq ? a == b : op == OP_ne ? a != b : op == OP_lt ? a < b : a <= b;
}

static bool int_compares_to(IrOp op, IrDtype t, int64_t a, int64_t b)
{
    if (t == DT_u64) { /* ordered as the signed ones are behind a shift by half of the range */
        a ^= INT64_MIN;
        b ^= INT64_MIN;
    }
    return op == OP_eq ? a == b : op == OP_ne ? a != b : op == OP_lt ? a < b : a <= b;
}

static IrNode *fold_compare(IrBuilder *b, IrNode *n)
{
    IrNode *x = n->in[0], *y = n->in[1];
    if (x->op != OP_const || y->op != OP_const || x->type.dtype == DT_key || x->type.dtype == DT_str)
        return NULL;
    bool r = dtype_is_float(x->type.dtype) ? compares_to(n->op, x->fimm, y->fimm) : int_compares_to(n->op, x->type.dtype, x->imm, y->imm);
    return ir_const_int(b, DT_bool, r);
}

/* Arithmetic of ints that faults where it does not fit: of constants it is done here if it fits; else it stays, and faults. */
static IrNode *fold_fitting(IrBuilder *b, IrNode *n)
{
    bool known = n->nin == 2 && n->in[0]->op == OP_const && n->in[1]->op == OP_const;
    int64_t x = known ? n->in[0]->imm : 0, y = known ? n->in[1]->imm : 0, v;
    if (!known || (n->op == OP_iadd   ? __builtin_add_overflow(x, y, &v)
                   : n->op == OP_isub ? __builtin_sub_overflow(x, y, &v)
                                      : n->op != OP_imul || __builtin_mul_overflow(x, y, &v)))
        return NULL;
    return ir_int(b, v);
}

static bool fits(IrDtype t, int64_t v)
{
    int bits = dtype_bytes(t) * 8;
    if (bits == 64)
        return t != DT_u64 || v >= 0;
    if (!dtype_is_signed(t))
        return v >= 0 && v < ((int64_t)1 << bits);
    return v >= -((int64_t)1 << (bits - 1)) && v < ((int64_t)1 << (bits - 1));
}

static IrNode *fold_cast(IrBuilder *b, IrNode *n)
{
    IrNode *x = n->in[0];
    IrDtype t = n->type.dtype, s = x->type.dtype;
    if (x->op != OP_const || s == DT_bool || s == DT_key || s == DT_str)
        return NULL;
    bool from_float = dtype_is_float(s);
    if (s == DT_u64 && x->imm < 0 && dtype_is_float(t)) /* its bits are no signed number */
        return t == DT_f64 ? ir_const_float(b, t, (double)(uint64_t)x->imm) : t == DT_f32 ? ir_const_float(b, t, (double)(float)(uint64_t)x->imm) : NULL;
    if (t == DT_f64)
        return ir_const_float(b, t, from_float ? x->fimm : (double)x->imm);
    if (t == DT_f32)
        return ir_const_float(b, t, from_float ? (double)(float)x->fimm : (double)(float)x->imm);
    if (!from_float && dtype_is_int(t) && fits(t, x->imm))
        return ir_const_int(b, t, x->imm);
    return NULL;
}

/* ---- i64 arithmetic by its normal form ---------------------------------------------------------------------- */

/* One run over a function: facts of the region that was asked about last, and quotients that no range decides. */
typedef struct Simplify { PassCx *cx; Facts *facts; const IrRegion *of; Map undecided; } Simplify;

static Facts *ranges_around(Simplify *s, const IrRegion *r)
{
    DimCx *d = s->cx->module->dims;
    if (s->facts && s->of == r)
        return s->facts;
    Facts *f = s->facts = facts_new(d, NULL);
    s->of = r;
    for (; r; r = r->owner ? r->owner->parent : NULL)
        for (int i = 0; i < r->params.n; i++) {
            IrNode *x = r->params.p[i];
            Dim lo = x->lo ? x->lo : dim_const(d, 0);
            if (x->op == OP_index && x->sym)
                facts_range(f, x->sym, lo, dim_add(d, lo, x->dim));
        }
    return f;
}

static bool is_integer_op(const IrNode *n)
{
    return n->type.dtype == DT_i64 && n->type.rank == 0 &&
           (n->op == OP_add || n->op == OP_sub || n->op == OP_mul || n->op == OP_floordiv || n->op == OP_mod || n->op == OP_min ||
            n->op == OP_max || n->op == OP_neg);
}

/* The node a symbol stands for, if it may be used at n: an index of a region around it, or a node before it. */
static IrNode *node_of(PassCx *cx, DimSym *s, const IrNode *n)
{
    IrNode *x = map_find(&cx->sym_nodes, s);
    if (!x || x->dropped)
        return NULL;
    if (x->op == OP_index || x->op == OP_arg)
        return ir_inside(n, x->parent) ? x : NULL;
    for (const IrNode *a = n; a; a = a->parent ? a->parent->owner : NULL)
        if (a->parent == x->parent)
            for (const IrNode *p = a->prev; p; p = p->prev)
                if (p == x)
                    return x;
    return NULL;
}

static IrNode *simple_value(PassCx *cx, IrBuilder *b, Dim d, const IrNode *n)
{
    int64_t v;
    DimSym *s;
    if (dim_is_const(d, &v))
        return ir_int(b, v);
    return dim_is_sym(d, &s) ? node_of(cx, s, n) : NULL;
}

/* p // q and p % q where the ranges give 0 <= r < q for p = k q + r. */
static Dim divide_by_range(Simplify *s, IrNode *n, Dim d)
{
    if (map_find(&s->undecided, n))
        return d;
    map_put(&s->undecided, n, n);
    return pass_decide(s->cx, ranges_around(s, n->parent), d);
}

static IrNode *fold_integer(Simplify *s, IrBuilder *b, IrNode *n)
{
    PassCx *cx = s->cx;
    if (!is_integer_op(n) || n->sym)
        return NULL;
    Dim d = pass_dim_of(cx, n);
    IrNode *r = simple_value(cx, b, d, n);
    if (r || (n->op != OP_floordiv && n->op != OP_mod) || (n->in[1]->op != OP_dim && n->in[1]->op != OP_const))
        return r;
    return simple_value(cx, b, divide_by_range(s, n, d), n);
}

/* map [i, j] { %t[i, j] } is %t itself, if that is not computed for each element. */
static IrNode *copied(const IrNode *map)
{
    const IrRegion *r = map->regions[0];
    IrNode *v = ir_terminator(r)->in[0];
    if (pass_guard(r) || v->op != OP_load || v->nin - 1 != r->params.n || ir_inside(v->in[0], r))
        return NULL;
    for (int i = 0; i < r->params.n; i++)
        if (v->in[i + 1] != r->params.p[i] || r->params.p[i]->lo || r->params.p[i]->dim != v->in[0]->type.dims[i])
            return NULL;
    return v->in[0];
}

static bool is_op_pair(const IrNode *n, IrOp op) { return n->op == op && n->nin == 2; }

/* A place that ranges hold inside, as after arithmetic that was asked for at entry, or in a function that was put in place of its call. */
static IrNode *fold_inside(Simplify *s, IrNode *n)
{
    DimCx *d = s->cx->module->dims;
    IrNode *x = n->in[0];
    bool arithmetic = is_integer_op(x) || x->op == OP_index || x->op == OP_dim || x->op == OP_const;
    int64_t lo, hi, size;
    if (n->in[1]->op == OP_const && !n->in[1]->imm && dim_is_const(pass_dim_of(s->cx, n->in[2]), &size) && pass_limits(x, &lo, &hi) && lo >= 0 && hi < size)
        return x;
    if (!arithmetic || n->in[1]->op != OP_const || n->in[1]->imm || map_find(&s->undecided, n))
        return NULL;
    map_put(&s->undecided, n, n);
    Facts *f = pass_ranges_around(s->cx, n->parent);
    Dim v = pass_dim_of(s->cx, x);
    bool inside = facts_prove_le(f, dim_const(d, 0), v) == YES && facts_prove_lt(f, d, v, pass_dim_of(s->cx, n->in[2])) == YES;
    return inside ? x : NULL;
}

static IrNode *simpler(Simplify *s, IrBuilder *b, IrNode *n)
{
    if (!ir_is_scalar_op(n)) {
        int64_t v;
        if (n->op == OP_map)
            return copied(n);
        return n->op == OP_dim && dim_is_const(n->dim, &v) ? ir_int(b, v) : NULL;
    }
    IrNode *r = identity(n);
    if (!r && (is_op_pair(n, OP_eq) || is_op_pair(n, OP_ne) || is_op_pair(n, OP_lt) || is_op_pair(n, OP_le)))
        r = fold_compare(b, n);
    if (!r && n->op == OP_cast)
        r = fold_cast(b, n);
    if (!r)
        r = fold_fitting(b, n);
    if (!r && n->op == OP_not)
        r = pass_opposite(b, n->in[0]);
    if (!r && n->op == OP_select)
        r = pass_joined_condition(b, n->in[0], n->in[1], n->in[2]);
    if (!r && n->op == OP_clampi)
        r = fold_inside(s, n);
    return r ? r : fold_integer(s, b, n);
}

static void visit(Simplify *s, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        for (int i = 0; i < n->nregions; i++)
            visit(s, n->regions[i]);
        if (pass_open_choice(s->cx, n, false)) {
            s->cx->changed++;
            continue;
        }
        IrBuilder b = { r->fn, r, n, n->span };
        IrNode *by = simpler(s, &b, n);
        if (!by || by == n)
            continue;
        bool passes = (n->op == OP_nonzero || n->op == OP_divisor || n->op == OP_clampi) && by == n->in[0]; /* a divisor that is a number, a place inside */
        ir_replace(n, by);
        if (!n->sym && (passes || !(ir_info(n)->effects & FAULTS)))
            ir_drop(n);
        s->cx->changed++;
    }
}

bool pass_simplify(PassCx *cx, IrFn *fn)
{
    Simplify s = { .cx = cx, .undecided = map_new(cx->arena) };
    for (int round = 0, before = -1; round < 4 && cx->changed != before; round++) {
        before = cx->changed;
        visit(&s, fn->body);
    }
    return true;
}
