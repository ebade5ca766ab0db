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

void rt_ready_share(RtBox *b, RtReady *r)
{
    RtMemory m = { r->shared, r->data, r->bytes, false };
    rt_memory_share(b->context, &m);
    r->shared = m.shared;
    r->data = m.data;
}

bool rt_ready_again(RtBox *b, const RtReady *r, RtReady *again)
{
    RtMemory m;
    *again = *r;
    return rt_memory_again(b->context, &(RtMemory){ r->shared, r->data, r->bytes, false }, &m);
}

void rt_ready_drop(RtBox *b, const RtReady *r)
{
    rt_memory_drop(b->context, &(RtMemory){ r->shared, r->data, r->bytes, false });
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
            rt_ready_drop(b, r);
            return true;
        }
        now = rt_alloc(a, array_bytes(n + 1), 1);
        if (!now)
            return false;
        now->older = old;
        now->n = now->room = n + 1;
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
        rt_ready_share(b, &r);
        if (!rt_ready_add(b, &r)) {
            rt_ready_drop(b, &r);
            return rt_session_fail_memory(s, array_bytes(1));
        }
        found = rt_ready_find(atomic_load(&b->prepared), prep->key, prep->leaf, hint);
        atomic_store(&b->fresh, true);
    }
    *data = found->data;
    return MLCRT_OK;
}

/* ---- for calls and loads ---------------------------------------------------------------------------------- */

/* The body takes the leaf as it is, not only prepared. */
static bool reads(const MlcrtFn *fn, int32_t param, int32_t leaf)
{
    return !fn->unread || !fn->unread[fn->params[param].first + leaf];
}

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

/* The number first: whoever adds types to a module (a REPL, while other threads call) stores it last. */
const MlcrtStruct *rt_type_of(const MlcrtModule *m, const MlcrtParam *p)
{
    int32_t n = __atomic_load_n(&m->nstructs, __ATOMIC_ACQUIRE);
    const MlcrtStruct *const *structs = __atomic_load_n(&m->structs, __ATOMIC_ACQUIRE);
    return p->strct >= 0 && p->strct < n ? structs[p->strct] : NULL;
}

bool rt_param_is_of(const MlcrtModule *m, const MlcrtFn *fn, int32_t param, const RtBox *b)
{
    if (param < 0 || param >= fn->nparams)
        return false;
    const MlcrtParam *p = &fn->params[param];
    const MlcrtStruct *type = rt_type_of(m, p);
    return p->kind == MLCRT_PARAM_HANDLE && type && type->type_hash == b->hash;
}

/* Those that there are so far. */
typedef struct Fns { int32_t n; const MlcrtFn *const *p; } Fns;

static Fns fns_of(const MlcrtModule *m)
{
    int32_t n = __atomic_load_n(&m->nfns, __ATOMIC_ACQUIRE);
    return (Fns){ n, __atomic_load_n(&m->fns, __ATOMIC_ACQUIRE) };
}

/* The function takes the leaf in the form of which this is a preparation. */
static bool is_wanted(const MlcrtFn *fn, const MlcrtPrep *prep, const RtBox *b, int32_t leaf)
{
    return prep->leaf == leaf && prep->form == rt_form_taken(fn, fn->params[prep->param].first + leaf, b->leaves[leaf].form);
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

/* Is there a function that takes such handles, and does none read the leaf as it is? */
static bool is_unread(const RtBox *b, const MlcrtModule *m, int32_t leaf)
{
    bool taken = false;
    Fns fns = fns_of(m);
    for (int32_t i = 0; i < fns.n; i++) {
        const MlcrtFn *fn = fns.p[i];
        for (int32_t k = 0; k < fn->nparams; k++) {
            if (!rt_param_is_of(m, fn, k, b))
                continue;
            if ((fn->params[k].flags & (MLCRT_VAR | MLCRT_RESULT)) || reads(fn, k, leaf))
                return false;
            taken = true;
        }
    }
    return taken;
}

static bool is_spare(const RtBox *b, const MlcrtModule *m, int32_t leaf)
{
    const RtBoxLeaf *l = &b->leaves[leaf];
    return l->data && l->bytes && rt_ready_packed(b, leaf) && is_unread(b, m, leaf);
}

MlcrtStatus rt_prep_leaf(RtSession *s, RtBox *b, const MlcrtModule *m, int32_t leaf)
{
    size_t hint = 0;
    for (int32_t i = 0; i < m->nfns; i++)
        for (int32_t k = 0; k < m->fns[i]->npreps; k++) {
            const MlcrtPrep *prep = &m->fns[i]->preps[k];
            void *data;
            if (!rt_param_is_of(m, m->fns[i], prep->param, b) || !prep->fn || !prep->fn->body || !is_wanted(m->fns[i], prep, b, leaf))
                continue;
            MlcrtStatus status = get(s, prep, b, &hint, &data);
            if (status)
                return status;
        }
    if (is_spare(b, m, leaf))
        rt_leaf_let_go(b, leaf);
    rt_leaf_share(b, leaf);
    return MLCRT_OK;
}

MlcrtStatus rt_prep_module(RtSession *s, RtBox *b, const MlcrtModule *m)
{
    MlcrtStatus status = MLCRT_OK;
    for (int32_t i = 0; i < b->nleaves && !status; i++)
        status = rt_prep_leaf(s, b, m, i);
    return status;
}

/* ---- after a call ------------------------------------------------------------------------------------------- */

/* Alone for as long as it takes to forget where the memory is; it is released afterwards. */
static bool let_go_of_spare(RtSlot *slot, const MlcrtModule *m)
{
    RtBox *b = slot->contents;
    bool alone = true;
    for (int32_t i = 0; i < b->nleaves && alone; i++) {
        if (!is_spare(b, m, i))
            continue;
        RtMemory spare = { 0 };
        alone = rt_slot_alone_begin(slot);
        if (alone) {
            spare = rt_leaf_take(b, i);
            rt_slot_alone_end(slot);
        }
        rt_memory_drop(b->context, &spare);
    }
    return alone;
}

void rt_prep_settle(const MlcrtFn *fn, void *const *args)
{
    for (int32_t i = 0; i < fn->nparams; i++) {
        const MlcrtParam *p = &fn->params[i];
        MlcrtHandle *h = p->kind == MLCRT_PARAM_HANDLE && !(p->flags & (MLCRT_VAR | MLCRT_RESULT)) ? args[i] : NULL;
        if (!h || !fn->module || !rt_slot_is(&h->slot, RT_MODEL) || !rt_slot_enter(&h->slot))
            continue;
        RtBox *b = h->slot.contents;
        if (atomic_load_explicit(&b->fresh, memory_order_relaxed) && let_go_of_spare(&h->slot, fn->module))
            atomic_store(&b->fresh, false);
        rt_slot_leave(&h->slot);
    }
}

/* ---- for one function after the other ------------------------------------------------------------------------ */

/* What parameter `param` of fn takes of a leaf; most: of forms that it takes packed, so many stay. */
typedef struct Turn { RtBox *b; const MlcrtFn *fn; int32_t param, leaf, most; } Turn;

static bool packs(const Turn *t, const MlcrtPrep *prep)
{
    return prep->param == t->param && is_wanted(t->fn, prep, t->b, t->leaf);
}

/* In order, so that of some it is always the same that stays. */
static bool stays(const void *user, const RtReady *r)
{
    const Turn *t = user;
    int32_t before = 0;
    if (r->leaf != t->leaf)
        return true;
    for (int32_t i = 0; i < t->fn->npreps && before < t->most; i++)
        if (packs(t, &t->fn->preps[i])) {
            if (t->fn->preps[i].key == r->key)
                return true;
            before++;
        }
    return false;
}

static MlcrtStatus turn(RtSession *s, Turn *t, size_t *hint)
{
    const RtBoxLeaf *l = &t->b->leaves[t->leaf];
    int32_t at = t->fn->params[t->param].first + t->leaf, packed = 0;
    bool read = reads(t->fn, t->param, t->leaf);
    MlcrtStatus status = MLCRT_OK;
    for (int32_t i = 0; i < t->fn->npreps && !status; i++)
        if (packs(t, &t->fn->preps[i])) {
            void *data;
            status = get(s, &t->fn->preps[i], t->b, hint, &data);
            packed++;
        }
    if (!status && read && rt_form_taken(t->fn, at, l->form) != l->form)
        return MLCRT_OK; /* it is unpacked for the call */
    if (!status && read)
        status = rt_leaf_restore(s, t->b, t->leaf);
    if (status || (!read && !packed))
        return status;
    rt_ready_keep(t->b, stays, t);
    if (!read)
        rt_leaf_let_go(t->b, t->leaf);
    return MLCRT_OK;
}

MlcrtStatus rt_prep_turn(RtSession *s, RtBox *b, const MlcrtFn *fn, int32_t param)
{
    MlcrtStatus status = MLCRT_OK;
    size_t hint = 0;
    for (int32_t i = 0; i < b->nleaves && !status; i++)
        if (b->leaves[i].bytes)
            status = turn(s, &(Turn){ b, fn, param, i, INT32_MAX }, &hint);
    return status;
}

static bool holds(const Turn *t)
{
    const struct RtPrepared *p = atomic_load(&t->b->prepared);
    for (size_t i = 0; t->fn && p && i < p->n; i++)
        if (p->ready[i].leaf == t->leaf && stays(t, &p->ready[i]))
            return true;
    return false;
}

/* The one of several that stays where fn takes none: its own memory, or the first packed one. */
static bool is_last(const void *user, const RtReady *r)
{
    const Turn *t = user;
    return r->leaf != t->leaf || (rt_leaf_is_gone(&t->b->leaves[t->leaf]) && r == rt_ready_packed(t->b, t->leaf));
}

void rt_prep_rest(RtBox *b, const MlcrtFn *fn, int32_t param)
{
    for (int32_t i = 0; i < b->nleaves; i++) {
        Turn t = { b, fn, param, i, 1 };
        bool packed = holds(&t);
        rt_ready_keep(b, packed ? stays : is_last, &t);
        if (packed)
            rt_leaf_let_go(b, i);
    }
}

/* ---- letting go ---------------------------------------------------------------------------------------------- */

void rt_ready_keep(RtBox *b, RtReadyAsk *ask, const void *user)
{
    const MlcrtAlloc *a = &b->context->counted;
    struct RtPrepared *p = atomic_load(&b->prepared);
    size_t n = 0;
    for (size_t i = 0; p && i < p->n; i++)
        if (ask && ask(user, &p->ready[i]))
            p->ready[n++] = p->ready[i];
        else
            rt_ready_drop(b, &p->ready[i]);
    for (struct RtPrepared *old = p ? p->older : NULL, *next; old; old = next) {
        next = old->older;
        rt_free(a, old, array_bytes(old->room), 1);
    }
    if (p)
        p->older = NULL;
    if (p)
        p->n = n;
    if (!p || n)
        return;
    atomic_store(&b->prepared, NULL);
    rt_free(a, p, array_bytes(p->room), 1);
}

void rt_prep_drop(RtBox *b)
{
    rt_ready_keep(b, NULL, NULL);
}
