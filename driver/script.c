/* script.c - statements of scripts.
 *
 *     reads --leaves, handles--> compiled function of the statement --leaves--> writes, value
 *
 * An effect whose result has a size that is known only when it ran (read_bytes, encode, load with `_`) cannot stand in compiled
 * code: script_step.c runs the statements that have one.
 */
#include "driver/foreign.h"
#include "driver/script_int.h"

#include <string.h>

#include "driver/profile.h"

/* ---- life ------------------------------------------------------------------------------------------------------------- */

/* Of the functions of a unit; another unit has others. */
static void know_nothing(Script *s)
{
    arena_drop(s->known);
    s->known = NULL; /* should the next line fail */
    s->known = arena_new(&s->mem);
    s->sized = map_new(s->known);
    s->compiled = map_new(s->known);
}

static void fill(void *arg)
{
    Script *s = arg;
    s->arena = arena_new(&s->mem);
    s->texts = names_new(s->arena);
    know_nothing(s);
}

Script *script_new(Unit *u, const ScriptOptions *o)
{
    Script *s = u->mem->hooks.alloc(u->mem->hooks.user, sizeof *s);
    if (!s)
        return NULL;
    *s = (Script){ .u = u, .o = *o };
    mem_init(&s->mem, u->mem->hooks, 0);
    if (!mem_try(&s->mem, fill, s) || mlcrt_session_new(u->context, &s->session) || mlcrt_session_new(u->context, &s->side)) {
        script_free(s);
        return NULL;
    }
    RtSession *session = s->session->slot.contents;
    session->effect = script_native_effect;
    session->effect_user = s;
    profile_watch(u->o.profile, s->session);
    return s;
}

void script_free(Script *s)
{
    if (!s)
        return;
    for (int i = 0; i < s->vars.n; i++)
        value_drop(s, &s->vars.p[i].value);
    value_drop(s, &s->last);
    script_forget(s);
    for (int i = 0; i < s->tokenizers.n; i++)
        mlcrt_tokenizer_free(s->tokenizers.p[i].bpe);
    rt_file_close(&s->file);
    mlcrt_session_free(s->side);
    mlcrt_session_free(s->session);
    MemHooks hooks = s->mem.hooks;
    mem_drop(&s->mem);
    hooks.free(hooks.user, s, sizeof *s);
}

MlcrtSession *script_session(Script *s)
{
    return s->session;
}

/* ---- variables ---------------------------------------------------------------------------------------------------------- */

/* A function that was checked when the name meant an older variable sees the newer one, if it is of the same type. */
static bool means(const CoreScriptVar *older, const CoreScriptVar *newer)
{
    const CoreSty *a = older->sty, *b = newer->sty;
    return older->name == newer->name && a->kind == STY_value && b->kind == STY_value && a->type.dtype == b->type.dtype &&
           a->type.rank == b->type.rank;
}

ScriptValue *script_value(Script *s, const CoreScriptVar *v)
{
    for (int i = 0; i < s->vars.n; i++)
        if (s->vars.p[i].core == v || means(v, s->vars.p[i].core))
            return &s->vars.p[i].value;
    return NULL;
}

/* Where an older variable of this name was absent says nothing about the new one. */
static void drop_hidden(Script *s, Name of)
{
    int kept = 0;
    for (int i = 0; i < s->vars.n; i++) {
        ScriptVar v = s->vars.p[i];
        if (v.core->of && v.core->of->name == of)
            value_drop(s, &v.value);
        else
            s->vars.p[kept++] = v;
    }
    s->vars.n = kept;
}

void script_set(Script *s, const CoreScriptVar *v, ScriptValue value)
{
    if (!v->of)
        drop_hidden(s, v->name);
    for (int i = 0; i < s->vars.n; i++)
        if (s->vars.p[i].core == v || s->vars.p[i].core->name == v->name) { /* the REPL may declare a name again */
            value_drop(s, &s->vars.p[i].value);
            s->vars.p[i] = (ScriptVar){ v, value };
            return;
        }
    ScriptVar one = { v, value };
    vec_push(s->arena, &s->vars, one);
}

const CoreScriptVar *script_newest(const Unit *u, const char *name)
{
    for (int i = u->core ? u->core->script_vars.n - 1 : -1; i >= 0; i--)
        if (!strcmp(u->core->script_vars.p[i]->name, name))
            return u->core->script_vars.p[i];
    return NULL;
}

void script_rebind(Script *s, Unit *u)
{
    int kept = 0;
    value_drop(s, &s->last);
    for (int i = 0; i < s->vars.n; i++) {
        ScriptVar v = s->vars.p[i];
        v.core = script_newest(u, v.core->name);
        if (v.core) {
            v.value.sty = v.core->sty;
            s->vars.p[kept++] = v;
        } else
            value_drop(s, &v.value);
    }
    s->vars.n = kept;
    know_nothing(s);
    s->u = u;
}

/* ---- dims ------------------------------------------------------------------------------------------------------------------ */

bool script_dim_sym(Script *s, DimSym *sym, int64_t *v)
{
    for (int i = s->dims.n - 1; i >= 0; i--)
        if (s->dims.p[i].sym == sym) {
            *v = s->dims.p[i].value;
            return true;
        }
    return false;
}

static bool dim_value(void *user, DimSym *sym, int64_t *v)
{
    return script_dim_sym(user, sym, v);
}

bool script_dim(Script *s, Dim d, int64_t *v)
{
    return dim_is_const(d, v) || dim_eval(d, dim_value, s, v);
}

static void bind_dim(Script *s, const DimSym *sym, int64_t v)
{
    ScriptDim d = { sym, v };
    if (sym)
        vec_push(s->arena, &s->dims, d);
}

/* The dims of the statement's function, as its entry plan binds them. */
static void bind_dims(Script *s, const CoreStmt *st, const InterpTensor *leaves)
{
    const CoreFn *fn = st->fn;
    s->dims.n = 0;
    for (int i = 0; i < fn->params.n; i++)
        if (fn->params.p[i]->sym && fn->params.p[i]->type.rank == 0)
            bind_dim(s, fn->params.p[i]->sym, *(const int64_t *)leaves[i].data);
    for (int i = 0; i < fn->plan.n; i++) {
        const PlanRow *r = &fn->plan.p[i];
        int64_t a = 0, b = 1;
        int leaf, axis;
        if (r->kind == PLAN_bind)
            bind_dim(s, r->sym, leaves[r->leaf].shape[r->axis]);
        else if (r->kind == PLAN_number && tables_list_number(fn, r, &leaf, &axis))
            bind_dim(s, r->sym, leaves[leaf].shape[axis]);
        else if (r->kind == PLAN_number)
            bind_dim(s, r->sym, mlcrt_handle_number(script_value(s, st->reads.p[r->param])->handle, r->axis));
        else if (r->kind == PLAN_solve && script_dim(s, r->a, &a) && (!r->b || script_dim(s, r->b, &b)) && b)
            bind_dim(s, r->sym, a / b);
    }
}

/* ---- new values ------------------------------------------------------------------------------------------------------------ */

/* Header numbers from the type, or from the shapes where the type leaves them open. */
static int64_t *numbers_of(Script *s, Arena *a, const CoreSty *sty, const MlcrtStruct *type, const InterpTensor *leaves)
{
    int64_t *v = NEWN(a, int64_t, type->nnumbers + 1);
    for (int i = 0; i < type->nnumbers; i++)
        if (i >= sty->n || !sty->args || !sty->args[i] || !script_dim(s, sty->args[i], &v[i]))
            v[i] = -1;
    for (int i = 0; i < type->nleaves; i++)
        for (int k = 0; k < type->leaves[i].rank; k++)
            rt_number_solve(type->leaves[i].dims[k], v, type->nnumbers, leaves[i].shape[k]);
    return v;
}

bool script_make_handle(Script *s, ScriptValue *v, const CoreSty *sty, InterpTensor *leaves, int n, bool taken)
{
    *v = (ScriptValue){ 0 };
    v->arena = arena_new(&s->mem);
    MlcrtStruct *type = oracle_struct(s->u, sty->strct);
    MlcrtTensor *t = NEWN(v->arena, MlcrtTensor, n + 1);
    for (int i = 0; i < n; i++) {
        value_keep_texts(s, &leaves[i]);
        t[i] = value_tensor(&leaves[i]);
    }
    v->sty = sty;
    int64_t *numbers = numbers_of(s, v->arena, sty, type, leaves);
    const MlcrtModule *m = &s->u->oracle->module;
    MlcrtStatus status = taken ? rt_handle_take_tensors(s->session, m, type, numbers, t, &v->handle)
                               : mlcrt_handle_from_tensors(s->session, m, type, numbers, t, &v->handle);
    for (int i = 0; i < n && taken; i++)
        if (leaves[i].rank)
            mlcrt_tensor_free(s->u->context, &t[i]);
    return !status;
}

/* Tensor memory among the leaves is taken over. */
static bool make(Script *s, ScriptValue *v, const CoreSty *sty, InterpTensor *leaves, int n)
{
    *v = (ScriptValue){ 0 };
    return sty->kind == STY_struct ? script_make_handle(s, v, sty, leaves, n, true) : value_new(s, v, sty, leaves, n, false);
}

/* A variable that is read, too, and whose parameter is `var`, is updated where it is. */
bool script_in_place(const CoreStmt *st, const CoreScriptVar *v)
{
    for (int i = 0; i < st->reads.n; i++)
        if (st->reads.p[i] == v)
            return st->fn->surface.p[i].var;
    return false;
}

/* The variables that get a value of their own, in order, then the value of the statement. */
static bool take(Script *s, const CoreStmt *st, InterpTensor *results)
{
    bool ok = true;
    for (int i = 0; i < st->writes.n; i++) {
        ScriptValue v;
        int n = core_sty_leaves(st->writes.p[i]->sty);
        if (script_in_place(st, st->writes.p[i]))
            continue;
        ok = make(s, &v, st->writes.p[i]->sty, results, n) && ok;
        script_set(s, st->writes.p[i], v);
        results += n;
    }
    if (st->value && st->value->kind != STY_none)
        ok = make(s, &s->last, st->value, results, core_sty_leaves(st->value)) && ok;
    return ok;
}

/* ---- a statement as a call ---------------------------------------------------------------------------------------------------- */

typedef struct Args { VEC(void *) p; MlcrtTensor *heads; InterpTensor *results; uint64_t (*slots)[2]; } Args;

static void add_reads(Script *s, Arena *a, const CoreStmt *st, Args *args)
{
    for (int i = 0; i < st->reads.n; i++) {
        ScriptValue *v = script_value(s, st->reads.p[i]);
        if (v->handle)
            vec_push(a, &args->p, v->handle);
        for (int k = 0; !v->handle && k < v->nleaves; k++) {
            MlcrtTensor *t = NEW(a, MlcrtTensor);
            *t = value_tensor(&v->leaf[k]);
            vec_push(a, &args->p, v->leaf[k].rank ? (void *)t : v->leaf[k].data);
        }
    }
}

static void add_results(Arena *a, const MlcrtFn *fn, Args *args)
{
    int n = fn->nresults;
    args->heads = NEWN(a, MlcrtTensor, n + 1);
    args->results = NEWN(a, InterpTensor, n + 1);
    args->slots = arena_array(a, sizeof *args->slots, (size_t)n + 1);
    for (int i = 0; i < n; i++) {
        const MlcrtLeaf *l = &fn->leaves[fn->nleaves + i];
        args->results[i] = (InterpTensor){ .dtype = (IrDtype)l->dtype, .rank = l->rank, .data = args->slots[i] };
        args->heads[i] = (MlcrtTensor){ .rank = l->rank, .shape = args->results[i].shape };
        vec_push(a, &args->p, l->rank ? (void *)&args->heads[i] : (void *)args->slots[i]);
    }
}

/* The forms that the weights of the models have that the statement reads; NULL: all plain, as those of models that are not there yet. */
static const unsigned char *forms_of(Script *s, Arena *a, const CoreStmt *st)
{
    unsigned char *forms = NULL;
    for (int i = 0; i < st->reads.n; i++) {
        const ScriptValue *v = script_value(s, st->reads.p[i]);
        const RtBox *b = v && v->handle ? v->handle->slot.contents : NULL;
        for (int32_t k = 0; b && k < b->nleaves && !st->fn->surface.p[i].var; k++) {
            if (b->leaves[k].form == MLCRT_FORM_PLAIN)
                continue;
            forms = forms ? forms : NEWN(a, unsigned char, st->fn->params.n + 1);
            forms[st->fn->surface.p[i].first + k] = (unsigned char)(1 << b->leaves[k].form);
        }
    }
    return forms;
}

static MlcrtFn *statement(Script *s, Arena *a, const CoreStmt *st)
{
    CoreFn *fn = st->fn;
    if (s->o.interp)
        return oracle_statement(s->u, fn);
    const unsigned char *forms = forms_of(s, a, st);
    return unit_statements(s->u, &fn, &forms, 1) ? tables_statement(s->u->tables, fn) : NULL;
}

/* The parameter of a statement's code whose leaves begin at `first`; -1: it has none, or changes them. */
static int32_t param_at(const MlcrtFn *fn, int first)
{
    for (int32_t i = 0; fn && i < fn->nparams; i++)
        if (fn->params[i].kind == MLCRT_PARAM_HANDLE && fn->params[i].first == first && !(fn->params[i].flags & (MLCRT_VAR | MLCRT_RESULT)))
            return i;
    return -1;
}

void script_settle(Script *s, MlcrtHandle *h, const MlcrtFn *fn, int first, bool after)
{
    int32_t param = param_at(fn, first);
    if (!h || !rt_slot_is(&h->slot, RT_MODEL) || rt_slot_enter_alone(&h->slot))
        return;
    if (after)
        rt_prep_rest(h->slot.contents, param < 0 ? NULL : fn, param);
    else if (param >= 0 && rt_prep_turn(s->session->slot.contents, h->slot.contents, fn, param) == MLCRT_ECANCEL)
        mlcrt_cancel(s->session); /* the call that follows is meant */
    rt_slot_leave(&h->slot);
}

/* At rest no weight is held twice. Without memory for its form a call packs what it needs, and says so if it cannot. */
static void settle(Script *s, const CoreStmt *st, const MlcrtFn *fn, bool after)
{
    for (int i = 0; i < st->reads.n; i++) {
        const ScriptValue *v = script_value(s, st->reads.p[i]); /* NULL: the statement declared its name again */
        if (v)
            script_settle(s, v->handle, fn, st->fn->surface.p[i].first, after);
    }
}

static bool call(Script *s, Arena *a, const CoreStmt *st)
{
    MlcrtFn *fn = statement(s, a, st);
    Args args = { 0 };
    if (!fn)
        return false;
    settle(s, st, fn, false);
    add_reads(s, a, st, &args);
    add_results(a, fn, &args);
    MlcrtStatus status = mlcrt_invoke(s->session, fn, args.p.p);
    settle(s, st, fn, true);
    for (int i = 0; i < fn->nresults && !status; i++)
        if (args.results[i].rank)
            args.results[i].data = args.heads[i].data;
    if (status || !take(s, st, args.results)) {
        unit_fault(s->u, s->session, st->span, s->load_failed);
        return false;
    }
    return true;
}

/* ---- running -------------------------------------------------------------------------------------------------------------------- */

static bool is_usable(Script *s, const CoreStmt *st)
{
    if (!unit_usable(s->u, st->fn))
        return false;
    for (int i = 0; i < st->reads.n; i++)
        if (!script_value(s, st->reads.p[i])) {
            diag_error(s->u->diags, E0701, st->span, "'%s' has no value: the statement that gives it one failed", st->reads.p[i]->name);
            return false;
        }
    return true;
}

/* Texts that the statement wrote into variables which it changes where they are: those of the program live no longer than its unit. */
static void keep_written_texts(Script *s, Arena *a, const CoreStmt *st)
{
    for (int i = 0; i < st->reads.n; i++) {
        const ScriptValue *v = script_value(s, st->reads.p[i]);
        int n = v && st->fn->surface.p[i].var ? value_nleaves(v) : 0;
        InterpTensor *leaves = NEWN(a, InterpTensor, n + 1);
        if (n)
            value_leaves(v, leaves);
        for (int k = 0; k < n; k++)
            value_keep_texts(s, &leaves[k]);
    }
}

static bool run(Script *s, const CoreStmt *st)
{
    if (!st->fn)
        return true;
    if (!is_usable(s, st))
        return false;
    Arena *a = arena_new(&s->mem);
    InterpTensor *leaves = NEWN(a, InterpTensor, st->fn->params.n + 1);
    for (int i = 0; i < st->reads.n; i++)
        value_leaves(script_value(s, st->reads.p[i]), &leaves[st->fn->surface.p[i].first]);
    bind_dims(s, st, leaves);
    value_drop(s, &s->last);
    s->load_failed = false;
    bool step = script_is_step(s, st), ok = step ? script_step(s, a, st, leaves) : call(s, a, st);
    script_forget(s);
    if (step)
        settle(s, st, NULL, true);
    keep_written_texts(s, a, st);
    arena_drop(a);
    return ok;
}

typedef struct Run { Script *s; const CoreStmt *st; bool ok; } Run;

static void run_in_unit(void *arg)
{
    Run *r = arg;
    r->ok = run(r->s, r->st);
}

static void run_in_script(void *arg)
{
    Run *r = arg;
    if (!mem_try(r->s->u->mem, run_in_unit, r))
        r->ok = false;
}

bool script_run(Script *s, const CoreStmt *st)
{
    Run r = { s, st, false };
    jmp_buf *outer = s->u->mem->on_fail;
    int before = s->u->diags->errors;
    if (!mem_try(&s->mem, run_in_script, &r)) {
        s->u->mem->on_fail = outer; /* the failure came past the inner one */
        r.ok = false;
    }
    if (!r.ok && s->u->diags->errors == before)
        diag_error(s->u->diags, E0604, st->span, "out of memory");
    return r.ok;
}

typedef struct Prepare { Script *s; const CoreStmt *st; int n; bool ok; } Prepare;

static void prepare(void *arg)
{
    Prepare *p = arg;
    Arena *a = p->s->u->arena;
    VEC(CoreFn *) fns = { 0 };
    VEC(const unsigned char *) forms = { 0 };
    p->ok = true;
    for (int i = 0; i < p->n; i++) {
        CoreFn *fn = p->st[i].fn;
        if (!fn || fn->failed)
            continue;
        if (!p->s->o.interp && !script_is_step(p->s, &p->st[i])) {
            vec_push(a, &fns, fn);
            vec_push(a, &forms, forms_of(p->s, a, &p->st[i]));
            continue;
        }
        p->ok = foreign_found(p->s->u, fn) && p->ok;
    }
    p->ok = p->ok && unit_script(p->s->u, fns.p, forms.p, fns.n);
}

bool script_prepare(Script *s, const CoreStmt *st, int n)
{
    Prepare p = { s, st, n, false };
    int before = s->u->diags->errors;
    if (!mem_try(s->u->mem, prepare, &p) && s->u->diags->errors == before)
        diag_error(s->u->diags, E0604, (Span){ 0 }, "out of memory");
    return p.ok;
}

/* ---- showing ---------------------------------------------------------------------------------------------------------------------- */

/* The type with the sizes it has now. */
static void show_type(const CoreSty *s, const InterpTensor **leaf, Buf *out)
{
    const InterpTensor *t = *leaf;
    switch (s->kind) {
    case STY_tuple:
        buf_putc(out, '(');
        for (int i = 0; i < s->n; i++) {
            buf_puts(out, i ? ", " : "");
            show_type(s->parts[i], leaf, out);
        }
        buf_putc(out, ')');
        return;
    case STY_value:
        (*leaf)++;
        if (s->weak && !t->rank)
            buf_puts(out, t->dtype == DT_i64 ? "int" : "real");
        else
            value_show_type(out, t);
        return;
    default:
        *leaf += core_sty_leaves(s);
        buf_puts(out, core_sty_text(out->arena, s));
    }
}

static void show_leaves(const CoreSty *s, const InterpTensor **leaf, int indent, Buf *out)
{
    bool tuple = s->kind == STY_tuple;
    int n = tuple ? s->n : core_sty_leaves(s);
    if (s->kind == STY_value) {
        value_show_quoted(out, (*leaf)++, indent);
        return;
    }
    buf_putc(out, '(');
    for (int i = 0; i < n; i++) {
        buf_puts(out, i ? ", " : "");
        if (tuple)
            show_leaves(s->parts[i], leaf, indent + 1, out);
        else
            value_show_quoted(out, (*leaf)++, indent + 1);
    }
    buf_putc(out, ')');
}

static void show_value(const ScriptValue *v, const char *name, Buf *out)
{
    size_t line = out->n;
    const InterpTensor *type = v->leaf, *leaf = v->leaf;
    buf_printf(out, "%s%s", name, *name ? ": " : "");
    if (v->handle) {
        const RtBox *b = v->handle->slot.contents;
        buf_puts(out, b->name);
        for (int i = 0; i < b->nnumbers; i++)
            buf_printf(out, "%s%lld", i ? ", " : "(", (long long)b->numbers[i]);
        buf_puts(out, b->nnumbers ? ")\n" : "\n");
        return;
    }
    show_type(v->sty, &type, out);
    buf_puts(out, " = ");
    show_leaves(v->sty, &leaf, (int)(out->n - line), out);
    buf_putc(out, '\n');
}

void script_show(Script *s, const CoreStmt *st, Buf *out)
{
    for (int i = 0; i < st->writes.n; i++) {
        const CoreScriptVar *v = st->writes.p[i];
        const ScriptValue *x = script_value(s, v);
        if (v->of)
            continue; /* it belongs to what was shown before */
        if (v->grows)
            list_show(s, *(const int64_t *)x->leaf->data, *v->grows, v->name, out);
        else
            show_value(x, v->name, out);
    }
    if (st->value && st->value->kind != STY_none)
        show_value(&s->last, "", out);
}
