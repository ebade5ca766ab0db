/* tables_param.c - parameters and results as callers see them: a struct or model is one handle, a tensor or scalar is itself, a list
 * of structs is one handle, a list of tensors one tensor, tuples are passed leaf by leaf. */
#include <string.h>

#include "driver/tables_int.h"

typedef struct Params { Tables *t; const DimList *l; const IrFn *ir; VEC(MlcrtParam) rows; } Params;

CoreStruct *core_sty_struct(const CoreSty *s)
{
    while (s && s->kind == STY_list)
        s = s->elem;
    return s && s->kind == STY_struct ? s->strct : NULL;
}

static bool is_handle(const DimList *l, const CoreSty *s)
{
    return l->flat ? s->kind == STY_struct : core_sty_struct(s) != NULL;
}

/* Static parameters have no leaves: there is nothing to pass. */
static int rows_of_param(const DimList *l, const CoreParam *x)
{
    return is_handle(l, x->sty) ? 1 : x->nleaves;
}

int place_of_param(const DimList *l, const CoreFn *fn, int surface)
{
    int place = 0;
    for (int i = 0; i < surface && i < fn->surface.n; i++)
        place += rows_of_param(l, &fn->surface.p[i]);
    return surface < 0 ? -1 : place;
}

int core_sty_leaves(const CoreSty *s)
{
    int n = 0;
    if (!s)
        return 0;
    switch (s->kind) {
    case STY_value: return 1;
    case STY_struct: return s->strct->leaves.n;
    case STY_list: return core_sty_leaves(s->elem);
    case STY_tuple:
        for (int i = 0; i < s->n; i++)
            n += core_sty_leaves(s->parts[i]);
        return n;
    default: return 0;
    }
}

bool tables_list_number(const CoreFn *fn, const PlanRow *row, int *leaf, int *axis)
{
    const CoreParam *p = &fn->surface.p[row->param];
    const CoreSty *s = p->sty;
    int stacked = 0;
    for (; s->kind == STY_list; s = s->elem)
        stacked++;
    if (!stacked || s->kind != STY_struct)
        return false;
    for (int i = 0; i < s->strct->leaves.n; i++)
        for (int k = 0; k < s->strct->leaves.p[i].type.rank; k++) {
            DimSym *sym;
            if (dim_is_sym(s->strct->leaves.p[i].type.dims[k], &sym) && sym == s->strct->numbers.p[row->axis]) {
                *leaf = p->first + i;
                *axis = stacked + k;
                return true;
            }
        }
    return false;
}

static CoreStruct *list_of(Tables *t, CoreStruct *of)
{
    CoreStruct *s = map_find(&t->lists, of);
    if (s)
        return s;
    s = NEW(t->arena, CoreStruct);
    *s = (CoreStruct){ .name = arena_printf(t->arena, "%s_list", of->name), .doc = of->doc, .is_model = of->is_model, .span = of->span };
    DimSym *count = dim_sym_new(t->dims, "count", of->span);
    vec_push(t->arena, &s->numbers, count);
    for (int i = 0; i < of->numbers.n; i++)
        vec_push(t->arena, &s->numbers, of->numbers.p[i]);
    for (int i = 0; i < of->leaves.n; i++) {
        CoreLeaf l = of->leaves.p[i];
        l.path = arena_printf(t->arena, *l.path ? "*.%s" : "*", l.path);
        Dim *dims = NEWN(t->arena, Dim, l.type.rank + 1);
        dims[0] = dim_sym(t->dims, count);
        for (int k = 0; k < l.type.rank; k++)
            dims[k + 1] = l.type.dims[k];
        l.type.dims = dims;
        l.type.rank++;
        l.nstack++;
        vec_push(t->arena, &s->leaves, l);
    }
    map_put(&t->lists, of, s);
    return s;
}

CoreStruct *tables_list_struct(Tables *t, const CoreSty *s)
{
    return s->kind == STY_list ? list_of(t, tables_list_struct(t, s->elem)) : s->strct;
}

static const IrType *type_of_leaf(const IrFn *ir, int leaf)
{
    return leaf < ir->params.n ? &ir->params.p[leaf]->type : &ir->results.p[leaf - ir->params.n + ir->vars.n];
}

static void push_leaf(Params *p, const char *name, const char *type, int leaf, int flags)
{
    const IrType *t = type_of_leaf(p->ir, leaf);
    Buf text = buf_new(p->t->arena);
    ir_type_print(*t, &text);
    MlcrtParam m = { .name = name, .type = type ? type : buf_text(&text), .first = leaf, .nleaves = 1, .strct = -1, .dtype = t->dtype,
                     .flags = flags, .kind = t->rank ? MLCRT_PARAM_TENSOR : MLCRT_PARAM_SCALAR };
    vec_push(p->t->arena, &p->rows, m);
}

/* Header numbers of a result, from its type: counts of lists, then the struct's own, as list_struct has them. */
static const int64_t *const *numbers_of(Params *p, const CoreSty *s, const MlcrtStruct *type)
{
    const int64_t **v = NEWN(p->t->arena, const int64_t *, type->nnumbers + 1);
    int n = 0;
    for (; s->kind == STY_list; s = s->elem)
        v[n++] = dim_program(p->l, s->count);
    for (int i = 0; i < s->strct->numbers.n; i++)
        v[n++] = dim_program(p->l, s->args[i]);
    return v;
}

static void push_value(Params *p, const char *name, const CoreSty *s, int first, int n, int flags)
{
    const char *type = core_sty_text(p->t->arena, s);
    if (is_handle(p->l, s)) {
        const MlcrtStruct *strct = tables_struct(p->t, tables_list_struct(p->t, s));
        MlcrtParam m = { .name = name, .type = type, .first = first, .nleaves = n, .strct = strct->id, .kind = MLCRT_PARAM_HANDLE, .flags = flags };
        m.numbers = flags & MLCRT_RESULT ? numbers_of(p, s, strct) : NULL;
        vec_push(p->t->arena, &p->rows, m);
    } else if (n == 1) {
        push_leaf(p, name, type, first, flags);
    } else {
        for (int i = 0; i < n; i++)
            push_leaf(p, arena_printf(p->t->arena, "%s.%d", name, i), NULL, first + i, flags);
    }
}

static void set_fallback(MlcrtParam *p, const Core *c)
{
    if (!c || c->kind != C_const)
        return;
    p->flags |= MLCRT_DEFAULT;
    float f = (float)c->fval;
    if (c->type.dtype == DT_key)
        memcpy(p->fallback, c->key, 16);
    else if (c->type.dtype == DT_f32)
        memcpy(p->fallback, &f, 4);
    else
        memcpy(p->fallback, &c->ival, 8); /* f64 and integers share the union */
}

static void push_results(Params *p, const CoreSty *s)
{
    int leaf = p->ir->params.n, n = core_sty_leaves(s);
    if (s && s->kind == STY_tuple)
        for (int i = 0; i < s->n; i++) {
            int part = core_sty_leaves(s->parts[i]);
            push_value(p, arena_printf(p->t->arena, "result%d", i), s->parts[i], leaf, part, MLCRT_RESULT);
            leaf += part;
        }
    else if (n)
        push_value(p, "result", s, leaf, n, MLCRT_RESULT);
}

void params_of(const DimList *l, const CoreFn *fn, const IrFn *ir, MlcrtFn *m)
{
    Tables *t = l->t;
    Params p = { .t = t, .l = l, .ir = ir };
    for (int i = 0; i < fn->surface.n; i++) {
        const CoreParam *x = &fn->surface.p[i];
        if (!rows_of_param(l, x))
            continue;
        push_value(&p, x->name, x->sty, x->first, x->nleaves, (x->var ? MLCRT_VAR : 0) | (x->named ? MLCRT_NAMED : 0));
        set_fallback(&vec_last(&p.rows), x->fallback);
    }
    if (!l->flat)
        push_results(&p, fn->result);
    for (int i = 0; l->flat && i < m->nresults; i++)
        push_leaf(&p, "", NULL, ir->params.n + i, MLCRT_RESULT);
    m->params = p.rows.p;
    m->nparams = p.rows.n;
}
