/* check_plan.c - the entry plan of a signature: names bound where they stand alone, then from equations that are linear in one of them.
 *
 *     f32[H, 2 * R + 1]      axis 0 must be H;  t = axis 1;  R = (t - 1) / 2, which must be whole
 */
#include "frontend/check/sig_int.h"

int sig_fresh_at(const Sig *g, const DimSym *s)
{
    for (int i = 0; i < g->fresh.n; i++)
        if (g->fresh.p[i] == s)
            return i;
    return -1;
}

void sig_add_row(Fx *f, PlanRow r)
{
    PUSH(f, &f->fn->plan, r);
}

/* A dim that stands alone binds its name; anything else is an equation for later. */
static void bind_place(Sig *g, Dim d, PlanRow row, PlanKind bind)
{
    DimSym *s;
    int i = dim_is_sym(d, &s) ? sig_fresh_at(g, s) : -1;
    if (i >= 0 && !g->bound.p[i]) {
        g->bound.p[i] = true;
        row.kind = bind;
        row.sym = s;
        sig_add_row(g->f, row);
        return;
    }
    Eq e = { .d = d, .row = row };
    PUSH(g->f, &g->eqs, e);
}

static void bind_struct(Sig *g, const CoreSty *s, int param, Span span, const char *name)
{
    for (int i = 0; i < s->n; i++) {
        PlanRow row = { .kind = PLAN_numeq, .param = param, .axis = i, .a = s->args[i], .span = span };
        row.text = arena_printf(g->f->a, "%s of '%s' is %s", s->strct->numbers.p[i]->name, name, dim_say(g->f, s->args[i]));
        bind_place(g, s->args[i], row, PLAN_number);
    }
}

void sig_bind_param(Sig *g, int param)
{
    Fx *f = g->f;
    const CoreParam *p = &f->fn->surface.p[param];
    const CoreSty *s = p->sty;
    if (s->kind == STY_struct) {
        bind_struct(g, s, param, p->span, p->name);
        return;
    }
    for (int i = 0; i < p->nleaves; i++) {
        const CoreVar *v = f->fn->params.p[p->first + i];
        int rank = s->kind == STY_list && s->elem->kind == STY_struct ? (i == 0) : v->type.rank;
        for (int k = 0; k < rank; k++) {
            PlanRow row = { .kind = PLAN_axis, .param = param, .leaf = p->first + i, .axis = k, .a = v->type.dims[k], .span = p->span };
            row.text = arena_printf(f->a, "axis %d of '%s' is %s", k, v->name, dim_say(f, v->type.dims[k]));
            bind_place(g, v->type.dims[k], row, PLAN_bind);
        }
    }
    if (s->kind == STY_list && s->elem->kind == STY_struct)
        bind_struct(g, s->elem, param, p->span, p->name);
}

typedef struct Unbound { Sig *g; DimSym *sym; int n; } Unbound;

static void count_unbound(void *user, DimSym *s)
{
    Unbound *u = user;
    int i = sig_fresh_at(u->g, s);
    if (i >= 0 && !u->g->bound.p[i]) {
        u->sym = s;
        u->n++;
    }
}

static DimSym *place_dim(Sig *g, Eq *e)
{
    if (e->tmp)
        return e->tmp;
    Fx *f = g->f;
    DimSym *s = dim_sym_new(f->dims, name_of(f->cx->names, dim_say(f, e->d)), e->row.span);
    PUSH(f, &f->fn->dims, s);
    PlanRow row = e->row;
    row.kind = e->row.kind == PLAN_numeq ? PLAN_number : PLAN_bind;
    row.sym = s;
    sig_add_row(f, row);
    return e->tmp = s;
}

/* One unknown, linear: its value from the size at this place. */
static bool solve(Sig *g, Eq *e, DimSym *s)
{
    Fx *f = g->f;
    Dim value, by;
    DimSym *t = place_dim(g, e);
    if (!dim_solve(f->dims, e->d, dim_sym(f->dims, t), s, &value, &by))
        return false;
    PlanRow row = e->row;
    row.kind = PLAN_solve;
    row.sym = s;
    row.a = by ? dim_mul(f->dims, value, by) : value;
    row.b = by;
    row.text = arena_printf(f->a, "%s = %s is whole", e->row.text, dim_say(f, value));
    sig_add_row(f, row);
    g->bound.p[sig_fresh_at(g, s)] = true;
    facts_eq(f->facts, dim_sym(f->dims, t), e->d);
    PlanRow at_least = { .kind = PLAN_le, .a = dim_int(f, 0), .b = dim_sym(f->dims, s), .span = e->row.span,
                         .text = arena_printf(f->a, "0 <= %s", s->name) };
    sig_add_row(f, at_least);
    return e->done = true;
}

void sig_solve_all(Sig *g)
{
    bool progress = true;
    while (progress) {
        progress = false;
        for (int i = 0; i < g->eqs.n; i++) {
            Eq *e = &g->eqs.p[i];
            Unbound u = { g, NULL, 0 };
            if (e->done)
                continue;
            dim_syms(e->d, count_unbound, &u);
            if (u.n == 0) {
                e->done = progress = true;
                if (e->tmp)
                    continue;
                sig_add_row(g->f, e->row);
            } else if (u.n == 1)
                progress |= solve(g, e, u.sym);
        }
    }
}

void sig_report_unsolved(Sig *g)
{
    Fx *f = g->f;
    for (int i = 0; i < g->fresh.n; i++)
        if (!g->bound.p[i]) {
            DimSym *s = g->fresh.p[i];
            report(f, E0305, s->span, "dim %s does not follow from the arguments", s->name);
            diag_help(f->cx->diags, "make it a static parameter, fn f[%s](..), or write it alone in some shape", s->name);
            g->bound.p[i] = true;
            sig_solve_all(g); /* with it, others may follow */
        }
}

/* ---- statements of scripts: parameters whose sizes are symbols of the script ---- */

Sig *sig_script(Fx *f)
{
    Sig *g = NEW(f->a, Sig);
    g->f = f;
    return g;
}

static void script_symbol(void *user, DimSym *s)
{
    Sig *g = user;
    Fx *f = g->f;
    if (s->user || sig_fresh_at(g, s) >= 0)
        return;
    PUSH(f, &f->fn->dims, s);
    PUSH(f, &g->fresh, s);
    PUSH(f, &g->bound, false);
    facts_le(f->facts, dim_int(f, 0), dim_sym(f->dims, s));
}

static void script_symbols(Sig *g, const CoreSty *s)
{
    for (int i = 0; i < s->type.rank; i++)
        dim_syms(s->type.dims[i], script_symbol, g);
    if (s->count)
        dim_syms(s->count, script_symbol, g);
    if (s->elem)
        script_symbols(g, s->elem);
    for (int i = 0; s->args && i < s->n; i++)
        dim_syms(s->args[i], script_symbol, g);
    for (int i = 0; s->kind == STY_tuple && i < s->n; i++)
        script_symbols(g, s->parts[i]);
}

void sig_script_param(Sig *g, int param, DimSym *size)
{
    script_symbols(g, g->f->fn->surface.p[param].sty);
    (void)size;
    sig_bind_param(g, param);
}

/* An int variable: its value is what sizes call `size`. */
void sig_script_value(Sig *g, DimSym *size, Dim value, Span s)
{
    int i = sig_fresh_at(g, size);
    if (i < 0) { /* what is computed from the value is said in it */
        i = g->fresh.n;
        vec_push(g->f->a, &g->f->fn->dims, size);
        vec_push(g->f->a, &g->fresh, size);
        vec_push(g->f->a, &g->bound, true);
    }
    g->bound.p[i] = true;
    PlanRow row = { .kind = PLAN_solve, .sym = size, .a = value, .span = s, .text = size->name };
    sig_add_row(g->f, row);
}

DimSym *sig_script_solve(Sig *g)
{
    sig_solve_all(g);
    for (int i = 0; i < g->fresh.n; i++)
        if (!g->bound.p[i])
            return g->fresh.p[i];
    return NULL;
}
