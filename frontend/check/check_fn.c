/* check_fn.c - one instance of a function: its signature, its body, what it returns. */
#include "frontend/check/check_int.h"

void report(Fx *f, DiagCode c, Span s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(f->a, fmt, ap);
    va_end(ap);
    diag_error(f->cx->diags, c, s, "%s", text);
    if (!f->trial)
        f->fn->failed = true;
}

/* What cannot be compiled yet makes the function unusable; the error comes where it is called or exported. */
void not_yet(Fx *f, DiagCode c, Span s, const char *what)
{
    if (f->trial)
        return;
    f->fn->failed = true;
    if (f->fn->why)
        return;
    f->fn->why = arena_printf(f->a, "%s: not implemented yet", what);
    f->fn->why_code = c;
    f->fn->why_span = s;
}

void not_yet_like(Fx *f, const CoreFn *callee)
{
    if (f->trial)
        return;
    f->fn->failed = true;
    if (!f->fn->why) {
        f->fn->why = callee->why;
        f->fn->why_code = callee->why_code;
        f->fn->why_span = callee->why_span;
    }
}

Fx *fx_new(Cx *cx, Fx *caller, Name name, Span s)
{
    Fx *f = NEW(cx->a, Fx);
    f->cx = cx;
    f->a = cx->a;
    f->dims = cx->dims;
    f->caller = caller;
    f->fn = NEW(cx->a, CoreFn);
    f->fn->name = f->fn->symbol = name;
    f->fn->span = s;
    f->inst = NEW(cx->a, Inst);
    f->inst->fn = f->fn;
    f->facts = cx->facts;
    f->env.pack = -1;
    frame_push(f, FRAME_block);
    return f;
}

/* ---- instances ---- */

Val *self_param(Fx *f, Struct *st)
{
    CoreSty *sty = NEW(f->a, CoreSty);
    *sty = (CoreSty){ .kind = STY_struct, .strct = &st->pub, .n = st->pub.numbers.n };
    sty->args = NEWN(f->a, Dim, sty->n + 1);
    for (int i = 0; i < sty->n; i++)
        sty->args[i] = dim_sym(f->dims, st->pub.numbers.p[i]);
    scope_push(f, SCOPE_block);
    Ent *e = param_entry(f, W(f, self), f->fn->span, sty, false, false);
    scope_pop(f);
    return e->val;
}

static Name instance_name(Fx *f, const Inst *in)
{
    const char *n = in->decl->name;
    return name_of(f->cx->names, in->self ? arena_printf(f->a, "%s.%s", in->self->pub.name, n) : n);
}

static void annotations(Fx *f, const Tree *list)
{
    for (int i = 0; i < list->nkids; i++) {
        const Tree *t = list->kids[i];
        if (t->name == W(f, precision))
            not_yet(f, E0501, t->span, "@precision");
        else if (t->name == W(f, vjp))
            not_yet(f, E0502, t->span, "@vjp");
    }
}

static void finish_results(Fx *f)
{
    CoreFn *fn = f->fn;
    int n;
    for (int i = 0; i < fn->params.n; i++)
        if (fn->params.p[i]->mut) {
            PUSH(f, &fn->results, fn->params.p[i]->type);
            f->inst->modified.p[i] = ((Var *)fn->params.p[i])->assigned;
        }
    if (!fn->result)
        fn->result = NEW(f->a, CoreSty);
    IrType *types = sty_leaf_types(f, fn->result, &n);
    for (int i = 0; i < n; i++)
        PUSH(f, &fn->results, types[i]);
}

static void body_block(Fx *f)
{
    Frame *fr = f->frame;
    f->fn->body = core_kids(f, C_block, ir_scalar(DT_none), fr->stmts.n, fr->stmts.p);
    f->fn->body->span = f->fn->span;
}

/* The value of the function where the text ends. */
static void return_value(Fx *f, Val *v, Span s)
{
    if (!f->frame->ended)
        return_statement(f, v, s);
}

/* Where the value of a body stands. */
static Span end_span(const Tree *body)
{
    const Tree *items = body->kind == T_block ? body->kids[0] : NULL;
    return items && items->nkids ? items->kids[items->nkids - 1]->span : body->span;
}

void check_body(Fx *f, Inst *in)
{
    const Tree *t = in->decl->tree;
    f->inst = in;
    in->fn = f->fn;
    f->env = in->env;
    f->fn->name = instance_name(f, in);
    f->fn->symbol = name_of(f->cx->names, arena_printf(f->a, "%s.%u", f->fn->name, f->cx->serial++));
    f->fn->doc = t->doc;
    f->fn->span = t->span;
    f->fn->exported = (t->flags & TF_EXPORT) != 0;
    f->fn->is_static_only = t->kids[1] != NULL;
    f->scope = in->decl->unit->scope;
    if (in->self) {
        Val *self = self_param(f, in->self);
        if (in->decl->owner == in->self) {
            f->scope = in->self->scope;
            scope_push(f, SCOPE_self)->self = self;
        } else
            self_scope(f, in->decl, self);
    }
    f->params = scope_push(f, SCOPE_fn);
    annotations(f, t->kids[0]);
    sig_bind(f, in->self, t->kids[1], t->kids[2], t->kids[3], t->kids[4]);
    if (f->fn->failed) { /* the body would only repeat it */
        finish_results(f);
        return;
    }
    f->inferred = !t->kids[3];
    f->fn->result = f->result;
    Val *v = t->kids[5]->kind == T_block ? body_items(f, t->kids[5]) : expr(f, t->kids[5]);
    return_value(f, v, end_span(t->kids[5]));
    body_block(f);
    finish_results(f);
    in->uses = f->script_uses;
    if (in->uses)
        sig_order_rows(f);
}

static Inst *inst_find(const Cx *cx, Decl *d, const Struct *self, const Env *env)
{
    for (int i = 0; i < d->insts.n; i++)
        if (d->insts.p[i]->constants == cx->constants && d->insts.p[i]->self == self && env_equal(&d->insts.p[i]->env, env))
            return d->insts.p[i];
    return NULL;
}

void note_call(Cx *cx, int errors, Name callee, Span s)
{
    if (cx->diags->errors > errors)
        diag_note(cx->diags, s, "'%s' is called here", callee);
}

/* With a function or a model type: what is wrong in the text is so for these. */
static bool is_of_a_call(const Env *env)
{
    for (int i = 0; i < env->statics.n; i++)
        if (env->statics.p[i].val && (env->statics.p[i].val->kind == V_fn || env->statics.p[i].val->kind == V_type))
            return true;
    return false;
}

static void check_inst(Cx *cx, Fx *caller, Inst *in, Span s)
{
    Diags *quiet = cx->diags;
    cx->diags = cx->loud;
    in->state = INST_checking;
    in->place = s;
    cx->inst_depth++;
    int errors = cx->diags->errors;
    Fx *f = fx_new(cx, caller, in->decl->name, in->decl->tree->span);
    f->fn->inplace = in->decl->inplace;
    check_body(f, in);
    if (is_of_a_call(&in->env))
        note_call(cx, errors, in->decl->name, s);
    cx->inst_depth--;
    in->state = INST_done;
    cx->diags = quiet;
    vec_push(cx->a, &cx->module->fns, in->fn);
}

Inst *inst_get(Fx *f, Decl *d, Struct *self, const Env *env, Span s)
{
    Cx *cx = f->cx;
    Inst *in = inst_find(cx, d, self, env);
    if (in && in->state == INST_checking) {
        report(f, E0212, s, "'%s' calls itself, directly or through others", d->name);
        return NULL;
    }
    if (in)
        return in;
    if (cx->inst_depth >= INST_DEPTH_MOST) {
        report(f, E0604, s, "functions call one another more than %d deep", INST_DEPTH_MOST);
        return NULL;
    }
    in = NEW(cx->a, Inst);
    in->decl = d;
    in->self = self;
    in->env = *env;
    in->constants = cx->constants;
    vec_push(cx->a, &d->insts, in);
    check_inst(cx, f, in, s);
    return in;
}

bool inst_usable(Fx *f, Inst *in, Span s, const char *name)
{
    if (!in)
        return false;
    if (!in->fn->failed)
        return true;
    if (in->fn->why)
        not_yet_like(f, in->fn);
    else if (!f->trial)
        f->fn->failed = true; /* its errors are reported where it stands */
    if (f->cx->repl && !f->trial && !in->fn->why && !f->cx->diags->errors) /* by an input before */
        report(f, E0501, s, "'%s' cannot be called: it has errors", name);
    return false;
}
