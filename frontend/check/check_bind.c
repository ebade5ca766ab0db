/* check_bind.c - inputs of models: `input pick: i32[B]` is set by bind(net, pick: ids) in every part that declares it.
 *
 *     numbers of the model:   In Out | B pick?          those of the header, then the sizes that an input brings and whether it is set
 *     unbound                 64 64  | 0 0              its leaf is a tensor of no elements, and nobody may read it
 *     bind(net, pick: ids)    64 64  | 3 1
 *
 * So a bound model is of another type than an unbound one, and "it is set" is a condition on numbers like any other: proved where the
 * model is known, else asked of the caller. A model's parts hand their numbers up, as `part.B` and `part.pick?`.
 */
#include "frontend/check/builtin_int.h"

#include <ctype.h>
#include <string.h>

#define IS_SET " is set"

int struct_nheader(const Struct *st) { return st->pub.numbers.n - st->hidden.n; }

int hidden_number(Fx *f, Struct *st, const char *name, Span s, Scope *named, Dim unbound)
{
    struct_number(f, st, name_of(f->cx->names, name), s, named);
    PUSH(f, &st->hidden, unbound);
    vec_last(&st->pub.numbers)->bound = unbound != NULL;
    return st->pub.numbers.n - 1;
}

/* Sizes of the type that nobody has declared. */
static void new_sizes(Fx *f, Struct *st, const Tree *t)
{
    if (!t)
        return;
    if (t->kind == T_name && isupper((unsigned char)t->name[0]) && !scope_find(f->scope, t->name) && !decl_find(f, f->scope, t->name))
        hidden_number(f, st, t->name, t->span, f->scope, dim_int(f, 0));
    for (int i = 0; i < t->nkids; i++)
        new_sizes(f, st, t->kids[i]);
}

void input_numbers(Fx *f, Struct *st, Field *fd, const Tree *t)
{
    if (t->kids[0] && t->kids[0]->kind == T_tbase)
        new_sizes(f, st, t->kids[0]->kids[2]);
    fd->set = t->kids[1] ? -1 : hidden_number(f, st, arena_printf(f->a, "%s?", t->name), t->span, NULL, dim_int(f, 0));
}

CoreSty *part_inputs(Fx *f, Struct *st, CoreSty *sty, Name part)
{
    if (sty->kind == STY_list) {
        CoreSty *r = arena_copy(f->a, sty, sizeof *sty);
        r->elem = part_inputs(f, st, sty->elem, part);
        return r;
    }
    const Struct *of = sty->kind == STY_struct ? (const Struct *)sty->strct : NULL;
    if (!of || !of->hidden.n)
        return sty;
    CoreSty *r = arena_copy(f->a, sty, sizeof *sty);
    r->args = NEWN(f->a, Dim, sty->n + 1);
    for (int i = 0; i < sty->n; i++) {
        int k = i - struct_nheader(of);
        r->args[i] = sty->args[i];
        if (k >= 0 && of->hidden.p[k]) {
            int n = hidden_number(f, st, arena_printf(f->a, "%s.%s", part, of->pub.numbers.p[i]->name), of->pub.span, NULL, of->hidden.p[k]);
            r->args[i] = dim_sym(f->dims, st->pub.numbers.p[n]);
        }
    }
    return r;
}

static void see_bound(void *user, DimSym *s) { *(bool *)user |= s->bound; }

bool dim_of_input(Dim d)
{
    bool bound = false;
    dim_syms(d, see_bound, &bound);
    return bound;
}

Val *input_unset(Fx *f, CoreSty *want, Span s)
{
    if (want->kind == STY_value && (dtype_is_int(want->type.dtype) || dtype_is_float(want->type.dtype)))
        return fill(f, core_number(f, want->type.dtype, 0), want->type.rank, want->type.dims);
    if (want->kind == STY_value && want->type.dtype == DT_bool)
        return fill(f, core_bool(f, false), want->type.rank, want->type.dims);
    report(f, E0402, s, "an input is a number, a bool or a tensor of them");
    return val_error();
}

bool input_is_set(Fx *f, const CoreSty *sty, const Field *fd, Span s)
{
    int64_t n;
    if (fd->set < 0)
        return true;
    Dim set = sty->args[fd->set], one = dim_int(f, 1);
    Name of = ((const Struct *)sty->strct)->decl->name;
    if (!dim_is_const(set, &n))
        return oblige(f, PLAN_eq, set, one, s, arena_printf(f->a, "input '%s' of '%s'" IS_SET, fd->name, of));
    if (n == 1)
        return true;
    report(f, E0205, s, "input '%s' of '%s' is not set", fd->name, of);
    diag_help(f->cx->diags, "bind(net, %s: ..) sets it", fd->name);
    return false;
}

/* A condition of a callee that an input is set: passed on in the same words. */
bool input_row(Fx *f, const PlanRow *r, Dim have, Span s, bool *ok)
{
    int64_t n;
    size_t len = r->text ? strlen(r->text) : 0, end = strlen(IS_SET);
    if (r->kind != PLAN_eq || !dim_of_input(r->a) || len <= end || strcmp(r->text + len - end, IS_SET))
        return false;
    *ok = dim_is_const(have, &n) ? n == 1 : oblige(f, PLAN_eq, have, dim_int(f, 1), s, r->text);
    if (dim_is_const(have, &n) && n != 1) {
        report(f, E0205, s, "%.*s is not set", (int)(len - end), r->text);
        diag_note(f->cx->diags, r->span, "it is read here");
        diag_help(f->cx->diags, "bind(net, name: value) sets the inputs of a model");
    }
    return true;
}

/* ---- bind(net, name: value) ---------------------------------------------------------------------------------------- */

typedef struct Bind { Fx *f; Name name; Val *given, *value; Span span; int found; bool failed; } Bind;

/* The sizes that the value brings: those that the type names alone. */
static void take_sizes(Bind *b, const Struct *st, const CoreSty *declared, Dim *args)
{
    const Val *v = b->value;
    for (int i = 0; i < declared->type.rank && v->type.rank == declared->type.rank; i++)
        for (int k = struct_nheader(st); k < st->pub.numbers.n; k++) {
            DimSym *s;
            if (dim_is_sym(declared->type.dims[i], &s) && s == st->pub.numbers.p[k])
                args[k] = v->type.dims[i];
        }
}

/* The same value for every element of the lists around it. */
static Core *stacked(Fx *f, Core *x, int n, const Dim *counts)
{
    CoreIndex *idx[2 * RANK_MOST];
    Core *subs[RANK_MOST];
    for (int i = 0; i < n + x->type.rank; i++)
        idx[i] = index_new(f, W(f, underscore), x->span, dim_int(f, 0), i < n ? counts[i] : x->type.dims[i - n]);
    for (int i = 0; i < x->type.rank; i++)
        subs[i] = core_of_index(f, idx[n + i]);
    return n ? addressable(f, core_map(f, n + x->type.rank, idx, x->type.rank ? core_load(f, x, x->type.rank, subs) : x)) : x;
}

static CoreSty *bind_type(Bind *b, CoreSty *sty, Core **leaves, int nstack, Dim *counts);

static CoreSty *bind_struct(Bind *b, CoreSty *sty, Core **leaves, int nstack, Dim *counts)
{
    Fx *f = b->f;
    const Struct *st = (const Struct *)sty->strct;
    CoreSty *r = arena_copy(f->a, sty, sizeof *sty);
    r->args = NEWN(f->a, Dim, sty->n + 1);
    for (int i = 0; i < sty->n; i++)
        r->args[i] = sty->args[i];
    for (int i = 0; i < st->fields.n && !b->failed; i++) {
        const Field *fd = &st->fields.p[i];
        if (fd->kind == FIELD_input && fd->name == b->name) {
            take_sizes(b, st, fd->sty, r->args);
            if (fd->set >= 0)
                r->args[fd->set] = dim_int(f, 1);
            CoreSty *want = sty_subst(f, fd->sty, struct_subst, r);
            Val *v = val_fill(f, b->given->kind == V_list ? b->given : b->value, want, b->span, arena_printf(f->a, "the input '%s'", b->name));
            b->failed |= is_error(v);
            if (!b->failed)
                leaves[fd->first] = stacked(f, v->type.rank ? addressable(f, v->core) : core_is_cheap(v->core) ? v->core : let_here(f, v->core, b->name), nstack, counts);
            b->found++;
        } else if (fd->kind == FIELD_part) {
            CoreSty *old = sty_subst(f, fd->sty, struct_subst, r), *new_ = bind_type(b, old, leaves + fd->first, nstack, counts);
            const CoreSty *slot = fd->sty;
            while (slot->kind == STY_list) {
                slot = slot->elem;
                new_ = new_->elem;
            }
            for (int k = 0; slot->kind == STY_struct && k < slot->n; k++) { /* the part's numbers that are numbers of the whole */
                DimSym *s;
                for (int m = struct_nheader(st); dim_is_sym(slot->args[k], &s) && m < st->pub.numbers.n; m++)
                    if (s == st->pub.numbers.p[m])
                        r->args[m] = new_->args[k];
            }
        }
    }
    return r;
}

static CoreSty *bind_type(Bind *b, CoreSty *sty, Core **leaves, int nstack, Dim *counts)
{
    if (sty->kind == STY_list && nstack < RANK_MOST) {
        CoreSty *r = arena_copy(b->f->a, sty, sizeof *sty);
        counts[nstack] = sty->count;
        r->elem = bind_type(b, sty->elem, leaves, nstack + 1, counts);
        return r;
    }
    return sty->kind == STY_struct ? bind_struct(b, sty, leaves, nstack, counts) : sty;
}

static Val *bind_one(Fx *f, Val *net, const Tree *arg)
{
    Val *given = expr(f, arg->kids[0]);
    Bind b = { .f = f, .name = arg->name, .span = arg->span, .given = given, .value = val_plain(f, given) };
    Dim counts[RANK_MOST];
    if (is_error(b.value))
        return val_error();
    if (b.value->kind != V_core) {
        report(f, E0206, arg->span, "an input is a number or a tensor, not %s", val_text(f, b.value));
        return val_error();
    }
    Core **leaves = NEWN(f->a, Core *, net->n + 1);
    memcpy(leaves, net->leaves, sizeof(Core *) * (size_t)net->n);
    CoreSty *sty = bind_type(&b, net->sty, leaves, 0, counts);
    if (!b.found) {
        report(f, E0210, arg->span, "no part of '%s' has an input '%s'", net->sty->strct->name, arg->name);
        return val_error();
    }
    return b.failed ? val_error() : val_leaves(f, sty, leaves);
}

Val *builtin_bind(Fx *f, int n, Val **args, const Tree *trees, Span s)
{
    Val *net = n == 1 ? val_plain(f, args[0]) : NULL;
    if (net && is_error(net))
        return net;
    if (!net || net->kind != V_agg || net->sty->kind != STY_struct || !net->sty->strct->is_model) {
        report(f, E0205, s, "bind(net, input: value) takes a model, then its inputs by name");
        return val_error();
    }
    for (int i = 0; i < trees->nkids && !is_error(net); i++)
        if (trees->kids[i]->name)
            net = bind_one(f, net, trees->kids[i]);
    return net;
}
