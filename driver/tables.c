/* tables.c - constant tables of a module: functions with their parameters, leaves, entry plans, checks and prepared tensors. */
#include "driver/tables.h"

#include <string.h>

typedef struct DimList { Tables *t; VEC(DimSym *) syms; } DimList; /* position of each dim in MlcrtCall.dims */

Tables *tables_new(Arena *a, Sources *ss, DimCx *dims)
{
    Tables *t = NEW(a, Tables);
    *t = (Tables){ .arena = a, .sources = ss, .dims = dims, .fns = map_new(a), .tiles = map_new(a), .structs = map_new(a) };
    return t;
}

const char *tables_symbol(Arena *a, const IrFn *fn)
{
    return arena_printf(a, "mlc_body_%s", fn->name);
}

/* ---- dims as postfix programs --------------------------------------------------------------------------------- */

typedef struct Code { Arena *arena; const DimList *list; VEC(int64_t) v; } Code;

static void code_dim(Code *c, Dim d);

static void put(Code *c, int64_t x) { vec_push(c->arena, &c->v, x); }

static int position(const DimList *l, const DimSym *s)
{
    for (int i = 0; i < l->syms.n; i++)
        if (l->syms.p[i] == s)
            return i;
    return -1;
}

static void code_atom(Code *c, const DimAtom *a)
{
    static const MlcrtDimOp ops[] = { [DA_FLOORDIV] = MLCRT_D_FLOORDIV, [DA_MOD] = MLCRT_D_MOD, [DA_EXACTDIV] = MLCRT_D_EXACTDIV,
                                      [DA_MIN] = MLCRT_D_MIN, [DA_MAX] = MLCRT_D_MAX };
    if (a->kind == DA_SYM) {
        put(c, MLCRT_D_DIM);
        put(c, position(c->list, a->sym));
        return;
    }
    code_dim(c, a->a);
    code_dim(c, a->b);
    put(c, ops[a->kind]);
}

static void code_term(Code *c, const DimTerm *t)
{
    bool any = t->coef != 1 || t->nfactors == 0;
    if (any) {
        put(c, MLCRT_D_CONST);
        put(c, t->coef);
    }
    for (int i = 0; i < t->nfactors; i++)
        for (int k = 0; k < t->factors[i].power; k++) {
            code_atom(c, t->factors[i].atom);
            if (any)
                put(c, MLCRT_D_MUL);
            any = true;
        }
}

static void code_dim(Code *c, Dim d)
{
    const DimTerm *terms;
    int n = dim_terms(d, &terms);
    if (n == 0) {
        put(c, MLCRT_D_CONST);
        put(c, 0);
    }
    for (int i = 0; i < n; i++) {
        code_term(c, &terms[i]);
        if (i)
            put(c, MLCRT_D_ADD);
    }
}

static const int64_t *program(const DimList *l, Dim d)
{
    Code c = { .arena = l->t->arena, .list = l };
    if (!d)
        return NULL;
    code_dim(&c, d);
    put(&c, MLCRT_D_END);
    return c.v.p;
}

static const int64_t *const *programs(const DimList *l, const IrType *t)
{
    const int64_t **p = NEWN(l->t->arena, const int64_t *, t->rank + 1);
    for (int i = 0; i < t->rank; i++)
        p[i] = program(l, t->dims[i]);
    return p;
}

/* ---- structs ---------------------------------------------------------------------------------------------------- */

static uint64_t hash_text(uint64_t h, const char *s)
{
    while (*s)
        h = (h ^ (unsigned char)*s++) * 0x100000001b3u;
    return h;
}

static uint64_t struct_hash(Tables *t, const CoreStruct *s)
{
    uint64_t h = hash_text(0xcbf29ce484222325u, s->name);
    for (int i = 0; i < s->leaves.n; i++) {
        Buf b = buf_new(t->arena);
        ir_type_print(s->leaves.p[i].type, &b);
        h = hash_text(hash_text(h, s->leaves.p[i].path), buf_text(&b));
    }
    return h;
}

MlcrtStruct *tables_struct(Tables *t, CoreStruct *s)
{
    MlcrtStruct *m = map_find(&t->structs, s);
    if (m)
        return m;
    m = NEW(t->arena, MlcrtStruct);
    map_put(&t->structs, s, m);
    DimList l = { .t = t };
    const char **numbers = NEWN(t->arena, const char *, s->numbers.n + 1);
    MlcrtLeaf *leaves = NEWN(t->arena, MlcrtLeaf, s->leaves.n + 1);
    for (int i = 0; i < s->numbers.n; i++) {
        vec_push(t->arena, &l.syms, s->numbers.p[i]);
        numbers[i] = s->numbers.p[i]->name;
    }
    for (int i = 0; i < s->leaves.n; i++) {
        const CoreLeaf *x = &s->leaves.p[i];
        leaves[i] = (MlcrtLeaf){ x->path, x->type.dtype, x->type.rank, x->nstack, x->role, programs(&l, &x->type) };
    }
    *m = (MlcrtStruct){ .name = s->name, .doc = s->doc, .is_model = s->is_model, .nnumbers = s->numbers.n, .nleaves = s->leaves.n,
                        .id = t->types.n, .numbers = numbers, .leaves = leaves, .type_hash = struct_hash(t, s) };
    vec_push(t->arena, &t->types, m);
    if (s->init && map_find(&t->tiles, s->init))
        m->init = tables_fn(t, s->init, false);
    return m;
}

/* ---- functions -------------------------------------------------------------------------------------------------- */

static void want_dim(void *user, DimSym *s)
{
    DimList *l = user;
    if (position(l, s) < 0)
        vec_push(l->t->arena, &l->syms, s);
}

/* The dims that the plan binds, then the integer scalars that sizes mention. */
static DimList dims_of(Tables *t, const CoreFn *fn, const IrFn *ir)
{
    DimList l = { .t = t };
    for (int i = 0; i < ir->dims.n; i++)
        vec_push(t->arena, &l.syms, ir->dims.p[i]);
    for (int i = 0; fn && i < fn->plan.n; i++) {
        Dim ab[] = { fn->plan.p[i].a, fn->plan.p[i].b };
        for (int k = 0; k < 2; k++)
            if (ab[k])
                dim_syms(ab[k], want_dim, &l);
    }
    if (ir->arena_bytes)
        dim_syms(ir->arena_bytes, want_dim, &l);
    for (int i = 0; i < ir->results.n; i++)
        for (int k = 0; k < ir->results.p[i].rank; k++)
            dim_syms(ir->results.p[i].dims[k], want_dim, &l);
    return l;
}

static int scalar_leaf(const CoreFn *fn, const IrFn *ir, const DimSym *s)
{
    for (int i = 0; i < ir->params.n; i++)
        if (ir->params.p[i]->sym == s || (fn && fn->params.p[i]->sym == s))
            return i;
    return -1;
}

static void row_place(Tables *t, MlcrtPlanRow *r, Span s)
{
    Place p = span_place(t->sources, s);
    r->line = p.line;
    r->column = p.column;
}

static MlcrtPlanRow plan_row(const DimList *l, const PlanRow *r)
{
    static const int ops[] = { [PLAN_bind] = MLCRT_P_BIND, [PLAN_number] = MLCRT_P_NUMBER, [PLAN_solve] = MLCRT_P_SOLVE,
                               [PLAN_axis] = MLCRT_P_AXIS, [PLAN_numeq] = MLCRT_P_NUMEQ, [PLAN_eq] = MLCRT_P_EQ, [PLAN_ne] = MLCRT_P_NE,
                               [PLAN_le] = MLCRT_P_LE, [PLAN_lt] = MLCRT_P_LT, [PLAN_divides] = MLCRT_P_DIVIDES };
    MlcrtPlanRow m = { .op = ops[r->kind], .dst = r->sym ? position(l, r->sym) : -1, .param = r->param, .leaf = r->leaf, .axis = r->axis,
                       .a = program(l, r->a), .b = program(l, r->b), .text = r->text };
    row_place(l->t, &m, r->span);
    return m;
}

static void plan_of(const DimList *l, const CoreFn *fn, const IrFn *ir, MlcrtFn *m)
{
    VEC(MlcrtPlanRow) rows = { 0 };
    Arena *a = l->t->arena;
    for (int i = 0; i < l->syms.n; i++) {
        int leaf = scalar_leaf(fn, ir, l->syms.p[i]);
        MlcrtPlanRow r = { .op = MLCRT_P_SCALAR, .dst = i, .param = -1, .leaf = leaf };
        if (leaf >= 0)
            vec_push(a, &rows, r);
    }
    for (int i = 0; fn && i < fn->plan.n; i++)
        vec_push(a, &rows, plan_row(l, &fn->plan.p[i]));
    for (int i = 0; !fn && i < ir->dims.n; i++) { /* a prepared tensor: its dims are the axes of its only leaf */
        MlcrtPlanRow r = { .op = MLCRT_P_BIND, .dst = i, .leaf = 0, .axis = i };
        vec_push(a, &rows, r);
    }
    m->plan = rows.p;
    m->nplan = rows.n;
}

static void leaves_of(const DimList *l, const CoreFn *fn, const IrFn *ir, MlcrtFn *m)
{
    int np = ir->params.n, nv = ir->vars.n, nr = ir->results.n - nv;
    MlcrtLeaf *v = NEWN(l->t->arena, MlcrtLeaf, np + nr + 1);
    for (int i = 0; i < np; i++) {
        const IrType *t = &ir->params.p[i]->type;
        const char *name = fn && fn->params.p[i]->name ? fn->params.p[i]->name : "";
        v[i] = (MlcrtLeaf){ .path = name, .dtype = t->dtype, .rank = t->rank, .dims = programs(l, t) };
    }
    for (int i = 0; i < nr; i++) {
        const IrType *t = &ir->results.p[nv + i];
        v[np + i] = (MlcrtLeaf){ .path = "", .dtype = t->dtype, .rank = t->rank, .dims = programs(l, t) };
    }
    m->leaves = v;
    m->nleaves = np;
    m->nresults = nr;
    m->nvars = nv;
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

static MlcrtParam param_of(Tables *t, const char *name, CoreSty *s, int first, int nleaves)
{
    MlcrtParam p = { .name = name, .type = core_sty_text(t->arena, s), .first = first, .nleaves = nleaves, .strct = -1 };
    if (s->kind == STY_struct) {
        p.kind = MLCRT_PARAM_HANDLE;
        p.strct = tables_struct(t, s->strct)->id;
    } else {
        p.kind = s->type.rank ? MLCRT_PARAM_TENSOR : MLCRT_PARAM_SCALAR;
        p.dtype = s->type.dtype;
    }
    return p;
}

static int leaf_count(const CoreSty *s)
{
    int n = 0;
    switch (s->kind) {
    case STY_value: return 1;
    case STY_struct: return s->strct->leaves.n;
    case STY_list: return leaf_count(s->elem);
    case STY_tuple:
        for (int i = 0; i < s->n; i++)
            n += leaf_count(s->parts[i]);
        return n;
    default: return 0;
    }
}

typedef VEC(MlcrtParam) Params;

static void push_result(Tables *t, Params *v, CoreSty *s, const char *name, int *leaf)
{
    int n = leaf_count(s);
    MlcrtParam p = param_of(t, name, s, *leaf, n);
    p.flags |= MLCRT_RESULT;
    *leaf += n;
    vec_push(t->arena, v, p);
}

static void params_of(Tables *t, const CoreFn *fn, const IrFn *ir, MlcrtFn *m)
{
    Params v = { 0 };
    for (int i = 0; i < fn->surface.n; i++) {
        const CoreParam *x = &fn->surface.p[i];
        if (!x->nleaves && x->sty->kind != STY_struct)
            continue; /* static: nothing to pass */
        MlcrtParam p = param_of(t, x->name, x->sty, x->first, x->nleaves);
        p.flags = (x->var ? MLCRT_VAR : 0) | (x->named ? MLCRT_NAMED : 0);
        set_fallback(&p, x->fallback);
        vec_push(t->arena, &v, p);
    }
    int leaf = ir->params.n;
    if (fn->result && fn->result->kind == STY_tuple)
        for (int i = 0; i < fn->result->n; i++)
            push_result(t, &v, fn->result->parts[i], arena_printf(t->arena, "result%d", i), &leaf);
    else if (fn->result && fn->result->kind != STY_none)
        push_result(t, &v, fn->result, "result", &leaf);
    m->params = v.p;
    m->nparams = v.n;
}

static void checks_of(Tables *t, const IrFn *ir, MlcrtFn *m)
{
    MlcrtCheck *c = NEWN(t->arena, MlcrtCheck, ir->checks.n + 1);
    for (int i = 0; i < ir->checks.n; i++) {
        Place p = span_place(t->sources, ir->checks.p[i].span);
        c[i] = (MlcrtCheck){ ir->checks.p[i].code, p.line, p.column, 0, p.file, ir->checks.p[i].text };
    }
    m->checks = c;
    m->nchecks = ir->checks.n;
}

static MlcrtFn *rows_of(Tables *t, const CoreFn *fn, IrFn *ir);

static void preps_of(Tables *t, const CoreFn *fn, const IrFn *ir, MlcrtFn *m)
{
    MlcrtPrep *p = NEWN(t->arena, MlcrtPrep, ir->preps.n + 1);
    for (int i = 0; i < ir->preps.n; i++) {
        const IrPrep *x = &ir->preps.p[i];
        Buf b = buf_new(t->arena);
        ir_print_fn(x->fn, &b);
        p[i] = (MlcrtPrep){ .fn = rows_of(t, NULL, x->fn), .param = -1, .leaf = x->leaf };
        for (int k = 0; fn && k < fn->surface.n; k++)
            if (x->leaf >= fn->surface.p[k].first && x->leaf < fn->surface.p[k].first + fn->surface.p[k].nleaves) {
                p[i].param = k;
                p[i].leaf = x->leaf - fn->surface.p[k].first;
            }
        const char *body = strchr(buf_text(&b), '('); /* the text without the function's name */
        p[i].key = hash_text(0xcbf29ce484222325u, body ? body : "") * 31 + (uint64_t)p[i].leaf;
    }
    m->preps = p;
    m->npreps = ir->preps.n;
}

static const char *signature_text(Tables *t, const MlcrtFn *m, const CoreFn *fn)
{
    Buf b = buf_new(t->arena);
    buf_printf(&b, "fn %s(", m->name);
    bool first = true, named = false;
    for (int i = 0; i < m->nparams; i++) {
        const MlcrtParam *p = &m->params[i];
        if (p->flags & MLCRT_RESULT)
            break;
        buf_puts(&b, first ? "" : (p->flags & MLCRT_NAMED) && !named ? "; " : ", ");
        buf_printf(&b, "%s%s: %s", p->flags & MLCRT_VAR ? "var " : "", p->name, p->type);
        named = named || (p->flags & MLCRT_NAMED);
        first = false;
    }
    buf_putc(&b, ')');
    if (fn->result && fn->result->kind != STY_none)
        buf_printf(&b, " -> %s", core_sty_text(t->arena, fn->result));
    return buf_text(&b);
}

static void names_of_dims(const DimList *l, MlcrtFn *m)
{
    const char **v = NEWN(l->t->arena, const char *, l->syms.n + 1);
    for (int i = 0; i < l->syms.n; i++)
        v[i] = l->syms.p[i]->name;
    m->dim_names = v;
    m->ndims = l->syms.n;
}

static void effects_of(Tables *t, const IrFn *ir, MlcrtFn *m)
{
    const char **v = NEWN(t->arena, const char *, ir->effects.n + 1);
    for (int i = 0; i < ir->effects.n; i++)
        v[i] = ir->effects.p[i].name;
    m->effects = v;
    m->neffects = ir->effects.n;
}

static MlcrtFn *rows_of(Tables *t, const CoreFn *fn, IrFn *ir)
{
    MlcrtFn *m = map_find(&t->fns, ir);
    if (m)
        return m;
    m = NEW(t->arena, MlcrtFn);
    map_put(&t->fns, ir, m);
    vec_push(t->arena, &t->bodies, ir);
    Place at = span_place(t->sources, ir->span);
    *m = (MlcrtFn){ .name = fn ? fn->name : ir->name, .symbol = ir->name, .doc = fn ? fn->doc : NULL, .file = at.file, .line = at.line };
    DimList l = dims_of(t, fn, ir);
    names_of_dims(&l, m);
    plan_of(&l, fn, ir, m);
    leaves_of(&l, fn, ir, m);
    checks_of(t, ir, m);
    effects_of(t, ir, m);
    m->arena = program(&l, ir->arena_bytes ? ir->arena_bytes : dim_const(t->dims, 0));
    if (fn) {
        params_of(t, fn, ir, m);
        m->signature = signature_text(t, m, fn);
    }
    preps_of(t, fn, ir, m);
    return m;
}

MlcrtFn *tables_fn(Tables *t, CoreFn *fn, bool callable)
{
    IrFn *ir = map_find(&t->tiles, fn);
    MlcrtFn *m = rows_of(t, fn, ir);
    bool listed = false;
    for (int i = 0; i < t->list.n; i++)
        listed = listed || t->list.p[i] == m;
    if (callable && !listed)
        vec_push(t->arena, &t->list, m);
    return m;
}

const MlcrtModule *tables_module(Tables *t, const char *name, const char *target, uint64_t features)
{
    MlcrtModule *m = NEW(t->arena, MlcrtModule);
    *m = (MlcrtModule){ .abi = MLCRT_ABI, .size = sizeof *m, .name = name, .target = target, .features = features, .nfns = t->list.n,
                        .nstructs = t->types.n, .fns = t->list.p, .structs = t->types.p };
    return m;
}
