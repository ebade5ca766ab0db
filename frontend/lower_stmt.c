/* lower_stmt.c - statements that do not change the flow of control: definitions, updates, calls, effects, checks. */
#include "frontend/lower_int.h"

static IrNode *result(Low *l, IrNode *n, int k, int count, IrType t)
{
    if (count == 1)
        return n;
    IrNode *r = ir_add1(&l->b, OP_result, t, n);
    r->imm = k;
    return r;
}

/* A store in a `var` reads absent values as 0; a `let` keeps them. */
static void stmt_let(Low *l, const Core *s)
{
    const Core *e = s->kids[0];
    LowVal x = { 0 };
    if (s->var->mut)
        x.value = low_read(l, e);
    else if (e->type.rank)
        x = low_tensor(l, e);
    else
        x = (LowVal){ low_read(l, e), low_present(l, e) };
    l->b.span = s->span;
    low_define(l, s->var, x);
}

static void stmt_update(Low *l, const Core *s)
{
    CoreVar *v = s->target;
    LowVal *old = &l->env[v->id];
    IrNode *value = low_read(l, s->kids[0]), **in = NEWN(low_arena(l), IrNode *, s->nkids + 1);
    if (!old->value) {
        low_fail(l, s->span, "a variable that has no value here");
        return;
    }
    in[1] = value;
    for (int i = 1; i < s->nkids; i++)
        in[i + 1] = low_read(l, s->kids[i]);
    in[0] = old->value;
    l->b.span = s->span;
    IrNode *n = ir_add(&l->b, OP_update, in[0]->type, s->nkids + 1, in);
    n->box = low_dims(l, s->box, s->nkids - 1);
    n->name = v->name;
    n->inplace = l->fn->inplace;
    *old = (LowVal){ n, NULL };
}

/* ---- calls ---- */

/* Arguments, then the predicates of those that may be absent. */
static IrNode *call_node(Low *l, const Core *s, const LowFn *f)
{
    VEC(IrNode *) in = { 0 }, present = { 0 };
    Arena *a = low_arena(l);
    for (int i = 0; i < s->nkids; i++) {
        const Core *e = s->kids[i];
        LowVal x = { NULL, NULL };
        if (!f->absent_param[i])
            x.value = low_read(l, e);
        else if (e->type.rank)
            x = low_tensor(l, e);
        else
            x = (LowVal){ low_read(l, e), low_present(l, e) };
        vec_push(a, &in, x.value);
        if (f->absent_param[i])
            vec_push(a, &present, x.present);
    }
    for (int i = 0; i < present.n; i++)
        vec_push(a, &in, present.p[i]);
    l->b.span = s->span;
    IrNode *n = ir_add(&l->b, OP_call, ir_scalar(DT_none), in.n, in.p);
    n->callee = f->ir;
    n->dims = low_dims(l, s->dims, f->ir->dims.n);
    return n;
}

/* The type of result k here: the callee's dims and integer parameters stand for the arguments. */
typedef struct Args { Low *l; const IrFn *callee; const IrNode *call; } Args;

static Dim argument_dim(void *user, DimSym *s)
{
    Args *a = user;
    for (int i = 0; i < a->callee->dims.n; i++)
        if (a->callee->dims.p[i] == s)
            return a->call->dims[i];
    for (int i = 0; i < a->callee->params.n; i++)
        if (a->callee->params.p[i]->sym == s)
            return low_value_dim(a->l, a->call->in[i], s->name);
    return NULL;
}

static IrType call_type(Low *l, const IrNode *call, int k)
{
    IrType t = call->callee->results.p[k];
    Args a = { l, call->callee, call };
    Dim *dims = NEWN(low_arena(l), Dim, t.rank);
    for (int i = 0; i < t.rank; i++)
        dims[i] = dim_subst(l->m->dims, t.dims[i], argument_dim, &a);
    return (IrType){ t.dtype, t.rank, dims };
}

static void stmt_call(Low *l, const Core *s)
{
    LowFn *f = low_callee(l, s);
    if (!f)
        return;
    IrNode *n = call_node(l, s, f);
    int count = f->ir->results.n, nvars = f->ir->vars.n, extra = s->callee->results.n;
    IrType *types = NEWN(low_arena(l), IrType, count);
    for (int i = 0; i < count; i++)
        types[i] = call_type(l, n, i);
    if (count == 1)
        n->type = types[0];
    LowVal *outs = NEWN(low_arena(l), LowVal, s->nouts + 1);
    for (int i = 0; i < s->nouts; i++) {
        outs[i].value = result(l, n, i, count, types[i]);
        if (i >= nvars && f->absent_result[i - nvars]) {
            outs[i].present = result(l, n, extra, count, types[extra]);
            extra++;
        }
    }
    for (int i = 0; i < s->nouts; i++)
        if (s->outs[i])
            low_define(l, s->outs[i], s->outs[i]->mut ? (LowVal){ low_clear(l, outs[i]), NULL } : outs[i]);
}

/* ---- topk, sort ---- */

static void stmt_sort(Low *l, const Core *s, IrOp op)
{
    IrNode *x = low_tensor_read(l, s->kids[0]);
    l->b.span = s->span;
    IrType values = x->type, places;
    if (s->outs[0] || s->outs[1])
        values = low_type(l, s->outs[0] ? s->outs[0]->type : s->outs[1]->type);
    values.dtype = x->type.dtype;
    places = values;
    places.dtype = DT_i64;
    IrNode *n = ir_add1(&l->b, op, values, x);
    for (int i = 0; i < s->nouts && i < 2; i++)
        if (s->outs[i])
            low_define(l, s->outs[i], (LowVal){ result(l, n, i, 2, i ? places : values), NULL });
}

/* ---- effects and checks ---- */

static int effect_row(Low *l, const Core *s)
{
    IrEffect row = { s->effect->name, s->effect, s->nouts, NEWN(low_arena(l), IrType, s->nouts) };
    for (int i = 0; i < s->nouts; i++)
        row.results[i] = s->outs[i] ? low_type(l, s->outs[i]->type) : ir_scalar(DT_i64); /* nobody asks for it */
    vec_push(low_arena(l), &l->ir->effects, row);
    return l->ir->effects.n - 1;
}

/* Operands are the leaves of the arguments in order, each tensor followed by its sizes; strings written in the program are in the row's
 * payload only. */
static void stmt_effect(Low *l, const Core *s)
{
    VEC(IrNode *) in = { 0 };
    for (int i = 0; i < s->effect->nargs; i++)
        for (int j = 0; j < s->effect->args[i].nleaves; j++) {
            if (s->effect->args[i].leaves[j]->kind == C_str)
                continue;
            IrNode *x = low_read(l, s->effect->args[i].leaves[j]);
            vec_push(low_arena(l), &in, x);
            for (int k = 0; k < x->type.rank; k++)
                vec_push(low_arena(l), &in, ir_dim_value(&l->b, x->type.dims[k]));
        }
    l->b.span = s->span;
    int row = effect_row(l, s);
    IrNode *n = ir_add(&l->b, OP_effect, s->nouts == 1 ? l->ir->effects.p[row].results[0] : ir_scalar(DT_none), in.n, in.p);
    n->imm = row;
    for (int i = 0; i < s->nouts; i++)
        if (s->outs[i])
            low_define(l, s->outs[i], (LowVal){ result(l, n, i, s->nouts, l->ir->effects.p[row].results[i]), NULL });
}

static void stmt_check(Low *l, const Core *s)
{
    IrNode *c = low_truth(l, s->kids[0]);
    l->b.span = s->span;
    IrNode *n = ir_add1(&l->b, OP_check, ir_scalar(DT_none), c);
    n->imm = ir_check_row(l->ir, s->code ? s->code : FAULT_check, s->span, s->text ? s->text : "a check failed");
}

static void stmt_ifs(Low *l, const Core *s)
{
    Cont a = { (Core *const *)&s->kids[1], 1, NULL }, b = { NULL, 0, NULL };
    if (s->nkids > 2 && s->kids[2])
        b = (Cont){ (Core *const *)&s->kids[2], 1, NULL };
    IrNode *c = low_truth(l, s->kids[0]);
    l->b.span = s->span;
    low_branch(l, c, &a, &b);
}

static void stmt_list(Low *l, const Core *s)
{
    int mark = low_open(l);
    Cont k = { s->kids, s->nkids, NULL };
    low_list(l, &k);
    if (s->kind == C_block)
        low_close(l, mark);
}

void low_stmt(Low *l, const Core *s)
{
    if (l->failed)
        return;
    l->b.span = s->span;
    switch (s->kind) {
    case C_let:
    case C_assign: stmt_let(l, s); break;
    case C_update: stmt_update(l, s); break;
    case C_call: stmt_call(l, s); break;
    case C_topk: stmt_sort(l, s, OP_topk); break;
    case C_sort: stmt_sort(l, s, OP_sort); break;
    case C_ifs: stmt_ifs(l, s); break;
    case C_while: low_while(l, s); break;
    case C_for: low_for(l, s); break;
    case C_check: stmt_check(l, s); break;
    case C_effect: stmt_effect(l, s); break;
    case C_scope: low_scope(l, s); break;
    case C_stmts:
    case C_block: stmt_list(l, s); break;
    default: low_read(l, s); break; /* an expression whose value is dropped */
    }
}
