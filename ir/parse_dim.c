/* parse_dim.c - dims, types and symbols of printed IR.
 *
 *     dim    = term (("+" | "-") term)*        term = factor (("*" | "//" | "%" | "/") factor)*
 *     factor = INT | name | "-" factor | "(" dim ")" | ("min" | "max") "(" dim "," dim ")"
 *
 * A symbol may be used before the text defines it (the type of a parameter may mention a later one); what is still
 * undefined at the end of the function is an error.
 */
#include "ir/ir_int.h"

#include <string.h>

enum { DIM_NEST_MOST = 100 };

DimSym *ir_parse_sym_use(IrParser *p, Name name, Span at)
{
    DimSym *s = map_find(&p->syms, name);
    if (!s) {
        s = dim_sym_new(p->module->dims, name, at);
        map_put(&p->syms, name, s);
        vec_push(p->module->arena, &p->seen, s);
    }
    return s;
}

DimSym *ir_parse_sym_def(IrParser *p)
{
    Span at = p->lx.span;
    Name name = ir_want_name(p, "the name of a symbol");
    if (p->failed)
        name = name_of(p->module->names, "?");
    DimSym *s = ir_parse_sym_use(p, name, at);
    if (map_find(&p->defined, s))
        ir_parse_fail(p, at, "symbol '%s' is defined twice", name);
    map_put(&p->defined, s, s);
    return s;
}

static Dim parse_min_max(IrParser *p, bool min)
{
    ir_want(p, '(');
    Dim a = ir_parse_dim(p);
    ir_want(p, ',');
    Dim b = ir_parse_dim(p);
    ir_want(p, ')');
    return (min ? dim_min : dim_max)(p->module->dims, a, b);
}

static Dim parse_factor(IrParser *p)
{
    DimCx *cx = p->module->dims;
    if (p->lx.kind == TK_int)
        return dim_const(cx, ir_want_int(p));
    if (ir_take(p, '-'))
        return dim_neg(cx, p->failed ? dim_const(cx, 0) : parse_factor(p));
    if (ir_take(p, '(')) {
        Dim d = ir_parse_dim(p);
        ir_want(p, ')');
        return d;
    }
    Span at = p->lx.span;
    Name name = ir_want_name(p, "a dim");
    if (p->failed)
        return dim_const(cx, 0);
    if (ir_at(p, '(') && (strcmp(name, "min") == 0 || strcmp(name, "max") == 0))
        return parse_min_max(p, name[1] == 'i');
    return dim_sym(cx, ir_parse_sym_use(p, name, at));
}

static bool is_zero(Dim d)
{
    int64_t v;
    return dim_is_const(d, &v) && v == 0;
}

static Dim parse_term(IrParser *p)
{
    DimCx *cx = p->module->dims;
    Dim d = parse_factor(p);
    while (!p->failed && p->lx.kind == TK_punct) {
        int op = p->lx.punct;
        if (op != '*' && op != P_FLOORDIV && op != '%' && op != '/')
            break;
        ir_lex_next(&p->lx);
        Span at = p->lx.span;
        Dim e = parse_factor(p);
        if (op != '*' && is_zero(e))
            ir_parse_fail(p, at, "a dim is divided by 0");
        else
            d = (op == '*' ? dim_mul : op == P_FLOORDIV ? dim_floordiv : op == '%' ? dim_mod : dim_exactdiv)(cx, d, e);
    }
    return d;
}

Dim ir_parse_dim(IrParser *p)
{
    DimCx *cx = p->module->dims;
    if (++p->depth > DIM_NEST_MOST)
        ir_parse_fail(p, p->lx.span, "a dim is too deeply nested");
    Dim d = parse_term(p);
    while (!p->failed && (ir_at(p, '+') || ir_at(p, '-'))) {
        bool minus = ir_at(p, '-');
        ir_lex_next(&p->lx);
        Dim e = parse_term(p);
        d = (minus ? dim_sub : dim_add)(cx, d, e);
    }
    p->depth--;
    return d;
}

IrType ir_parse_type(IrParser *p)
{
    Span at = p->lx.span;
    Name name = ir_want_name(p, "an element type");
    IrType t = ir_scalar(p->failed ? DT_none : dtype_find(name));
    if (!p->failed && t.dtype == DT_none)
        ir_parse_fail(p, at, "'%s' is not an element type", name);
    if (!ir_take(p, '['))
        return t;
    Dim dims[IR_RANK_MOST];
    do {
        if (t.rank == IR_RANK_MOST) {
            ir_parse_fail(p, p->lx.span, "more than %d axes", IR_RANK_MOST);
            break;
        }
        dims[t.rank++] = ir_parse_dim(p);
    } while (ir_take(p, ','));
    ir_want(p, ']');
    t.dims = arena_copy(p->module->arena, dims, sizeof dims[0] * (size_t)t.rank);
    return t;
}
