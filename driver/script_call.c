/* script_call.c - calls of compiled functions out of a step, which the interpreter runs (script_step.c).
 *
 *     let net = if exists(p) { load(p) as Net(64) } else { Net(64) }       the choice: interpreted; Net(64): compiled
 *     fn main() { let x = read_bytes(p); for i in 0..9 { train(net, x) } }   train: compiled
 *
 * A model that is an argument becomes a handle once for all calls of the step that get the same leaves.
 */
#include <string.h>

#include "driver/script_int.h"

/* ---- which functions ---- */

static bool body_has_sized(Script *s, const Core *c)
{
    if (!c)
        return false;
    for (int i = 0; c->kind == C_effect && i < c->nouts; i++)
        if (c->outs[i] && c->outs[i]->type.rank)
            return true;
    if (c->kind == C_call && script_has_sized_effect(s, c->callee))
        return true;
    for (int i = 0; i < c->nkids; i++)
        if (body_has_sized(s, c->kids[i]))
            return true;
    return false;
}

enum { KNOWN_NO = 1, KNOWN_YES = 2 };

bool script_has_sized_effect(Script *s, const CoreFn *fn)
{
    uintptr_t known = (uintptr_t)map_find(&s->sized, fn);
    if (!known) {
        known = body_has_sized(s, fn->body) ? KNOWN_YES : KNOWN_NO;
        map_put(&s->sized, fn, (void *)known);
    }
    return known == KNOWN_YES;
}

/* Small ones are interpreted before they would be compiled. */
static bool is_worth_it(const Core *c)
{
    if (!c)
        return false;
    if (c->kind == C_while || c->kind == C_for || c->kind == C_map || c->kind == C_reduce || c->kind == C_rec || c->type.rank > 0)
        return true;
    for (int i = 0; i < c->nkids; i++)
        if (is_worth_it(c->kids[i]))
            return true;
    return false;
}

/* Its sizes follow from its arguments. */
static bool binds_all(const CoreFn *fn)
{
    for (int i = 0; i < fn->dims.n; i++) {
        bool bound = false;
        for (int k = 0; k < fn->plan.n && !bound; k++)
            bound = fn->plan.p[k].sym == fn->dims.p[i];
        if (!bound)
            return false;
    }
    return true;
}

/* A list of models comes as its leaves, of which nothing can be prepared. */
static bool prepares_handles(const MlcrtFn *m)
{
    for (int i = 0; i < m->npreps; i++)
        if (m->preps[i].param < 0 || m->params[m->preps[i].param].kind != MLCRT_PARAM_HANDLE)
            return false;
    return true;
}

/* A failure is no mistake of the program: it is interpreted then. */
static MlcrtFn *compile(Script *s, CoreFn *fn)
{
    Diags *loud = s->u->diags;
    s->u->diags = diags_new(s->u->arena, s->u->sources);
    const unsigned char *plain = NULL;
    bool ok = unit_statements(s->u, &fn, &plain, 1);
    s->u->diags = loud;
    MlcrtFn *m = ok && !frontend_reads_absent(fn) ? tables_statement(s->u->tables, fn) : NULL;
    return m && prepares_handles(m) ? m : NULL;
}

bool script_takes(void *script, const CoreFn *fn)
{
    static const char no;
    Script *s = script;
    const void *m = map_find(&s->compiled, fn);
    if (!m) {
        bool fits = !fn->failed && binds_all(fn) && !script_has_sized_effect(s, fn) && is_worth_it(fn->body);
        m = fits ? compile(s, (CoreFn *)(uintptr_t)fn) : NULL;
        map_put(&s->compiled, fn, m ? (void *)(uintptr_t)m : (void *)(uintptr_t)&no);
    }
    return m && m != &no;
}

/* ---- arguments ---- */

typedef struct Call {
    Script *s;
    Arena *a;
    const CoreFn *fn;
    const int64_t *dims;
    InterpTensor *args;
    VEC(void *) p;
    MlcrtHandle **own;   /* by surface parameter: one that the call changes, or NULL */
    int status;
} Call;

static bool dim_in_call(void *user, DimSym *sym, int64_t *v)
{
    const Call *c = user;
    for (int i = 0; i < c->fn->dims.n; i++)
        if (c->fn->dims.p[i] == sym) {
            *v = c->dims[i];
            return true;
        }
    for (int i = 0; i < c->fn->params.n; i++)
        if (c->fn->params.p[i]->sym == sym && !c->fn->params.p[i]->type.rank) {
            memcpy(v, c->args[i].data, sizeof *v);
            return true;
        }
    return false;
}

static bool same_leaf(const InterpTensor *x, const InterpTensor *y)
{
    if (x->rank != y->rank || x->dtype != y->dtype)
        return false;
    return x->rank ? x->data == y->data && x->away == y->away && !memcmp(x->shape, y->shape, (size_t)x->rank * sizeof *x->shape)
                   : !memcmp(x->data, y->data, (size_t)dtype_bytes(x->dtype));
}

static MlcrtHandle *made_before(Script *s, const CoreStruct *type, const InterpTensor *leaves, int n)
{
    for (int i = 0; i < s->handles.n; i++) {
        const CallHandle *h = &s->handles.p[i];
        bool same = h->type == type && h->n == n;
        for (int k = 0; k < n && same; k++)
            same = same_leaf(&h->leaves[k], &leaves[k]);
        if (same)
            return h->handle;
    }
    return NULL;
}

static MlcrtHandle *handle_new(Call *c, const CoreParam *p)
{
    MlcrtStruct *type = oracle_struct(c->s->u, p->sty->strct);
    MlcrtTensor *t = NEWN(c->a, MlcrtTensor, p->nleaves + 1);
    int64_t *numbers = NEWN(c->a, int64_t, type->nnumbers + 1);
    MlcrtHandle *h = NULL;
    for (int i = 0; i < type->nnumbers; i++)
        if (i >= p->sty->n || !dim_eval(p->sty->args[i], dim_in_call, c, &numbers[i]))
            numbers[i] = -1;
    for (int i = 0; i < p->nleaves && !c->status; i++) {
        InterpTensor *x = arena_copy(c->a, &c->args[p->first + i], sizeof *x); /* the argument keeps its name */
        c->status = value_fetch(c->s, x) ? MLCRT_OK : MLCRT_EMEMORY;
        t[i] = value_tensor(x);
    }
    if (!c->status)
        c->status = mlcrt_handle_from_tensors(c->s->session, &c->s->u->oracle->module, type, numbers, t, &h);
    return h;
}

enum { HANDLES_MOST = 8 };

static MlcrtHandle *handle_of(Call *c, int i)
{
    const CoreParam *p = &c->fn->surface.p[i];
    const InterpTensor *leaves = &c->args[p->first];
    Script *s = c->s;
    if (p->var)
        return c->own[i] = handle_new(c, p);
    MlcrtHandle **there = value_handle(s, p->sty->strct, leaves, p->nleaves), *h = there ? *there : made_before(s, p->sty->strct, leaves, p->nleaves);
    if (h)
        return h;
    if (s->handles.n == HANDLES_MOST)
        script_forget_calls(s);
    CallHandle made = { p->sty->strct, p->nleaves, leaves, NULL };
    vec_push(s->arena, &s->handles, made); /* room first: nothing fails while the handle belongs to nobody */
    h = vec_last(&s->handles).handle = handle_new(c, p);
    if (!h)
        s->handles.n--;
    return h;
}

void script_forget_calls(Script *s)
{
    for (int i = 0; i < s->handles.n; i++)
        mlcrt_handle_free(s->handles.p[i].handle);
    s->handles.n = 0;
}

static void add_args(Call *c, const MlcrtFn *m)
{
    for (int i = 0; i < c->fn->surface.n && !c->status; i++) {
        const CoreParam *p = &c->fn->surface.p[i];
        if (p->sty->kind == STY_struct) {
            MlcrtHandle *h = handle_of(c, i);
            vec_push(c->a, &c->p, h);
            if (!c->s->lent)
                script_settle(c->s, h, m, p->first, false);
            continue;
        }
        for (int k = 0; k < p->nleaves; k++) {
            InterpTensor *x = &c->args[p->first + k];
            MlcrtTensor *t = NEW(c->a, MlcrtTensor);
            if (!value_fetch(c->s, x))
                c->status = MLCRT_EMEMORY;
            *t = value_tensor(x);
            vec_push(c->a, &c->p, x->rank ? (void *)t : x->data);
        }
    }
}

/* ---- results ---- */

/* `var` leaves are where they were, or in the handle. */
static void take_vars(Call *c, InterpTensor *results)
{
    int n = 0;
    for (int i = 0; i < c->fn->surface.n; i++) {
        const CoreParam *p = &c->fn->surface.p[i];
        ScriptValue v = { .handle = c->own[i] };
        if (!p->var)
            continue;
        if (v.handle)
            value_leaves(&v, results + n);
        for (int k = 0; k < p->nleaves; k++, n++) {
            const InterpTensor *x = v.handle ? &results[n] : &c->args[p->first + k];
            results[n] = *x;
            if (v.handle)
                results[n].data = arena_copy(c->a, ((const RtBox *)v.handle->slot.contents)->leaves[k].data, value_bytes(x));
            results[n].away = false;
        }
    }
}

static void take_values(Call *c, const MlcrtFn *m, MlcrtTensor *heads, InterpTensor *results)
{
    for (int i = 0; i < m->nresults; i++)
        if (results[i].rank) {
            size_t bytes = value_bytes(&results[i]);
            results[i].data = bytes ? arena_copy(c->a, heads[i].data, bytes) : arena_alloc(c->a, 16);
            mlcrt_tensor_free(c->s->u->context, &heads[i]);
        }
}

int script_call(void *script, Arena *a, const CoreFn *fn, const int64_t *dims, const InterpTensor *args, InterpTensor *results)
{
    Script *s = script;
    const MlcrtFn *m = map_find(&s->compiled, fn);
    Call c = { .s = s, .a = a, .fn = fn, .dims = dims };
    MlcrtTensor *heads = NEWN(a, MlcrtTensor, m->nresults + 1);
    int nvars = fn->results.n - m->nresults;
    c.args = arena_copy(a, args, sizeof *args * (size_t)fn->params.n);
    c.own = NEWN(a, MlcrtHandle *, fn->surface.n + 1);
    add_args(&c, m);
    for (int i = 0; i < m->nresults && !c.status; i++) {
        const MlcrtLeaf *l = &m->leaves[m->nleaves + i];
        InterpTensor *r = &results[nvars + i];
        *r = (InterpTensor){ .dtype = (IrDtype)l->dtype, .rank = l->rank, .data = arena_alloc(a, 16) };
        heads[i] = (MlcrtTensor){ .rank = l->rank, .shape = r->shape };
        vec_push(a, &c.p, l->rank ? (void *)&heads[i] : r->data);
    }
    if (!c.status)
        c.status = mlcrt_invoke(s->session, m, c.p.p);
    if (!c.status) {
        take_vars(&c, results);
        take_values(&c, m, heads, results + nvars);
    }
    for (int i = 0; i < fn->surface.n; i++)
        mlcrt_handle_free(c.own[i]);
    return c.status;
}
