/* lower.c - the checked tree to tensor IR: functions and their versions.
 *
 *     CoreFn  --scan-->  which variables may be absent, versions of callees  --build-->  IrFn
 *
 * A version is a function with the set of its arguments that may be absent; each of those is followed, after all parameters proper, by
 * its predicate. One that gives absent values to its caller has their predicates as further results. C and scripts get a version without
 * either. Most functions have one version that serves all.
 */
#include "frontend/lower_int.h"

#include <string.h>

void low_fail(Low *l, Span at, const char *what)
{
    if (!l->failed)
        diag_error(l->diags, E0501, at, "%s cannot be compiled yet", what);
    l->failed = true;
}

/* ---- signature ---- */

/* Parameters of a model; those in a struct that holds one are not fixed: its fields may be written. */
static void mark_load_time(Low *l, const CoreSty *s, int *at, bool fixed)
{
    if (s->kind == STY_value)
        (*at)++;
    else if (s->kind == STY_list)
        mark_load_time(l, s->elem, at, fixed);
    else if (s->kind == STY_tuple)
        for (int i = 0; i < s->n; i++)
            mark_load_time(l, s->parts[i], at, fixed);
    else if (s->kind == STY_struct)
        for (int i = 0; i < s->strct->leaves.n; i++, (*at)++) {
            LeafRole role = s->strct->leaves.p[i].role;
            if (fixed && s->strct->is_model && *at < l->ir->params.n && (role == LEAF_param || role == LEAF_frozen))
                l->ir->params.p[*at]->load_time = true;
        }
}

static void make_params(Low *l)
{
    CoreFn *fn = l->fn;
    for (int i = 0; i < fn->params.n; i++) {
        CoreVar *v = fn->params.p[i];
        IrNode *n = ir_param_new(l->ir, v->name, v->type, v->span);
        n->sym = v->sym;
        l->env[v->id].value = n;
        low_bind_sym(l, v->sym, n);
    }
    for (int i = 0; i < fn->params.n; i++)
        if (l->version->absent_param[i]) {
            CoreVar *v = fn->params.p[i];
            IrType t = { DT_bool, v->type.rank, v->type.dims };
            l->env[v->id].present = ir_param_new(l->ir, name_of(l->m->names, arena_printf(low_arena(l), "%s_present", v->name)), t, v->span);
            l->absent[v->id] = true;
        }
}

typedef struct Own { const Low *l; bool all; } Own;

static void see_own(void *user, DimSym *s)
{
    Own *o = user;
    const CoreFn *fn = o->l->fn;
    bool found = false;
    for (int i = 0; i < fn->dims.n; i++)
        found = found || fn->dims.p[i] == s;
    for (int i = 0; i < fn->params.n; i++)
        found = found || (fn->params.p[i]->sym == s && !o->l->version->absent_param[i]);
    o->all = o->all && found;
}

/* What the entry plan asks of the function's own sizes, and of its `int` arguments. */
static void make_given(Low *l)
{
    DimCx *d = l->m->dims;
    for (int i = 0; i < l->fn->plan.n; i++) {
        const PlanRow *p = &l->fn->plan.p[i];
        Own o = { l, true };
        if (p->kind != PLAN_eq && p->kind != PLAN_le && p->kind != PLAN_lt && p->kind != PLAN_divides)
            continue;
        IrGiven g = { p->kind == PLAN_eq || p->kind == PLAN_divides, p->a, p->b };
        if (p->kind == PLAN_lt)
            g.a = dim_add(d, p->a, dim_const(d, 1));
        if (p->kind == PLAN_divides)
            g = (IrGiven){ true, dim_mod(d, p->b, p->a), dim_const(d, 0) };
        dim_syms(g.a, see_own, &o);
        dim_syms(g.b, see_own, &o);
        if (o.all && !dim_is_poison(g.a) && !dim_is_poison(g.b))
            vec_push(low_arena(l), &l->ir->given, g);
    }
}

static void make_signature(Low *l)
{
    CoreFn *fn = l->fn;
    Arena *a = low_arena(l);
    for (int i = 0; i < fn->dims.n; i++)
        vec_push(a, &l->ir->dims, fn->dims.p[i]);
    make_given(l);
    make_params(l);
    for (int i = 0; i < fn->surface.n; i++) {
        const CoreParam *p = &fn->surface.p[i];
        int at = p->first;
        for (int k = 0; p->var && k < p->nleaves; k++)
            vec_push(a, &l->ir->vars, p->first + k);
        if (p->sty)
            mark_load_time(l, p->sty, &at, !p->var && (!fn->statement || p->sty->kind == STY_struct));
    }
    for (int i = 0; i < fn->results.n; i++)
        vec_push(a, &l->ir->results, fn->results.p[i]);
}

/* ---- body ---- */

/* `var` parameters, leaf results, predicates of those that may be absent. */
static void make_return(Low *l)
{
    VEC(IrNode *) out = { 0 }, present = { 0 };
    Arena *a = low_arena(l);
    int nvars = l->ir->vars.n;
    for (int i = 0; i < nvars; i++)
        vec_push(a, &out, l->env[l->fn->params.p[l->ir->vars.p[i]]->id].value);
    for (int i = 0; i < l->nresults; i++) {
        int slot = low_slot(l, SLOT_result0) + i;
        LowVal x = l->env[slot];
        l->version->absent_result[i] = x.present != NULL;
        if (x.present) {
            vec_push(a, &present, x.present);
            vec_push(a, &l->ir->results, x.present->type);
        } else if (!x.value) {
            x.value = low_zero(l, low_type(l, l->ir->results.p[nvars + i])); /* the end is not reached */
        }
        vec_push(a, &out, x.value);
    }
    for (int i = 0; i < present.n; i++)
        vec_push(a, &out, present.p[i]);
    ir_add(&l->b, OP_ret, ir_scalar(DT_none), out.n, out.p);
}

static void make_body(Low *l)
{
    Cont k = { (Core *const *)&l->fn->body, 1, NULL };
    l->b = (IrBuilder){ l->ir, l->ir->body, NULL, l->fn->span };
    make_signature(l);
    low_list(l, &k);
    l->b.span = l->fn->span;
    make_return(l);
}

/* ---- versions ---- */

static bool any_absent(const LowFn *f, int n)
{
    for (int i = 0; i < n; i++)
        if (f->absent_param[i])
            return true;
    return false;
}

static LowFn *find_version(const IrModule *m, const CoreFn *fn, const bool *absent, bool entry)
{
    for (LowFn *f = fn->lowered; f; f = f->next) {
        bool fits = f->module == m && !(entry ? f->keeps : f->cleared);
        if (fits && memcmp(f->absent_param, absent, sizeof *absent * (size_t)fn->params.n) == 0)
            return f;
    }
    return NULL;
}

static Name version_name(const Low *l, const bool *absent)
{
    Buf b = buf_new(low_arena(l));
    bool plain = !l->keeps;
    buf_printf(&b, "%s.absent", l->fn->symbol);
    for (int i = 0; i < l->fn->params.n; i++)
        if (absent[i]) {
            buf_printf(&b, ".%d", i);
            plain = false;
        }
    return plain ? l->fn->symbol : name_of(l->m->names, buf_text(&b));
}

/* Leaf results of the function or of a scope in it, whatever is more. */
static int most_results(const Core *c, int most)
{
    for (int i = 0; c && i < c->nkids; i++)
        most = most_results(c->kids[i], most);
    return c && c->kind == C_scope && c->nouts > most ? c->nouts : most;
}

static Low start(IrModule *m, CoreFn *fn, LowFn *f, Diags *d)
{
    Low l = { .m = m, .diags = d, .fn = fn, .version = f, .nvars = fn->vars.n };
    int nvars = 0;
    for (int i = 0; i < fn->surface.n; i++)
        nvars += fn->surface.p[i].var ? fn->surface.p[i].nleaves : 0;
    l.nresults = fn->results.n - nvars;
    l.result_types = fn->results.p + nvars;
    l.nslots = l.nvars + SLOT_result0 + most_results(fn->body, l.nresults);
    l.absent = NEWN(m->arena, bool, l.nvars + 1);
    l.env = NEWN(m->arena, LowVal, l.nslots);
    l.index = NEWN(m->arena, IrNode *, fn->nindices + 1);
    l.syms = map_new(m->arena);
    l.sym_nodes = map_new(m->arena);
    for (int i = 0; i < fn->params.n; i++)
        l.absent[fn->params.p[i]->id] = f->absent_param[i];
    return l;
}

LowFn *low_version(IrModule *m, CoreFn *fn, const bool *absent, bool entry, Diags *d)
{
    LowFn *f = find_version(m, fn, absent, entry);
    if (f)
        return f;
    f = NEW(m->arena, LowFn);
    f->absent_param = arena_copy(m->arena, absent, sizeof *absent * (size_t)fn->params.n);
    f->module = m;
    Low l = start(m, fn, f, d);
    f->absent_result = NEWN(m->arena, bool, l.nresults + 1);
    low_scan(&l, fn->body);
    if (l.failed)
        return NULL;
    l.keeps = f->keeps = !entry && l.nreturns == 1 && l.absent_return;
    f->cleared = l.absent_return && entry && l.nreturns == 1;
    f->ir = l.ir = ir_fn_new(m, version_name(&l, absent), TENSOR, fn->span);
    make_body(&l);
    if (l.failed) {
        m->fns.n--; /* callees were lowered by the scan: this is the last one */
        return NULL;
    }
    f->next = fn->lowered;
    fn->lowered = f;
    if (!f->keeps && !any_absent(f, fn->params.n)) {
        l.ir->sig = fn;
        fn->ir = l.ir;
    }
    return f;
}

IrFn *frontend_lower(IrModule *m, CoreFn *fn, Diags *d)
{
    if (fn->failed) {
        diag_error(d, E0501, fn->span, "'%s' cannot be compiled: %s", fn->name, fn->why ? fn->why : "it has errors");
        return NULL;
    }
    bool *absent = NEWN(m->arena, bool, fn->params.n + 1);
    LowFn *f = low_version(m, fn, absent, true, d);
    return f ? f->ir : NULL;
}

bool frontend_reads_absent(const CoreFn *fn)
{
    for (const LowFn *f = fn->lowered; f; f = f->next)
        if (f->cleared)
            return true;
    return false;
}
