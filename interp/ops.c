/* ops.c - the scalar operations: eval_<name> for each row of ir/ops.def, in double or int64, then rounded to the node's type. */
#include <math.h>
#include <string.h>

#include "interp/interp_int.h"

typedef struct OpCx { Env *e; const Core *n; const Val *x; IrDtype t, s; /* result, first operand */ } OpCx;

static int64_t wrap(IrDtype t, int64_t v)
{
    switch (t) {
    case DT_i8: return (int8_t)v;
    case DT_i16: return (int16_t)v;
    case DT_i32: return (int32_t)v;
    case DT_u8: return (uint8_t)v;
    case DT_u16: return (uint16_t)v;
    case DT_u32: return (uint32_t)v;
    default: return v;
    }
}

static Val real(const OpCx *c, double v) { return cell_float(round_to(c->e, c->t, v)); }
static Val whole(const OpCx *c, int64_t v) { return cell_int(wrap(c->t, v)); }
static bool floats(const OpCx *c) { return dtype_is_float(c->s); }
static double fx(const OpCx *c, int i) { return c->x[i].c.f; }
static int64_t ix(const OpCx *c, int i) { return c->x[i].c.i; }

#define ARITH(name, fexpr, iexpr) \
    static Val eval_##name(const OpCx *c) \
    { \
        if (floats(c)) { \
            double x = fx(c, 0), y = fx(c, 1); \
            return real(c, fexpr); \
        } \
        uint64_t x = (uint64_t)ix(c, 0), y = (uint64_t)ix(c, 1); \
        return whole(c, (int64_t)(iexpr)); \
    }
ARITH(add, x + y, x + y)
ARITH(sub, x - y, x - y)
ARITH(mul, x * y, x * y)

#define UNARY(name, expr) \
    static Val eval_##name(const OpCx *c) \
    { \
        double x = fx(c, 0); \
        return real(c, expr); \
    }
UNARY(exp, exp(x))
UNARY(expm1, expm1(x))
UNARY(log, log(x))
UNARY(log1p, log1p(x))
UNARY(sqrt, sqrt(x))
UNARY(rsqrt, 1 / sqrt(x))
UNARY(sin, sin(x))
UNARY(cos, cos(x))
UNARY(tan, tan(x))
UNARY(asin, asin(x))
UNARY(acos, acos(x))
UNARY(atan, atan(x))
UNARY(sinh, sinh(x))
UNARY(cosh, cosh(x))
UNARY(tanh, tanh(x))
UNARY(asinh, asinh(x))
UNARY(acosh, acosh(x))
UNARY(atanh, atanh(x))
UNARY(erf, erf(x))
UNARY(erfc, erfc(x))
UNARY(lgamma, lgamma_r(x, &(int){ 0 }))
UNARY(sigmoid, x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)))
UNARY(floor, floor(x))
UNARY(ceil, ceil(x))
UNARY(round, nearbyint(x))
UNARY(trunc, trunc(x))

static Val eval_div(const OpCx *c) { return real(c, fx(c, 0) / fx(c, 1)); }
static Val eval_pow(const OpCx *c) { return real(c, pow(fx(c, 0), fx(c, 1))); }
static Val eval_atan2(const OpCx *c) { return real(c, atan2(fx(c, 0), fx(c, 1))); }
static Val eval_fma(const OpCx *c) { return real(c, fma(fx(c, 0), fx(c, 1), fx(c, 2))); }

static int64_t floor_div(const OpCx *c)
{
    int64_t x = ix(c, 0), y = ix(c, 1);
    if (y == 0)
        return 0;
    if (c->s == DT_u64)
        return (int64_t)((uint64_t)x / (uint64_t)y);
    if (y == -1)
        return (int64_t)(0 - (uint64_t)x);
    int64_t q = x / y;
    return q - (x % y != 0 && (x < 0) != (y < 0));
}

static Val eval_floordiv(const OpCx *c)
{
    if (floats(c))
        return real(c, floor(fx(c, 0) / fx(c, 1)));
    return whole(c, floor_div(c));
}

static Val eval_mod(const OpCx *c)
{
    if (floats(c)) {
        double x = fx(c, 0), y = fx(c, 1), r = fmod(x, y);
        return real(c, r != 0 && (r < 0) != (y < 0) ? r + y : r);
    }
    uint64_t q = (uint64_t)floor_div(c);
    return whole(c, (int64_t)((uint64_t)ix(c, 0) - q * (uint64_t)ix(c, 1)));
}

static Val eval_powi(const OpCx *c)
{
    int64_t k = ix(c, 1);
    if (floats(c))
        return real(c, pow(fx(c, 0), (double)k));
    uint64_t r = 1, b = (uint64_t)ix(c, 0);
    for (uint64_t n = k < 0 ? 0 : (uint64_t)k; n; n >>= 1, b *= b)
        r *= n & 1 ? b : 1;
    return whole(c, (int64_t)r);
}

static Val eval_neg(const OpCx *c) { return floats(c) ? real(c, -fx(c, 0)) : whole(c, (int64_t)(0 - (uint64_t)ix(c, 0))); }

static Val eval_abs(const OpCx *c)
{
    if (floats(c))
        return real(c, fabs(fx(c, 0)));
    return whole(c, ix(c, 0) < 0 && c->s != DT_u64 ? (int64_t)(0 - (uint64_t)ix(c, 0)) : ix(c, 0));
}

static Val eval_sign(const OpCx *c)
{
    if (floats(c)) {
        double x = fx(c, 0);
        return real(c, x > 0 ? 1 : x < 0 ? -1 : x);
    }
    return whole(c, c->s == DT_u64 ? ix(c, 0) != 0 : (ix(c, 0) > 0) - (ix(c, 0) < 0));
}

static double pick(double x, double y, bool larger)
{
    if (isnan(x) || isnan(y))
        return isnan(x) ? x : y;
    if (x == y)
        return signbit(x) == larger ? y : x; /* max(-0, 0) is 0, min(0, -0) is -0 */
    return (x > y) == larger ? x : y;
}

static Val extremum(const OpCx *c, bool larger)
{
    if (floats(c))
        return real(c, pick(fx(c, 0), fx(c, 1), larger));
    return whole(c, int_below(c->s, ix(c, 1), ix(c, 0)) == larger ? ix(c, 0) : ix(c, 1));
}

static Val eval_min(const OpCx *c) { return extremum(c, false); }
static Val eval_max(const OpCx *c) { return extremum(c, true); }
static Val eval_isnan(const OpCx *c) { return cell_int(isnan(fx(c, 0))); }
static Val eval_isfinite(const OpCx *c) { return cell_int(isfinite(fx(c, 0))); }
static Val eval_lt(const OpCx *c) { return cell_int(floats(c) ? fx(c, 0) < fx(c, 1) : int_below(c->s, ix(c, 0), ix(c, 1))); }
static Val eval_le(const OpCx *c) { return cell_int(floats(c) ? fx(c, 0) <= fx(c, 1) : !int_below(c->s, ix(c, 1), ix(c, 0))); }

static bool same_keys(MlcrtKey a, MlcrtKey b) { return a.w[0] == b.w[0] && a.w[1] == b.w[1]; }

static Val eval_eq(const OpCx *c)
{
    if (c->s == DT_key)
        return cell_int(same_keys(val_key(c->x[0]), val_key(c->x[1])));
    return cell_int(floats(c) ? fx(c, 0) == fx(c, 1) : ix(c, 0) == ix(c, 1));
}

static Val eval_ne(const OpCx *c) { return cell_int(!eval_eq(c).c.i); }
static Val eval_and(const OpCx *c) { return cell_int(ix(c, 0) && ix(c, 1)); }
static Val eval_or(const OpCx *c) { return cell_int(ix(c, 0) || ix(c, 1)); }
static Val eval_not(const OpCx *c) { return cell_int(!ix(c, 0)); }
static Val eval_select(const OpCx *c) { return ix(c, 0) ? c->x[1] : c->x[2]; }
static Val eval_stop(const OpCx *c) { return c->x[0]; }

static int64_t limit(IrDtype t, bool top)
{
    int bits = dtype_bytes(t) * 8;
    bool sign = dtype_is_signed(t);
    int64_t m = bits >= 64 ? INT64_MAX : ((int64_t)1 << (bits - (sign ? 1 : 0))) - 1;
    return top ? m : sign ? -m - 1 : 0;
}

static int64_t saturate(IrDtype t, double v)
{
    if (t == DT_u64)
        return isnan(v) || v <= 0 ? 0 : v >= 0x1p64 ? -1 : (int64_t)(uint64_t)v;
    int64_t lo = limit(t, false), hi = limit(t, true);
    return isnan(v) ? 0 : v <= (double)lo ? lo : v >= (double)hi ? hi : (int64_t)v;
}

/* An integer in double, so that one more rounding to fewer bits is the only one: what double cannot hold is cut off, its last bit set. */
static double of_int(const OpCx *c, int64_t v)
{
    bool below = v < 0 && c->s != DT_u64;
    uint64_t m = below ? 0 - (uint64_t)v : (uint64_t)v;
    if (c->t == DT_f64 || c->e->in->o->wide)
        return below ? -(double)m : (double)m;
    if (m >> 53)
        m = (m & ~(uint64_t)0xfff) | (m & 0xfff ? 0x1000 : 0);
    return below ? -(double)m : (double)m;
}

static Val eval_cast(const OpCx *c)
{
    if (c->t == DT_bool)
        return cell_int(floats(c) ? fx(c, 0) != 0 : ix(c, 0) != 0);
    if (dtype_is_float(c->t))
        return real(c, floats(c) ? fx(c, 0) : of_int(c, ix(c, 0)));
    return floats(c) ? cell_int(saturate(c->t, fx(c, 0))) : whole(c, ix(c, 0));
}

/* A fault's text with each "%lld" replaced by the next number, as the runtime fills it in. */
static _Noreturn void fail_with(const OpCx *c, int status, const char *text, int64_t value, int64_t extent)
{
    int64_t numbers[2] = { value, extent };
    Buf b = buf_new(c->e->in->arena);
    for (int k = 0; *text;) {
        if (k < 2 && !strncmp(text, "%lld", 4)) {
            buf_printf(&b, "%lld", (long long)numbers[k++]);
            text += 4;
        } else {
            buf_putc(&b, *text++);
        }
    }
    interp_fail(c->e->in, status, c->n->span, "%s", buf_text(&b));
}

static Val eval_narrow(const OpCx *c)
{
    int64_t v = ix(c, 0);
    if (wrap(c->t, v) != v)
        fail_with(c, MLCRT_ERANGE, c->n->text ? c->n->text : "%lld does not fit its type", ix(c, 0), 0);
    return cell_int(v);
}

static Val eval_bit_and(const OpCx *c) { return whole(c, ix(c, 0) & ix(c, 1)); }
static Val eval_bit_or(const OpCx *c) { return whole(c, ix(c, 0) | ix(c, 1)); }
static Val eval_bit_xor(const OpCx *c) { return whole(c, ix(c, 0) ^ ix(c, 1)); }
static Val eval_bit_not(const OpCx *c) { return whole(c, ~ix(c, 0)); }

static Val eval_shift_left(const OpCx *c)
{
    int bits = dtype_bytes(c->t) * 8;
    return whole(c, (int64_t)((uint64_t)ix(c, 0) << (ix(c, 1) & (bits - 1))));
}

static Val eval_shift_right(const OpCx *c)
{
    int k = (int)(ix(c, 1) & (dtype_bytes(c->t) * 8 - 1));
    return whole(c, dtype_is_signed(c->t) ? ix(c, 0) >> k : (int64_t)((uint64_t)ix(c, 0) >> k));
}

static Val eval_clampi(const OpCx *c)
{
    int64_t x = ix(c, 0);
    if (x < ix(c, 1) || x >= ix(c, 2))
        fail_with(c, MLCRT_EINDEX, c->n->text ? c->n->text : "index %lld is outside of 0..%lld", x, ix(c, 2));
    return c->x[0];
}

static Val eval_nonzero(const OpCx *c)
{
    if (ix(c, 0) == 0)
        interp_fail(c->e->in, MLCRT_EDIVIDE, c->n->span, "%s", c->n->text ? c->n->text : "division by zero");
    return c->x[0];
}

static Val eval_divisor(const OpCx *c)
{
    int64_t smallest = (int64_t)(UINT64_MAX << (8 * dtype_bytes(c->s) - 1));
    if (ix(c, 0) == -1 && ix(c, 1) == smallest)
        interp_fail(c->e->in, MLCRT_ERANGE, c->n->span, "%s", c->n->text ? c->n->text : "the quotient does not fit its type");
    return c->x[0];
}

static Val fitting(const OpCx *c, bool over, int64_t v)
{
    if (over)
        interp_fail(c->e->in, MLCRT_ERANGE, c->n->span, "%s", c->n->text ? c->n->text : "an int passes 2^63");
    return cell_int(v);
}

static Val eval_iadd(const OpCx *c)
{
    int64_t v;
    bool over = __builtin_add_overflow(ix(c, 0), ix(c, 1), &v);
    return fitting(c, over, v);
}

static Val eval_isub(const OpCx *c)
{
    int64_t v;
    bool over = __builtin_sub_overflow(ix(c, 0), ix(c, 1), &v);
    return fitting(c, over, v);
}

static Val eval_imul(const OpCx *c)
{
    int64_t v;
    bool over = __builtin_mul_overflow(ix(c, 0), ix(c, 1), &v);
    return fitting(c, over, v);
}

static Val eval_key_fold(const OpCx *c) { return val_of_key(c->e->in, rt_key_fold(val_key(c->x[0]), ix(c, 1))); }
static Val eval_key_new(const OpCx *c) { return val_of_key(c->e->in, rt_key_new(ix(c, 0))); }
static Val eval_random_bits(const OpCx *c) { return cell_int((int64_t)rt_random_bits(val_key(c->x[0]), ix(c, 1), ix(c, 2))); }

/* What it takes and gives has its declared type, whatever the run rounds to. */
static Val eval_extern(const OpCx *c)
{
    const InterpHooks *h = &c->e->in->o->hooks;
    InterpTensor args[8], result;
    uint64_t bits[9];
    const char *wrong = "there are no C functions here";
    for (int i = 0; i < c->n->nkids; i++)
        args[i] = scalar_pass(c->n->kids[i]->type.dtype, c->x[i], &bits[i]);
    result = scalar_pass(c->t, (Val){ 0 }, &bits[8]);
    if (h->foreign)
        wrong = h->foreign(h->user, c->e->in->arena, c->n->str, args, c->n->nkids, &result);
    if (wrong)
        interp_fail(c->e->in, MLCRT_EARG, c->n->span, "%s", wrong);
    return scalar_read(c->e->in, &result);
}

static Val (*const evals[])(const OpCx *) = {
#define OP(name, in, rule, effects, code, meaning) [OP_##name] = eval_##name,
#include "ir/ops.def"
#undef OP
};

/* ---- absence (LANGUAGE.md section 6) --------------------------------------------------------------------------- */

/* true: *out is decided by absence alone */
static bool absent_rule(Env *e, const Core *n, Val *x, Val *out)
{
    bool a = x[0].absent, b = n->nkids > 1 && x[1].absent;
    *out = (Val){ .absent = true };
    switch (n->op) {
    case OP_mul:
    case OP_imul: return a || b;
    case OP_div: return a;
    case OP_neg:
    case OP_cast:
    case OP_stop: return a;
    case OP_add:
    case OP_sub:
    case OP_iadd:
    case OP_isub:
        if (a && b)
            return true;
        if (b)
            *out = x[0];
        else if (a) {
            Core neg = *n;
            neg.op = OP_neg;
            neg.nkids = 1;
            *out = n->op == OP_add || n->op == OP_iadd ? x[1] : eval_op(e, &neg, x + 1);
        }
        return a || b;
    default: return false;
    }
}

static Val op_of(Env *e, const Core *n, const Val *x)
{
    OpCx c = { e, n, x, n->type.dtype, n->nkids ? n->kids[0]->type.dtype : n->type.dtype };
    return evals[n->op](&c);
}

/* Some operand is absent. */
static Val op_of_absent(Env *e, const Core *n, const Val *operands)
{
    Val x[8] = { 0 }, out;
    for (int i = 0; i < n->nkids && i < 8; i++)
        x[i] = operands[i];
    if (absent_rule(e, n, x, &out))
        return out;
    for (int i = 0; i < n->nkids && i < 8; i++)
        if (x[i].absent)
            x[i] = (Val){ 0 };
    return op_of(e, n, x);
}

Val eval_op(Env *e, const Core *n, const Val *x)
{
    for (int i = 0; i < n->nkids && i < 8; i++)
        if (x[i].absent)
            return op_of_absent(e, n, x);
    return op_of(e, n, x);
}
