/* check_init.c - the function of a struct that makes its leaves from its numbers, for handles made by C and by scripts. */
#include "frontend/check/check_int.h"

static bool sty_draws(const CoreSty *s);

static bool has_defaults(const Struct *st)
{
    for (int i = 0; i < st->fields.n; i++) {
        const Field *fd = &st->fields.p[i];
        if (!fd->sty || fd->kind == FIELD_const || fd->kind == FIELD_method || fd->kind == FIELD_part)
            continue;
        if (!fd->tree->kids[1])
            return false;
    }
    return true;
}

static bool complete(const CoreSty *s)
{
    while (s->kind == STY_list)
        s = s->elem;
    if (s->kind != STY_struct)
        return true;
    const Struct *st = (const Struct *)s->strct;
    if (!has_defaults(st) || st->failed)
        return false;
    for (int i = 0; i < st->fields.n; i++)
        if (st->fields.p[i].kind == FIELD_part && !complete(st->fields.p[i].sty))
            return false;
    return true;
}

static bool sty_draws(const CoreSty *s)
{
    while (s->kind == STY_list)
        s = s->elem;
    const Struct *st = s->kind == STY_struct ? (const Struct *)s->strct : NULL;
    for (int i = 0; st && i < st->fields.n; i++) {
        const Field *fd = &st->fields.p[i];
        if (fd->kind == FIELD_param && fd->tree->flags & TF_DRAW)
            return true;
        if (fd->sty && fd->kind != FIELD_const && sty_draws(fd->sty))
            return true;
    }
    return false;
}

static CoreSty *own_type(Fx *f, Struct *st)
{
    CoreSty *sty = NEW(f->a, CoreSty);
    *sty = (CoreSty){ .kind = STY_struct, .strct = &st->pub, .n = st->pub.numbers.n };
    sty->args = NEWN(f->a, Dim, sty->n + 1);
    for (int i = 0; i < sty->n; i++) {
        DimSym *s = st->pub.numbers.p[i];
        int hidden = i - struct_nheader(st);
        sty->args[i] = dim_sym(f->dims, s);
        PUSH(f, &f->fn->dims, s);
        facts_le(f->facts, dim_int(f, 0), sty->args[i]);
        if (hidden >= 0 && st->hidden.p[hidden]) { /* made without anything bound */
            oblige(f, PLAN_eq, sty->args[i], st->hidden.p[hidden], st->pub.span, "nothing is bound when a model is made");
            sty->args[i] = st->hidden.p[hidden];
        }
    }
    return sty;
}

static void make_init(Cx *cx, Struct *st)
{
    Name name = name_of(cx->names, arena_printf(cx->a, "%s.init", st->pub.name));
    Fx *f = fx_new(cx, NULL, name, st->pub.span);
    f->fn->symbol = name_of(cx->names, arena_printf(cx->a, "%s.%u", name, cx->serial++));
    f->scope = st->decl->unit->scope;
    CoreSty *sty = own_type(f, st);
    if (!complete(sty))
        return;
    scope_push(f, SCOPE_fn);
    if (sty_draws(sty)) {
        Ent *e = param_entry(f, W(f, key), st->pub.span, sty_value(f, ir_scalar(DT_key), false), false, false);
        f->key = e->val->core;
    }
    for (int i = 0; i < st->fx->fn->plan.n; i++) {
        PlanRow r = st->fx->fn->plan.p[i];
        oblige(f, r.kind, r.a, r.b, r.span, r.text);
    }
    f->result = f->fn->result = sty;
    Val *v = struct_make(f, sty, NULL, st->pub.span);
    if (!is_error(v))
        return_statement(f, v, st->pub.span);
    f->fn->body = core_kids(f, C_block, ir_scalar(DT_none), f->frame->stmts.n, f->frame->stmts.p);
    f->fn->body->span = st->pub.span;
    int n;
    IrType *types = sty_leaf_types(f, sty, &n);
    for (int i = 0; i < n; i++)
        PUSH(f, &f->fn->results, types[i]);
    st->pub.init = f->fn;
    vec_push(cx->a, &cx->module->fns, f->fn);
}

void structs_init(Cx *cx)
{
    for (; cx->structs_done < cx->module->structs.n; cx->structs_done++) {
        Struct *st = (Struct *)cx->module->structs.p[cx->structs_done];
        if (st->ready && !st->failed)
            make_init(cx, st);
    }
}
