/* handle_field.c - leaves of structs, seen where they lie and written. */
#include <string.h>

#include "core_int.h"

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
