/* handle.c - making, copying and reading models and structs. (Files: handle_file.c.)
 *
 *     new            numbers -> the type's own init function fills the leaves
 *     from_tensors   numbers -> the caller's tensors are copied
 *     copy           numbers and leaves of another
 */
#include <string.h>

#include "core_int.h"

static MlcrtStatus check_type(RtSession *s, const MlcrtModule *m, const MlcrtStruct *t, const int64_t *numbers, bool open)
{
    if (!t || !m)
        return rt_session_fail(s, MLCRT_EARG, rt_nowhere, "the module or the type is NULL");
    MlcrtStatus status = rt_module_check(s, m);
    if (!status && t->nnumbers && !numbers && !open)
        status = rt_session_fail(s, MLCRT_EARG, rt_nowhere, "the numbers of '%s' are NULL", t->name);
    return status;
}

/* ---- new -------------------------------------------------------------------------------------------------- */

/* Leaf parameters of an init function: none, or a key. */
static MlcrtStatus bind_init(RtSession *s, RtFrame *f, const MlcrtStruct *t, const MlcrtKey *key, RtBox *b)
{
    const MlcrtFn *fn = t->init;
    if (fn->nresults != t->nleaves || fn->nleaves > 1 || (fn->nleaves && fn->leaves[0].dtype != RT_DT_key) || !fn->body)
        return rt_session_fail(s, MLCRT_EINTERNAL, rt_nowhere, "the init function of '%s' is damaged", t->name);
    if (fn->nleaves && !key)
        return rt_session_fail(s, MLCRT_EARG, rt_nowhere, "'%s' is drawn at random: a key is needed, and it is NULL", t->name);
    for (int32_t i = 0; i < fn->nleaves; i++) {
        memcpy(f->slots[i], key, sizeof *key);
        f->call.leaf[i] = f->slots[i];
        f->shape[i] = NULL;
    }
    for (int32_t i = 0; i < b->nleaves; i++) {
        f->call.leaf[fn->nleaves + i] = b->leaves[i].data;
        f->shape[fn->nleaves + i] = b->leaves[i].shape;
    }
    return MLCRT_OK;
}

/* The frame's plan has run: its dims are set. */
static MlcrtStatus run_init(RtSession *s, const MlcrtStruct *t, const MlcrtKey *key, RtBox *b)
{
    RtFrame *f = &s->frame;
    MlcrtStatus status = bind_init(s, f, t, key, b);
    if (!status)
        status = rt_frame_arena(s, f);
    return status ? status : rt_frame_body(s, f);
}

static MlcrtStatus make(RtSession *s, const MlcrtModule *m, const MlcrtStruct *t, const int64_t *numbers, const MlcrtKey *key,
                        MlcrtHandle **handle)
{
    RtBox *b;
    MlcrtStatus status = check_type(s, m, t, numbers, false);
    if (status)
        return status;
    if (!t->init)
        return rt_session_fail(s, MLCRT_EARG, rt_nowhere, "'%s' has fields without a default: it can be loaded, not made", t->name);
    status = rt_box_oblige(s, t, numbers);
    if (!status)
        status = rt_box_new(s, t, numbers, &b);
    if (status)
        return status;
    status = rt_box_memory(s, b);
    if (!status)
        status = run_init(s, t, key, b);
    if (!status && b->is_model)
        status = rt_prep_module(s, b, m);
    if (!status)
        return rt_box_publish(s, b, handle);
    rt_box_drop(s->context, b);
    return status;
}

MlcrtStatus mlcrt_handle_new(MlcrtSession *session, const MlcrtModule *m, const MlcrtStruct *t, const int64_t *numbers,
                             const MlcrtKey *key, MlcrtHandle **handle)
{
    MlcrtStatus status;
    if (handle)
        *handle = NULL;
    RtSession *s = rt_session_enter(session, &status);
    if (!s)
        return status;
    s->effect_status = MLCRT_OK;
    status = handle ? make(s, m, t, numbers, key, handle) : rt_session_fail(s, MLCRT_EARG, rt_nowhere, "the handle's place is NULL");
    rt_session_leave(s);
    return status;
}

/* ---- from tensors ----------------------------------------------------------------------------------------- */

static MlcrtStatus copy_leaf(RtSession *s, const RtBoxLeaf *l, const MlcrtTensor *t)
{
    uint64_t bytes;
    MlcrtStatus status = rt_tensor_check(s, t, l->dtype, l->rank, l->path, -1, &bytes);
    if (status)
        return status;
    for (int32_t i = 0; i < l->rank; i++)
        if (t->shape[i] != l->shape[i])
            return rt_session_fail(s, MLCRT_ESHAPE, (RtPlace){ .argument = l->path, .position = -1 }, "axis %d is %lld, not %lld", i,
                                   (long long)t->shape[i], (long long)l->shape[i]);
    if (bytes)
        memcpy(l->data, (const void *)((uintptr_t)t->data + t->offset), bytes);
    return MLCRT_OK;
}

static MlcrtStatus from_tensors(RtSession *s, const MlcrtModule *m, const MlcrtStruct *t, const int64_t *numbers,
                                const MlcrtTensor *leaves, MlcrtHandle **handle)
{
    RtBox *b;
    MlcrtStatus status = check_type(s, m, t, numbers, false);
    if (!status && t->nleaves && !leaves)
        status = rt_session_fail(s, MLCRT_EARG, rt_nowhere, "the leaves are NULL");
    if (!status)
        status = rt_box_oblige(s, t, numbers);
    if (!status)
        status = rt_box_new(s, t, numbers, &b);
    if (status)
        return status;
    status = rt_box_memory(s, b);
    for (int32_t i = 0; i < b->nleaves && !status; i++)
        status = copy_leaf(s, &b->leaves[i], &leaves[i]);
    if (!status && b->is_model)
        status = rt_prep_module(s, b, m);
    if (!status)
        return rt_box_publish(s, b, handle);
    rt_box_drop(s->context, b);
    return status;
}

MlcrtStatus mlcrt_handle_from_tensors(MlcrtSession *session, const MlcrtModule *m, const MlcrtStruct *t, const int64_t *numbers,
                                      const MlcrtTensor *leaves, MlcrtHandle **handle)
{
    MlcrtStatus status;
    if (handle)
        *handle = NULL;
    RtSession *s = rt_session_enter(session, &status);
    if (!s)
        return status;
    status = handle ? from_tensors(s, m, t, numbers, leaves, handle)
                    : rt_session_fail(s, MLCRT_EARG, rt_nowhere, "the handle's place is NULL");
    rt_session_leave(s);
    return status;
}

/* ---- the contents of a handle ----------------------------------------------------------------------------- */

static bool is_handle(const MlcrtHandle *h)
{
    return h && (rt_slot_is(&h->slot, RT_MODEL) || rt_slot_is(&h->slot, RT_STRUCT));
}

RtBox *rt_handle_enter(RtSession *s, MlcrtHandle *h, bool alone, MlcrtStatus *status)
{
    if (!is_handle(h) || h->slot.context != s->context) {
        *status = rt_session_fail(s, MLCRT_EARG, rt_nowhere, "the handle is NULL, was freed, or is of another context");
        return NULL;
    }
    *status = alone ? rt_slot_enter_alone(&h->slot) : rt_slot_enter(&h->slot) ? MLCRT_OK : MLCRT_EBUSY;
    if (*status)
        rt_session_fail(s, *status, rt_nowhere, *status == MLCRT_EBUSY ? "another call is using the handle" : "the handle was freed");
    return *status ? NULL : h->slot.contents;
}

static MlcrtStatus copy_plain(RtSession *s, const RtBox *from, int32_t leaf, char *to)
{
    RtPlain p;
    MlcrtStatus status = rt_plain_take(s, from, leaf, &p);
    if (!status && from->leaves[leaf].bytes)
        memcpy(to, p.data, from->leaves[leaf].bytes);
    if (!status)
        rt_plain_give(from, &p);
    return status;
}

static MlcrtStatus copy_box(RtSession *s, const RtBox *from, MlcrtHandle **copy)
{
    MlcrtContext *c = s->context;
    RtBox *b = rt_alloc(&c->counted, from->size, 1);
    if (!b)
        return rt_session_fail_memory(s, from->size);
    memcpy(b, from, from->size);
    ptrdiff_t moved = (char *)b - (const char *)from;
#define MOVE(field) (field) = (void *)((char *)(uintptr_t)(field) + moved)
    MOVE(b->name);
    MOVE(b->numbers);
    MOVE(b->number_names);
    MOVE(b->leaves);
    for (int32_t i = 0; i < b->nnumbers; i++)
        MOVE(b->number_names[i]);
    for (int32_t i = 0; i < b->nleaves; i++) {
        MOVE(b->leaves[i].path);
        MOVE(b->leaves[i].shape);
    }
#undef MOVE
    atomic_init(&b->prepared, NULL);
    b->data = NULL;
    rt_box_layout(b);
    MlcrtStatus status = rt_box_memory(s, b);
    for (int32_t i = 0; i < b->nleaves && !status; i++)
        status = copy_plain(s, from, i, b->leaves[i].data);
    if (!status)
        return rt_box_publish(s, b, copy);
    rt_box_drop(c, b);
    return status;
}

MlcrtStatus mlcrt_handle_copy(MlcrtSession *session, MlcrtHandle *h, MlcrtHandle **copy)
{
    MlcrtStatus status;
    if (copy)
        *copy = NULL;
    RtSession *s = rt_session_enter(session, &status);
    if (!s)
        return status;
    RtBox *b = NULL;
    if (!copy)
        status = rt_session_fail(s, MLCRT_EARG, rt_nowhere, "the copy's place is NULL");
    else
        b = rt_handle_enter(s, h, h && !rt_slot_is(&h->slot, RT_MODEL), &status);
    if (b) {
        status = copy_box(s, b, copy);
        rt_slot_leave(&h->slot);
    }
    rt_session_leave(s);
    return status;
}

MlcrtStatus mlcrt_handle_free(MlcrtHandle *h)
{
    if (!h)
        return MLCRT_OK;
    return is_handle(h) ? rt_slot_free(&h->slot, (RtKind)atomic_load(&h->slot.kind)) : MLCRT_EARG;
}

int64_t mlcrt_handle_number(const MlcrtHandle *h, int32_t i)
{
    const RtBox *b = is_handle(h) ? h->slot.contents : NULL;
    return b && i >= 0 && i < b->nnumbers ? b->numbers[i] : -1;
}

/* ---- leaves of structs ------------------------------------------------------------------------------------ */

static RtBoxLeaf *leaf_of_struct(MlcrtHandle *h, int32_t i)
{
    if (!h || !rt_slot_is(&h->slot, RT_STRUCT))
        return NULL;
    RtBox *b = h->slot.contents;
    return i >= 0 && i < b->nleaves ? &b->leaves[i] : NULL;
}

MlcrtStatus mlcrt_handle_view(MlcrtHandle *h, int32_t i, MlcrtTensor *view)
{
    const RtBoxLeaf *l = leaf_of_struct(h, i);
    if (!l || !view || !rt_types[l->dtype].bits)
        return MLCRT_EARG;
    *view = (MlcrtTensor){ l->data, MLCRT_CPU, 0, l->rank, rt_types[l->dtype].code, rt_types[l->dtype].bits, 1, l->shape, NULL, 0 };
    return MLCRT_OK;
}

static MlcrtStatus access_field(MlcrtHandle *h, int32_t i, void *to, const void *from)
{
    RtBoxLeaf *l = leaf_of_struct(h, i);
    if (!l || l->rank || !(to || from))
        return MLCRT_EARG;
    MlcrtStatus status = rt_slot_enter_alone(&h->slot);
    if (status)
        return status;
    memcpy(to ? to : l->data, to ? l->data : from, rt_types[l->dtype].bytes);
    rt_slot_leave(&h->slot);
    return MLCRT_OK;
}

MlcrtStatus mlcrt_handle_field(MlcrtHandle *h, int32_t i, void *value)
{
    return value ? access_field(h, i, value, NULL) : MLCRT_EARG;
}

MlcrtStatus mlcrt_handle_set_field(MlcrtHandle *h, int32_t i, const void *value)
{
    return value ? access_field(h, i, NULL, value) : MLCRT_EARG;
}
