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

static void *elements(Arena *a, const GrowingList *l, IrDtype t)
{
    size_t size = (size_t)dtype_bytes(t);
    char *out = arena_alloc(a, size * (size_t)l->cells.n + 1);
    for (int i = 0; i < l->cells.n; i++)
        memcpy(out + (size_t)i * size, &l->cells.p[i], size);
    return out;
}

int effect__grown(Effect *x)
{
    const GrowingList *l = list_of(x);
    if (!l || !x->e->result)
        return MLCRT_EARG;
    IrDtype t = x->e->result->type.dtype;
    effect_result_tensor(x, t, l->cells.n, elements(x->s->scratch, l, t));
    return MLCRT_OK;
}

void list_show(const Script *s, int64_t number, IrDtype t, const char *name, Buf *out)
{
    const GrowingList *l = number >= 0 && number < s->lists.n ? &s->lists.p[number] : NULL;
    size_t line = out->n;
    if (!l || t == DT_none) {
        buf_printf(out, "%s: [] = []\n", name);
        return;
    }
    InterpTensor v = { .dtype = t, .rank = 1, .shape = { l->cells.n }, .data = elements(out->arena, l, t) };
    buf_printf(out, "%s: ", name);
    value_show_type(out, &v);
    buf_puts(out, " = ");
    value_show(out, &v, (int)(out->n - line));
    buf_putc(out, '\n');
}
