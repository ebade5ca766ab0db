/* script_step.c - statements with an effect whose result has a size that is known only when it ran.
 *
 *     let net = load("stories260K.bin") as Llama(_, _, _, 8, 4, _)     a chain of effects on constants and variables: done here,
 *     let prompt = encode(words, args(1))                              and what `load` made is not even copied
 *     let n = len(read_bytes(args(1))) + 1                             anything else: in the interpreter, which has compiled code
 *                                                                       called for functions without such effects (script_call.c)
 */
#include <string.h>

#include "driver/foreign.h"
#include "driver/script_int.h"


/* ---- chains ---------------------------------------------------------------------------------------------------------------- */

typedef struct Chain {
    Script *s;
    Arena *a;
    const CoreStmt *st;
    InterpTensor *vars;    /* by CoreVar.id */
    InterpTensor *results;
    int status;
} Chain;

static bool is_plain(const Core *c)
{
    return c->kind == C_var || c->kind == C_const || c->kind == C_str;
}

/* Only effects, definitions and a return, all of them of variables and constants. */
static bool is_chain(const Core *c)
{
    switch (c->kind) {
    case C_block:
    case C_stmts:
        for (int i = 0; i < c->nkids; i++)
            if (!is_chain(c->kids[i]))
                return false;
        return true;
    case C_let:
    case C_return:
        for (int i = 0; i < c->nkids; i++)
            if (!is_plain(c->kids[i]))
                return false;
        return true;
    case C_effect:
        for (int i = 0; i < c->effect->nargs; i++)
            for (int k = 0; k < c->effect->args[i].nleaves; k++)
                if (!is_plain(c->effect->args[i].leaves[k]))
                    return false;
        return true;
    default: return false;
    }
}

/* A chain is not worth compiling. */
bool script_is_step(Script *s, const CoreStmt *st)
{
    return script_has_sized_effect(s, st->fn) || is_chain(st->fn->body);
}

bool script_is_given(const CoreStmt *st)
{
    return !st->fn || (st->writes.n && !st->fn->failed && is_chain(st->fn->body));
}

static InterpTensor plain_value(Chain *h, const Core *c)
{
    InterpTensor t = { .dtype = c->type.dtype, .data = arena_alloc(h->a, 16) };
    float f = (float)c->fval;
    if (c->kind == C_var)
        return h->vars[c->var->id];
    if (c->kind == C_str) {
        t.dtype = DT_str;
        memcpy(t.data, &c->str, sizeof c->str);
    } else if (t.dtype == DT_key)
        memcpy(t.data, c->key, 16);
    else if (t.dtype == DT_f32)
        memcpy(t.data, &f, 4);
    else if (t.dtype == DT_f64)
        memcpy(t.data, &c->fval, 8);
    else
        memcpy(t.data, &c->ival, 8);
    return t;
}

/* Results of effects live until the next one: what is small is copied, what `load` made stays with its handle. */
static InterpTensor keep(Chain *h, const InterpTensor *t)
{
    InterpTensor k = *t;
    if (h->s->loaded.n && k.rank)
        return k;
    k.data = arena_alloc(h->a, value_bytes(t) + 16);
    if (value_bytes(t))
        memcpy(k.data, t->data, value_bytes(t));
    return k;
}

static void run_effect(Chain *h, const Core *c)
{
    const CoreEffect *e = c->effect;
    int n = 0;
    for (int i = 0; i < e->nargs; i++)
        n += e->args[i].nleaves;
    InterpTensor *args = NEWN(h->a, InterpTensor, n + 1), *out = NEWN(h->a, InterpTensor, c->nouts + 1);
    n = 0;
    for (int i = 0; i < e->nargs; i++)
        for (int k = 0; k < e->args[i].nleaves; k++)
            args[n++] = plain_value(h, e->args[i].leaves[k]);
    h->status = script_effect(h->s, e, args, n, out, c->nouts);
    for (int i = 0; !h->status && i < c->nouts; i++)
        if (c->outs[i])
            h->vars[c->outs[i]->id] = keep(h, &out[i]);
}

/* `var` parameters first, then the values. */
static void run_return(Chain *h, const Core *c)
{
    int n = 0;
    for (int i = 0; i < h->st->fn->params.n; i++)
        if (h->st->fn->params.p[i]->mut)
            h->results[n++] = h->vars[h->st->fn->params.p[i]->id];
    for (int i = 0; i < c->nkids; i++)
        h->results[n++] = plain_value(h, c->kids[i]);
}

static void run_chain(Chain *h, const Core *c)
{
    for (int i = 0; (c->kind == C_block || c->kind == C_stmts) && i < c->nkids && !h->status; i++)
        run_chain(h, c->kids[i]);
    if (c->kind == C_let)
        h->vars[c->var->id] = plain_value(h, c->kids[0]);
    if (c->kind == C_return)
        run_return(h, c);
    if (c->kind == C_effect)
        run_effect(h, c);
}

/* ---- in the interpreter ------------------------------------------------------------------------------------------------------ */

static int effect_of(void *user, Arena *a, const CoreEffect *e, InterpTensor *args, int nargs, InterpTensor *results, int nresults)
{
    (void)a;
    return script_effect(user, e, args, nargs, results, nresults);
}

static bool was_cancelled(void *user)
{
    RtSession *s = ((Script *)user)->session->slot.contents;
    return atomic_exchange(&s->cancelled, 0) != 0;
}

static int64_t *numbers_of(Chain *h)
{
    const CoreFn *fn = h->st->fn;
    int64_t *v = NEWN(h->a, int64_t, fn->plan.n + 1);
    int n = 0;
    for (int i = 0; i < fn->plan.n; i++)
        if (fn->plan.p[i].kind == PLAN_number)
            n += script_dim_sym(h->s, fn->plan.p[i].sym, &v[n]);
    return v;
}

static const char *foreign_of(void *user, Arena *a, const char *symbol, const InterpTensor *args, int nargs, InterpTensor *result)
{
    return foreign_call(((Script *)user)->u, a, symbol, args, nargs, result);
}

static const void *fetch(void *user, void *name)
{
    InterpTensor leaf = { .data = name, .away = true };
    return value_fetch(user, &leaf) ? leaf.data : NULL;
}

static void interpret(Chain *h, const InterpTensor *leaves)
{
    InterpOptions o = { .hooks = { h->s, effect_of, foreign_of, was_cancelled, script_takes, script_call, fetch } };
    if (h->s->o.interp)
        o.hooks.takes = NULL, o.hooks.call = NULL;
    InterpError error;
    RtSession *session = h->s->session->slot.contents;
    h->status = interp_call(h->a, h->st->fn, leaves, numbers_of(h), h->results, &o, &error);
    if (!h->status || session->error.status)
        return;
    Place p = span_place(h->s->u->sources, error.span);
    rt_session_fail(session, h->status, (RtPlace){ p.file, NULL, p.line, p.column, -1 }, "%s", error.text);
}

/* ---- a step -------------------------------------------------------------------------------------------------------------------- */

/* The first leaves are `var` parameters: their variables get new values like the others, when all are made: one may be another's old one. */
static bool take(Chain *h)
{
    const CoreStmt *st = h->st;
    InterpTensor *at = h->results;
    ScriptValue *values = NEWN(h->a, ScriptValue, st->writes.n + 1);
    bool ok = true;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < st->writes.n; i++) {
            const CoreSty *sty = st->writes.p[i]->sty;
            if (script_in_place(st, st->writes.p[i]) != (pass == 0))
                continue;
            ok = ok && script_adopt(h->s, &values[i], sty, at, core_sty_leaves(sty));
            at += core_sty_leaves(sty);
        }
    if (ok && st->value && st->value->kind != STY_none)
        ok = script_adopt(h->s, &h->s->last, st->value, at, core_sty_leaves(st->value));
    for (int i = 0; i < st->writes.n; i++)
        if (ok)
            script_set(h->s, st->writes.p[i], values[i]);
        else
            value_drop(h->s, &values[i]);
    return ok;
}

/* The value of leaves that belong to somebody else: what `load` made is taken as it is, all else is copied. */
bool script_adopt(Script *s, ScriptValue *v, const CoreSty *sty, const InterpTensor *leaves, int n)
{
    MlcrtHandle **h = sty->kind == STY_struct ? value_handle(s, sty->strct, leaves, n) : NULL;
    for (int i = 0; h && i < s->loaded.n; i++)
        if (h == &s->loaded.p[i]) {
            *v = (ScriptValue){ .sty = sty, .handle = *h };
            *h = NULL;
            return true;
        }
    if (h) {
        *v = (ScriptValue){ .sty = sty };
        return !mlcrt_handle_copy(s->session, *h, &v->handle);
    }
    Arena *a = arena_new(&s->mem);
    InterpTensor *views = arena_copy(a, leaves, (size_t)n * sizeof *leaves);
    bool ok = true;
    for (int i = 0; i < n; i++)
        ok = ok && value_fetch(s, &views[i]);
    if (ok)
        ok = sty->kind == STY_struct ? script_make_handle(s, v, sty, views, n, false) : value_new(s, v, sty, views, n, true);
    arena_drop(a);
    return ok;
}

void script_forget(Script *s)
{
    script_forget_calls(s);
    for (int i = 0; i < s->loaded.n; i++)
        mlcrt_handle_free(s->loaded.p[i]);
    s->loaded.n = 0;
    s->lent = false;
}

bool script_step(Script *s, Arena *a, const CoreStmt *st, const InterpTensor *leaves)
{
    Chain h = { .s = s, .a = a, .st = st, .results = NEWN(a, InterpTensor, st->fn->results.n + 1) };
    RtSession *session = s->session->slot.contents;
    session->error = (MlcrtError){ .position = -1, .sentence = "" };
    if (is_chain(st->fn->body)) {
        h.vars = NEWN(a, InterpTensor, st->fn->vars.n + 1);
        for (int i = 0; i < st->fn->params.n; i++)
            h.vars[st->fn->params.p[i]->id] = leaves[i];
        run_chain(&h, st->fn->body);
    } else {
        interpret(&h, leaves);
    }
    bool ok = !h.status && take(&h);
    if (!ok)
        unit_fault(s->u, s->session, st->span, s->load_failed);
    return ok;
}
