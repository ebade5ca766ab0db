/* check_apart.c - two elements that one call changes are two: f(var t[i], var t[j]).
 *
 *     certainly one (i and i)              E0205, as for two variables
 *     certainly two (i and i + 1)          nothing
 *     known when it runs                   a check before the call: not (i == j), of slices that they have no place in common
 */
#include "frontend/check/call_int.h"

#include <string.h>

typedef struct Meet { bool never, always; Core *cond; } Meet; /* else where cond holds */

static Core *op(Fx *f, IrOp o, Core *a, Core *b)
{
    return core_op2(f, o, DT_i64, a, b);
}

/* Behind the last place. */
static Core *end_of(Fx *f, const Sub *s)
{
    Core *one = core_i64(f, 1);
    if (!s->extent)
        return op(f, OP_add, s->start, one);
    if (!s->stride)
        return op(f, OP_add, s->start, core_of_dim(f, s->extent));
    Core *last = op(f, OP_mul, op(f, OP_sub, core_of_dim(f, s->extent), one), core_of_dim(f, s->stride));
    return op(f, OP_add, op(f, OP_add, s->start, last), one);
}

/* Two places of an axis. */
static Meet points_meet(Fx *f, const Sub *a, const Sub *b)
{
    if (a->dim && b->dim) {
        if (dims_equal(f, a->dim, b->dim))
            return (Meet){ .always = true };
        if (facts_prove_lt(f->facts, f->dims, a->dim, b->dim) == YES || facts_prove_lt(f->facts, f->dims, b->dim, a->dim) == YES)
            return (Meet){ .never = true };
    }
    return (Meet){ .cond = core_op2(f, OP_eq, DT_bool, a->start, b->start) };
}

/* Of one axis. With steps parts may pass between one another; of two steps nothing is asked. */
static Meet parts_meet(Fx *f, const Sub *a, const Sub *b)
{
    if (!a->extent && !b->extent)
        return points_meet(f, a, b);
    if ((a->whole || !a->extent) && (b->whole || !b->extent))
        return (Meet){ .always = true };
    if (a->stride && b->stride && !dims_equal(f, a->stride, b->stride))
        return (Meet){ .never = true };
    const Sub *s = a->stride ? a : b; /* its first place that is not before the other's is the first that both may have */
    Core *first = op(f, OP_max, a->start, b->start), *in = NULL;
    if (a->stride && b->stride) {
        Core *off = op(f, OP_mod, op(f, OP_sub, a->start, b->start), core_of_dim(f, s->stride));
        in = core_op2(f, OP_eq, DT_bool, off, core_i64(f, 0));
    } else if (s->stride) {
        Core *step = core_of_dim(f, s->stride), *off = op(f, OP_sub, s->start, first); /* 0 or below: // rounds it up */
        first = op(f, OP_sub, s->start, op(f, OP_mul, op(f, OP_floordiv, off, step), step));
    }
    Core *c = core_op2(f, OP_lt, DT_bool, first, op(f, OP_min, end_of(f, a), end_of(f, b)));
    return (Meet){ .cond = in ? core_op2(f, OP_and, DT_bool, c, in) : c };
}

static Meet both(Fx *f, Meet a, Meet b)
{
    if (a.never || b.never)
        return (Meet){ .never = true };
    if (a.always || b.always)
        return a.always ? b : a;
    return (Meet){ .cond = core_op2(f, OP_and, DT_bool, a.cond, b.cond) };
}

/* Do the subscripts of two places of one tensor or list name something in common? */
static Meet subscripts_meet(Fx *f, const Tree *x, const Tree *y)
{
    Val *base = expr(f, x->kids[0]);
    IrType t = base->type;
    Sub a[RANK_MOST], b[RANK_MOST];
    bool list = base->kind == V_agg && base->sty->kind == STY_list;
    if (list)
        t = (IrType){ DT_i64, 1, &base->sty->count };
    else if (base->kind != V_core)
        return (Meet){ .never = true };
    int n = subs_of(f, x->kids[1], &t, x->span, a), m = subs_of(f, y->kids[1], &t, y->span, b);
    Meet r = { .always = true };
    for (int i = 0; i < n && i < m; i++)
        r = both(f, r, parts_meet(f, &a[i], &b[i]));
    return n < 0 || m < 0 ? (Meet){ .never = true } : r;
}

/* a and b have as many steps from their variables. */
static Meet places(Fx *f, const Tree *a, const Tree *b)
{
    if (a->kind != b->kind || (a->kind != T_index && a->name != b->name))
        return (Meet){ .never = true };
    if (a->kind != T_index && a->kind != T_member)
        return (Meet){ .always = a->kind == T_name, .never = a->kind != T_name };
    Meet outer = places(f, a->kids[0], b->kids[0]);
    return outer.never || a->kind == T_member ? outer : both(f, outer, subscripts_meet(f, a, b));
}

bool call_elements_apart(Call *c, int i, int k)
{
    Fx *f = c->f;
    const char *one = c->params->kids[k]->name, *other = c->params->kids[i]->name;
    const Tree *a = c->trees[k], *b = c->trees[i];
    path_cut(&a, &b);
    if (f->trial)
        return true;
    Meet m = places(f, a, b);
    if (m.always) {
        report(f, E0205, c->trees[i]->span, "'%s' and '%s' of '%s' would change the same variable", one, other, c->d->name);
        diag_note(f->cx->diags, c->trees[k]->span, "it is given here before");
        return false;
    }
    if (!m.never)
        check_statement(f, core_op1(f, OP_not, DT_bool, m.cond), STATUS_CHECK,
                        arena_printf(f->a, "'%s' and '%s' of '%s' would change the same element", one, other, c->d->name), c->trees[i]->span);
    return true;
}
