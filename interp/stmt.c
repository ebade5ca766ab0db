/* stmt.c - statements, calls and activations. */
#include <string.h>

#include "interp/interp_int.h"

static void clear_absent(Interp *in, Slot *s, const IrType *t)
{
    if (t->rank)
        s->t = tensor_clear(in, s->t);
    else if (s->v.absent)
        s->v = (Val){ 0 };
}

static void set_var(Env *e, const CoreVar *v, const Core *value)
{
    Slot s = e->vars[v->id];
    eval_into(e, value, &s);
    if (v->mut)
        clear_absent(e->in, &s, &v->type);
    e->vars[v->id] = s;
}

/* ---- var[box] = value -------------------------------------------------------------------------------------------- */

static void put_box(Env *e, const Core *n, Tensor *t, const Tensor *from, Val scalar)
{
    int64_t start[IR_RANK_MOST], len[IR_RANK_MOST], total = 1;
    for (int i = 0; i < t->rank; i++) {
        start[i] = eval(e, n->kids[i + 1]).c.i;
        len[i] = n->box[i] ? dim_value(e, n->box[i], n->span) : 1;
        total *= len[i];
        if (start[i] < 0 || len[i] < 0 || start[i] + len[i] > t->shape[i])
            interp_fail(e->in, MLCRT_EINDEX, n->span, "[%lld, %lld) is outside of axis %d of size %lld", (long long)start[i],
                        (long long)(start[i] + len[i]), i, (long long)t->shape[i]);
    }
    for (int64_t k = 0; k < total; k++) {
        int64_t rest = k, at = 0, sub[IR_RANK_MOST];
        for (int i = t->rank - 1; i >= 0; i--) {
            sub[i] = start[i] + rest % len[i];
            rest /= len[i];
        }
        for (int i = 0; i < t->rank; i++)
            at = at * t->shape[i] + sub[i];
        Val v = from ? tensor_get(e->in, from, k) : scalar;
        tensor_set(e->in, t, at, v.absent ? (Val){ 0 } : v);
    }
}

static void run_update(Env *e, const Core *n)
{
    const Core *value = n->kids[0];
    Tensor *from = value->type.rank ? eval_tensor(e, value) : NULL;
    Val scalar = from ? (Val){ 0 } : eval(e, value);
    Slot *s = &e->vars[n->target->id];
    if (s->t->shared || from == s->t)
        s->t = tensor_copy(e->in, s->t);
    put_box(e, n, s->t, from, scalar);
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

Env *env_new(Interp *in, const CoreFn *fn)
{
    Env *e = NEW(in->arena, Env);
    e->in = in;
    e->fn = fn;
    e->vars = NEWN(in->arena, Slot, fn->vars.n + 1);
    e->index = NEWN(in->arena, int64_t, fn->nindices + 1);
    e->dims = NEWN(in->arena, int64_t, fn->dims.n + 1);
    e->syms = symbols_of(in, fn);
    e->ret = NEWN(in->arena, Slot, fn->results.n + 1);
    return e;
}

static bool is_out(const Core *n, const CoreVar *v)
{
    for (int i = 0; i < n->nouts; i++)
        if (n->outs[i] == v)
            return true;
    return false;
}

static int times_passed(const Core *n, const CoreVar *v)
{
    int k = 0;
    for (int i = 0; i < n->nkids; i++)
        k += n->kids[i]->kind == C_var && n->kids[i]->var == v;
    return k;
}

static void pass_argument(Env *e, const Core *n, const Core *arg, Slot *to)
{
    bool moved = arg->kind == C_var && arg->type.rank && is_out(n, arg->var) && times_passed(n, arg->var) == 1;
    bool was_shared = moved && e->vars[arg->var->id].t && e->vars[arg->var->id].t->shared;
    eval_into(e, arg, to);
    if (moved)
        to->t->shared = was_shared; /* the callee's result replaces it */
}

/* ---- calls of compiled code ---- */

static bool keeps_absent(const Slot *s, const IrType *t)
{
    return t->rank ? s->t->absent != NULL : s->v.absent;
}

/* What is not changed by the call keeps its memory for the next one. */
static void argument_image(Env *e, const CoreVar *v, const Slot *s, InterpTensor *out)
{
    if (!v->type.rank) {
        scalar_write(e->in, v->type.dtype, s->v, out);
        return;
    }
    if (v->mut || !s->t->image)
        tensor_write(e->in, s->t, out);
    else
        *out = tensor_image(s->t);
    if (!v->mut)
        s->t->image = out->data;
}

static bool call_compiled(Env *e, Env *c, const Core *n)
{
    const InterpHooks *h = &e->in->o->hooks;
    const CoreFn *fn = n->callee;
    if (!h->call || e->in->o->wide || !h->takes(h->user, fn))
        return false;
    for (int i = 0; i < fn->params.n; i++)
        if (keeps_absent(&c->vars[fn->params.p[i]->id], &fn->params.p[i]->type))
            return false;
    InterpTensor *in = NEWN(e->in->arena, InterpTensor, fn->params.n + 1), *out = NEWN(e->in->arena, InterpTensor, fn->results.n + 1);
    for (int i = 0; i < fn->params.n; i++)
        argument_image(e, fn->params.p[i], &c->vars[fn->params.p[i]->id], &in[i]);
    int status = h->call(h->user, e->in->arena, fn, c->dims, in, out);
    if (status)
        interp_fail(e->in, status, n->span, "'%s' failed", fn->name);
    for (int i = 0; i < fn->results.n; i++)
        if (fn->results.p[i].rank)
            c->ret[i].t = tensor_view(e->in, &out[i], n->span);
        else
            c->ret[i].v = scalar_read(e->in, &out[i]);
    return true;
}

static void run_call(Env *e, const Core *n)
{
    Env *c = env_new(e->in, n->callee);
    if (n->callee->failed)
        interp_fail(e->in, MLCRT_EINTERNAL, n->span, "'%s' cannot be called: %s", n->callee->name, n->callee->why ? n->callee->why : "it has errors");
    for (int i = 0; i < n->callee->dims.n; i++)
        c->dims[i] = dim_value(e, n->dims[i], n->span);
    for (int i = 0; i < n->nkids; i++)
        pass_argument(e, n, n->kids[i], &c->vars[n->callee->params.p[i]->id]);
    if (!call_compiled(e, c, n))
        run_stmt(c, n->callee->body);
    for (int i = 0; i < n->nouts; i++)
        if (n->outs[i]) {
            e->vars[n->outs[i]->id] = c->ret[i];
            if (n->outs[i]->type.rank)
                dims_found(e, &n->outs[i]->type, c->ret[i].t->shape);
        }
}

static int count_returns(const Core *n)
{
    int k = n && n->kind == C_return;
    for (int i = 0; n && n->kind != C_scope && i < n->nkids; i++)
        k += count_returns(n->kids[i]);
    return k;
}

/* What leaves a scope is read as 0 where it is absent. */
static Flow leave_scope(Env *e, const Core *n)
{
    Slot *out = NEWN(e->in->arena, Slot, n->nkids + 1);
    for (int i = 0; i < n->nkids; i++) {
        eval_into(e, n->kids[i], &out[i]);
        clear_absent(e->in, &out[i], &n->kids[i]->type);
    }
    for (int i = 0; i < n->nkids; i++)
        e->vars[e->scope->outs[i]->id] = out[i];
    return FLOW_return;
}

static Flow run_scope(Env *e, const Core *n)
{
    const Core *outer = e->scope;
    e->scope = n;
    run_stmt(e, n->kids[0]);
    e->scope = outer;
    return FLOW_next;
}

static Flow run_return(Env *e, const Core *n)
{
    if (e->scope)
        return leave_scope(e, n);
    int k = 0, vars = e->fn->results.n - n->nkids;
    for (int i = 0; i < e->fn->surface.n; i++) {
        const CoreParam *p = &e->fn->surface.p[i];
        for (int j = 0; p->var && j < p->nleaves && k < vars; j++)
            e->ret[k++] = e->vars[e->fn->params.p[p->first + j]->id];
    }
    for (int i = 0; i < n->nkids; i++) {
        Slot *s = &e->ret[vars + i];
        eval_into(e, n->kids[i], s);
        bool absent = n->kids[i]->type.rank ? s->t->absent != NULL : s->v.absent;
        if (absent && count_returns(e->fn->body) > 1) /* control flow merges here */
            clear_absent(e->in, s, &n->kids[i]->type);
    }
    return FLOW_return;
}

/* ---- effects ----------------------------------------------------------------------------------------------------- */

static void leaf_out(Env *e, const Core *x, InterpTensor *out)
{
    Slot s = { 0 };
    eval_into(e, x, &s);
    clear_absent(e->in, &s, &x->type);
    if (x->type.rank && s.t->away)
        *out = tensor_image(s.t);
    else if (x->type.rank)
        tensor_write(e->in, s.t, out);
    else
        scalar_write(e->in, x->type.dtype, s.v, out);
}

static void run_effect(Env *e, const Core *n)
{
    const CoreEffect *f = n->effect;
    const InterpHooks *h = &e->in->o->hooks;
    int k = 0, total = 0;
    for (int i = 0; i < f->nargs; i++)
        total += f->args[i].nleaves;
    InterpTensor *in = NEWN(e->in->arena, InterpTensor, total + 1), *out = NEWN(e->in->arena, InterpTensor, n->nouts + 1);
    for (int i = 0; i < f->nargs; i++)
        for (int j = 0; j < f->args[i].nleaves; j++)
            leaf_out(e, f->args[i].leaves[j], &in[k++]);
    if (!h->effect)
        interp_fail(e->in, MLCRT_ECHECK, n->span, "'%s' works in scripts only", f->name);
    int status = h->effect(h->user, e->in->arena, f, in, total, out, n->nouts);
    if (status)
        interp_fail(e->in, status, n->span, "'%s' failed", f->name);
    for (int i = 0; i < n->nouts; i++) {
        if (!n->outs[i])
            continue;
        dims_found(e, &n->outs[i]->type, out[i].shape);
        Slot *s = &e->vars[n->outs[i]->id];
        if (n->outs[i]->type.rank)
            s->t = out[i].away ? tensor_view(e->in, &out[i], n->span) : tensor_read(e->in, &out[i], n->span);
        else
            s->v = scalar_read(e->in, &out[i]);
    }
}

/* ---- control ----------------------------------------------------------------------------------------------------- */

static Flow run_all(Env *e, const Core *n)
{
    for (int i = 0; i < n->nkids; i++) {
        Flow f = run_stmt(e, n->kids[i]);
        if (f != FLOW_next)
            return f;
    }
    return FLOW_next;
}

static bool holds(Env *e, const Core *n)
{
    Val v = eval(e, n);
    return !v.absent && v.c.i;
}

static Flow run_while(Env *e, const Core *n)
{
    while (holds(e, n->kids[0])) {
        interp_tick(e->in, n->span);
        Flow f = run_stmt(e, n->kids[1]);
        if (f == FLOW_return)
            return f;
        if (f == FLOW_break)
            break;
    }
    return FLOW_next;
}

static Flow run_for(Env *e, const Core *n)
{
    int64_t lo = dim_value(e, n->index->lo, n->span), end = lo + dim_value(e, n->index->extent, n->span);
    for (int64_t i = lo; i < end; i++) {
        e->index[n->index->id] = i;
        interp_tick(e->in, n->span);
        Flow f = run_stmt(e, n->kids[0]);
        if (f == FLOW_return)
            return f;
        if (f == FLOW_break)
            break;
    }
    return FLOW_next;
}

static Flow run_if(Env *e, const Core *n)
{
    if (holds(e, n->kids[0]))
        return run_stmt(e, n->kids[1]);
    return n->nkids > 2 && n->kids[2] ? run_stmt(e, n->kids[2]) : FLOW_next;
}

static void run_check(Env *e, const Core *n)
{
    if (!holds(e, n->kids[0]))
        interp_fail(e->in, n->code ? n->code : MLCRT_ECHECK, n->span, "%s", n->text ? n->text : "a check failed");
}

Flow run_stmt(Env *e, const Core *n)
{
    switch (n->kind) {
    case C_let: set_var(e, n->var, n->kids[0]); return FLOW_next;
    case C_assign: set_var(e, n->var, n->kids[0]); return FLOW_next;
    case C_update: run_update(e, n); return FLOW_next;
    case C_call: run_call(e, n); return FLOW_next;
    case C_topk: run_sort(e, n, true); return FLOW_next;
    case C_sort: run_sort(e, n, false); return FLOW_next;
    case C_ifs: return run_if(e, n);
    case C_while: return run_while(e, n);
    case C_for: return run_for(e, n);
    case C_break: return FLOW_break;
    case C_continue: return FLOW_continue;
    case C_return: return run_return(e, n);
    case C_scope: return run_scope(e, n);
    case C_check: run_check(e, n); return FLOW_next;
    case C_effect: run_effect(e, n); return FLOW_next;
    case C_stmts:
    case C_block: return run_all(e, n);
    default: eval_into(e, n, &(Slot){ 0 }); return FLOW_next;
    }
}
