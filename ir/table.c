/* table.c - the op table, element types and types, expanded from their .def files. */
#include "ir/ir_int.h"

#include <string.h>

const IrFormInfo ir_forms[FORM_count] = {
#define FORM(name, elements, bytes) { #name, elements, bytes },
#include "ir/forms.def"
#undef FORM
};

const IrOpInfo ir_ops[OP_count] = {
    [OP_none] = { "none", 0, PURE, ANY, false, "no operation" },
    [OP_scalar_end] = { "none", 0, PURE, ANY, false, "no operation" },
#define OP(name, in, rule, effects, code, meaning) [OP_##name] = { #name, in, effects, ANY, true, meaning },
#include "ir/ops.def"
#undef OP
#define NODE(name, level, effects, meaning) [OP_##name] = { #name, -1, effects, level, false, meaning },
#include "ir/nodes.def"
#undef NODE
};

IrRule ir_rule(IrOp op)
{
    static const uint8_t rules[OP_scalar_end] = {
#define OP(name, in, rule, effects, code, meaning) [OP_##name] = RULE_##rule,
#include "ir/ops.def"
#undef OP
    };
    return (IrRule)rules[op];
}

static const struct { const char *name; int code, bits; } dtypes[DT_count] = {
    [DT_none] = { "none", 0, 0 },
#define DTYPE(name, code, bits, ctype) [DT_##name] = { #name, code, bits },
#include "ir/dtypes.def"
#undef DTYPE
};

const char *dtype_name(IrDtype t)
{
    return dtypes[t].name;
}

IrDtype dtype_find(const char *name)
{
    for (int i = DT_none + 1; i < DT_count; i++)
        if (strcmp(dtypes[i].name, name) == 0)
            return (IrDtype)i;
    return DT_none;
}

int dtype_bytes(IrDtype t)
{
    return dtypes[t].bits / 8;
}

int dtype_dlpack_code(IrDtype t)
{
    return dtypes[t].code;
}

bool dtype_is_float(IrDtype t)
{
    return t == DT_f16 || t == DT_bf16 || t == DT_f32 || t == DT_f64;
}

bool dtype_is_int(IrDtype t)
{
    return t >= DT_i8 && t <= DT_u64;
}

bool dtype_is_signed(IrDtype t)
{
    return t >= DT_i8 && t <= DT_i64;
}

bool ir_type_equal(IrType a, IrType b)
{
    if (a.dtype != b.dtype || a.rank != b.rank)
        return false;
    for (int i = 0; i < a.rank; i++)
        if (a.dims[i] != b.dims[i])
            return false;
    return true;
}

void ir_type_print(IrType t, Buf *out)
{
    buf_puts(out, dtype_name(t.dtype));
    for (int i = 0; i < t.rank; i++) {
        buf_puts(out, i ? ", " : "[");
        dim_print(t.dims[i], out);
    }
    if (t.rank)
        buf_putc(out, ']');
}

const char *running_name(IrRunning r)
{
    static const char *const names[] = { "upto", "below", "from", "above" };
    return r < RUNNING_count ? names[r] : "none";
}

const char *redop_name(RedOp r)
{
    static const char *const names[] = { "sum", "prod", "max", "min", "all", "any", "argmax", "argmin", "count" };
    return r <= RED_count ? names[r] : "none";
}
