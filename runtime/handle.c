/* handle.c - models and structs made of numbers: the type's own init function fills the leaves.
 *
 * What programs may do without has files of its own, so that it is not linked then: handle_copy.c, handle_field.c, handle_file.c,
 * handle_get.c, handle_save.c.
 */
#include <string.h>

#include "core_int.h"

MlcrtStatus rt_handle_type(RtSession *s, const MlcrtModule *m, const MlcrtStruct *t, const int64_t *numbers)
{
    if (!t || !m)
        return rt_session_fail(s, MLCRT_EARG, rt_nowhere, "the module or the type is NULL");
    MlcrtStatus status = rt_module_check(s, m);
    if (!status && t->nnumbers && !numbers)
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
static MlcrtStatus run_init(RtSession *s, const MlcrtStruct *t, RtBox *b, const void *key)
{
    RtFrame *f = &s->frame;
    MlcrtStatus status = rt_box_memory(s, b);
    if (!status)
        status = bind_init(s, f, t, key, b);
    if (!status)
        status = rt_frame_arena(s, f);
    return status ? status : rt_frame_body(s, f);
}

static MlcrtStatus make(RtSession *s, const RtMaking *k, const void *from, MlcrtHandle **handle)
{
    RtBox *b;
    MlcrtStatus status = rt_box_oblige(s, k->type, k->numbers);
    if (!status)
        status = rt_box_new(s, k->type, k->numbers, &b);
    if (status)
        return status;
    status = k->fill(s, k->type, b, from);
    if (!status && b->is_model)
        status = rt_prep_module(s, b, k->module);
    if (!status)
        return rt_box_publish(s, b, handle);
    rt_box_drop(s->context, b);
    return status;
}

MlcrtStatus rt_handle_make(MlcrtSession *session, const RtMaking *k, const void *from, MlcrtHandle **handle)
{
    MlcrtStatus status;
    if (handle)
        *handle = NULL;
    RtSession *s = rt_session_enter(session, &status);
    if (!s)
        return status;
    s->effect_status = MLCRT_OK;
    status = handle ? rt_handle_type(s, k->module, k->type, k->numbers) : rt_session_fail(s, MLCRT_EARG, rt_nowhere, "the handle's place is NULL");
    if (!status && k->ask)
        status = k->ask(s, k->type, from);
    if (!status)
        status = make(s, k, from, handle);
    rt_session_leave(s);
    return status;
}

static MlcrtStatus has_init(RtSession *s, const MlcrtStruct *t, const void *key)
{
    (void)key;
    return t->init ? MLCRT_OK : rt_session_fail(s, MLCRT_EARG, rt_nowhere, "'%s' has fields without a default: it can be loaded, not made", t->name);
}

MlcrtStatus mlcrt_handle_new(MlcrtSession *session, const MlcrtModule *m, const MlcrtStruct *t, const int64_t *numbers,
                             const MlcrtKey *key, MlcrtHandle **handle)
{
    return rt_handle_make(session, &(RtMaking){ m, t, numbers, has_init, run_init }, key, handle);
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
