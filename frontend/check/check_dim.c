/* check_dim.c - numbers in dim position, what is known about them, and conditions that must hold.
 *
 * A condition is proved, or becomes a row of the entry plan, or, if it depends on a value that the function computes, a check.
 */
#include "frontend/check/check_int.h"

#include <string.h>

#include <stdio.h>

Dim dim_int(Fx *f, int64_t v)
{
    return dim_const(f->dims, v);
}

const char *dim_say(Fx *f, Dim d)
{
    return dim_text(f->dims, d);
}

void facts_push(Fx *f)
{
    f->facts = facts_new(f->dims, f->facts);
}

bool dims_equal(Fx *f, Dim a, Dim b)
{
    return a == b || facts_prove_eq(f->facts, a, b) == YES;
}

/* ---- classes of dims ---- */

typedef struct Class { bool index, late, effect; } Class; /* effect: of what an effect gives */

static void classify(void *user, DimSym *s)
{
    Class *c = user;
    if (s->index)
        c->index = true;
    else if (s->late)
        c->effect = true;
    else if (s->user) {
        const Var *v = s->user;
        if (!v->pub.param && !v->entry)
            c->late = true;
    }
}

bool dim_has_index(Dim d)
{
    Class c = { 0 };
    dim_syms(d, classify, &c);
    return c.index;
}

bool dim_at_entry(Fx *f, Dim d)
{
    Class c = { 0 };
    (void)f;
    dim_syms(d, classify, &c);
    return !c.index && !c.late && !c.effect;
}

bool dim_of_effect(Dim d)
{
    Class c = { 0 };
    dim_syms(d, classify, &c);
    return c.effect && !c.index && !c.late;
}

static Dim entry_sym(void *user, DimSym *s)
{
    Fx *f = user;
    const Var *v = s->index ? NULL : s->user;
    return v && v->entry ? dim_sym(f->dims, v->entry->sym) : NULL;
}

static Dim map_sym(void *user, DimSym *s)
{
    return map_find(user, s);
}

bool dim_known_at_entry(Fx *f, Dim d)
{
    return dim_at_entry(f, dim_subst(f->dims, d, entry_sym, f));
}

Dim dim_subst_syms(Fx *f, Dim d, Map *syms)
{
    return d ? dim_subst(f->dims, d, map_sym, syms) : NULL;
}

/* ---- from values ---- */

Dim dim_of(Fx *f, Val *v, Span s)
{
    if (is_error(v))
        return NULL;
    if (v->kind == V_ratio) {
        Dim q = dim_exactdiv(f->dims, v->dim, v->den);
        int64_t x, y;
        if (dim_is_const(v->dim, &x) && dim_is_const(v->den, &y) && y != 0 && x % y != 0) {
            report(f, E0305, s, "%lld / %lld is not whole", (long long)x, (long long)y);
            return NULL;
        }
        const char *text = arena_printf(f->a, "%s divides %s", dim_say(f, v->den), dim_say(f, v->dim));
        if (!oblige(f, PLAN_divides, v->den, v->dim, s, text))
            return NULL;
        return q;
    }
    if (v->kind != V_core || v->type.rank || !(val_is_int(v) || dtype_is_int(v->type.dtype))) {
        if (v->kind == V_type && v->decl) { /* a size that has the name of a model: once for all signatures */
            Name n = v->decl->name;
            bool known = map_find(&f->cx->unknown, n) == f->cx;
            f->fn->failed = true;
            if (known || f->trial)
                return NULL;
            map_put(&f->cx->unknown, n, f->cx);
        }
        report(f, E0206, s, "%s where a whole number is needed", val_text(f, v));
        if (v->kind == V_tuple || v->kind == V_list)
            diag_help(f->cx->diags, "sizes are given one by one, without brackets around them");
        return NULL;
    }
    if (v->dim)
        return v->dim;
    int64_t k;
    if (core_is_int_const(v->core, &k)) {
        if (v->type.dtype == DT_u64 && k < 0)
            report(f, E0206, s, "%llu does not fit int", (unsigned long long)k);
        return v->type.dtype == DT_u64 && k < 0 ? NULL : dim_int(f, k);
    }
    Core *c = let_out(f, core_cast(f, v->core, DT_i64, OP_cast), "n");
    return dim_sym(f->dims, c->var->sym);
}

Dim dim_expr(Fx *f, const Tree *t)
{
    f->dimctx++;
    Val *v = whole_expr(f, t);
    f->dimctx--;
    return dim_of(f, v, t->span);
}

/* ---- facts from conditions ---- */

const Cond *cond_new(Fx *f, Rel r, Dim a, Dim b, const Cond *next)
{
    Cond *c = NEW(f->a, Cond);
    *c = (Cond){ r, a, b, next };
    return c;
}

const Cond *cond_join(Fx *f, const Cond *a, const Cond *b)
{
    for (; a; a = a->next)
        b = cond_new(f, a->rel, a->a, a->b, b);
    return b;
}

/* Numbers that differ, one of which is never less: it is greater (d % 2 != 0 says 1 <= d % 2). */
static void assume_apart(Fx *f, Dim a, Dim b)
{
    if (facts_prove_le(f->facts, b, a) == YES)
        facts_le(f->facts, dim_add(f->dims, b, dim_int(f, 1)), a);
    else if (facts_prove_le(f->facts, a, b) == YES)
        facts_le(f->facts, dim_add(f->dims, a, dim_int(f, 1)), b);
}

void assume(Fx *f, const Cond *c)
{
    for (; c; c = c->next)
        if (c->rel == REL_le)
            facts_le(f->facts, c->a, c->b);
        else if (c->rel == REL_eq)
            facts_eq(f->facts, c->a, c->b);
        else
            assume_apart(f, c->a, c->b);
}

/* ---- obligations ---- */

static Truth proved(Fx *f, PlanKind k, Dim a, Dim b)
{
    Truth t;
    int64_t x, y;
    switch (k) {
    case PLAN_eq: return facts_prove_eq(f->facts, a, b);
    case PLAN_ne:
        t = facts_prove_eq(f->facts, a, b);
        if (t == UNKNOWN && (facts_prove_lt(f->facts, f->dims, a, b) == YES || facts_prove_lt(f->facts, f->dims, b, a) == YES))
            return YES;
        return t == YES ? NO : t == NO ? YES : UNKNOWN;
    case PLAN_le: return facts_prove_le(f->facts, a, b);
    case PLAN_lt: return facts_prove_lt(f->facts, f->dims, a, b);
    case PLAN_divides:
        if (dim_is_const(a, &x) && dim_is_const(b, &y))
            return x != 0 && y % x == 0 ? YES : NO;
        t = facts_prove_eq(f->facts, dim_mod(f->dims, b, a), dim_int(f, 0));
        return t == YES ? YES : UNKNOWN;
    default: return UNKNOWN;
    }
}

static void learn(Facts *facts, DimCx *dims, PlanKind k, Dim a, Dim b)
{
    Dim one = dim_const(dims, 1);
    switch (k) {
    case PLAN_eq: facts_eq(facts, a, b); break;
    case PLAN_le: facts_le(facts, a, b); break;
    case PLAN_lt: facts_le(facts, dim_add(dims, a, one), b); break;
    case PLAN_divides: facts_eq(facts, dim_mod(dims, b, a), dim_const(dims, 0)); break;
    case PLAN_ne:
        if (b == dim_const(dims, 0) && facts_prove_le(facts, b, a) == YES)
            facts_le(facts, one, a);
        break;
    default: break;
    }
}

static bool has_row(const CoreFn *fn, PlanKind k, Dim a, Dim b)
{
    for (int i = 0; i < fn->plan.n; i++)
        if (fn->plan.p[i].kind == k && fn->plan.p[i].a == a && fn->plan.p[i].b == b)
            return true;
    return false;
}

static Core *condition(Fx *f, PlanKind k, Dim a, Dim b)
{
    Core *x = core_of_dim(f, a), *y = core_of_dim(f, b);
    x->checked = x->kind == C_dim && !int_fits(f, a);
    y->checked = y->kind == C_dim && !int_fits(f, b);
    switch (k) {
    case PLAN_eq: return core_op2(f, OP_eq, DT_bool, x, y);
    case PLAN_ne: return core_op2(f, OP_ne, DT_bool, x, y);
    case PLAN_le: return core_op2(f, OP_le, DT_bool, x, y);
    case PLAN_lt: return core_op2(f, OP_lt, DT_bool, x, y);
    default: {
        Core *d = core_op1(f, OP_nonzero, DT_i64, x);
        d->text = "division by zero";
        return core_op2(f, OP_eq, DT_bool, core_op2(f, OP_mod, DT_i64, y, d), core_i64(f, 0));
    }
    }
}

void check_statement(Fx *f, Core *cond, int code, const char *text, Span s)
{
    Core *c = core_kids(f, C_check, ir_scalar(DT_none), 1, &cond);
    c->text = text;
    c->code = code;
    c->span = s;
    if (f->held) {
        PUSH(f, &f->held->checks, c);
        return;
    }
    f->frame->impure = true;
    emit(f, c);
}

static Frame *entry_frame(Fx *f)
{
    Frame *fr = f->frame;
    while (fr->outer)
        fr = fr->outer;
    return fr;
}

/* Sizes are known at entry: so is the memory of a call, before its work starts. */
bool size_known(Fx *f, Dim d, Span s)
{
    if (!d || f->trial || dim_at_entry(f, dim_subst(f->dims, d, entry_sym, f)) || dim_of_effect(dim_subst(f->dims, d, entry_sym, f)))
        return true; /* a function with such an effect is not compiled, and needs no memory at entry */
    report(f, E0306, s, "this size depends on what the function computes; sizes are known at entry");
    diag_help(f->cx->diags, "take the largest size it may have, and a guard for what is inside: sum[i | i < n](x[i])");
    return false;
}

void take_for_granted(Fx *f, PlanKind k, Dim a, Dim b)
{
    learn(f->facts, f->dims, k, a, b);
}

bool oblige(Fx *f, PlanKind k, Dim a, Dim b, Span s, const char *text)
{
    int64_t most;
    Truth t = proved(f, k, a, b);
    if (t == YES || (k == PLAN_le && dim_is_const(b, &most) && most == INT64_MAX && int_fits(f, a)))
        return true;
    if (t == NO || dim_is_poison(a) || dim_is_poison(b)) {
        report(f, E0309, s, "'%s' cannot hold", text);
        int64_t least, n;
        if (k == PLAN_le && dim_is_const(a, &least) && least == 0 && dim_is_const(b, &n) && n == -1 &&
            !strchr(source_text(f, s), ':')) /* there it is the end of a slice */
            diag_help(f->cx->diags, "a size is never found out: -1 does not mean the rest");
        return false;
    }
    if (f->trial)
        return true;
    Dim x = dim_subst(f->dims, a, entry_sym, f), y = dim_subst(f->dims, b, entry_sym, f);
    if (dim_at_entry(f, x) && dim_at_entry(f, y)) {
        if (!has_row(f->fn, k, x, y)) {
            PlanRow row = { .kind = k, .a = x, .b = y, .span = s, .text = text };
            PUSH(f, &f->fn->plan, row);
        }
        learn(entry_frame(f)->facts, f->dims, k, x, y);
        return true;
    }
    check_statement(f, condition(f, k, a, b), STATUS_CHECK, text, s);
    learn(f->facts, f->dims, k, a, b);
    return true;
}
