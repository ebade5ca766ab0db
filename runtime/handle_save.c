/* handle_save.c - models to weight files: a tensor for each element of a list.
 *
 *     "layers.*.wq" [L, D, D]   ->   "layers.0.wq" [D, D], "layers.1.wq" [D, D], ...
 */
#include <stdio.h>
#include <string.h>

#include "core_int.h"
#include "safetensors.h"

/* How many tensors of their own a leaf is in a file: the product of its list axes. */
static int64_t element_count(const RtBoxLeaf *l)
{
    int64_t n = 1;
    for (int32_t i = 0; i < l->nstack; i++)
        n *= l->shape[i];
    return n;
}

/* "layers.3.wq" of "layers.*.wq"; the last * runs fastest. */
static bool element_name(const RtBoxLeaf *l, int64_t element, char *out, size_t room)
{
    int64_t at[MLCRT_MAX_RANK];
    int32_t star = 0;
    size_t n = 0;
    for (int32_t i = l->nstack - 1; i >= 0; i--) {
        at[i] = element % l->shape[i];
        element /= l->shape[i];
    }
    for (const char *p = l->path; *p; p++) {
        int k = *p == '*' && star < l->nstack ? snprintf(out + n, room - n, "%lld", (long long)at[star++])
                                              : snprintf(out + n, room - n, "%c", *p);
        if (k < 0 || (size_t)k >= room - n)
            return false;
        n += (size_t)k;
    }
    return true;
}

typedef struct Saving {
    MlcrtNamedTensor *tensors;
    RtPlain *plain; /* one for each leaf */
    char *text;
    size_t n, text_size;
} Saving;

/* Long enough for any element's name. */
static size_t name_room(const RtBoxLeaf *l)
{
    return strlen(l->path) + 20 * (size_t)l->nstack + 1;
}

static MlcrtStatus count_elements(RtSession *s, const RtBox *b, Saving *v)
{
    uint64_t room = 0;
    for (int32_t i = 0; i < b->nleaves; i++)
        if (rt_box_is_stored(&b->leaves[i])) {
            v->n += (size_t)element_count(&b->leaves[i]);
            room += (uint64_t)element_count(&b->leaves[i]) * name_room(&b->leaves[i]);
        }
    v->text_size = room;
    v->tensors = rt_alloc(&b->context->counted, v->n, sizeof *v->tensors);
    v->text = rt_alloc(&b->context->counted, v->text_size, 1);
    if (!v->tensors || !v->text)
        return rt_session_fail_memory(s, v->text_size + v->n * sizeof *v->tensors);
    return MLCRT_OK;
}

static MlcrtStatus take_leaves(RtSession *s, const RtBox *b, Saving *v)
{
    v->plain = rt_alloc(&b->context->counted, (size_t)b->nleaves, sizeof *v->plain);
    if (!v->plain)
        return rt_session_fail_memory(s, (size_t)b->nleaves * sizeof *v->plain);
    memset(v->plain, 0, (size_t)b->nleaves * sizeof *v->plain);
    MlcrtStatus status = MLCRT_OK;
    for (int32_t i = 0; i < b->nleaves && !status; i++)
        if (rt_box_is_stored(&b->leaves[i]))
            status = rt_plain_take(s, b, i, &v->plain[i]);
    return status;
}

static void name_elements(const RtBox *b, Saving *v)
{
    char *at = v->text;
    size_t n = 0;
    for (int32_t i = 0; i < b->nleaves; i++)
        for (int64_t e = 0; rt_box_is_stored(&b->leaves[i]) && e < element_count(&b->leaves[i]); e++) {
            element_name(&b->leaves[i], e, at, name_room(&b->leaves[i]));
            v->tensors[n++] = (MlcrtNamedTensor){ at, rt_box_element(&b->leaves[i], v->plain[i].data, e) };
            at += name_room(&b->leaves[i]);
        }
}

static MlcrtStatus save(RtSession *s, const RtBox *b, const char *path)
{
    Saving v = { 0 };
    RtError err;
    MlcrtStatus status = count_elements(s, b, &v);
    if (!status)
        status = take_leaves(s, b, &v);
    if (!status)
        name_elements(b, &v);
    if (!status && rt_safetensors_save(&b->context->counted, path, v.tensors, v.n, NULL, 0, &err))
        status = rt_session_fail_error(s, &err);
    for (int32_t i = 0; v.plain && i < b->nleaves; i++)
        rt_plain_give(b, &v.plain[i]);
    rt_free(&b->context->counted, v.plain, (size_t)b->nleaves, sizeof *v.plain);
    rt_free(&b->context->counted, v.tensors, v.n, sizeof *v.tensors);
    rt_free(&b->context->counted, v.text, v.text_size, 1);
    return status;
}

MlcrtStatus mlcrt_handle_save(MlcrtSession *session, MlcrtHandle *h, const char *path)
{
    MlcrtStatus status;
    RtSession *s = rt_session_enter(session, &status);
    if (!s)
        return status;
    RtBox *b = NULL;
    if (!path)
        status = rt_session_fail(s, MLCRT_EARG, rt_nowhere, "the path is NULL");
    else
        b = rt_handle_enter(s, h, h && !rt_slot_is(&h->slot, RT_MODEL), &status);
    if (b) {
        status = save(s, b, path);
        rt_slot_leave(&h->slot);
    }
    rt_session_leave(s);
    return status;
}
