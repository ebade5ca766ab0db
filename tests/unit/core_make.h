/* core_make.h - checked trees built by hand, for tests of lowering. */
#ifndef MLC_TESTS_CORE_MAKE_H
#define MLC_TESTS_CORE_MAKE_H

#include <stdarg.h>

#include "frontend/frontend.h"
#include "ir_test.h"

typedef struct CoreTest { IrTest t; CoreFn *fn; } CoreTest;

static inline Core *mk(CoreTest *c, CoreKind kind, IrType t, int nkids, ...)
{
    Core *n = NEW(c->t.arena, Core);
    n->kind = (uint8_t)kind;
    n->type = t;
    n->nkids = nkids;
    n->kids = NEWN(c->t.arena, Core *, nkids);
    va_list ap;
    va_start(ap, nkids);
    for (int i = 0; i < nkids; i++)
        n->kids[i] = va_arg(ap, Core *);
    va_end(ap);
    return n;
}

#define MK(c, kind, t, ...) mk(c, C_##kind, t, (int)(sizeof (Core *[]){ __VA_ARGS__ } / sizeof(Core *)), __VA_ARGS__)
#define STMT(c, kind, ...) MK(c, kind, ir_scalar(DT_none), __VA_ARGS__)

static inline CoreFn *mk_fn(CoreTest *c, const char *name)
{
    CoreFn *fn = NEW(c->t.arena, CoreFn);
    fn->name = fn->symbol = name_of(c->t.m->names, name);
    return c->fn = fn;
}

static inline CoreVar *mk_var(CoreTest *c, const char *name, IrType t, bool mut)
{
    CoreVar *v = NEW(c->t.arena, CoreVar);
    *v = (CoreVar){ .id = (uint32_t)c->fn->vars.n, .name = name_of(c->t.m->names, name), .type = t, .mut = mut };
    vec_push(c->t.arena, &c->fn->vars, v);
    return v;
}

static inline CoreVar *mk_param(CoreTest *c, const char *name, IrType t, bool var)
{
    CoreVar *v = mk_var(c, name, t, var);
    CoreParam p = { .name = v->name, .var = var, .first = c->fn->params.n, .nleaves = 1 };
    v->param = true;
    vec_push(c->t.arena, &c->fn->params, v);
    vec_push(c->t.arena, &c->fn->surface, p);
    if (var)
        vec_push(c->t.arena, &c->fn->results, t);
    return v;
}

static inline Dim mk_dim(CoreTest *c, const char *name)
{
    DimSym *s = dim_sym_new(c->t.m->dims, name_of(c->t.m->names, name), (Span){ 0 });
    vec_push(c->t.arena, &c->fn->dims, s);
    return dim_sym(c->t.m->dims, s);
}

static inline IrType mk_type(CoreTest *c, IrDtype t, int rank, ...)
{
    Dim *dims = NEWN(c->t.arena, Dim, rank);
    va_list ap;
    va_start(ap, rank);
    for (int i = 0; i < rank; i++)
        dims[i] = va_arg(ap, Dim);
    va_end(ap);
    return (IrType){ t, rank, dims };
}

static inline CoreIndex *mk_index(CoreTest *c, const char *name, Dim extent)
{
    CoreIndex *x = NEW(c->t.arena, CoreIndex);
    *x = (CoreIndex){ .name = name_of(c->t.m->names, name), .lo = dim_const(c->t.m->dims, 0), .extent = extent };
    x->sym = dim_sym_new(c->t.m->dims, x->name, (Span){ 0 });
    x->sym->index = true;
    x->sym->user = x;
    x->id = (uint32_t)c->fn->nindices++;
    return x;
}

static inline Core *mk_int(CoreTest *c, IrDtype t, int64_t v)
{
    Core *n = mk(c, C_const, ir_scalar(t), 0);
    n->ival = v;
    return n;
}

static inline Core *mk_float(CoreTest *c, double v)
{
    Core *n = mk(c, C_const, ir_scalar(DT_f32), 0);
    n->fval = v;
    return n;
}

static inline Core *mk_use(CoreTest *c, CoreVar *v)
{
    Core *n = mk(c, C_var, v->type, 0);
    n->var = v;
    return n;
}

static inline Core *mk_at(CoreTest *c, CoreIndex *x)
{
    Core *n = mk(c, C_index, ir_scalar(DT_i64), 0);
    n->index = x;
    return n;
}

static inline Core *mk_dim_of(CoreTest *c, Dim d)
{
    Core *n = mk(c, C_dim, ir_scalar(DT_i64), 0);
    n->dim = d;
    return n;
}

#define OPN(c, o, dt, ...) mk_op(MK(c, op, ir_scalar(dt), __VA_ARGS__), OP_##o)
static inline Core *mk_op(Core *n, IrOp op)
{
    n->op = (uint16_t)op;
    return n;
}

static inline Core *mk_set(CoreTest *c, CoreKind kind, CoreVar *v, Core *value)
{
    Core *n = mk(c, kind, ir_scalar(DT_none), 1, value);
    n->var = v;
    return n;
}

static inline Core *mk_over(CoreTest *c, Core *n, int count, ...)
{
    n->nindices = count;
    n->indices = NEWN(c->t.arena, CoreIndex *, count);
    va_list ap;
    va_start(ap, count);
    for (int i = 0; i < count; i++)
        n->indices[i] = va_arg(ap, CoreIndex *);
    va_end(ap);
    return n;
}

#endif
