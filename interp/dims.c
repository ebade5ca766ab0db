/* dims.c - symbolic dims as numbers, and the entry plan. */
#include "interp/interp_int.h"

enum { SYM_DIM, SYM_VAR, SYM_INDEX };

static void put_symbol(Map *m, const DimSym *s, uint64_t kind, uint64_t number)
{
    if (s)
        map_put(m, s, (void *)(uintptr_t)(1 + (kind << 32 | number)));
}

static void index_symbols(Map *m, const Core *n)
{
    if (!n)
        return;
    for (int i = 0; i < n->nindices; i++)
        put_symbol(m, n->indices[i]->sym, SYM_INDEX, n->indices[i]->id);
    if (n->kind == C_for)
        put_symbol(m, n->index->sym, SYM_INDEX, n->index->id);
    if (n->kind == C_rec)
        for (int i = 0; i < n->rec->n; i++) {
            for (int k = 0; k < n->rec->eqs[i].nindices; k++)
                put_symbol(m, n->rec->eqs[i].indices[k]->sym, SYM_INDEX, n->rec->eqs[i].indices[k]->id);
            index_symbols(m, n->rec->eqs[i].body);
        }
    for (int i = 0; i < n->nkids; i++)
        index_symbols(m, n->kids[i]);
}

Map *symbols_of(Interp *in, const CoreFn *fn)
{
    Map *m = map_find(&in->fns, fn);
    if (m)
        return m;
    m = NEW(in->arena, Map);
    *m = map_new(in->arena);
    for (int i = 0; i < fn->dims.n; i++)
        put_symbol(m, fn->dims.p[i], SYM_DIM, (uint64_t)i);
    for (int i = 0; i < fn->vars.n; i++)
        put_symbol(m, fn->vars.p[i]->sym, SYM_VAR, (uint64_t)i);
    index_symbols(m, fn->body);
    map_put(&in->fns, fn, m);
    return m;
}

typedef struct Lookup { Env *e; const DimSym *missing; } Lookup;

static bool value_of(void *user, DimSym *s, int64_t *v)
{
    Lookup *l = user;
    uint64_t at = (uint64_t)(uintptr_t)map_find(l->e->syms, s);
    if (!at) {
        for (int i = l->e->found.n - 1; i >= 0; i--)
            if (l->e->found.p[i].sym == s) {
                *v = l->e->found.p[i].value;
                return true;
            }
        l->missing = s;
        return false;
    }
    uint64_t number = (at - 1) & 0xffffffffu;
    switch ((at - 1) >> 32) {
    case SYM_DIM: *v = l->e->dims[number]; break;
    case SYM_VAR: *v = l->e->vars[number].v.c.i; break;
    default: *v = l->e->index[number]; break;
    }
    return true;
}

/* ---- sizes that are known when an effect has run ---- */

typedef struct Late { Env *e; DimSym *sym; int n; int64_t guess; } Late;

static void count_late(void *user, DimSym *s)
{
    Late *l = user;
    l->n += s->late && s != l->sym;
    l->sym = s->late ? s : l->sym;
}

static bool value_guessed(void *user, DimSym *s, int64_t *v)
{
    Late *l = user;
    Lookup known = { l->e, NULL };
    *v = l->guess;
    return s == l->sym || value_of(&known, s, v);
}

static bool is_found(const Env *e, const DimSym *s, int64_t *at)
{
    for (*at = e->found.n - 1; *at >= 0; --*at)
        if (e->found.p[*at].sym == s)
            return true;
    return false;
}

/* d(s) = size, for d linear in its only late symbol; the newest value counts, in a loop. */
static void solve_late(Env *e, Dim d, int64_t size)
{
    Late l = { .e = e };
    int64_t at0, at1, at;
    dim_syms(d, count_late, &l);
    if (l.n != 1 || !dim_eval(d, value_guessed, &l, &at0))
        return;
    l.guess = 1;
    if (!dim_eval(d, value_guessed, &l, &at1) || at1 == at0 || (size - at0) % (at1 - at0))
        return;
    EnvDim found = { l.sym, (size - at0) / (at1 - at0) };
    if (is_found(e, l.sym, &at))
        e->found.p[at] = found;
    else
        vec_push(e->in->arena, &e->found, found);
}

void dims_found(Env *e, const IrType *t, const int64_t *shape)
{
    for (int i = 0; i < t->rank; i++)
        solve_late(e, t->dims[i], shape[i]);
}

static int64_t value_or(Env *e, Dim d, Span at, const char *wrong)
{
    int64_t v;
    Lookup l = { e, NULL };
    if (dim_is_const(d, &v) || dim_eval(d, value_of, &l, &v))
        return v;
    if (l.missing)
        interp_fail(e->in, MLCRT_EINTERNAL, at, "internal: the dim '%s' has no value", l.missing->name);
    Buf b = buf_new(e->in->arena);
    dim_print(d, &b);
    interp_fail(e->in, MLCRT_ERANGE, at, "%s %s", buf_text(&b), wrong);
}

int64_t dim_value(Env *e, Dim d, Span at) { return value_or(e, d, at, "passes 2^63, or is not whole"); }
int64_t dim_fitting(Env *e, Dim d, Span at) { return value_or(e, d, at, "passes 2^63"); }

/* ---- the entry plan ------------------------------------------------------------------------------------------ */

static void bind(Env *e, const DimSym *s, int64_t v)
{
    uint64_t at = (uint64_t)(uintptr_t)map_find(e->syms, s);
    if (at && (at - 1) >> 32 == SYM_DIM)
        e->dims[(at - 1) & 0xffffffffu] = v;
}

static void expect(Env *e, const PlanRow *r, int64_t got, int64_t wanted)
{
    if (got != wanted)
        interp_fail(e->in, MLCRT_ESHAPE, r->span, "axis %d of '%s' is %lld, expected %lld%s%s", r->axis,
                    r->leaf >= 0 ? e->fn->params.p[r->leaf]->name : "a handle", (long long)got, (long long)wanted,
                    r->text ? ": " : "", r->text ? r->text : "");
}

static bool holds(Env *e, const PlanRow *r)
{
    int64_t a = dim_value(e, r->a, r->span), b = dim_value(e, r->b, r->span);
    switch (r->kind) {
    case PLAN_eq: return a == b;
    case PLAN_ne: return a != b;
    case PLAN_le: return a <= b;
    case PLAN_lt: return a < b;
    default: return a != 0 && b % a == 0;
    }
}

static int64_t solved(Env *e, const PlanRow *r)
{
    int64_t a = dim_value(e, r->a, r->span), b = r->b ? dim_value(e, r->b, r->span) : 1;
    if (b == 0 || a % b != 0)
        interp_fail(e->in, MLCRT_ESHAPE, r->span, "'%s' is not whole: %lld / %lld", r->sym->name, (long long)a, (long long)b);
    return a / b;
}

bool run_plan(Env *e, const InterpTensor *args, const int64_t *numbers)
{
    for (int i = 0; i < e->fn->plan.n; i++) {
        const PlanRow *r = &e->fn->plan.p[i];
        switch (r->kind) {
        case PLAN_bind: bind(e, r->sym, args[r->leaf].shape[r->axis]); break;
        case PLAN_number: bind(e, r->sym, numbers ? *numbers++ : 0); break;
        case PLAN_solve: bind(e, r->sym, solved(e, r)); break;
        case PLAN_axis: expect(e, r, args[r->leaf].shape[r->axis], dim_value(e, r->a, r->span)); break;
        case PLAN_numeq: break; /* the leaves of the handle say it again */
        default:
            if (!holds(e, r))
                interp_fail(e->in, MLCRT_ECHECK, r->span, "%s does not hold", r->text ? r->text : "a condition");
        }
    }
    return true;
}
