/* script_value.c - values of script variables: leaves in memory of the context, or a handle. */
#include <string.h>

#include "driver/script_int.h"

void value_drop(Script *s, ScriptValue *v)
{
    for (int i = 0; i < v->nleaves; i++)
        mlcrt_tensor_free(s->u->context, &v->owner[i]);
    mlcrt_handle_free(v->handle);
    arena_drop(v->arena);
    *v = (ScriptValue){ 0 };
}

/* The value that will hold n leaves; their tensors are not there yet. */
static void room_for(Script *s, ScriptValue *v, int n)
{
    *v = (ScriptValue){ .arena = arena_new(&s->mem) };
    v->leaf = NEWN(v->arena, InterpTensor, n + 1);
    v->owner = NEWN(v->arena, MlcrtTensor, n + 1);
    v->nleaves = n;
}

/* A text of the program lives no longer than its unit. */
void value_keep_texts(Script *s, InterpTensor *t)
{
    const char **text = t->data;
    for (int64_t i = 0; t->dtype == DT_str && i < value_count(t); i++)
        text[i] = name_of(s->texts, text[i] ? text[i] : "");
}

bool value_new(Script *s, ScriptValue *v, const CoreSty *sty, const InterpTensor *leaves, int n, bool copy)
{
    room_for(s, v, n);
    v->sty = sty;
    for (int i = 0; i < n; i++) {
        InterpTensor *t = &v->leaf[i];
        *t = leaves[i];
        if (t->rank == 0) {
            t->data = arena_alloc(v->arena, 16);
            memcpy(t->data, leaves[i].data, (size_t)dtype_bytes(t->dtype));
            value_keep_texts(s, t);
            continue;
        }
        MlcrtTensor head = value_tensor(t);
        int64_t words = (int64_t)(value_bytes(t) / sizeof words);
        if (!copy)
            v->owner[i] = head;
        else if (value_is_opaque(t->dtype) ? mlcrt_tensor_new(s->u->context, MLCRT_INT, 64, 1, &words, &v->owner[i])
                                           : mlcrt_tensor_new(s->u->context, head.code, head.bits, head.rank, head.shape, &v->owner[i]))
            return false;
        t->data = v->owner[i].data;
        v->owner[i].shape = t->shape;
        if (copy && value_bytes(t))
            memcpy(t->data, leaves[i].data, value_bytes(t));
        value_keep_texts(s, t);
    }
    return true;
}

int value_nleaves(const ScriptValue *v)
{
    return v->handle ? ((const RtBox *)v->handle->slot.contents)->nleaves : v->nleaves;
}

void value_leaves(const ScriptValue *v, InterpTensor *out)
{
    const RtBox *b = v->handle ? v->handle->slot.contents : NULL;
    for (int i = 0; !b && i < v->nleaves; i++)
        out[i] = v->leaf[i];
    for (int32_t i = 0; b && i < b->nleaves; i++) {
        const RtBoxLeaf *l = &b->leaves[i];
        out[i] = (InterpTensor){ .dtype = (IrDtype)l->dtype, .rank = l->rank, .data = l->data };
        if (l->rank)
            memcpy(out[i].shape, l->shape, (size_t)l->rank * sizeof *l->shape);
    }
}

bool value_unpack(Script *s, MlcrtHandle *handle, InterpTensor *leaves, int n)
{
    RtBox *b = handle ? handle->slot.contents : NULL;
    for (int32_t i = 0; b && i < b->nleaves; i++) {
        bool gone = !b->leaves[i].data && b->leaves[i].bytes; /* only a prepared form was kept: of views of the whole handle */
        if (gone && n == b->nleaves && rt_plain_keep(s->session->slot.contents, b, i, &leaves[i].data))
            return false;
        for (int k = 0; k < n && b->leaves[i].form != MLCRT_FORM_PLAIN && !gone; k++)
            if (leaves[k].data == b->leaves[i].data && rt_plain_keep(s->session->slot.contents, b, i, &leaves[k].data))
                return false;
    }
    return true;
}
