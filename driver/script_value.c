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

/* Packed weights and those that are not there have names: a leaf's address. */
static bool has_name(const RtBox *b, const RtBoxLeaf *l)
{
    return b->is_model && l->rank && rt_types[l->dtype].bits && l->bytes;
}

void value_leaves(const ScriptValue *v, InterpTensor *out)
{
    const RtBox *b = v->handle ? v->handle->slot.contents : NULL;
    for (int i = 0; !b && i < v->nleaves; i++)
        out[i] = v->leaf[i];
    for (int32_t i = 0; b && i < b->nleaves; i++) {
        RtBoxLeaf *l = &b->leaves[i];
        bool away = has_name(b, l);
        out[i] = (InterpTensor){ .dtype = (IrDtype)l->dtype, .rank = l->rank, .data = away ? (void *)l : l->data, .away = away };
        if (l->rank)
            memcpy(out[i].shape, l->shape, (size_t)l->rank * sizeof *l->shape);
    }
}

/* Models and structs at hand, one after the other; NULL: no more. */
static MlcrtHandle **at_hand(Script *s, int i)
{
    return i < s->vars.n ? &s->vars.p[i].value.handle : i - s->vars.n < s->loaded.n ? &s->loaded.p[i - s->vars.n] : NULL;
}

static bool has_leaves(const RtBox *b, const InterpTensor *leaves, int n)
{
    bool same = n == b->nleaves, any = false;
    for (int i = 0; i < n && same; i++) {
        const RtBoxLeaf *l = &b->leaves[i];
        if (l->rank != leaves[i].rank)
            same = false;
        else if (l->rank)
            any |= same = leaves[i].data == (has_name(b, l) ? (const void *)l : l->data);
        else
            same = !memcmp(leaves[i].data, l->data, (size_t)dtype_bytes(leaves[i].dtype));
    }
    return same && any;
}

MlcrtHandle **value_handle(Script *s, CoreStruct *type, const InterpTensor *leaves, int n)
{
    for (int i = 0; at_hand(s, i); i++) {
        MlcrtHandle *h = *at_hand(s, i);
        if (h && has_leaves(h->slot.contents, leaves, n) && h->slot.type == oracle_struct(s->u, type)->type_hash)
            return at_hand(s, i);
    }
    return NULL;
}

bool value_fetch(Script *s, InterpTensor *leaf)
{
    for (int i = 0; leaf->away && at_hand(s, i); i++) {
        RtBox *b = *at_hand(s, i) ? (*at_hand(s, i))->slot.contents : NULL;
        const RtBoxLeaf *l = leaf->data;
        if (!b || l < b->leaves || l >= b->leaves + b->nleaves)
            continue;
        s->lent = true;
        leaf->away = rt_plain_keep(s->session->slot.contents, b, (int32_t)(l - b->leaves), &leaf->data) != 0;
        return !leaf->away;
    }
    return !leaf->away;
}
