/* core_absent.c - which values of a function may be absent.
 *
 *     let p[j] = softmax[j | g[j]](x[j])       p may: a guard gives it
 *     let q = f(p) + 1                         q may not: a sum is absent only where both terms are
 *
 * One walk over the statements in order, so that "may this be absent" of an expression needs the variables alone.
 */
#include "frontend/absent_int.h"

#include <string.h>

/* Only operands that have a say are looked at, the right one, which is short in a chain, first: lowering asks this at each node. */
bool absence_op(const bool *var, const Core *e)
{
    switch (e->op) {
    case OP_mul:
    case OP_imul: return absence_of(var, e->kids[1]) || absence_of(var, e->kids[0]);
    case OP_div:
    case OP_neg:
    case OP_cast:
    case OP_stop: return absence_of(var, e->kids[0]);
    case OP_add:
    case OP_sub:
    case OP_iadd:
    case OP_isub: return absence_of(var, e->kids[1]) && absence_of(var, e->kids[0]);
    default: return false;
    }
}

bool absence_of(const bool *var, const Core *e)
{
    switch (e->kind) {
    case C_guard: return true;
    case C_var: return var[e->var->id];
    case C_op: return e->nkids > 0 && absence_op(var, e);
    case C_load:
    case C_reshape:
    case C_slicebox:
    case C_map: return absence_of(var, e->kids[0]);
    case C_if: return e->moves && (absence_of(var, e->kids[1]) || absence_of(var, e->kids[2]));
    case C_block: return absence_of(var, e->kids[e->nkids - 1]);
    default: return false;
    }
}

static void scan_call(Absence *a, const Core *e)
{
    bool *args = NEWN(a->arena, bool, e->nkids + 1);
    int nvars = 0;
    for (int i = 0; i < e->nkids; i++)
        args[i] = absence_of(a->var, e->kids[i]);
    for (int i = 0; i < e->callee->params.n; i++)
        nvars += e->callee->params.p[i]->mut;
    const bool *results = a->results(a->user, e, args);
    for (int i = nvars; results && i < e->nouts; i++)
        if (e->outs[i] && !e->outs[i]->mut)
            a->var[e->outs[i]->id] = results[i - nvars];
}

static void scan_return(Absence *a, const Core *e)
{
    a->nreturns++;
    a->ret = e;
    for (int i = 0; i < e->nkids; i++)
        a->given |= absence_of(a->var, e->kids[i]);
}

void absence_scan(Absence *a, const Core *e)
{
    if (!e)
        return;
    Absence before = *a;
    for (int i = 0; i < e->nkids; i++)
        absence_scan(a, e->kids[i]);
    for (int i = 0; e->kind == C_rec && i < e->rec->n; i++)
        absence_scan(a, e->rec->eqs[i].body);
    if (e->kind == C_let && !e->var->mut)
        a->var[e->var->id] = absence_of(a->var, e->kids[0]);
    else if (e->kind == C_call)
        scan_call(a, e);
    else if (e->kind == C_return)
        scan_return(a, e);
    if (e->kind == C_scope) /* its returns are its own, and read absent values as 0 */
        *a = before;
}

/* ---- of functions ---- */

struct AbsentKnown { struct AbsentKnown *next; const bool *args, *results; };

static const bool *look(Arena *arena, CoreFn *fn, const bool *args)
{
    bool *results = NEWN(arena, bool, fn->results.n + 1);
    Absence a = { .arena = arena, .var = NEWN(arena, bool, fn->vars.n + 1), .results = absence_results, .user = arena };
    for (int i = 0; i < fn->params.n; i++)
        a.var[fn->params.p[i]->id] = args[i];
    absence_scan(&a, fn->body);
    for (int i = 0; a.nreturns == 1 && i < a.ret->nkids; i++)
        results[i] = absence_of(a.var, a.ret->kids[i]);
    return results;
}

const bool *absence_results(void *arena, const Core *call, const bool *args)
{
    CoreFn *fn = call->callee;
    size_t n = sizeof *args * (size_t)fn->params.n;
    if (fn->failed || !fn->body)
        return NULL;
    for (const struct AbsentKnown *k = fn->absent; k; k = k->next)
        if (!memcmp(k->args, args, n))
            return k->results;
    struct AbsentKnown *k = NEW((Arena *)arena, struct AbsentKnown);
    k->args = arena_copy(arena, args, n + 1);
    k->results = look(arena, fn, args);
    k->next = fn->absent;
    fn->absent = k;
    return k->results;
}
