/* check_extern.c - calls of C functions.
 *
 *     extern "m" fn hypot(x: f64, y: f64) -> f64
 *     let r[i] = hypot(a[i], b[i])              extern "m:hypot"(a[i], b[i]): a scalar operation
 *
 * Such a function takes and gives numbers and does nothing else, so it may be called any number of times, in any order. Like an
 * elementary function it goes through tensors element by element.
 */
#include "frontend/check/check_int.h"

#include <string.h>

enum { EXTERN_PARAMS = 8 }; /* as many operands as a scalar operation has at most */

typedef struct Signature { Name symbol; IrDtype result, params[EXTERN_PARAMS]; int n; } Signature;

/* A number or truth value that C passes by value; DT_none for anything else. */
static IrDtype c_type(Fx *f, const Tree *t)
{
    bool weak;
    if (!t || t->kind != T_tbase || t->kids[1] || t->kids[2] || (t->kids[0]->kids && t->kids[0]->nkids && t->kids[0]->kids[0]->nkids))
        return DT_none;
    IrDtype d = dtype_named(f, t->kids[0]->name, &weak);
    return dtype_is_int(d) || d == DT_f32 || d == DT_f64 || d == DT_bool ? d : DT_none;
}

static bool signature(Fx *f, const Decl *d, Signature *s)
{
    const Tree *params = d->tree->kids[0];
    s->symbol = name_of(f->cx->names, arena_printf(f->a, "%s:%s", d->tree->text, d->name));
    s->n = params->nkids;
    s->result = c_type(f, d->tree->kids[1]);
    if (s->result == DT_none || s->n > EXTERN_PARAMS)
        return false;
    for (int i = 0; i < s->n; i++) {
        const Tree *p = params->kids[i];
        s->params[i] = p->flags & (TF_VAR | TF_NAMED) || p->kids[1] ? DT_none : c_type(f, p->kids[0]);
        if (s->params[i] == DT_none)
            return false;
    }
    return true;
}

/* Names of types that do not exist are said where the function is declared. */
void check_extern(Fx *f, const Decl *d)
{
    const Tree *params = d->tree->kids[0];
    for (int i = 0; i < params->nkids; i++) {
        const Tree *t = params->kids[i]->kids[0];
        if (!t)
            report(f, E0207, params->kids[i]->span, "parameter '%s' of a C function needs a type", params->kids[i]->name);
        else if (c_type(f, t) == DT_none)
            type_of(f, t);
    }
    if (d->tree->kids[1] && c_type(f, d->tree->kids[1]) == DT_none)
        type_of(f, d->tree->kids[1]);
    if (!strncmp(d->name, "mlc", 3) || strchr(d->tree->text, ':'))
        report(f, E0401, d->tree->span, strchr(d->tree->text, ':') ? "'%s' is no name of a library" : "names that begin with 'mlc' are the compiler's own: '%s'",
               strchr(d->tree->text, ':') ? d->tree->text : d->name);
}

static void note(Cx *cx, Name symbol)
{
    for (int i = 0; i < cx->externs.n; i++)
        if (cx->externs.p[i] == symbol)
            return;
    vec_push(cx->a, &cx->externs, symbol);
}

int frontend_externs(const Frontend *fe, const char *const **symbols)
{
    *symbols = fe->externs.p;
    return fe->externs.n;
}

static Val *scalar_call(Fx *f, const void *user, int n, Val **args, Span s)
{
    const Signature *sig = user;
    Core *kids[EXTERN_PARAMS + 1];
    for (int i = 0; i < n; i++) {
        kids[i] = core_as(f, args[i], sig->params[i], s);
        if (!kids[i])
            return val_error();
    }
    Core *c = core_kids(f, C_op, ir_scalar(sig->result), n, kids);
    c->op = OP_extern;
    c->str = sig->symbol;
    c->span = s;
    note(f->cx, sig->symbol);
    return val_core(f, c, false);
}

Val *call_extern(Fx *f, const Decl *d, const Tree *args, Span s)
{
    Signature *sig = NEW(f->a, Signature);
    Val **vals = NEWN(f->a, Val *, args->nkids + 1);
    bool ok = true;
    if (!signature(f, d, sig)) {
        not_yet(f, E0501, s, "calling a C function of more than 8 parameters, or of anything but numbers");
        return val_error();
    }
    for (int i = 0; i < args->nkids; i++) {
        if (args->kids[i]->name) {
            report(f, E0205, args->kids[i]->span, "arguments of a C function are not named");
            return val_error();
        }
        vals[i] = expr(f, args->kids[i]->kids[0]);
        ok &= !is_error(vals[i]);
    }
    if (ok && args->nkids != sig->n) {
        report(f, E0205, s, "'%s' takes %d argument%s, not %d", d->name, sig->n, sig->n == 1 ? "" : "s", args->nkids);
        return val_error();
    }
    return ok ? elementwise(f, sig->n, vals, scalar_call, sig, s) : val_error();
}
