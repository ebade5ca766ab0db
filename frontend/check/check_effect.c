/* check_effect.c - effects of scripts: printing, files, tokenizers. Functions that have one can be called from scripts only. */
#include "frontend/check/check_int.h"

#include <string.h>

typedef enum Result { R_none, R_text, R_truth, R_bytes, R_tokens, R_image, R_loaded, R_seconds, R_number, R_later } Result;

static const struct Effect { const char *name; int least, most; Result result; } effects[] = {
#define EFFECT(name, least, most, result) { #name, least, most, R_##result },
#include "frontend/effects.def"
#undef EFFECT
};

static const struct Effect *find(Name n)
{
    for (size_t i = 0; i < sizeof effects / sizeof *effects; i++)
        if (strcmp(effects[i].name, n) == 0)
            return &effects[i];
    return NULL;
}

const char *effect_find(Name n)
{
    const struct Effect *e = n[0] == '_' ? NULL : find(n);
    return e ? e->name : NULL;
}

void effect_seen(Inst *in, const char *what, Span s)
{
    in->effects = true;
    in->effect = what;
    in->effect_place = s;
}

void effect_note(Fx *f, const Inst *in)
{
    if (in->effect)
        diag_note(f->cx->diags, in->effect_place, "the effect stands here: %s", in->effect);
}

bool effects_allowed(Fx *f, Span s, const char *what)
{
    if (f->fn->exported) {
        report(f, E0211, s, "'%s' is an effect; it stands in scripts only, not in an exported function", what);
        return false;
    }
    if (frame_in_index(f)) {
        report(f, E0307, s, "'%s' is an effect and stands inside an index scope", what);
        return false;
    }
    if (!f->inst->effects)
        effect_seen(f->inst, what, s);
    return true;
}

/* ---- arguments ---- */

static bool is_plain(const Core *c)
{
    return c->kind == C_const || c->kind == C_str || (c->kind == C_var && !c->var->mut);
}

static void flatten(Fx *f, Val *v, CoreArg *a)
{
    VEC(Core *) all = { 0 };
    for (int i = 0; i < a->nleaves; i++)
        PUSH(f, &all, a->leaves[i]);
    if (v->kind == V_tuple || (v->kind == V_list && v->n && v->parts[0]->kind != V_core)) {
        for (int i = 0; i < v->n; i++)
            flatten(f, v->parts[i], a);
        return;
    }
    Core **leaves;
    int n = val_leaves_of(f, v, &leaves);
    for (int i = 0; i < n; i++)
        PUSH(f, &all, is_plain(leaves[i]) ? leaves[i] : let_here(f, leaves[i], "arg"));
    a->leaves = all.p;
    a->nleaves = all.n;
}

static bool argument(Fx *f, const Tree *t, CoreArg *a)
{
    Val *v = expr(f, t->kids[0]);
    if (is_error(v))
        return false;
    bool pairs = v->kind == V_list && v->n && v->parts[0]->kind == V_tuple;
    if (!pairs && v->kind == V_list)
        v = val_plain(f, v);
    a->name = t->name;
    a->sty = pairs || is_error(v) ? NULL : val_sty(f, v);
    if (!a->sty && !pairs) {
        if (!is_error(v))
            report(f, E0206, t->span, "%s cannot be given to an effect", val_text(f, v));
        return false;
    }
    flatten(f, v, a);
    return true;
}

/* ---- results ---- */

/* A size that is known when the effect has run. */
static Dim fresh_size(Fx *f, const char *name, Span s)
{
    DimSym *sym = dim_sym_new(f->dims, name_of(f->cx->names, name), s);
    Dim d = dim_sym(f->dims, sym);
    sym->late = true;
    facts_le(f->cx->facts, dim_int(f, 0), d);
    return d;
}

static CoreSty *result_type(Fx *f, const struct Effect *e, Span s)
{
    IrType t = ir_scalar(e->result == R_number ? DT_i64 : e->result == R_truth ? DT_bool : e->result == R_seconds ? DT_f64 : DT_str);
    if (e->result == R_none)
        return NULL;
    if (e->result == R_bytes || e->result == R_tokens) {
        Dim d = fresh_size(f, "N", s);
        t = tensor_type(f, e->result == R_bytes ? DT_u8 : DT_i32, 1, &d);
    }
    if (e->result == R_image) {
        Dim d[3] = { fresh_size(f, "H", s), fresh_size(f, "W", s), dim_int(f, 3) };
        t = tensor_type(f, DT_u8, 3, d);
    }
    return sty_value(f, t, e->result == R_seconds);
}

static Val *emit_effect(Fx *f, Name n, int nargs, CoreArg *args, CoreSty *sty, Span s)
{
    CoreEffect *e = NEW(f->a, CoreEffect);
    *e = (CoreEffect){ .name = n, .span = s, .nargs = nargs, .args = args, .result = sty };
    Core *c = core_new(f, C_effect, ir_scalar(DT_none), 0);
    int k = 0;
    IrType *types = sty ? sty_leaf_types(f, sty, &k) : NULL;
    Core **leaves = NEWN(f->a, Core *, k + 1);
    c->effect = e;
    c->span = s;
    c->nouts = k;
    c->outs = NEWN(f->a, CoreVar *, k + 1);
    for (int i = 0; i < k; i++) {
        c->outs[i] = var_new(f, n, s, types[i], false);
        leaves[i] = core_of_var(f, c->outs[i]);
    }
    emit(f, c);
    f->frame->impure = true;
    for (Frame *fr = f->frame; fr->kind != FRAME_block; fr = fr->outer) /* the right side of an `and` */
        fr->outer->impure = true;
    return sty ? val_leaves(f, sty, leaves) : val_none(f);
}

/* The header numbers of what is loaded, as values of the function that loads it: -1 for those that the file tells. Statements of a
 * script need none, their sizes are known outside. */
static bool loaded_numbers(Fx *f, const CoreSty *sty, CoreArg *a)
{
    if (f->is_script || !sty || sty->kind != STY_struct || !sty->n)
        return false;
    *a = (CoreArg){ .name = name_of(f->cx->names, "_numbers"), .nleaves = sty->n, .leaves = NEWN(f->a, Core *, sty->n) };
    for (int i = 0; i < sty->n; i++) {
        Core *c = sty->args[i] && dim_at_entry(f, sty->args[i]) ? core_of_dim(f, sty->args[i]) : core_i64(f, -1);
        a->leaves[i] = is_plain(c) ? c : let_here(f, c, "n");
    }
    return true;
}

static Val *call(Fx *f, Name n, const Tree *args, CoreSty *sty, Span s)
{
    const struct Effect *e = find(n);
    CoreArg *list = NEWN(f->a, CoreArg, args->nkids + 1);
    int positional = 0, nargs = args->nkids;
    for (int i = 0; i < args->nkids; i++)
        positional += !args->kids[i]->name;
    if (positional < e->least || positional > e->most) {
        int want = positional > e->most ? e->most : e->least;
        const char *how = e->least == e->most ? "" : positional > e->most ? "at most " : "at least ";
        report(f, E0205, s, "'%s' takes %s%d argument%s, not %d", n, how, want, want == 1 ? "" : "s", positional);
        return val_error();
    }
    if (!effects_allowed(f, s, n))
        return val_error();
    for (int i = 0; i < args->nkids; i++)
        if (!argument(f, args->kids[i], &list[i]))
            return val_error();
    nargs += loaded_numbers(f, sty, &list[nargs]);
    return emit_effect(f, n, nargs, list, sty, s);
}

/* ---- lists that grow: a variable holds the number of one of the script's lists ---- */

static CoreArg *grow_args(Fx *f, const Ent *list, Val *v)
{
    CoreArg *a = NEWN(f->a, CoreArg, 2);
    a[0].sty = list->sty;
    flatten(f, place_value(f, list->sty, list->leaves), &a[0]);
    a[1].sty = v ? val_sty(f, v) : NULL;
    if (v)
        flatten(f, v, &a[1]);
    return a;
}

void grow_declare(Fx *f, Name n, Span s)
{
    Val *number = effect_of_values(f, "_list", 0, NULL, "a list that grows", s);
    if (is_error(number)) {
        scope_add(f, ENT_val, n, s)->val = number;
        return;
    }
    Ent *e = var_declare(f, n, s, val_sty(f, number), number);
    e->grows = NEW(f->a, Grown);
    grow_holds(f, e);
}

void grow_holds(Fx *f, Ent *e)
{
    e->held = var_new(f, e->name, e->span, ir_scalar(DT_bool), true);
}

/* What was appended, as a tensor: read in the innermost block, before what mentions it, and once for all that mention it until it changes. */
Val *grow_value(Fx *f, Ent *e, Span s)
{
    if (e->grows->dtype == DT_none) {
        report(f, E0206, s, "nothing is appended to '%s' before, so what it holds is not known", e->name);
        return val_error();
    }
    CoreVar *read = snap_find(f, e->held);
    if (read)
        return val_core(f, core_of_var(f, read), false);
    Frame *at = f->frame;
    f->frame = block_frame(f);
    Val *v = val_error();
    if (effects_allowed(f, s, e->name)) {
        Dim n = e->ahead ? e->ahead : fresh_size(f, "N", s);
        e->ahead = f->trial ? n : NULL;
        CoreSty *sty = sty_value(f, tensor_type(f, e->grows->dtype, 1, &n), false);
        v = emit_effect(f, name_of(f->cx->names, "_grown"), 1, grow_args(f, e, NULL), sty, s);
        snap_put(f, e->held, v->core->var);
    }
    f->frame = at;
    return v;
}

/* x = [] begins anew. */
void grow_assign(Fx *f, const Ent *e, const Val *v, Span s)
{
    if (is_error(v))
        return;
    if (v->kind != V_list || v->n) {
        report(f, E0206, s, "'%s' grows by append(var %s, ..), and is emptied by %s = []", e->name, e->name, e->name);
        return;
    }
    Val *number = effect_of_values(f, "_list", 0, NULL, "a list that grows", s);
    if (is_error(number))
        return;
    Core *c = core_kids(f, C_assign, ir_scalar(DT_none), 1, &number->core);
    c->var = e->leaves[0];
    c->span = s;
    emit(f, c);
    assigned(f, e->leaves[0]);
    assigned(f, e->held);
    f->frame->impure = true;
}

static Val *append_call(Fx *f, const Tree *args, Span s)
{
    bool list = args->nkids == 2 && args->kids[0]->flags & TF_VAR && args->kids[0]->kids[0]->kind == T_name;
    Ent *e = list ? scope_find(f->scope, args->kids[0]->kids[0]->name) : NULL;
    if (!e || !e->grows) {
        report(f, E0205, s, "append(var x, value) adds to a list that began as var x = []");
        return val_error();
    }
    Val *v = expr_plain(f, args->kids[1]->kids[0]);
    if (is_error(v) || !effects_allowed(f, s, "append"))
        return val_error();
    if (v->kind != V_core || v->type.rank || v->type.dtype == DT_str || v->type.dtype == DT_key) {
        report(f, E0206, args->kids[1]->span, "a list that grows holds numbers, not %s", val_text(f, v));
        return val_error();
    }
    if (e->grows->dtype == DT_none)
        e->grows->dtype = v->weak && v->type.dtype == DT_f64 ? DT_f32 : v->type.dtype;
    Core *c = core_as(f, v, e->grows->dtype, args->kids[1]->span);
    if (!c)
        return val_error();
    assigned(f, e->held);
    return emit_effect(f, name_of(f->cx->names, "_append"), 2, grow_args(f, e, val_core(f, c, false)), NULL, s);
}

Val *effect_call(Fx *f, Name n, const Tree *args, Span s)
{
    const struct Effect *e = find(n);
    if (e->result == R_later)
        return append_call(f, args, s);
    if (e->result == R_loaded) {
        report(f, E0206, s, "what a file holds must be said: load(p) as T");
        return val_error();
    }
    return call(f, n, args, result_type(f, e, s), s);
}

/* An operator on values that are known when the script runs. */
Val *effect_of_values(Fx *f, const char *name, int n, Val **args, const char *what, Span s)
{
    const struct Effect *e = find(name);
    if (!effects_allowed(f, s, what))
        return val_error();
    CoreArg *list = NEWN(f->a, CoreArg, n + 1);
    for (int i = 0; i < n; i++) {
        list[i].sty = val_sty(f, args[i]);
        flatten(f, args[i], &list[i]);
    }
    return emit_effect(f, name_of(f->cx->names, name), n, list, result_type(f, e, s), s);
}

Val *effect_as(Fx *f, const Tree *t, const Tree *type)
{
    Name n = t->kids[0]->name;
    if (find(n)->result != R_loaded) {
        CoreSty *want = type_of(f, type);
        Val *v = expr(f, t);
        return want ? val_unify(f, v, want, t->span, "the value") : val_error();
    }
    f->open_numbers = true;
    CoreSty *sty = type_of(f, type);
    f->open_numbers = false;
    if (!sty)
        return val_error();
    if (sty->kind != STY_struct) {
        report(f, E0206, type->span, "a file holds a model or a struct, not %s", core_sty_text(f->a, sty));
        return val_error();
    }
    return call(f, n, t->kids[1], sty, t->span);
}

/* ---- progress: before each step, and behind the loop ---- */

void effect_progress_step(Fx *f, CoreIndex *x, Span s)
{
    CoreArg *a = NEWN(f->a, CoreArg, 3);
    Core *v[3] = { core_of_index(f, x), core_of_dim(f, x->lo), core_of_dim(f, dim_add(f->dims, x->lo, x->extent)) };
    for (int i = 0; i < 3; i++) {
        a[i].sty = sty_value(f, ir_scalar(DT_i64), true);
        a[i].nleaves = 1;
        a[i].leaves = NEWN(f->a, Core *, 1);
        a[i].leaves[0] = let_here(f, v[i], "step");
    }
    emit_effect(f, W(f, progress), 3, a, NULL, s);
}

void effect_progress_end(Fx *f, Span s)
{
    emit_effect(f, W(f, progress), 0, NULL, NULL, s);
}
