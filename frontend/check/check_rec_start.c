/* check_rec_start.c - where a recurrence starts (LANGUAGE.md, section 6).
 *
 *     rec y[t] = x[t] + y[t - 1]                  at t = 0 there is no y[-1]: an error
 *     rec y[t] = x[t] + (y[t - 1] ?? 0)           `??` says what stands there
 *     rec y[t] = if t == 0 { 0 } else { y[t - 1] }    and a choice or guard leaves it out
 *
 * At the first place of a scan every read of an earlier one is outside. What stands around it there, choices and guards, is asked
 * with the index at that place: a read that they all let through has no start. Where one of them depends on data it may leave
 * the read out, so each element is checked when it runs, as other subscripts are.
 */
#include "frontend/check/rec_int.h"

/* A condition around what is read. */
typedef struct Around { const Core *cond; bool holds; const struct Around *outer; } Around;

typedef struct Start {
    RecCx *r;
    const CoreIndex *x; /* the index of a scan, */
    Dim first;          /* and where it starts */
    const Core *found;
} Start;

static Dim at_first(void *user, DimSym *s)
{
    const Start *z = user;
    return s == z->x->sym ? z->first : NULL;
}

static Truth opposite(Truth t)
{
    return t == YES ? NO : t == NO ? YES : UNKNOWN;
}

static Dim number(const Start *z, const Core *c)
{
    Fx *f = z->r->f;
    while (c->kind == C_op && (c->op == OP_cast || c->op == OP_narrow || c->op == OP_clampi))
        c = c->kids[0];
    Dim d = dim_of_core(f, c);
    return d ? dim_subst(f->dims, d, at_first, (void *)z) : NULL;
}

static Truth compares(const Start *z, const Core *c)
{
    Fx *f = z->r->f;
    if (!dtype_is_int(c->kids[0]->type.dtype))
        return UNKNOWN;
    Dim a = number(z, c->kids[0]), b = number(z, c->kids[1]);
    if (!a || !b)
        return UNKNOWN;
    switch (c->op) {
    case OP_eq: return facts_prove_eq(f->facts, a, b);
    case OP_ne: return opposite(facts_prove_eq(f->facts, a, b));
    case OP_le: return facts_prove_le(f->facts, a, b);
    default: return facts_prove_lt(f->facts, f->dims, a, b);
    }
}

/* What a condition is at the first place. */
static Truth holds_there(const Start *z, const Core *c)
{
    if (c->kind == C_const)
        return c->ival ? YES : NO;
    if (c->kind == C_if) {
        Truth t = holds_there(z, c->kids[0]);
        return t == UNKNOWN ? UNKNOWN : holds_there(z, c->kids[t == YES ? 1 : 2]);
    }
    if (c->kind != C_op)
        return UNKNOWN;
    switch (c->op) {
    case OP_not: return opposite(holds_there(z, c->kids[0]));
    case OP_eq: case OP_ne: case OP_le: case OP_lt: return compares(z, c);
    case OP_and: case OP_or: {
        Truth decides = c->op == OP_and ? NO : YES, a = holds_there(z, c->kids[0]), b = holds_there(z, c->kids[1]);
        return a == decides || b == decides ? decides : a == UNKNOWN || b == UNKNOWN ? UNKNOWN : opposite(decides);
    }
    default: return UNKNOWN;
    }
}

static bool reached(const Start *z, const Around *a)
{
    for (; a; a = a->outer)
        if (!a->cond || holds_there(z, a->cond) != (a->holds ? YES : NO))
            return false;
    return true;
}

/* A read of a member whose subscript along the scan is checked where it runs, and fails at the first place. */
static bool reads_before(const Start *z, const Core *load)
{
    const RecCx *r = z->r;
    int of = rec_member_of(r, load->kids[0]->var);
    int axis = of < 0 ? -1 : rec_axis_named(&r->eq[of], z->x->name);
    if (axis < 0 || load->kids[axis + 1]->kind != C_op || load->kids[axis + 1]->op != OP_clampi)
        return false;
    Dim d = number(z, load->kids[axis + 1]), extent = r->eq[of].b[axis].extent;
    return d && (facts_prove_lt(r->f->facts, r->f->dims, d, dim_int(r->f, 0)) == YES || facts_prove_le(r->f->facts, extent, d) == YES);
}

static void look(Start *z, const Core *c, const Around *a);

static void look_if(Start *z, const Core *c, const Around *a)
{
    look(z, c->kids[0], a);
    for (int i = 1; i < c->nkids; i++)
        look(z, c->kids[i], &(Around){ c->kids[0], i == 1, a });
}

/* The values of a reduction exist where its guard holds; over a range that may be empty at the first place there may be none. */
static void look_reduce(Start *z, const Core *c, const Around *a)
{
    const Core *guard = c->nkids > 1 ? c->kids[1] : NULL;
    Around some = { NULL, true, a }, asked = { guard, true, a };
    for (int i = 0; i < c->nindices; i++)
        if (dim_mentions(c->indices[i]->extent, z->x->sym))
            asked.outer = a = &some;
    if (guard)
        look(z, guard, a);
    look(z, c->kids[0], guard ? &asked : a);
}

static void look(Start *z, const Core *c, const Around *a)
{
    if (!c || z->found)
        return;
    Around sometimes = { NULL, true, a };
    switch (c->kind) {
    case C_if: case C_ifs: look_if(z, c, a); return;
    case C_reduce: look_reduce(z, c, a); return;
    case C_guard:
        look(z, c->kids[0], a);
        look(z, c->kids[1], &(Around){ c->kids[0], true, a });
        return;
    case C_while: case C_for: a = &sometimes; break;
    case C_load:
        if (c->kids[0]->kind == C_var && reads_before(z, c) && reached(z, a)) {
            z->found = c;
            return;
        }
        break;
    default: break;
    }
    for (int i = 0; i < c->nkids; i++)
        look(z, c->kids[i], a);
}

static void say(const Start *z, int step)
{
    const RecCx *r = z->r;
    Fx *f = r->f;
    const Core *load = z->found;
    int of = rec_member_of(r, load->kids[0]->var), axis = rec_axis_named(&r->eq[of], z->x->name);
    const Core *sub = load->kids[axis + 1];
    report(f, E0310, sub->span, "'%s' has no start: where %s is %s, %s is read at %s", r->eq[of].t->name, z->x->name, dim_say(f, z->first),
           r->eq[of].t->name, dim_say(f, number(z, sub)));
    diag_help(f->cx->diags, "say what stands %s: (%s[..] ?? 0), or leave the read out: if %s == %s { .. } else { .. }", step > 0 ? "before it" : "behind it",
              r->eq[of].t->name, z->x->name, dim_say(f, z->first));
}

bool rec_has_start(RecCx *r, const RecScan *s, Core *const *bodies)
{
    Fx *f = r->f;
    for (int i = 0; i < r->n; i++) {
        const Eq *q = &r->eq[i];
        Start z = { .r = r };
        frame_push(f, FRAME_index);
        for (int k = 0; k < q->n; k++)
            index_enter(f, q->b[k].group->idx[0]);
        for (int k = 0; k < s->n && !z.found; k++) {
            z.x = q->b[rec_axis_named(q, s->name[k])].group->idx[0];
            z.first = s->step[k] > 0 ? dim_int(f, 0) : dim_sub(f->dims, z.x->extent, dim_int(f, 1));
            look(&z, bodies[i], NULL);
            if (z.found)
                say(&z, s->step[k]);
        }
        frame_pop(f, NULL);
        if (z.found)
            return false;
    }
    return true;
}
