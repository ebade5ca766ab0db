/* effect_list.c - effects of scripts on lists that grow. In the program such a list is its number. */
#include <string.h>

#include "driver/script_int.h"

int effect__list(Effect *x)
{
    GrowingList empty = { 0 };
    int64_t number = x->s->lists.n;
    vec_push(x->s->arena, &x->s->lists, empty);
    effect_result_scalar(x, DT_i64, &number);
    return MLCRT_OK;
}

static GrowingList *list_of(Effect *x)
{
    int64_t number;
    if (!effect_int(x, 0, &number))
        return NULL;
    if (number >= 0 && number < x->s->lists.n)
        return &x->s->lists.p[number];
    effect_fail(x, MLCRT_EARG, "there is no such list");
    return NULL;
}

int effect__append(Effect *x)
{
    GrowingList *l = list_of(x);
    const InterpTensor *t = l ? effect_arg(x, 1) : NULL;
    int64_t cell = 0;
    if (!t)
        return MLCRT_EARG;
    memcpy(&cell, t->data, (size_t)dtype_bytes(t->dtype));
    vec_push(x->s->arena, &l->cells, cell);
    return MLCRT_OK;
}

int effect__grown(Effect *x)
{
    const GrowingList *l = list_of(x);
    if (!l || !x->e->result)
        return MLCRT_EARG;
    IrDtype t = x->e->result->type.dtype;
    size_t size = (size_t)dtype_bytes(t);
    char *out = arena_alloc(x->s->scratch, size * (size_t)l->cells.n + 1);
    for (int i = 0; i < l->cells.n; i++)
        memcpy(out + (size_t)i * size, &l->cells.p[i], size);
    effect_result_tensor(x, t, l->cells.n, out);
    return MLCRT_OK;
}
