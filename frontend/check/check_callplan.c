/* check_callplan.c - the entry plan of a callee, walked with dims for numbers.
 *
 * Names are bound from the arguments' sizes, equations must hold, conditions are proved or become conditions of the caller.
 */
#include "frontend/check/call_int.h"

#include <string.h>

Val *call_surface_arg(Call *c, int i)
{
    int first = c->fn->self ? 1 : 0;
    if (i < first)
        return c->fn->self;
    if (c->captured && c->captured[i])
        return c->captured[i];
    Name n = c->in->fn->surface.p[i].name;
    int k = call_param_named(c->params, n);
    return c->args[k];
}

static const CoreSty *struct_part(const CoreSty *s)
{
    while (s && s->kind == STY_list)
        s = s->elem;
    return s;
}

static bool same_kind(Call *c, const CoreParam *p, Val *v)
{
    Fx *f = c->f;
    const CoreSty *s = p->sty;
    bool ok = true;
    switch (s->kind) {
    case STY_value: ok = (v->kind == V_core || v->kind == V_ratio) && v->type.rank == s->type.rank; break;
    case STY_struct: ok = v->kind == V_agg && v->sty->kind == STY_struct && v->sty->strct == s->strct; break;
    case STY_list: ok = v->kind == V_agg && v->sty->kind == STY_list && struct_part(v->sty)->strct == struct_part(s)->strct; break;
    case STY_tuple: ok = v->kind == V_tuple && v->n == s->n; break;
    default: break;
    }
    if (ok)
        return true;
    int k = call_param_named(c->params, p->name);
    Span at = k >= 0 && c->trees[k] ? c->trees[k]->span : c->span;
    report(f, E0206, at, "'%s' of '%s' is %s, but %s is given", p->name, c->d->name, core_sty_text(f->a, s), val_text(f, v));
    call_note_declared(c);
    if (f->cx->repl && s->kind == STY_struct && v->kind == V_agg && v->sty->kind == STY_struct && s->strct->name == v->sty->strct->name)
        diag_help(f->cx->diags, "'%s' was declared again: make the value anew", s->strct->name);
    if (s->kind == STY_value && v->kind == V_core && v->type.rank + 1 == s->type.rank && v->type.dtype == s->type.dtype)
        diag_help(f->cx->diags, "an axis is missing: for a batch of one, reshape(x, 1, ..)");
    return false;
}

/* Leaves of the arguments as they are, before conversion: their sizes bind the dims. */
bool call_flatten(Call *c)
{
    Fx *f = c->f;
    CoreFn *fn = c->in->fn;
    c->leaves = NEWN(f->a, Core *, fn->params.n + 1);
    for (int i = 0; i < fn->surface.n; i++) {
        const CoreParam *p = &fn->surface.p[i];
        Val *v = call_surface_arg(c, i);
        Core **part;
        if (!same_kind(c, p, v))
            return false;
        int n = val_leaves_of(f, v, &part);
        for (int k = 0; k < n; k++) {
            if (p->var && part[k]->type.dtype != fn->params.p[p->first + k]->type.dtype) { /* it is changed in place */
                report(f, E0206, c->span, "'%s' of '%s' is %s, but %s is given", p->name, c->d->name, core_sty_text(f->a, p->sty), val_text(f, v));
                call_note_declared(c);
                return false;
            }
            c->leaves[p->first + k] = part[k];
        }
    }
    return true;
}

static void mark_sym(void *user, DimSym *s)
{
    map_put(user, s, user);
}

static void mark(Map *m, Dim d)
{
    if (d)
        dim_syms(d, mark_sym, m);
}

static void mark_sty(Map *m, const CoreSty *s)
{
    for (int i = 0; i < s->type.rank; i++)
        mark(m, s->type.dims[i]);
    mark(m, s->count);
    if (s->elem)
        mark_sty(m, s->elem);
    for (int i = 0; s->kind == STY_struct && i < s->n; i++)
        mark(m, s->args[i]);
    for (int i = 0; s->kind == STY_tuple && i < s->n; i++)
        mark_sty(m, s->parts[i]);
}

/* Int parameters that dims mention. */
static bool bind_ints(Call *c)
{
    Fx *f = c->f;
    CoreFn *fn = c->in->fn;
    Map used = map_new(f->a);
    for (int i = 0; i < fn->plan.n; i++) {
        mark(&used, fn->plan.p[i].a);
        mark(&used, fn->plan.p[i].b);
    }
    for (int i = 0; i < fn->surface.n; i++)
        mark_sty(&used, fn->surface.p[i].sty);
    mark_sty(&used, fn->result);
    for (int i = 0; i < fn->surface.n; i++) {
        const CoreParam *p = &fn->surface.p[i];
        for (int k = 0; k < p->nleaves; k++) {
            CoreVar *v = fn->params.p[p->first + k];
            Core *leaf = c->leaves[p->first + k];
            if (!v->sym || !map_find(&used, v->sym))
                continue;
            if (leaf->kind == C_var && leaf->var->mut && leaf->var->type.dtype == DT_i64)
                leaf = core_of_var(f, snapshot(f, leaf->var));
            Val *x = p->nleaves == 1 && call_surface_arg(c, i)->kind != V_agg && !p->var ? call_surface_arg(c, i)
                                                                     : val_leaves(f, sty_value(f, ir_scalar(DT_i64), true), &leaf);
            Dim d = dim_of(f, x, c->span);
            if (!d)
                return false;
            map_put(&c->syms, v->sym, (void *)d);
        }
    }
    return true;
}

static Dim at_call(Call *c, Dim d)
{
    return dim_subst_syms(c->f, d, &c->syms);
}

static Dim place_of(Call *c, const PlanRow *r)
{
    if (r->kind == PLAN_number || r->kind == PLAN_numeq) {
        const CoreSty *s = val_sty(c->f, call_surface_arg(c, r->param));
        return struct_part(s)->args[r->axis];
    }
    return c->leaves[r->leaf]->type.dims[r->axis];
}

const char *row_text(Fx *f, PlanKind k, Dim a, Dim b)
{
    static const char *const ops[] = { [PLAN_eq] = "==", [PLAN_ne] = "!=", [PLAN_le] = "<=", [PLAN_lt] = "<", [PLAN_divides] = "divides" };
    return arena_printf(f->a, "%s %s %s", dim_say(f, a), ops[k], dim_say(f, b));
}

static void report_size(Call *c, const PlanRow *r, Dim want, Dim have)
{
    Fx *f = c->f;
    const CoreParam *p = &c->in->fn->surface.p[r->param];
    int k = call_param_named(c->params, p->name);
    Span at = k >= 0 && c->trees[k] ? c->trees[k]->span : c->span;
    report(f, E0203, at, "'%s' of '%s' is %s, but %s is given: sizes %s and %s differ", p->name, c->d->name, core_sty_text(f->a, p->sty),
           val_text(f, call_surface_arg(c, r->param)), dim_say(f, want), dim_say(f, have));
    if (strcmp(dim_say(f, r->a), dim_say(f, want)))
        diag_note(f->cx->diags, (Span){ 0, 0, 0 }, "%s of '%s' is %s in this call", dim_say(f, r->a), c->d->name, dim_say(f, want));
    call_note_declared(c);
}

static bool walk_row(Call *c, const PlanRow *r)
{
    Fx *f = c->f;
    Dim a, b, have;
    bool set;
    switch (r->kind) {
    case PLAN_bind: case PLAN_number:
        map_put(&c->syms, r->sym, (void *)place_of(c, r));
        return oblige_size(c->f, place_of(c, r), c->span);
    case PLAN_solve:
        a = at_call(c, r->a);
        b = r->b ? at_call(c, r->b) : NULL;
        if (b && !oblige(f, PLAN_divides, b, a, c->span, row_text(f, PLAN_divides, b, a)))
            return false;
        map_put(&c->syms, r->sym, (void *)(b ? dim_exactdiv(f->dims, a, b) : a));
        return true;
    case PLAN_axis: case PLAN_numeq:
        a = at_call(c, r->a);
        have = place_of(c, r);
        if (dims_equal(f, a, have))
            return true;
        if (dim_of_input(a) || dim_of_input(have)) { /* what is bound is known where the model is */
            bool ok = oblige(f, PLAN_eq, a, have, c->span, row_text(f, PLAN_eq, a, have));
            if (!ok)
                diag_note(f->cx->diags, r->span, "'%s' asks for it here", c->d->name);
            return ok;
        }
        report_size(c, r, a, have);
        return false;
    default:
        a = at_call(c, r->a);
        b = at_call(c, r->b);
        if (input_row(f, r, a, c->span, &set))
            return set;
        if (oblige(f, r->kind, a, b, c->span, dim_is_poison(a) || dim_is_poison(b) ? r->text : row_text(f, r->kind, a, b)))
            return true;
        diag_note(f->cx->diags, r->span, "'%s' asks for it here", c->d->name);
        return false;
    }
}

static bool inputs_set(Call *c)
{
    int64_t n;
    bool set;
    for (int i = 0; i < c->in->fn->plan.n; i++) {
        const PlanRow *r = &c->in->fn->plan.p[i];
        Dim a = r->kind == PLAN_eq ? at_call(c, r->a) : NULL;
        if (a && dim_is_const(a, &n) && input_row(c->f, r, a, c->span, &set) && !set)
            return false;
    }
    return true;
}

bool call_walk_plan(Call *c)
{
    Fx *f = c->f;
    Inst *in = c->in;
    for (int i = 0, given = 0; i < in->statics.n; i++) { /* static ints: dims by name */
        while (given < in->env.statics.n && (in->env.statics.p[given].val || in->env.statics.p[given].name != in->statics.p[i]->name))
            given++;
        Dim d = dim_of(f, c->fn->statics[static_place(in, given)], c->span);
        if (!d)
            return false;
        map_put(&c->syms, in->statics.p[i], (void *)d);
    }
    if (!bind_ints(c))
        return false;
    bool set = true;
    for (int i = 0, names = true; i < in->fn->plan.n && set; i++) { /* what is not bound is said first: its sizes are wrong, too */
        PlanKind k = in->fn->plan.p[i].kind;
        if (names && k != PLAN_bind && k != PLAN_number && k != PLAN_solve) {
            set = inputs_set(c);
            names = false;
        }
        if (!set || !walk_row(c, &in->fn->plan.p[i]))
            return false;
    }
    return set;
}

/* Number of the written static argument that env's `k`th is: model types are not written. */
int static_place(const Inst *in, int k)
{
    int n = 0;
    for (int i = 0; i < k; i++)
        n += !(in->env.statics.p[i].val && in->env.statics.p[i].val->kind == V_type);
    return n;
}
