/* tables.c - constant tables of a module: functions with their leaves, entry plans, checks and prepared tensors; structs. */
#include <string.h>

#include "driver/tables_int.h"

Tables *tables_new(Arena *a, Sources *ss, DimCx *dims)
{
    Tables *t = NEW(a, Tables);
    *t = (Tables){ .arena = a, .sources = ss, .dims = dims, .fns = map_new(a), .tiles = map_new(a), .structs = map_new(a), .lists = map_new(a) };
    t->module = (MlcrtModule){ .abi = MLCRT_ABI, .size = sizeof t->module, .name = "" };
    return t;
}

const char *tables_symbol(Arena *a, const IrFn *fn)
{
    return arena_printf(a, "mlc_body_%s", fn->name);
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

/* Its init may get its tile IR later than the struct gets its rows. */
static void add_init(Tables *t, CoreStruct *s, MlcrtStruct *m)
{
    if (!m->init && s->init && map_find(&t->tiles, s->init))
        m->init = tables_fn(t, s->init, false);
}

MlcrtStruct *tables_struct(Tables *t, CoreStruct *s)
{
    MlcrtStruct *m = map_find(&t->structs, s);
    if (m) {
        add_init(t, s, m);
        return m;
    }
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
        leaves[i] = (MlcrtLeaf){ x->path, x->type.dtype, x->type.rank, x->nstack, x->role, dim_programs(&l, &x->type) };
    }
    *m = (MlcrtStruct){ .name = s->name, .doc = s->doc, .is_model = s->is_model, .nnumbers = s->numbers.n, .nleaves = s->leaves.n,
                        .id = t->types.n, .numbers = numbers, .leaves = leaves, .type_hash = struct_hash(t, s) };
    vec_push(t->arena, &t->types, m);
    add_init(t, s, m);
    return m;
}

/* ---- functions -------------------------------------------------------------------------------------------------- */

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

static MlcrtPlanRow plan_row(const DimList *l, const CoreFn *fn, const PlanRow *r)
{
    static const int ops[] = { [PLAN_bind] = MLCRT_P_BIND, [PLAN_number] = MLCRT_P_NUMBER, [PLAN_solve] = MLCRT_P_SOLVE,
                               [PLAN_axis] = MLCRT_P_AXIS, [PLAN_numeq] = MLCRT_P_NUMEQ, [PLAN_eq] = MLCRT_P_EQ, [PLAN_ne] = MLCRT_P_NE,
                               [PLAN_le] = MLCRT_P_LE, [PLAN_lt] = MLCRT_P_LT, [PLAN_divides] = MLCRT_P_DIVIDES };
    MlcrtPlanRow m = { .op = ops[r->kind], .dst = r->sym ? dim_position(l, r->sym) : -1, .param = place_of_param(l, fn, r->param),
                       .leaf = r->leaf, .axis = r->axis, .a = dim_program(l, r->a), .b = dim_program(l, r->b), .text = r->text };
    int leaf, axis;
    if ((r->kind == PLAN_number || r->kind == PLAN_numeq) && tables_list_number(fn, r, &leaf, &axis)) {
        m.op = r->kind == PLAN_number ? MLCRT_P_BIND : MLCRT_P_AXIS;
        m.leaf = leaf;
        m.axis = axis;
    }
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
    for (int i = 0; fn && i < fn->plan.n; i++) {
        bool shown = fn->plan.p[i].kind != PLAN_numeq || fn->surface.p[fn->plan.p[i].param].sty->kind == STY_struct;
        MlcrtPlanRow r = plan_row(l, fn, &fn->plan.p[i]);
        if (shown || r.op != MLCRT_P_NUMEQ) /* a number that no leaf shows cannot be another one */
            vec_push(a, &rows, r);
    }
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
        v[i] = (MlcrtLeaf){ .path = name, .dtype = t->dtype, .rank = t->rank, .dims = dim_programs(l, t) };
    }
    for (int i = 0; i < nr; i++) {
        const IrType *t = &ir->results.p[nv + i];
        v[np + i] = (MlcrtLeaf){ .path = "", .dtype = t->dtype, .rank = t->rank, .dims = dim_programs(l, t) };
    }
    m->leaves = v;
    m->nleaves = np;
    m->nresults = nr;
    m->nvars = nv;
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

static int first_like(const IrFn *ir, int i)
{
    int k = 0;
    while (ir->lives.p[k].bytes != ir->lives.p[i].bytes)
        k++;
    return k;
}

static void lives_of(const DimList *l, const IrFn *ir, MlcrtFn *m)
{
    MlcrtLife *v = NEWN(l->t->arena, MlcrtLife, ir->lives.n + 1);
    VEC(int64_t) sizes = { 0 };
    for (int i = 0; i < ir->lives.n; i++) {
        const IrLife *x = &ir->lives.p[i];
        v[i] = (MlcrtLife){ .dim = dim_position(l, x->at), .like = first_like(ir, i), .first = x->first, .last = x->last };
        v[i].bytes = v[i].like < i ? v[v[i].like].bytes : sizes.n;
        const int64_t *p = v[i].like == i ? dim_program(l, x->bytes) : NULL;
        for (int64_t op = MLCRT_D_CONST; p && op != MLCRT_D_END;) {
            vec_push(l->t->arena, &sizes, op = *p++);
            if (op == MLCRT_D_CONST || op == MLCRT_D_DIM)
                vec_push(l->t->arena, &sizes, *p++);
        }
    }
    m->lives = v;
    m->nlives = ir->lives.n;
    m->sizes = sizes.p;
    m->nsizes = sizes.n;
}

static MlcrtFn *rows_of(Tables *t, CoreFn *fn, IrFn *ir, bool flat);

static void preps_of(const DimList *l, const CoreFn *fn, const IrFn *ir, MlcrtFn *m)
{
    Tables *t = l->t;
    MlcrtPrep *p = NEWN(t->arena, MlcrtPrep, ir->preps.n + 1);
    for (int i = 0; i < ir->preps.n; i++) {
        const IrPrep *x = &ir->preps.p[i];
        Buf b = buf_new(t->arena);
        ir_print_fn(x->fn, &b);
        p[i] = (MlcrtPrep){ .fn = rows_of(t, NULL, x->fn, false), .param = -1, .leaf = x->leaf, .axis = x->axis, .panel = x->panel, .form = x->form,
                            .tiled = x->tiled };
        for (int k = 0; fn && k < fn->surface.n; k++)
            if (x->leaf >= fn->surface.p[k].first && x->leaf < fn->surface.p[k].first + fn->surface.p[k].nleaves) {
                p[i].param = place_of_param(l, fn, k);
                p[i].leaf = x->leaf - fn->surface.p[k].first;
            }
        const char *body = strchr(buf_text(&b), '('); /* the text without the function's name */
        p[i].key = hash_text(0xcbf29ce484222325u, body ? body : "") * 31 + (uint64_t)p[i].leaf;
    }
    m->preps = p;
    m->npreps = ir->preps.n;
}

static void mark_read(void *user, IrNode *n)
{
    if (n->op == OP_buffer && (n->place == PLACE_param || n->place == PLACE_block))
        ((unsigned char *)user)[n->imm] = 0;
}

void tables_unread(const IrFn *ir, unsigned char *v)
{
    memset(v, 1, (size_t)ir->params.n);
    ir_walk(ir->body, mark_read, v);
}

/* Where there is no code of its own, the interpreter reads all. */
static void unread_of(Tables *t, const IrFn *ir, MlcrtFn *m)
{
    if (t->body || !ir->params.n)
        return;
    unsigned char *v = NEWN(t->arena, unsigned char, m->nleaves + 1);
    tables_unread(ir, v);
    m->unread = v;
}

/* Forms of weights that the code takes; the interpreter takes none but plain ones. */
static void forms_of(Tables *t, const IrFn *ir, MlcrtFn *m)
{
    bool any = false;
    unsigned char *v = NEWN(t->arena, unsigned char, m->nleaves + 1);
    for (int i = 0; i < m->nleaves && !t->body; i++)
        any |= (v[i] = ir->params.p[i]->forms) != 0;
    m->forms = any ? v : NULL;
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

static void names_of_dims(const DimList *l, const IrFn *ir, MlcrtFn *m)
{
    const char **v = NEWN(l->t->arena, const char *, l->syms.n + 1);
    for (int i = 0; i < l->syms.n; i++)
        v[i] = l->syms.p[i]->name;
    for (int i = 0; i < ir->lives.n; i++) /* nobody asks for the size of a place */
        v[dim_position(l, ir->lives.p[i].at)] = NULL;
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

static MlcrtFn *rows_of(Tables *t, CoreFn *fn, IrFn *ir, bool flat)
{
    MlcrtFn *m = map_find(&t->fns, ir);
    if (m)
        return m;
    TableFn *row = NEW(t->arena, TableFn);
    m = &row->rows;
    row->tables = t;
    row->core = fn;
    row->ir = ir;
    map_put(&t->fns, ir, m);
    vec_push(t->arena, &t->bodies, ir);
    Place at = span_place(t->sources, ir->span);
    *m = (MlcrtFn){ .name = fn ? fn->name : ir->name, .symbol = ir->name, .doc = fn ? fn->doc : NULL, .file = at.file, .line = at.line,
                    .module = &t->module, .body = t->body };
    DimList l = dims_of(t, fn, ir);
    l.flat = flat;
    names_of_dims(&l, ir, m);
    plan_of(&l, fn, ir, m);
    leaves_of(&l, fn, ir, m);
    checks_of(t, ir, m);
    effects_of(t, ir, m);
    m->arena = dim_program(&l, ir->arena_bytes ? ir->arena_bytes : dim_const(t->dims, 0));
    lives_of(&l, ir, m);
    if (fn) {
        params_of(&l, fn, ir, m);
        m->signature = signature_text(t, m, fn);
    }
    preps_of(&l, fn, ir, m);
    unread_of(t, ir, m);
    forms_of(t, ir, m);
    return m;
}

/* In this order: who reads a number first finds as many in the array (fns_of in runtime/prep.c). Old arrays stay where they are. */
static void refresh(Tables *t)
{
    __atomic_store_n(&t->module.structs, t->types.p, __ATOMIC_RELEASE);
    __atomic_store_n(&t->module.nstructs, t->types.n, __ATOMIC_RELEASE);
    __atomic_store_n(&t->module.fns, t->list.p, __ATOMIC_RELEASE);
    __atomic_store_n(&t->module.nfns, t->list.n, __ATOMIC_RELEASE);
}

MlcrtFn *tables_fn(Tables *t, CoreFn *fn, bool callable)
{
    MlcrtFn *m = rows_of(t, fn, map_find(&t->tiles, fn), false);
    bool listed = false;
    for (int i = 0; i < t->list.n; i++)
        listed = listed || t->list.p[i] == m;
    if (callable && !listed)
        vec_push(t->arena, &t->list, m);
    refresh(t);
    return m;
}

MlcrtFn *tables_statement(Tables *t, CoreFn *fn)
{
    MlcrtFn *m = rows_of(t, fn, map_find(&t->tiles, fn), true);
    refresh(t);
    return m;
}

const MlcrtModule *tables_module(Tables *t, const char *name, const char *target, uint64_t features)
{
    t->module.name = name;
    t->module.target = target;
    t->module.features = features;
    refresh(t);
    return &t->module;
}
