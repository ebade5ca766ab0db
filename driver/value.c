/* value.c - values as text.
 *
 *     f32[2, 100]   [[0.1234, 1.0, 2.0, ..., 97.0, 98.0, 99.0],
 *                    [1.0, 2.0, 3.0, ..., 98.0, 99.0, 100.0]]
 */
#include "driver/value.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 6 };

int64_t value_count(const InterpTensor *t)
{
    int64_t n = 1;
    for (int i = 0; i < t->rank; i++)
        n *= t->shape[i];
    return n;
}

size_t value_bytes(const InterpTensor *t)
{
    return (size_t)value_count(t) * (size_t)dtype_bytes(t->dtype);
}

/* ---- elements ------------------------------------------------------------------------------------------------------- */

static int64_t int_value(IrDtype t, const void *p, int64_t i)
{
    switch (t) {
    case DT_bool: return ((const uint8_t *)p)[i] != 0;
    case DT_i8: return ((const int8_t *)p)[i];
    case DT_u8: return ((const uint8_t *)p)[i];
    case DT_i16: return ((const int16_t *)p)[i];
    case DT_u16: return ((const uint16_t *)p)[i];
    case DT_i32: return ((const int32_t *)p)[i];
    case DT_u32: return ((const uint32_t *)p)[i];
    default: return ((const int64_t *)p)[i];
    }
}

double value_float(IrDtype t, const void *p, int64_t i)
{
    switch (t) {
    case DT_f16: return half_value(((const uint16_t *)p)[i]);
    case DT_bf16: return brain_value(((const uint16_t *)p)[i]);
    case DT_f32: return (double)((const float *)p)[i];
    case DT_f64: return ((const double *)p)[i];
    default: return (double)int_value(t, p, i);
    }
}

/* Four digits; a whole number keeps a sign that it is not an integer. */
static void show_float(Buf *out, double x)
{
    char text[40];
    if (isnan(x)) {
        buf_puts(out, "nan");
        return;
    }
    snprintf(text, sizeof text, "%.4g", x);
    buf_puts(out, text);
    if (!text[strcspn(text, ".ein")])
        buf_puts(out, ".0");
}

static void show_element(Buf *out, IrDtype t, const void *p, int64_t i)
{
    if (dtype_is_float(t))
        show_float(out, value_float(t, p, i));
    else if (t == DT_bool)
        buf_puts(out, int_value(t, p, i) ? "true" : "false");
    else if (t == DT_key)
        buf_printf(out, "key(%016llx %016llx)", ((const unsigned long long *)p)[2 * i], ((const unsigned long long *)p)[2 * i + 1]);
    else if (t == DT_str)
        buf_puts(out, ((const char *const *)p)[i] ? ((const char *const *)p)[i] : "");
    else if (t == DT_u64)
        buf_printf(out, "%llu", ((const unsigned long long *)p)[i]);
    else
        buf_printf(out, "%lld", (long long)int_value(t, p, i));
}

static void show_axis(Buf *out, const InterpTensor *t, int axis, int64_t at, int indent)
{
    int64_t n = t->shape[axis], step = 1;
    for (int i = axis + 1; i < t->rank; i++)
        step *= t->shape[i];
    buf_putc(out, '[');
    for (int64_t i = 0; i < n; i++) {
        if (i && axis + 1 < t->rank)
            buf_printf(out, ",\n%*s", indent + axis + 1, "");
        else if (i)
            buf_puts(out, ", ");
        if (n > SHOWN && i == SHOWN / 2) {
            buf_puts(out, "...");
            i = n - SHOWN / 2 - 1;
        } else if (axis + 1 < t->rank) {
            show_axis(out, t, axis + 1, at + i * step, indent);
        } else {
            show_element(out, t->dtype, t->data, at + i);
        }
    }
    buf_putc(out, ']');
}

void value_show(Buf *out, const InterpTensor *t, int indent)
{
    if (t->rank)
        show_axis(out, t, 0, 0, indent);
    else
        show_element(out, t->dtype, t->data, 0);
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

typedef struct Reader {
    Arena *arena;
    const char *at;
    IrDtype dtype;
    Buf *errors, bytes;
    int64_t shape[MLCRT_MAX_RANK];
    int rank;           /* -1: no element was read yet */
} Reader;

static bool wrong(Reader *r, const char *what)
{
    if (!r->errors->n)
        buf_printf(r->errors, *r->at ? "%s at '%.20s'" : "%s at the end", what, r->at);
    return false;
}

static bool put_float(Reader *r)
{
    char *end;
    double x = strtod(r->at, &end);
    float f = (float)x;
    uint16_t h = r->dtype == DT_f16 ? half_bits(x) : brain_bits(x);
    if (end == r->at)
        return wrong(r, "a number is wanted");
    r->at = end;
    if (r->dtype == DT_f64)
        buf_add(&r->bytes, (const char *)&x, 8);
    else if (r->dtype == DT_f32)
        buf_add(&r->bytes, (const char *)&f, 4);
    else
        buf_add(&r->bytes, (const char *)&h, 2);
    return true;
}

static bool fits(IrDtype t, long long v)
{
    int bits = dtype_bytes(t) * 8;
    if (t == DT_u64)
        return v >= 0;
    if (!dtype_is_signed(t))
        return v >= 0 && v < 1LL << bits;
    return bits == 64 || (v >= -(1LL << (bits - 1)) && v < 1LL << (bits - 1));
}

static bool put_int(Reader *r)
{
    char *end;
    errno = 0;
    long long v = strtoll(r->at, &end, 0);
    if (end == r->at)
        return wrong(r, "an integer is wanted");
    if (errno || !fits(r->dtype, v))
        return wrong(r, "the integer does not fit its type");
    r->at = end;
    buf_add(&r->bytes, (const char *)&v, (size_t)dtype_bytes(r->dtype)); /* little endian */
    return true;
}

static bool put_bool(Reader *r)
{
    bool yes = !strncmp(r->at, "true", 4), no = !strncmp(r->at, "false", 5);
    if (!yes && !no)
        return wrong(r, "'true' or 'false' is wanted");
    r->at += yes ? 4 : 5;
    buf_putc(&r->bytes, yes);
    return true;
}

static bool put_key(Reader *r)
{
    char *end;
    unsigned long long w[2] = { strtoull(r->at, &end, 0), 0 };
    if (end == r->at)
        return wrong(r, "a seed is wanted");
    r->at = end;
    buf_add(&r->bytes, (const char *)w, 16);
    return true;
}

static bool put_element(Reader *r)
{
    if (dtype_is_float(r->dtype))
        return put_float(r);
    if (r->dtype == DT_bool)
        return put_bool(r);
    return r->dtype == DT_key ? put_key(r) : put_int(r);
}

static void skip_blanks(Reader *r)
{
    while (*r->at == ' ' || *r->at == '\t' || *r->at == '\n')
        r->at++;
}

/* The first element of an axis tells what the others must look like. */
static bool read_axis(Reader *r, int axis)
{
    skip_blanks(r);
    if (*r->at != '[') {
        if (r->rank >= 0 && r->rank != axis)
            return wrong(r, "rows of one shape are wanted");
        r->rank = axis;
        return put_element(r);
    }
    if (axis == MLCRT_MAX_RANK || (r->rank >= 0 && axis >= r->rank))
        return wrong(r, "rows of one shape are wanted");
    r->at++;
    int64_t n = 0;
    for (skip_blanks(r); *r->at != ']'; n++) {
        if (n && *r->at != ',')
            return wrong(r, "',' or ']' is wanted");
        r->at += n > 0;
        if (!read_axis(r, axis + 1))
            return false;
        skip_blanks(r);
    }
    r->at++;
    if (n == 0 && r->rank < 0)
        r->rank = axis + 1;
    if (r->shape[axis] >= 0 && r->shape[axis] != n)
        return wrong(r, "rows of one length are wanted");
    r->shape[axis] = n;
    return true;
}

bool value_read(Arena *a, const char *text, IrDtype t, int rank, InterpTensor *out, Buf *errors)
{
    Reader r = { .arena = a, .at = text, .dtype = t, .errors = errors, .bytes = buf_new(a), .rank = -1 };
    for (int i = 0; i < MLCRT_MAX_RANK; i++)
        r.shape[i] = -1;
    if (t == DT_str) {
        char **p = NEW(a, char *);
        *p = arena_text(a, text, strlen(text));
        *out = (InterpTensor){ .dtype = DT_str, .data = p };
        return true;
    }
    if (!read_axis(&r, 0))
        return false;
    skip_blanks(&r);
    if (*r.at)
        return wrong(&r, "there is something left over");
    if (rank >= 0 && r.rank != rank) {
        buf_printf(errors, "its rank is %d, not %d", r.rank, rank);
        return false;
    }
    *out = (InterpTensor){ .dtype = t, .rank = r.rank, .data = arena_copy(a, r.bytes.p, r.bytes.n) };
    for (int i = 0; i < r.rank; i++)
        out->shape[i] = r.shape[i] < 0 ? 0 : r.shape[i];
    return true;
}

/* ---- both sides -------------------------------------------------------------------------------------------------------- */

bool value_is_opaque(IrDtype t)
{
    return t == DT_key || t == DT_str;
}

MlcrtTensor value_tensor(InterpTensor *t)
{
    bool opaque = value_is_opaque(t->dtype); /* elements that no tensor of C has: the runtime has neither a code nor bits for them */
    return (MlcrtTensor){ .data = t->data, .device = MLCRT_CPU, .rank = t->rank, .code = (uint8_t)(opaque ? 0 : dtype_dlpack_code(t->dtype)),
                          .bits = (uint8_t)(opaque ? 0 : dtype_bytes(t->dtype) * 8), .lanes = 1, .shape = t->shape };
}

InterpTensor value_of_tensor(const MlcrtTensor *t)
{
    InterpTensor v = { .rank = t->rank, .data = (char *)t->data + t->offset };
    for (int i = DT_none + 1; i < DT_count; i++)
        if (dtype_dlpack_code((IrDtype)i) == t->code && dtype_bytes((IrDtype)i) * 8 == t->bits)
            v.dtype = (IrDtype)i;
    for (int i = 0; i < t->rank && i < MLCRT_MAX_RANK; i++)
        v.shape[i] = t->shape[i];
    return v;
}

void value_show_type(Buf *out, const InterpTensor *t)
{
    buf_puts(out, dtype_name(t->dtype));
    for (int i = 0; i < t->rank; i++)
        buf_printf(out, "%s%lld", i ? ", " : "[", (long long)t->shape[i]);
    buf_puts(out, t->rank ? "]" : "");
}

void value_show_quoted(Buf *out, const InterpTensor *t, int indent)
{
    const char *quote = t->dtype == DT_str ? "\"" : "";
    buf_puts(out, quote);
    value_show(out, t, indent);
    buf_puts(out, quote);
}

void value_echo(Buf *out, const char *name, const InterpTensor *t)
{
    size_t line = out->n;
    if (*name)
        buf_printf(out, "%s: ", name);
    value_show_type(out, t);
    buf_puts(out, " = ");
    value_show_quoted(out, t, (int)(out->n - line));
    buf_putc(out, '\n');
}

const char *value_element_name(Arena *a, const char *prefix, const char *path, int nstack, const int64_t *shape, int64_t element)
{
    int64_t at[MLCRT_MAX_RANK];
    int star = 0;
    Buf b = buf_new(a);
    for (int i = nstack - 1; i >= 0; i--) {
        at[i] = element % shape[i];
        element /= shape[i];
    }
    buf_puts(&b, prefix);
    for (const char *p = path; *p; p++)
        if (*p == '*' && star < nstack)
            buf_printf(&b, "%lld", (long long)at[star++]);
        else
            buf_putc(&b, *p);
    return buf_text(&b);
}
