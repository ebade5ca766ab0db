/* compare.c - a result against what the manifest says: element type, shape, then |a - b| <= tolerance * max(1, |b|) for floats,
 * with NaN and infinities in the same places, and equality for everything else. A tolerance of 0 asks for the same bits (of NaN: for a NaN). */
#include "runner.h"

#include <math.h>
#include <string.h>

static const Tolerance *tolerance_in(const Rules *r, const char *file, const char *dtype)
{
    for (int i = 0; file && i < r->tolerances.n; i++)
        if (!strcmp(r->tolerances.p[i].dtype, dtype) && !strcmp(r->tolerances.p[i].file, file))
            return &r->tolerances.p[i];
    return NULL;
}

double tolerance_of(const Rules *r, const Chosen *chosen, int result, const MlcrtTensor *expected)
{
    const Value *v = chosen->tolerance;
    if (v && v->kind == V_list)
        v = result < v->items.n ? v->items.p[result] : NULL;
    if (v && (v->kind == V_real || v->kind == V_int))
        return v->kind == V_real ? v->d : (double)v->i;
    const Tolerance *t = tolerance_in(r, chosen->rule->file, tensor_dtype(expected));
    t = t ? t : tolerance_in(r, r->shared, tensor_dtype(expected));
    return t ? t->value : 0;
}

static const char *shape_text(Arena *a, const MlcrtTensor *t)
{
    Buf b = buf_new(a);
    buf_printf(&b, "%s[", tensor_dtype(t));
    for (int32_t i = 0; i < t->rank; i++)
        buf_printf(&b, "%s%lld", i ? ", " : "", (long long)t->shape[i]);
    buf_puts(&b, "]");
    return buf_text(&b);
}

static bool same_type(const MlcrtTensor *x, const MlcrtTensor *y)
{
    bool same = x->code == y->code && x->bits == y->bits && x->rank == y->rank;
    for (int32_t i = 0; same && i < x->rank; i++)
        same = x->shape[i] == y->shape[i];
    return same;
}

static const char *place_text(Arena *a, const MlcrtTensor *t, int64_t at)
{
    int64_t index[MLCRT_MAX_RANK];
    Buf b = buf_new(a);
    for (int32_t i = t->rank; i-- > 0; at /= t->shape[i])
        index[i] = at % t->shape[i];
    buf_puts(&b, "[");
    for (int32_t i = 0; i < t->rank; i++)
        buf_printf(&b, "%s%lld", i ? ", " : "", (long long)index[i]);
    buf_puts(&b, "]");
    return buf_text(&b);
}

static double number(Value v)
{
    return v.kind == V_real ? v.d : (double)v.i;
}

/* How far apart, in units that the tolerance is compared with; infinite where no tolerance helps. Exactly: 0 is not -0. */
static double distance(Value x, Value y, bool exactly)
{
    if (x.kind != V_real)
        return x.i == y.i ? 0 : INFINITY;
    if (exactly && x.d == 0 && y.d == 0)
        return !signbit(x.d) == !signbit(y.d) ? 0 : INFINITY;
    if (isnan(x.d) || isnan(y.d))
        return isnan(x.d) && isnan(y.d) ? 0 : INFINITY;
    if (isinf(x.d) || isinf(y.d))
        return x.d == y.d ? 0 : INFINITY;
    return fabs(x.d - y.d) / fmax(1, fabs(y.d));
}

bool compare_result(Arena *a, const char *name, const MlcrtTensor *got, const MlcrtTensor *expected, double tolerance, Buf *report)
{
    if (!same_type(got, expected)) {
        buf_printf(report, "  %s: is %s, expected %s\n", name, shape_text(a, got), shape_text(a, expected));
        return false;
    }
    int64_t n = tensor_count(expected), differ = 0, worst = 0;
    double most = -1;
    for (int64_t i = 0; i < n; i++) {
        double d = distance(tensor_element(got, i), tensor_element(expected, i), tolerance == 0);
        differ += d > tolerance;
        if (d > most) {
            most = d;
            worst = i;
        }
    }
    if (!differ)
        return true;
    Value x = tensor_element(got, worst), y = tensor_element(expected, worst);
    buf_printf(report, "  %s: %lld of %lld differ, most at %s: %.9g, expected %.9g (error %.3g, tolerance %.3g)\n", name,
               (long long)differ, (long long)n, place_text(a, expected, worst), number(x), number(y),
               fabs(number(x) - number(y)), tolerance);
    return false;
}
