/* judge.c - when two results agree.
 *
 * With r the result of the interpreter in f64 and n its result in the declared precision, a compiled result y agrees if
 * max|y - r| <= 2 max|n - r| + 2u max|r|, the same for means, and NaN and Inf stand at the same places. n is taken as the worst of three runs that round
 * to nearest, up and down, so that a lucky n does not make the bound too tight. Where the three do not agree among themselves, a
 * comparison or an overflow is decided by rounding: no verdict.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "oracle.h"

typedef struct Stat { double most, mean, size; int64_t kinds, first; } Stat;

static double half(uint16_t h)
{
    int e = h >> 10 & 31, m = h & 1023;
    double v = e == 31 ? (m ? NAN : INFINITY) : e ? ldexp(1024 + m, e - 25) : ldexp(m, -24);
    return h >> 15 ? -v : v;
}

static uint16_t to_half(double v)
{
    for (uint16_t h = 0; h < 0x7c00; h++) /* slow and plain; inputs are few and small */
        if (half(h) >= fabs(v))
            return (uint16_t)(h | (signbit(v) ? 0x8000 : 0));
    return isnan(v) ? 0x7e00 : (uint16_t)(0x7c00 | (signbit(v) ? 0x8000 : 0));
}

double oracle_value(const InterpTensor *t, int64_t i)
{
    const void *p = t->data;
    uint32_t bits;
    float f;
    switch (t->dtype) {
    case DT_f64: return ((const double *)p)[i];
    case DT_f32: return (double)((const float *)p)[i];
    case DT_f16: return half(((const uint16_t *)p)[i]);
    case DT_bf16:
        bits = (uint32_t)((const uint16_t *)p)[i] << 16;
        memcpy(&f, &bits, 4);
        return (double)f;
    case DT_i32: return ((const int32_t *)p)[i];
    case DT_i64: return (double)((const int64_t *)p)[i];
    default: return ((const uint8_t *)p)[i];
    }
}

void oracle_set(InterpTensor *t, int64_t i, double v)
{
    uint32_t bits;
    float f = (float)v;
    switch (t->dtype) {
    case DT_f64: ((double *)t->data)[i] = v; break;
    case DT_f32: ((float *)t->data)[i] = f; break;
    case DT_f16: ((uint16_t *)t->data)[i] = to_half(v); break;
    case DT_bf16:
        memcpy(&bits, &f, 4);
        ((uint16_t *)t->data)[i] = (uint16_t)(bits >> 16 | (isnan(v) ? 0x40 : 0));
        break;
    case DT_i32: ((int32_t *)t->data)[i] = (int32_t)v; break;
    case DT_i64: ((int64_t *)t->data)[i] = (int64_t)v; break;
    default: ((uint8_t *)t->data)[i] = v != 0;
    }
}

static int kind_of(double x) { return isnan(x) ? 1 : isinf(x) ? x > 0 ? 2 : 3 : 0; }

/* r as the dtype holds it: what overflows there is an infinity. */
static double held(IrDtype t, double r)
{
    double most = t == DT_f16 ? 65520 : t == DT_f64 ? INFINITY : 3.4028235677973366e38;
    return fabs(r) >= most ? copysign(INFINITY, r) : r;
}

static Stat distance(IrDtype type, int64_t n, const InterpTensor *r, const InterpTensor *x)
{
    Stat s = { .first = -1 };
    int64_t finite = 0;
    for (int64_t i = 0; i < n; i++) {
        double a = oracle_value(r, i), b = oracle_value(x, i);
        if (kind_of(b) != kind_of(held(type, a))) {
            s.kinds++;
            s.first = s.first < 0 ? i : s.first;
            continue;
        }
        if (!isfinite(a) || !isfinite(b))
            continue;
        double d = fabs(b - a);
        if (d > s.most) {
            s.most = d;
            s.first = s.kinds ? s.first : i;
        }
        s.mean += d;
        s.size = fmax(s.size, fabs(a));
        finite++;
    }
    s.mean /= finite ? (double)finite : 1;
    return s;
}

static double unit(IrDtype t)
{
    return t == DT_f16 ? 0x1p-11 : t == DT_bf16 ? 0x1p-8 : t == DT_f64 ? 0x1p-53 : 0x1p-24;
}

static void judge_one(Oracle *o, int k, const Results *wide, const Results narrow[3], const Results *got)
{
    const InterpTensor *y = &got->t[k], *r = &wide->t[k];
    int64_t n = got->count[k];
    double u = unit(y->dtype);
    Stat worst = { 0 }, s = distance(y->dtype, n, r, y);
    for (int i = 0; i < 3; i++) {
        Stat t = distance(y->dtype, n, r, &narrow[i].t[k]);
        worst.most = fmax(worst.most, t.most);
        worst.mean = fmax(worst.mean, t.mean);
        worst.kinds += t.kinds;
    }
    if (worst.kinds || worst.most > fmax(1e-2, 32 * u) * fmax(s.size, 1)) {
        o->verdict = o->verdict == AGREES ? UNDECIDED : o->verdict;
        return;
    }
    double most = 2 * worst.most + 2 * u * s.size, mean = 2 * worst.mean + 2 * u * s.size;
    if (!s.kinds && s.most <= most && s.mean <= mean)
        return;
    int64_t at = s.first;
    o->verdict = DISAGREES;
    snprintf(o->text, sizeof o->text, "result %d, element %lld: compiled %.9g, reference %.17g (largest error %.3g, bound %.3g; %lld NaN or Inf)", k,
             (long long)at, at >= 0 ? oracle_value(y, at) : 0, at >= 0 ? oracle_value(r, at) : 0, s.most, most, (long long)s.kinds);
}

void oracle_judge(Oracle *o, Arena *a, const Results *wide, const Results narrow[3], const Results *got)
{
    (void)a;
    o->verdict = AGREES;
    for (int k = 0; k < got->n && o->verdict != DISAGREES; k++)
        judge_one(o, k, wide, narrow, got);
}

void oracle_same_bits(Oracle *o, const Way *way, const Results *plain, const Results *got)
{
    for (int k = 0; k < got->n; k++) {
        size_t size = (size_t)dtype_bytes(got->t[k].dtype);
        for (int64_t i = 0; i < got->count[k]; i++) {
            const char *p = (const char *)plain->t[k].data + (size_t)i * size, *q = (const char *)got->t[k].data + (size_t)i * size;
            double x = oracle_value(&plain->t[k], i), y = oracle_value(&got->t[k], i);
            if (!memcmp(p, q, size) || (isnan(x) && isnan(y)))
                continue;
            o->verdict = DISAGREES;
            o->way = way;
            snprintf(o->text, sizeof o->text, "result %d, element %lld: %.17g, but %.17g %s", k, (long long)i, x, y, way->name);
            return;
        }
    }
}
