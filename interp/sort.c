/* sort.c - topk (largest first; NaN is largest; ties: lower index first) and sort (ascending, stable; NaN last). */
#include <math.h>

#include "interp/interp_int.h"

typedef struct Row { Interp *in; const Tensor *t; int64_t base; bool top, real; } Row;

static bool before(const Row *r, int64_t i, int64_t j)
{
    Cell a = tensor_get(r->in, r->t, r->base + i).c, b = tensor_get(r->in, r->t, r->base + j).c;
    if (r->real) {
        bool na = isnan(a.f), nb = isnan(b.f);
        if (na != nb)
            return r->top ? na : nb;
        if (!na && a.f != b.f)
            return r->top ? a.f > b.f : a.f < b.f;
    } else if (a.i != b.i) {
        return int_below(r->t->dtype, a.i, b.i) != r->top;
    }
    return i < j;
}

static void merge_sort(const Row *r, int64_t *at, int64_t *tmp, int64_t n)
{
    for (int64_t w = 1; w < n; w *= 2) {
        for (int64_t lo = 0; lo < n; lo += 2 * w) {
            int64_t mid = lo + w < n ? lo + w : n, hi = lo + 2 * w < n ? lo + 2 * w : n, i = lo, j = mid;
            for (int64_t k = lo; k < hi; k++)
                tmp[k] = i < mid && (j >= hi || !before(r, at[j], at[i])) ? at[i++] : at[j++];
        }
        for (int64_t k = 0; k < n; k++)
            at[k] = tmp[k];
    }
}

void run_sort(Env *e, const Core *n, bool top)
{
    Tensor *x = eval_tensor(e, n->kids[0]), *out[2];
    int64_t len = x->shape[x->rank - 1], shape[IR_RANK_MOST], k = len;
    for (int i = 0; i < x->rank; i++)
        shape[i] = x->shape[i];
    if (top)
        k = shape[x->rank - 1] = dim_value(e, n->outs[0]->type.dims[x->rank - 1], n->span);
    if (k > len)
        interp_fail(e->in, MLCRT_ECHECK, n->span, "topk of %lld elements out of %lld", (long long)k, (long long)len);
    out[0] = tensor_new(e->in, x->dtype, x->rank, shape, n->span);
    out[1] = tensor_new(e->in, DT_i64, x->rank, shape, n->span);
    int64_t *at = NEWN(e->in->arena, int64_t, len + 1), *tmp = NEWN(e->in->arena, int64_t, len + 1);
    for (int64_t row = 0; len && row < x->count / len; row++) {
        Row r = { e->in, x, row * len, top, dtype_is_float(x->dtype) };
        for (int64_t i = 0; i < len; i++)
            at[i] = i;
        merge_sort(&r, at, tmp, len);
        for (int64_t i = 0; i < k; i++) {
            tensor_set(e->in, out[0], row * k + i, tensor_get(e->in, x, r.base + at[i]));
            tensor_set(e->in, out[1], row * k + i, cell_int(at[i]));
        }
    }
    for (int i = 0; i < 2 && i < n->nouts; i++)
        if (n->outs[i])
            e->vars[n->outs[i]->id].t = out[i];
}
