/* value.c - the values of manifests and rule expressions. */
#include "runner.h"

#include <math.h>
#include <string.h>

const Value *value_null(void)
{
    static const Value null = { .kind = V_null };
    return &null;
}

const Value *value_bool(Arena *a, bool b)
{
    Value *v = NEW(a, Value);
    *v = (Value){ .kind = V_bool, .i = b };
    return v;
}

const Value *value_int(Arena *a, int64_t i)
{
    Value *v = NEW(a, Value);
    *v = (Value){ .kind = V_int, .i = i };
    return v;
}

const Value *value_real(Arena *a, double d)
{
    Value *v = NEW(a, Value);
    *v = (Value){ .kind = V_real, .d = d };
    return v;
}

const Value *value_text(Arena *a, const char *text)
{
    Value *v = NEW(a, Value);
    *v = (Value){ .kind = V_text, .text = text };
    return v;
}

Value *value_list(Arena *a)
{
    Value *v = NEW(a, Value);
    v->kind = V_list;
    return v;
}

Value *value_dict(Arena *a)
{
    Value *v = NEW(a, Value);
    v->kind = V_dict;
    return v;
}

void value_put(Arena *a, Value *dict, const char *key, const Value *v)
{
    for (int i = 0; i < dict->keys.n; i++)
        if (!strcmp(dict->keys.p[i], key)) {
            dict->items.p[i] = v;
            return;
        }
    vec_push(a, &dict->keys, key);
    vec_push(a, &dict->items, v);
}

const Value *value_get(const Value *dict, const char *key)
{
    if (!dict || dict->kind != V_dict)
        return NULL;
    for (int i = 0; i < dict->keys.n; i++)
        if (!strcmp(dict->keys.p[i], key))
            return dict->items.p[i];
    return NULL;
}

bool value_true(const Value *v)
{
    switch (v->kind) {
    case V_null: return false;
    case V_bool:
    case V_int: return v->i != 0;
    case V_real: return v->d != 0;
    case V_text: return *v->text != 0;
    case V_list:
    case V_dict: return v->items.n > 0;
    case V_tensor: return true;
    }
    return false;
}

/* Manifests write flags as 1 or as true. */
static bool is_number(const Value *v)
{
    return v->kind == V_int || v->kind == V_real || v->kind == V_bool;
}

bool value_equal(const Value *a, const Value *b)
{
    if (is_number(a) && is_number(b))
        return (a->kind == V_real ? a->d : (double)a->i) == (b->kind == V_real ? b->d : (double)b->i);
    if (a->kind != b->kind)
        return false;
    if (a->kind == V_text || a->kind == V_tensor)
        return !strcmp(a->text, b->text);
    if (a->items.n != b->items.n)
        return false;
    for (int i = 0; i < a->items.n; i++)
        if (!value_equal(a->items.p[i], b->items.p[i]))
            return false;
    return true;
}

/* ---- tensors ------------------------------------------------------------------------------------------------- */

int64_t tensor_count(const MlcrtTensor *t)
{
    int64_t n = 1;
    for (int32_t i = 0; i < t->rank; i++)
        n *= t->shape[i];
    return n;
}

const char *tensor_dtype(const MlcrtTensor *t)
{
    static const struct { uint8_t code, bits; char name[5]; } names[] = {
        { MLCRT_BOOL, 8, "bool" }, { MLCRT_INT, 8, "i8" },    { MLCRT_INT, 16, "i16" },    { MLCRT_INT, 32, "i32" },
        { MLCRT_INT, 64, "i64" },  { MLCRT_UINT, 8, "u8" },   { MLCRT_UINT, 16, "u16" },   { MLCRT_UINT, 32, "u32" },
        { MLCRT_UINT, 64, "u64" }, { MLCRT_FLOAT, 16, "f16" }, { MLCRT_BFLOAT, 16, "bf16" }, { MLCRT_FLOAT, 32, "f32" },
        { MLCRT_FLOAT, 64, "f64" },
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].code == t->code && names[i].bits == t->bits)
            return names[i].name;
    return "?";
}

static double half(uint16_t bits)
{
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    double x = exponent == 31 ? (fraction ? NAN : INFINITY)
               : exponent     ? ldexp(1024 + fraction, exponent - 25)
                              : ldexp(fraction, -24);
    return bits >> 15 ? -x : x;
}

static double bfloat(uint16_t bits)
{
    uint32_t wide = (uint32_t)bits << 16;
    float f;
    memcpy(&f, &wide, 4);
    return (double)f;
}

static double real_at(const char *p, uint8_t code, uint8_t bits)
{
    uint16_t h;
    float f;
    double d;
    memcpy(&h, p, 2);
    if (code == MLCRT_BFLOAT)
        return bfloat(h);
    if (bits == 16)
        return half(h);
    if (bits == 32) {
        memcpy(&f, p, 4);
        return (double)f;
    }
    memcpy(&d, p, 8);
    return d;
}

Value tensor_element(const MlcrtTensor *t, int64_t i)
{
    const char *p = (const char *)t->data + t->offset + i * (t->bits / 8);
    if (t->code == MLCRT_FLOAT || t->code == MLCRT_BFLOAT)
        return (Value){ .kind = V_real, .d = real_at(p, t->code, t->bits) };
    int64_t n = 0;
    memcpy(&n, p, t->bits / 8); /* little-endian */
    if (t->code == MLCRT_BOOL)
        return (Value){ .kind = V_bool, .i = (uint8_t)n != 0 };
    int unused = 64 - t->bits;
    if (t->code == MLCRT_INT && unused)
        n = (int64_t)((uint64_t)n << unused) >> unused;
    return (Value){ .kind = V_int, .i = n };
}
