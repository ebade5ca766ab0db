/* prep.c - prepared tensors: what a function wants of a model's leaf in another form (packed, transposed), computed once.
 *
 *     box->prepared: { key, leaf, data } ...      an array that is replaced as a whole when one more is added
 *
 * Calls read the array without a lock. Two threads may compute the same at once; the one that comes second throws its own away.
 */
#include <string.h>

#include "dequant.h"
#include "prep_int.h"

static size_t array_bytes(size_t n)
{
    return sizeof(struct RtPrepared) + n * sizeof(RtReady);
}

/* Functions ask in the order in which theirs were made, so the place after the last find is tried first; that may have been in the
 * array of another box. */
const RtReady *rt_ready_find(const struct RtPrepared *p, uint64_t key, int32_t leaf, size_t *hint)
{
    size_t first = p && *hint < p->n ? *hint : 0;
    for (size_t i = 0; p && i < p->n; i++) {
        size_t at = first + i < p->n ? first + i : first + i - p->n;
        if (p->ready[at].key == key && p->ready[at].leaf == leaf) {
            *hint = at + 1 < p->n ? at + 1 : 0;
            return &p->ready[at];
        }
    }
    return NULL;
}

/* ---- computing one ---------------------------------------------------------------------------------------- */

static MlcrtStatus damaged(RtSession *s, const MlcrtPrep *prep)
{
    return rt_session_fail(s, MLCRT_EINTERNAL, rt_nowhere, "'%s', which prepares a tensor, is damaged", prep->fn ? prep->fn->name : "?");
}

static MlcrtStatus result_bytes(RtSession *s, const MlcrtPrep *prep, const RtFrame *f, size_t *bytes)
{
    const MlcrtLeaf *l = &prep->fn->leaves[1];
    uint64_t n = rt_types[l->dtype].bytes;
    for (int32_t i = 0; i < l->rank; i++) {
        int64_t v;
        if (rt_dim_eval(l->dims[i], f->call.dims, prep->fn->ndims, &v) || v < 0)
            return damaged(s, prep);
        if (!rt_mul(n, (uint64_t)v, &n))
            return rt_session_fail(s, MLCRT_ELIMIT, rt_nowhere, "a prepared tensor would have 2^62 bytes or more");
    }
    *bytes = n ? (size_t)n : 1;
    return MLCRT_OK;
}

/* What the function takes: the leaf, or its bytes, whose last axis is then cut into blocks. */
static void shape_taken(const MlcrtPrep *prep, const RtBoxLeaf *l, int64_t shape[MLCRT_MAX_RANK + 1])
{
    memcpy(shape, l->shape, (size_t)l->rank * sizeof *shape);
    if (prep->form == MLCRT_FORM_PLAIN)
        return;
    const RtPacking *k = rt_packing_of_form(prep->form);
    shape[l->rank - 1] /= k->elements;
    shape[l->rank] = k->bytes;
}

static MlcrtStatus compute_in(RtSession *s, RtFrame *f, const MlcrtPrep *prep, const RtBoxLeaf *l, const char *leaf, RtReady *r)
{
    int64_t shape[MLCRT_MAX_RANK + 1];
    MlcrtStatus status = rt_frame_reserve(s, f, prep->fn);
    if (status)
        return status;
    shape_taken(prep, l, shape);
    f->call.leaf[0] = (void *)(uintptr_t)leaf;
    f->shape[0] = shape;
    f->shape[1] = NULL;
    status = rt_plan_run(s, f);
    if (!status)
        status = result_bytes(s, prep, f, &r->bytes);
    if (!status)
        status = rt_frame_arena(s, f);
    if (status)
        return status;
    r->data = rt_alloc(&s->context->counted, r->bytes, 1);
    if (!r->data)
        return rt_session_fail_memory(s, r->bytes);
    f->call.leaf[1] = r->data;
    status = rt_frame_body(s, f);
    if (status)
        rt_free(&s->context->counted, r->data, r->bytes, 1);
    return status;
}

static bool is_sound(const MlcrtPrep *prep, const RtBox *b)
{
    const MlcrtFn *fn = prep->fn;
    if (!fn || !fn->body || fn->nleaves != 1 || fn->nresults != 1 || fn->npreps || prep->leaf < 0 || prep->leaf >= b->nleaves)
        return false;
    const RtBoxLeaf *l = &b->leaves[prep->leaf];
    if (prep->form == MLCRT_FORM_PLAIN)
        return fn->leaves[0].rank == l->rank && fn->leaves[0].dtype == l->dtype;
    return prep->form == l->form && fn->leaves[0].rank == l->rank + 1 && rt_types[fn->leaves[0].dtype].bytes == 1;
}

/* In a frame of its own: the session's may hold a call that is being prepared. */
static MlcrtStatus compute(RtSession *s, const MlcrtPrep *prep, RtBox *b, RtReady *r)
{
    if (!is_sound(prep, b))
        return damaged(s, prep);
    RtFrame f;
    memset(&f, 0, sizeof f);
    *r = (RtReady){ .key = prep->key, .leaf = prep->leaf, .axis = prep->axis, .panel = prep->panel, .form = prep->form, .tiled = prep->tiled };
    RtPlain plain = { .data = b->leaves[prep->leaf].data };
    MlcrtStatus status = MLCRT_OK;
    if (prep->form == MLCRT_FORM_PLAIN)
        status = rt_plain_take(s, b, prep->leaf, &plain);
    else if (!plain.data)
        status = rt_form_keep(s, b, prep->leaf, (void **)&plain.data);
    if (status)
        return status;
    status = compute_in(s, &f, prep, &b->leaves[prep->leaf], plain.data, r);
    rt_plain_give(b, &plain);
    rt_frame_drop(s->context, &f);
    return status;
}

bool rt_ready_add(RtBox *b, const RtReady *r)
{
    const MlcrtAlloc *a = &b->context->counted;
    for (;;) {
        struct RtPrepared *old = atomic_load(&b->prepared), *now;
        size_t n = old ? old->n : 0, hint = 0;
        if (rt_ready_find(old, r->key, (int32_t)r->leaf, &hint)) {
            rt_free(a, r->data, r->bytes, 1);
            return true;
        }
        now = rt_alloc(a, array_bytes(n + 1), 1);
        if (!now)
            return false;
        now->older = old;
        now->n = n + 1;
        if (n)
            memcpy(now->ready, old->ready, n * sizeof *r);
        now->ready[n] = *r;
        if (atomic_compare_exchange_strong(&b->prepared, &old, now))
            return true;
        rt_free(a, now, array_bytes(n + 1), 1);
    }
}

static MlcrtStatus get(RtSession *s, const MlcrtPrep *prep, RtBox *b, size_t *hint, void **data)
{
    const RtReady *found = rt_ready_find(atomic_load_explicit(&b->prepared, memory_order_acquire), prep->key, prep->leaf, hint);
    if (!found) {
        RtReady r;
        MlcrtStatus status = compute(s, prep, b, &r);
        if (status)
            return status;
        if (!rt_ready_add(b, &r)) {
            rt_free(&s->context->counted, r.data, r.bytes, 1);
            return rt_session_fail_memory(s, array_bytes(1));
        }
        found = rt_ready_find(atomic_load(&b->prepared), prep->key, prep->leaf, hint);
    }
    *data = found->data;
    return MLCRT_OK;
}

/* ---- for calls and loads ---------------------------------------------------------------------------------- */

MlcrtStatus rt_prep_bind(RtSession *s, RtFrame *f)
{
    const MlcrtFn *fn = f->fn;
    size_t hint = 0;
    for (int32_t i = 0; i < fn->npreps; i++) {
        const MlcrtPrep *prep = &fn->preps[i];
        RtBox *b = prep->param >= 0 && prep->param < fn->nparams ? f->box[prep->param] : NULL;
        if (!b || !b->is_model || prep->leaf < 0 || prep->leaf >= b->nleaves)
            return damaged(s, prep);
        f->call.prep[i] = NULL;
        if (prep->form != f->call.form[fn->params[prep->param].first + prep->leaf])
            continue;
        MlcrtStatus status = get(s, prep, b, &hint, &f->call.prep[i]);
        if (status)
            return status;
    }
    return MLCRT_OK;
}

bool rt_param_is_of(const MlcrtModule *m, const MlcrtFn *fn, int32_t param, const RtBox *b)
{
    if (param < 0 || param >= fn->nparams)
        return false;
    const MlcrtParam *p = &fn->params[param];
    return p->kind == MLCRT_PARAM_HANDLE && p->strct >= 0 && p->strct < m->nstructs && m->structs[p->strct]->type_hash == b->hash;
}

/* The function takes the leaf in the form of which this is a preparation. */
static bool is_wanted(const MlcrtFn *fn, const MlcrtPrep *prep, const RtBox *b)
{
    if (prep->leaf < 0 || prep->leaf >= b->nleaves)
        return true; /* reported where it is computed */
    return prep->form == rt_form_taken(fn, fn->params[prep->param].first + prep->leaf, b->leaves[prep->leaf].form);
}

bool rt_form_fits(const RtBox *b, const MlcrtModule *m, int32_t leaf, int32_t form)
{
    for (int32_t i = 0; i < m->nfns; i++) {
        const MlcrtFn *fn = m->fns[i];
        for (int32_t k = 0; k < fn->nparams; k++)
            if (rt_param_is_of(m, fn, k, b) && !(fn->params[k].flags & MLCRT_RESULT)
                && ((fn->params[k].flags & MLCRT_VAR) || rt_form_taken(fn, fn->params[k].first + leaf, form) != form))
                return false;
    }
    return true;
}

MlcrtStatus rt_prep_module(RtSession *s, RtBox *b, const MlcrtModule *m)
{
    size_t hint = 0;
    for (int32_t i = 0; i < m->nfns; i++)
        for (int32_t k = 0; k < m->fns[i]->npreps; k++) {
            const MlcrtPrep *prep = &m->fns[i]->preps[k];
            void *data;
            if (!rt_param_is_of(m, m->fns[i], prep->param, b) || !prep->fn || !prep->fn->body || !is_wanted(m->fns[i], prep, b))
                continue;
            MlcrtStatus status = get(s, prep, b, &hint, &data);
            if (status)
                return status;
        }
    return rt_plain_release(s, b, m);
}

void rt_prep_drop(RtBox *b)
{
    const MlcrtAlloc *a = &b->context->counted;
    struct RtPrepared *p = atomic_exchange(&b->prepared, NULL);
    for (size_t i = 0; p && i < p->n; i++)
        rt_free(a, p->ready[i].data, p->ready[i].bytes, 1);
    while (p) {
        struct RtPrepared *older = p->older;
        rt_free(a, p, array_bytes(p->n), 1);
        p = older;
    }
}
