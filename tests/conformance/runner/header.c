/* header.c - tensors of a safetensors file that holds others, too, of types that the language lacks (float8): the library refuses such
 * a file as a whole, but the cases that need only the rest of it can be run.
 *
 *     8 bytes: length of the header; {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}; data
 */
#include "runner.h"

#include <string.h>

static const struct { const char *name; uint8_t code, bits; } types[] = {
    { "BOOL", MLCRT_BOOL, 8 }, { "I8", MLCRT_INT, 8 },    { "I16", MLCRT_INT, 16 },  { "I32", MLCRT_INT, 32 },   { "I64", MLCRT_INT, 64 },
    { "U8", MLCRT_UINT, 8 },   { "U16", MLCRT_UINT, 16 }, { "U32", MLCRT_UINT, 32 }, { "U64", MLCRT_UINT, 64 },  { "F16", MLCRT_FLOAT, 16 },
    { "BF16", MLCRT_BFLOAT, 16 }, { "F32", MLCRT_FLOAT, 32 }, { "F64", MLCRT_FLOAT, 64 },
};

const Value *header_read(Arena *a, const char *bytes, size_t length)
{
    uint64_t n = 0;
    const char *error;
    if (!bytes || length < 8)
        return NULL;
    memcpy(&n, bytes, 8); /* little-endian */
    const Value *head = n <= length - 8 ? json_read(a, bytes + 8, (size_t)n, &error) : NULL;
    return head && head->kind == V_dict ? head : NULL;
}

static bool sizes(Arena *a, const Value *list, MlcrtTensor *t, int64_t *count)
{
    if (!list || list->kind != V_list || list->items.n > MLCRT_MAX_RANK)
        return false;
    int64_t *shape = NEWN(a, int64_t, MLCRT_MAX_RANK);
    *count = 1;
    for (int i = 0; i < list->items.n; i++) {
        const Value *d = list->items.p[i];
        if (d->kind != V_int || d->i < 0 || __builtin_mul_overflow(*count, d->i, count))
            return false;
        shape[i] = d->i;
    }
    t->rank = list->items.n;
    t->shape = shape;
    return true;
}

bool header_tensor(Arena *a, const Value *head, const char *bytes, size_t length, const char *key, MlcrtTensor *t)
{
    const Value *v = value_get(head, key), *type = value_get(v, "dtype"), *where = value_get(v, "data_offsets");
    int64_t count, from, size;
    uint64_t n = 0;
    *t = (MlcrtTensor){ .device = MLCRT_CPU, .lanes = 1 };
    for (size_t i = 0; type && type->kind == V_text && i < sizeof types / sizeof *types; i++)
        if (!strcmp(types[i].name, type->text)) {
            t->code = types[i].code;
            t->bits = types[i].bits;
        }
    if (!t->bits || !sizes(a, value_get(v, "shape"), t, &count) || !where || where->kind != V_list || where->items.n != 2 ||
        where->items.p[0]->kind != V_int || __builtin_mul_overflow(count, (int64_t)(t->bits / 8), &size))
        return false;
    memcpy(&n, bytes, 8);
    from = where->items.p[0]->i;
    uint64_t room = length - 8 - n;
    if (from < 0 || (uint64_t)from > room || (uint64_t)size > room - (uint64_t)from)
        return false;
    t->data = arena_alloc(a, (size_t)size);
    memcpy(t->data, bytes + 8 + n + from, (size_t)size);
    return true;
}
