/* value.c - scalars and tensors of the interpreter, and their memory at the boundary. */
#include <math.h>
#include <string.h>

#include "interp/interp_int.h"

Val val_of_key(Interp *in, MlcrtKey k) { return (Val){ .key = arena_copy(in->arena, &k, sizeof k) }; }
MlcrtKey val_key(Val v) { return v.key ? *v.key : (MlcrtKey){ { 0, 0 } }; }
bool int_below(IrDtype t, int64_t x, int64_t y) { return t == DT_u64 ? (uint64_t)x < (uint64_t)y : x < y; }

/* ---- rounding to the 16-bit formats: nearest, ties to even -------------------------------------------------- */

static double round_bits(double x, int mant, int emin, double huge)
{
    if (x == 0 || isnan(x) || isinf(x))
        return x;
    int e;
    frexp(x, &e); /* |x| in [2^(e-1), 2^e) */
    int unit = (e - 1 < emin ? emin : e - 1) - mant;
    double r = ldexp(nearbyint(ldexp(x, -unit)), unit);
    return fabs(r) >= huge ? copysign(INFINITY, x) : r;
}

double round_to(const Env *e, IrDtype t, double x)
{
    if (e->in->o->wide)
        return x;
    switch (t) {
    case DT_f32: return (double)(float)x;
    case DT_f16: return round_bits(x, 10, -14, 65520.0);
    case DT_bf16: return round_bits(x, 7, -126, 0x1.ffp127);
    default: return x;
    }
}

/* ---- tensors ------------------------------------------------------------------------------------------------ */

static Tensor *without_cells(Interp *in, IrDtype dt, int rank, const int64_t *shape, Span at)
{
    Tensor *t = NEW(in->arena, Tensor);
    t->dtype = dt;
    t->rank = rank;
    t->count = 1;
    for (int i = 0; i < rank; i++) {
        t->shape[i] = shape[i];
        if (shape[i] < 0 || __builtin_mul_overflow(t->count, shape[i], &t->count) || t->count > ((int64_t)1 << 40))
            interp_fail(in, MLCRT_ELIMIT, at, "a tensor would have an impossible size: axis %d is %lld", i, (long long)shape[i]);
    }
    return t;
}

static void add_cells(Interp *in, Tensor *t)
{
    t->cells = NEWN(in->arena, Cell, t->count * (t->dtype == DT_key ? 2 : 1));
}

Tensor *tensor_new(Interp *in, IrDtype dt, int rank, const int64_t *shape, Span at)
{
    Tensor *t = without_cells(in, dt, rank, shape, at);
    add_cells(in, t);
    return t;
}

static Cell cell_read(IrDtype t, const void *p, int64_t i);

static void fill_cells(Interp *in, Tensor *t, const void *from)
{
    int64_t n = t->count * (t->dtype == DT_key ? 2 : 1);
    add_cells(in, t);
    for (int64_t i = 0; i < n; i++)
        t->cells[i] = cell_read(t->dtype == DT_key ? DT_i64 : t->dtype, from, i);
}

Tensor *tensor_copy(Interp *in, const Tensor *t)
{
    Tensor *c = without_cells(in, t->dtype, t->rank, t->shape, (Span){ 0 });
    if (t->cells) {
        add_cells(in, c);
        memcpy(c->cells, t->cells, (size_t)t->count * sizeof(Cell) * (t->dtype == DT_key ? 2 : 1));
    } else {
        fill_cells(in, c, tensor_here(in, (Tensor *)(uintptr_t)t)->from);
    }
    if (t->absent)
        c->absent = arena_copy(in->arena, t->absent, (size_t)t->count);
    return c;
}

/* t, or a copy with 0 where t is absent. */
Tensor *tensor_clear(Interp *in, Tensor *t)
{
    if (!t->absent)
        return t;
    Tensor *c = tensor_copy(in, t);
    for (int64_t i = 0; i < c->count; i++)
        if (c->absent[i])
            c->cells[i] = (Cell){ 0 };
    c->absent = NULL;
    return c;
}

Val tensor_get(Interp *in, const Tensor *t, int64_t at)
{
    Val v = { 0 };
    if (t->dtype == DT_key)
        v = val_of_key(in, (MlcrtKey){ { (uint64_t)t->cells[2 * at].i, (uint64_t)t->cells[2 * at + 1].i } });
    else
        v.c = t->cells ? t->cells[at] : cell_read(t->dtype, t->from, at);
    v.absent = t->absent && t->absent[at];
    return v;
}

void tensor_set(Interp *in, Tensor *t, int64_t at, Val v)
{
    if (!t->cells)
        fill_cells(in, t, tensor_here(in, t)->from);
    t->image = NULL;
    t->away = false;
    if (v.absent && !t->absent)
        t->absent = NEWN(in->arena, bool, t->count);
    if (t->absent)
        t->absent[at] = v.absent;
    if (t->dtype == DT_key) {
        MlcrtKey k = val_key(v);
        t->cells[2 * at].i = (int64_t)k.w[0];
        t->cells[2 * at + 1].i = (int64_t)k.w[1];
    } else {
        t->cells[at] = v.c;
    }
}

/* ---- memory at the boundary --------------------------------------------------------------------------------- */

static Cell cell_read(IrDtype t, const void *p, int64_t i)
{
    switch (t) {
    case DT_bool: return (Cell){ .i = ((const uint8_t *)p)[i] != 0 };
    case DT_i8: return (Cell){ .i = ((const int8_t *)p)[i] };
    case DT_i16: return (Cell){ .i = ((const int16_t *)p)[i] };
    case DT_i32: return (Cell){ .i = ((const int32_t *)p)[i] };
    case DT_u8: return (Cell){ .i = ((const uint8_t *)p)[i] };
    case DT_u16: return (Cell){ .i = ((const uint16_t *)p)[i] };
    case DT_u32: return (Cell){ .i = ((const uint32_t *)p)[i] };
    case DT_f16: return (Cell){ .f = half_value(((const uint16_t *)p)[i]) };
    case DT_bf16: return (Cell){ .f = brain_value(((const uint16_t *)p)[i]) };
    case DT_f32: return (Cell){ .f = ((const float *)p)[i] };
    case DT_f64: return (Cell){ .f = ((const double *)p)[i] };
    default: return (Cell){ .i = ((const int64_t *)p)[i] };
    }
}

static void cell_write(IrDtype t, void *p, int64_t i, Cell c)
{
    switch (t) {
    case DT_bool: ((uint8_t *)p)[i] = c.i != 0; break;
    case DT_i8: case DT_u8: ((uint8_t *)p)[i] = (uint8_t)c.i; break;
    case DT_i16: case DT_u16: ((uint16_t *)p)[i] = (uint16_t)c.i; break;
    case DT_i32: case DT_u32: ((uint32_t *)p)[i] = (uint32_t)c.i; break;
    case DT_f16: ((uint16_t *)p)[i] = half_bits(c.f); break;
    case DT_bf16: ((uint16_t *)p)[i] = brain_bits(c.f); break;
    case DT_f32: ((float *)p)[i] = (float)c.f; break;
    case DT_f64: ((double *)p)[i] = c.f; break;
    default: ((int64_t *)p)[i] = c.i; break;
    }
}

Tensor *tensor_read(Interp *in, const InterpTensor *x, Span at)
{
    Tensor *t = without_cells(in, x->dtype, x->rank, x->shape, at);
    fill_cells(in, t, x->data);
    return t;
}

Tensor *tensor_view(Interp *in, const InterpTensor *x, Span at)
{
    if (x->dtype == DT_key)
        return tensor_read(in, x, at);
    Tensor *t = without_cells(in, x->dtype, x->rank, x->shape, at);
    t->image = x->data;
    t->away = x->away;
    t->from = x->away ? NULL : x->data;
    return t;
}

InterpTensor tensor_image(const Tensor *t)
{
    InterpTensor x = { .dtype = t->dtype, .rank = t->rank, .data = t->image, .away = t->away };
    memcpy(x.shape, t->shape, sizeof x.shape);
    return x;
}

Tensor *tensor_here(Interp *in, Tensor *t)
{
    const InterpHooks *h = &in->o->hooks;
    if (t->cells || !t->away || t->from)
        return t;
    t->from = h->fetch(h->user, t->image);
    if (!t->from)
        interp_fail(in, MLCRT_EMEMORY, (Span){ 0 }, "out of memory");
    return t;
}

Val scalar_read(Interp *in, const InterpTensor *x)
{
    MlcrtKey k;
    if (x->dtype != DT_key)
        return (Val){ .c = cell_read(x->dtype, x->data, 0) };
    memcpy(&k, x->data, sizeof k);
    return val_of_key(in, k);
}

static IrDtype boundary_type(Interp *in, IrDtype t)
{
    return in->o->wide && dtype_is_float(t) ? DT_f64 : t;
}

InterpTensor scalar_pass(IrDtype t, Val v, void *room)
{
    cell_write(t, room, 0, v.absent ? (Cell){ 0 } : v.c);
    return (InterpTensor){ .dtype = t, .data = room };
}

void scalar_write(Interp *in, IrDtype t, Val v, InterpTensor *out)
{
    out->dtype = boundary_type(in, t);
    out->rank = 0;
    out->data = arena_alloc(in->arena, 16);
    if (v.absent)
        v = (Val){ 0 };
    if (t == DT_key)
        memcpy(out->data, &(MlcrtKey[]){ val_key(v) }, sizeof(MlcrtKey));
    else
        cell_write(out->dtype, out->data, 0, v.c);
}

void tensor_write(Interp *in, Tensor *t, InterpTensor *out)
{
    tensor_here(in, t);
    out->away = false;
    out->dtype = boundary_type(in, t->dtype);
    out->rank = t->rank;
    memcpy(out->shape, t->shape, sizeof t->shape);
    int64_t k = t->dtype == DT_key ? 2 : 1;
    out->data = arena_alloc(in->arena, (size_t)(t->count * dtype_bytes(out->dtype)) + 16);
    for (int64_t i = 0; i < t->count * k; i++) {
        Cell c = t->absent && t->absent[i / k] ? (Cell){ 0 } : t->cells ? t->cells[i] : cell_read(t->dtype, t->from, i);
        cell_write(t->dtype == DT_key ? DT_i64 : out->dtype, out->data, i, c);
    }
}
