/* args.c - the arguments of a call, checked and turned into pointers to leaves.
 *
 *     tensor   type, rank, compact, aligned, on the CPU     leaf = its data
 *     scalar   copied into a 16-byte slot of the call       leaf = the slot; copied back on success
 *     handle   alive, of this context, of this type, free   leaves = its tensors; scalar fields as scalars
 *     result   shape computed or checked                    leaf = its data, allocated last
 *     result   a struct or model: numbers computed          leaves = those of a new handle
 *
 * Nothing outside the session is written before the call succeeds, except by the body itself.
 */
#include <string.h>

#include "core_int.h"
#include "utf8.h"

static RtPlace at_param(const MlcrtFn *fn, int32_t i)
{
    const char *name = fn->params[i].name; /* "": a result of a statement */
    return (RtPlace){ fn->file, name && *name ? name : NULL, fn->line, 0, i };
}

/* ---- tensors ---------------------------------------------------------------------------------------------- */
/* at: by address, since a copy of words that were just written waits for the cache; it is read if a check fails. */

static MlcrtStatus fail_type(RtSession *s, const RtPlace *at, const MlcrtTensor *t, int32_t dtype)
{
    for (int i = RT_DT_none + 1; i < RT_DT_count; i++)
        if (rt_types[i].bits == t->bits && rt_types[i].code == t->code && t->lanes == 1)
            return rt_session_fail(s, MLCRT_EDTYPE, *at, "elements are %s, not %s", rt_types[i].name, rt_types[dtype].name);
    return rt_session_fail(s, MLCRT_EDTYPE, *at, "elements are of an unknown type (code %u, %u bits, %u lanes), not %s", t->code,
                           t->bits, t->lanes, rt_types[dtype].name);
}

/* Number of bytes of a shape; dims checked one by one. No process has 2^56 bytes; an empty tensor's other axes keep to that, too: compiled code
 * adds up sizes, and multiplies those of one tensor, without a look at each sum (frontend/check/check_fits.c). beside: of an empty one those without its axes of 0. */
static MlcrtStatus shape_bytes(RtSession *s, const RtPlace *at, const int64_t *shape, int32_t rank, uint64_t element, uint64_t *bytes, uint64_t *beside)
{
    uint64_t n = element;
    bool empty = false;
    for (int32_t i = 0; i < rank; i++) {
        if (shape[i] < 0)
            return rt_session_fail(s, MLCRT_ESHAPE, *at, "axis %d is %lld", i, (long long)shape[i]);
        empty |= shape[i] == 0;
    }
    for (int32_t i = 0; i < rank; i++)
        if (!rt_mul(n, shape[i] ? (uint64_t)shape[i] : 1, &n) || n > RT_SIZE_MOST)
            return rt_session_fail(s, MLCRT_ELIMIT, *at, "its size passes 2^56 bytes%s", empty ? ", counted without its axes of 0" : "");
    *bytes = empty ? 0 : n;
    *beside = empty ? n : 0;
    return MLCRT_OK;
}

static MlcrtStatus check_strides(RtSession *s, const RtPlace *at, const MlcrtTensor *t)
{
    int64_t expected = 1;
    for (int32_t i = t->rank - 1; i >= 0; i--) {
        if (t->shape[i] != 1 && t->strides[i] != expected)
            return rt_session_fail(s, MLCRT_ESTRIDE, *at, "stride %d is %lld elements, not %lld: only compact row-major tensors are "
                                   "taken (mlcrt_copy makes one)", i, (long long)t->strides[i], (long long)expected);
        expected *= t->shape[i];
    }
    return MLCRT_OK;
}

/* What does not depend on whether there is data. */
static MlcrtStatus check_head(RtSession *s, const RtPlace *at, const MlcrtTensor *t, int32_t dtype, int32_t rank)
{
    if (t->device != MLCRT_CPU)
        return rt_session_fail(s, MLCRT_EDEVICE, *at, "it is on device %d, not in CPU memory", t->device);
    if (t->code != rt_types[dtype].code || t->bits != rt_types[dtype].bits || t->lanes != 1)
        return fail_type(s, at, t, dtype);
    if (t->rank != rank)
        return rt_session_fail(s, MLCRT_ERANK, *at, "its rank is %d, not %d", t->rank, rank);
    if (rank && !t->shape)
        return rt_session_fail(s, MLCRT_EARG, *at, "its shape is NULL");
    return MLCRT_OK;
}

static MlcrtStatus check_tensor(RtSession *s, const RtPlace *at, const MlcrtTensor *t, int32_t dtype, int32_t rank, uint64_t *bytes, uint64_t *beside)
{
    MlcrtStatus status = check_head(s, at, t, dtype, rank);
    if (!status)
        status = shape_bytes(s, at, t->shape, rank, rt_types[dtype].bytes, bytes, beside);
    if (status || *bytes == 0)
        return status;
    if (!t->data)
        return rt_session_fail(s, MLCRT_EARG, *at, "its data is NULL");
    if (t->strides && (status = check_strides(s, at, t)))
        return status;
    uintptr_t address = (uintptr_t)t->data + t->offset;
    if (address & (uintptr_t)(rt_types[dtype].bytes - 1))
        return rt_session_fail(s, MLCRT_EALIGN, *at, "its data is not aligned to %u bytes", rt_types[dtype].bytes);
    if (address + *bytes < address)
        return rt_session_fail(s, MLCRT_EARG, *at, "its data passes the end of memory");
    return MLCRT_OK;
}

MlcrtStatus rt_tensor_check(RtSession *s, const MlcrtTensor *t, int32_t dtype, int32_t rank, const char *name, int32_t position,
                            uint64_t *bytes)
{
    uint64_t beside;
    return check_tensor(s, &(RtPlace){ NULL, name, 0, 0, position }, t, dtype, rank, bytes, &beside);
}

static void add_range(RtFrame *f, int32_t param, const void *p, uint64_t bytes, bool written)
{
    if (bytes) {
        f->ranges[f->nranges++] = (RtRange){ (uintptr_t)p, (uintptr_t)p + bytes, param, written };
        f->nwritten += written;
    }
}

/* Leaf `leaf` is empty: rt_frame_blank gives it memory, where a subscript may fail. */
static void leave_blank(RtFrame *f, int32_t leaf, uint64_t beside)
{
    if (!f->fn->nchecks)
        return;
    f->call.leaf[leaf] = NULL;
    f->beside = beside > f->beside ? beside : f->beside;
}

static void *data_of(const MlcrtTensor *t)
{
    return (void *)((uintptr_t)t->data + t->offset);
}

static MlcrtStatus bind_tensor(RtSession *s, RtFrame *f, int32_t i, const MlcrtTensor *t)
{
    const MlcrtParam *p = &f->fn->params[i];
    const MlcrtLeaf *l = &f->fn->leaves[p->first];
    const RtPlace at = at_param(f->fn, i);
    uint64_t bytes, beside;
    MlcrtStatus status = check_tensor(s, &at, t, l->dtype, l->rank, &bytes, &beside);
    if (status)
        return status;
    f->call.leaf[p->first] = data_of(t);
    if (beside)
        leave_blank(f, p->first, beside);
    f->shape[p->first] = t->shape;
    add_range(f, i, data_of(t), bytes, (p->flags & (MLCRT_VAR | MLCRT_RESULT)) != 0);
    return MLCRT_OK;
}

/* ---- scalars ---------------------------------------------------------------------------------------------- */

/* Sizes are 1, 2, 4, 8 or 16; a constant size becomes one move. */
static void copy_scalar(void *to, const void *from, int32_t dtype)
{
    switch (rt_types[dtype].bytes) {
    case 1: memcpy(to, from, 1); break;
    case 2: memcpy(to, from, 2); break;
    case 4: memcpy(to, from, 4); break;
    case 8: memcpy(to, from, 8); break;
    default: memcpy(to, from, 16); break;
    }
}

static void *slot_of(RtFrame *f, int32_t leaf)
{
    f->slots[leaf][0] = f->slots[leaf][1] = 0;
    return f->call.leaf[leaf] = f->slots[leaf];
}

static MlcrtStatus bind_scalar(RtSession *s, RtFrame *f, int32_t i, const void *value)
{
    const MlcrtParam *p = &f->fn->params[i];
    int32_t dtype = f->fn->leaves[p->first].dtype;
    void *slot = slot_of(f, p->first);
    f->shape[p->first] = NULL;
    if (p->flags & MLCRT_RESULT)
        return MLCRT_OK;
    copy_scalar(slot, value, dtype);
    if (dtype == RT_DT_bool)
        *(uint8_t *)slot = *(uint8_t *)slot != 0;
    if (dtype == RT_DT_str) {
        const char *text = *(const char **)slot;
        if (!text)
            return rt_session_fail(s, MLCRT_EARG, at_param(f->fn, i), "it is NULL");
        if (!rt_utf8_valid(text, strlen(text)))
            return rt_session_fail(s, MLCRT_EARG, at_param(f->fn, i), "it is not UTF-8");
    }
    return MLCRT_OK;
}

/* ---- handles ---------------------------------------------------------------------------------------------- */

static MlcrtStatus check_handle(RtSession *s, RtFrame *f, int32_t i, const MlcrtHandle *h, const MlcrtStruct *type)
{
    RtKind kind = type->is_model ? RT_MODEL : RT_STRUCT;
    if (!rt_slot_is(&h->slot, RT_MODEL) && !rt_slot_is(&h->slot, RT_STRUCT))
        return rt_session_fail(s, MLCRT_EARG, at_param(f->fn, i), "it is no handle of a '%s', or was freed", type->name);
    if (h->slot.context != s->context)
        return rt_session_fail(s, MLCRT_EARG, at_param(f->fn, i), "the handle is of another context than the session");
    if (!rt_slot_is(&h->slot, kind) || h->slot.type != type->type_hash)
        return rt_session_fail(s, MLCRT_EARG, at_param(f->fn, i), "it is a '%s', not a '%s'",
                               ((const RtBox *)h->slot.contents)->name, type->name);
    return MLCRT_OK;
}

/* Structs are used by one call at a time, models by many that only read. One given twice is entered once. */
static MlcrtStatus enter_handle(RtSession *s, RtFrame *f, int32_t i, MlcrtHandle *h, bool alone)
{
    RtSlot *slot = &h->slot;
    for (int32_t k = 0; k < f->nentered; k++)
        if (f->entered[k] == slot)
            return MLCRT_OK;
    MlcrtStatus status = MLCRT_OK;
    if (alone)
        status = rt_slot_enter_alone(slot);
    else if (!rt_slot_enter(slot))
        status = MLCRT_EBUSY;
    if (status)
        return rt_session_fail(s, status, at_param(f->fn, i), status == MLCRT_EBUSY ? "another call is using it" : "it was freed");
    f->entered[f->nentered++] = slot;
    return MLCRT_OK;
}

/* Leaf k of the box, which is packed or was let go, as leaf parameter `leaf`. */
static MlcrtStatus bind_packed(RtSession *s, RtFrame *f, RtBox *b, int32_t k, int32_t leaf)
{
    const RtBoxLeaf *l = &b->leaves[k];
    int32_t form = f->call.form[leaf] = (unsigned char)rt_form_taken(f->fn, leaf, l->form);
    if (f->fn->unread && f->fn->unread[leaf])
        return MLCRT_OK;
    if (form == MLCRT_FORM_PLAIN)
        return rt_plain_keep(s, b, k, &f->call.leaf[leaf]);
    return l->data ? MLCRT_OK : rt_form_keep(s, b, k, &f->call.leaf[leaf]);
}

static uint64_t beside_of(const RtBoxLeaf *l)
{
    uint64_t n = rt_types[l->dtype].bytes;
    for (int32_t i = 0; i < l->rank; i++)
        n *= l->shape[i] ? (uint64_t)l->shape[i] : 1; /* fitted when the handle was made */
    return n;
}

static MlcrtStatus bind_leaves(RtSession *s, RtFrame *f, const MlcrtParam *p, RtBox *b, bool written)
{
    MlcrtStatus status = written ? rt_plain_all(s, b) : MLCRT_OK;
    if (status)
        return status;
    for (int32_t k = 0; k < b->nleaves; k++) {
        const RtBoxLeaf *l = &b->leaves[k];
        int32_t leaf = p->first + k;
        f->shape[leaf] = l->shape;
        f->call.leaf[leaf] = l->data;
        if ((l->form || !l->data) && l->bytes && (status = bind_packed(s, f, b, k, leaf)))
            return status;
        if (rt_form_refused(f->fn, leaf, f->call.form[leaf]))
            return rt_session_fail(s, MLCRT_EINTERNAL, rt_nowhere, "'%s' was compiled for '%s' in another form", f->fn->name, l->path);
        if (!l->bytes && l->rank)
            leave_blank(f, leaf, 32 * beside_of(l)); /* packed its first axis is cut into panels, the least of which is of 32 */
        if (written && l->rank == 0)
            memcpy(slot_of(f, leaf), l->data, 16);
    }
    return MLCRT_OK;
}

static MlcrtStatus bind_handle(RtSession *s, RtFrame *f, int32_t i, MlcrtHandle *h)
{
    const MlcrtParam *p = &f->fn->params[i];
    const MlcrtStruct *type = rt_type_of(f->fn->module, p);
    bool written = (p->flags & MLCRT_VAR) != 0;
    MlcrtStatus status = check_handle(s, f, i, h, type);
    if (!status)
        status = enter_handle(s, f, i, h, written || !type->is_model);
    if (status)
        return status;
    RtBox *b = h->slot.contents;
    if (b->nleaves != p->nleaves)
        return rt_session_fail(s, MLCRT_EINTERNAL, at_param(f->fn, i), "the type '%s' is damaged", type->name);
    f->box[i] = b;
    status = bind_leaves(s, f, p, b, written);
    if (status)
        return status;
    add_range(f, i, b->is_model ? (const char *)b : b->data, b->is_model ? b->size : b->data_size, written); /* a model's leaves nobody else has */
    return MLCRT_OK;
}

/* ---- all of them ------------------------------------------------------------------------------------------ */

static bool is_written(const MlcrtParam *p)
{
    return (p->flags & (MLCRT_VAR | MLCRT_RESULT)) != 0;
}

static bool is_new_result(const MlcrtParam *p, const void *arg)
{
    return p->kind == MLCRT_PARAM_TENSOR && (p->flags & MLCRT_RESULT) && !((const MlcrtTensor *)arg)->data;
}

static MlcrtStatus bind_one(RtSession *s, RtFrame *f, int32_t i, void *arg)
{
    const MlcrtParam *p = &f->fn->params[i];
    if (!arg)
        return rt_session_fail(s, MLCRT_EARG, at_param(f->fn, i), "it is NULL");
    if (p->kind == MLCRT_PARAM_SCALAR)
        return bind_scalar(s, f, i, arg);
    if (p->kind == MLCRT_PARAM_HANDLE) /* a result is made when its numbers are known */
        return p->flags & MLCRT_RESULT ? MLCRT_OK : bind_handle(s, f, i, arg);
    if (is_new_result(p, arg)) { /* its head is filled in at the end */
        f->call.leaf[p->first] = NULL;
        f->shape[p->first] = NULL;
        return MLCRT_OK;
    }
    return bind_tensor(s, f, i, arg);
}

static MlcrtStatus check_overlap(RtSession *s, RtFrame *f)
{
    for (int32_t a = 0; a < f->nranges; a++)
        for (int32_t b = a + 1; b < f->nranges; b++) {
            const RtRange *x = &f->ranges[a], *y = &f->ranges[b];
            if (x->lo < y->hi && y->lo < x->hi && (x->written || y->written)) {
                int32_t w = y->written ? y->param : x->param, o = y->written ? x->param : y->param;
                return rt_session_fail(s, MLCRT_EOVERLAP, at_param(f->fn, w), "it is written, and its memory overlaps '%s'",
                                       f->fn->params[o].name);
            }
        }
    return MLCRT_OK;
}

/* Two results may not be one tensor: it would be filled in twice. */
static MlcrtStatus check_results_differ(RtSession *s, RtFrame *f, void *const *args)
{
    const MlcrtFn *fn = f->fn;
    for (int32_t i = fn->nparams - 1; i > 0 && (fn->params[i].flags & MLCRT_RESULT); i--)
        for (int32_t k = i - 1; k >= 0 && (fn->params[k].flags & MLCRT_RESULT); k--)
            if (args[i] == args[k])
                return rt_session_fail(s, MLCRT_EOVERLAP, at_param(fn, i), "it is '%s', too", fn->params[k].name);
    return MLCRT_OK;
}

MlcrtStatus rt_args_bind(RtSession *s, RtFrame *f, void *const *args)
{
    for (int32_t i = 0; i < f->fn->nparams; i++) {
        MlcrtStatus status = bind_one(s, f, i, args[i]);
        if (status)
            return status;
    }
    MlcrtStatus status = check_results_differ(s, f, args);
    return status || !f->nwritten ? status : check_overlap(s, f);
}

/* ---- results ---------------------------------------------------------------------------------------------- */

/* Of result i, or of leaf k of it where that is a handle. */
static MlcrtStatus result_dim(RtSession *s, const RtFrame *f, int32_t i, int32_t k, int32_t axis, int64_t *v)
{
    const MlcrtLeaf *l = &f->fn->leaves[f->fn->params[i].first + k];
    MlcrtStatus status = rt_dim_eval(l->dims[axis], f->call.dims, f->fn->ndims, v);
    if (!status && *v < 0)
        return rt_session_fail(s, MLCRT_ESHAPE, at_param(f->fn, i), "the size of axis %d would be %lld", axis, (long long)*v);
    return status ? rt_session_fail(s, status, at_param(f->fn, i), "the size of axis %d cannot be computed", axis) : MLCRT_OK;
}

static MlcrtStatus check_result(RtSession *s, const RtFrame *f, int32_t i, const MlcrtTensor *t)
{
    const MlcrtLeaf *l = &f->fn->leaves[f->fn->params[i].first];
    for (int32_t k = 0; k < l->rank; k++) {
        int64_t v;
        MlcrtStatus status = result_dim(s, f, i, 0, k, &v);
        if (status)
            return status;
        if (v == t->shape[k])
            continue;
        char text[RT_ERROR_TEXT];
        rt_dim_expected(f, l->dims[k], v, text, sizeof text);
        return rt_session_fail(s, MLCRT_ESHAPE, at_param(f->fn, i), "axis %d is %lld, %s", k, (long long)t->shape[k], text);
    }
    return MLCRT_OK;
}

static MlcrtStatus make_result(RtSession *s, RtFrame *f, int32_t i, const MlcrtTensor *t)
{
    const MlcrtParam *p = &f->fn->params[i];
    const MlcrtLeaf *l = &f->fn->leaves[p->first];
    int64_t shape[MLCRT_MAX_RANK];
    uint64_t bytes, beside;
    if (t->rank != l->rank)
        return rt_session_fail(s, MLCRT_ERANK, at_param(f->fn, i), "its rank is %d, not %d", t->rank, l->rank);
    if (l->rank && !t->shape)
        return rt_session_fail(s, MLCRT_EARG, at_param(f->fn, i), "its shape is NULL");
    for (int32_t k = 0; k < l->rank; k++) {
        MlcrtStatus status = result_dim(s, f, i, 0, k, &shape[k]);
        if (status)
            return status;
    }
    const RtPlace at = at_param(f->fn, i);
    MlcrtStatus status = shape_bytes(s, &at, shape, l->rank, rt_types[l->dtype].bytes, &bytes, &beside);
    if (beside)
        leave_blank(f, p->first, beside);
    if (status || bytes == 0)
        return status;
    f->call.leaf[p->first] = rt_tensor_memory(s->context, bytes);
    return f->call.leaf[p->first] ? MLCRT_OK : rt_session_fail_memory(s, bytes);
}

static bool is_new_handle(const MlcrtParam *p)
{
    return p->kind == MLCRT_PARAM_HANDLE && (p->flags & MLCRT_RESULT);
}

static MlcrtStatus new_box(RtSession *s, const RtFrame *f, int32_t i, const MlcrtStruct *type, RtBox **b)
{
    const MlcrtParam *p = &f->fn->params[i];
    size_t bytes = ((size_t)type->nnumbers + 1) * sizeof(int64_t);
    if (type->nleaves != p->nleaves || (type->nnumbers && !p->numbers))
        return rt_session_fail(s, MLCRT_EINTERNAL, at_param(f->fn, i), "the type '%s' is damaged", type->name);
    int64_t *numbers = rt_alloc(&s->context->counted, bytes, 1);
    if (!numbers)
        return rt_session_fail_memory(s, bytes);
    MlcrtStatus status = MLCRT_OK;
    for (int32_t k = 0; k < type->nnumbers && !status; k++) {
        status = rt_dim_eval(p->numbers[k], f->call.dims, f->fn->ndims, &numbers[k]);
        if (status)
            status = rt_session_fail(s, status, at_param(f->fn, i), "its number '%s' cannot be computed", type->numbers[k]);
        else if (numbers[k] < 0)
            status = rt_session_fail(s, MLCRT_ESHAPE, at_param(f->fn, i), "its number '%s' would be %lld", type->numbers[k], (long long)numbers[k]);
    }
    if (!status)
        status = rt_box_new(s, type, numbers, b);
    rt_free(&s->context->counted, numbers, bytes, 1);
    return status;
}

/* The body writes into the leaves: they have to have the shapes that its code computes. */
static MlcrtStatus same_shapes(RtSession *s, const RtFrame *f, int32_t i, const RtBox *b)
{
    const MlcrtLeaf *l = &f->fn->leaves[f->fn->params[i].first];
    for (int32_t k = 0; k < b->nleaves; k++)
        for (int32_t a = 0; a < b->leaves[k].rank; a++) {
            int64_t v = -1;
            MlcrtStatus status = l[k].rank == b->leaves[k].rank ? result_dim(s, f, i, k, a, &v) : MLCRT_OK;
            if (status || v != b->leaves[k].shape[a])
                return status ? status : rt_session_fail(s, MLCRT_EINTERNAL, at_param(f->fn, i), "axis %d of its '%s' would be %lld, not %lld",
                                                         a, b->leaves[k].path, (long long)v, (long long)b->leaves[k].shape[a]);
        }
    return MLCRT_OK;
}

/* A handle that nobody else knows until the call has succeeded. */
static MlcrtStatus make_handle(RtSession *s, RtFrame *f, int32_t i)
{
    const MlcrtParam *p = &f->fn->params[i];
    RtBox *b;
    MlcrtHandle *h;
    MlcrtStatus status = new_box(s, f, i, rt_type_of(f->fn->module, p), &b);
    if (status)
        return status;
    status = same_shapes(s, f, i, b);
    if (!status)
        status = rt_box_memory(s, b);
    if (status) {
        rt_box_drop(s->context, b);
        return status;
    }
    status = rt_box_publish(s, b, &h);
    if (status)
        return status;
    f->made[i] = &h->slot;
    return bind_leaves(s, f, p, b, false);
}

MlcrtStatus rt_args_results(RtSession *s, RtFrame *f, void *const *args)
{
    const MlcrtFn *fn = f->fn;
    MlcrtStatus status = MLCRT_OK;
    for (int32_t i = 0; i < fn->nparams && !status; i++)
        if (fn->params[i].kind == MLCRT_PARAM_TENSOR && (fn->params[i].flags & MLCRT_RESULT) && !is_new_result(&fn->params[i], args[i]))
            status = check_result(s, f, i, args[i]);
    for (int32_t i = 0; i < fn->nparams && !status; i++)
        if (is_new_result(&fn->params[i], args[i]))
            status = make_result(s, f, i, args[i]);
        else if (is_new_handle(&fn->params[i]))
            status = make_handle(s, f, i);
    return status;
}

static void give_result(RtFrame *f, int32_t i, MlcrtTensor *t)
{
    const MlcrtLeaf *l = &f->fn->leaves[f->fn->params[i].first];
    t->data = rt_is_blank(f, f->call.leaf[f->fn->params[i].first]) ? NULL : f->call.leaf[f->fn->params[i].first];
    t->device = MLCRT_CPU;
    t->device_id = 0;
    t->code = rt_types[l->dtype].code;
    t->bits = rt_types[l->dtype].bits;
    t->lanes = 1;
    t->strides = NULL;
    t->offset = 0;
    for (int32_t k = 0; k < l->rank; k++)
        rt_dim_eval(l->dims[k], f->call.dims, f->fn->ndims, &t->shape[k]); /* succeeded before */
}

static void write_fields(RtFrame *f, int32_t i)
{
    RtBox *b = f->box[i];
    for (int32_t k = 0; k < b->nleaves; k++)
        if (b->leaves[k].rank == 0)
            memcpy(b->leaves[k].data, f->slots[f->fn->params[i].first + k], 16);
    rt_prep_drop(b);
}

MlcrtStatus rt_args_finish(RtSession *s, RtFrame *f)
{
    MlcrtStatus status = MLCRT_OK;
    for (int32_t i = 0; i < f->fn->nparams && !status; i++) {
        RtBox *b = f->made[i] ? f->made[i]->contents : NULL;
        if (b && b->is_model)
            status = rt_prep_module(s, b, f->fn->module);
    }
    return status;
}

void rt_args_commit(RtFrame *f, void *const *args)
{
    for (int32_t i = 0; i < f->fn->nparams; i++) {
        const MlcrtParam *p = &f->fn->params[i];
        if (!is_written(p))
            continue;
        if (p->kind == MLCRT_PARAM_SCALAR)
            copy_scalar(args[i], f->slots[p->first], f->fn->leaves[p->first].dtype);
        else if (is_new_handle(p))
            *(MlcrtHandle **)args[i] = (MlcrtHandle *)f->made[i];
        else if (p->kind == MLCRT_PARAM_HANDLE)
            write_fields(f, i);
        else if (is_new_result(p, args[i]))
            give_result(f, i, args[i]);
    }
}

void rt_args_undo(RtSession *s, RtFrame *f, void *const *args)
{
    for (int32_t i = 0; i < f->fn->nparams; i++)
        if (is_new_result(&f->fn->params[i], args[i])) {
            void **leaf = &f->call.leaf[f->fn->params[i].first];
            if (!rt_is_blank(f, *leaf))
                rt_tensor_release(s->context, *leaf);
            *leaf = NULL;
        } else if (f->made[i]) {
            rt_slot_free(f->made[i], (RtKind)atomic_load(&f->made[i]->kind));
            f->made[i] = NULL;
        }
}

void rt_args_leave(RtFrame *f)
{
    for (int32_t i = 0; i < f->nentered; i++)
        rt_slot_leave(f->entered[i]);
    f->nentered = 0;
}
