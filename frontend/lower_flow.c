/* lower_flow.c - lists of statements, choices, and statements that leave a list early.
 *
 *     if c { return a }          %r = if %c { yield a } else { rest; yield b }
 *     rest
 *     return b
 *
 * A branch that always leaves needs nothing after it, so the rest of the list goes into the other branch. Where a statement may leave
 * and may not (inside a loop, say), the slot `alive` says at run time whether the rest runs: `if %alive { rest }`.
 * Both branches of an `if` yield what they changed of the environment.
 */
#include "frontend/lower_int.h"

#include <string.h>

/* ---- how a statement may leave its list ---- */

static int escapes_of_kids(const Core *s, int from)
{
    int e = 0;
    for (int i = from; i < s->nkids; i++)
        e |= s->kids[i] ? low_escapes(s->kids[i]) : 0;
    return e;
}

int low_escapes(const Core *s)
{
    switch (s->kind) {
    case C_break: return ESC_break;
    case C_continue: return ESC_continue;
    case C_return: return ESC_return;
    case C_stmts:
    case C_block: return escapes_of_kids(s, 0);
    case C_ifs: return escapes_of_kids(s, 1);
    case C_while: return escapes_of_kids(s, 1) & ESC_return;
    case C_for: return escapes_of_kids(s, 0) & ESC_return;
    default: return 0;
    }
}

static bool always_leaves(const Core *s)
{
    switch (s->kind) {
    case C_break:
    case C_continue:
    case C_return: return true;
    case C_stmts:
    case C_block:
        for (int i = 0; i < s->nkids; i++)
            if (always_leaves(s->kids[i]))
                return true;
        return false;
    case C_ifs: return s->nkids > 2 && s->kids[2] && always_leaves(s->kids[1]) && always_leaves(s->kids[2]);
    default: return false;
    }
}

/* ---- the environment at a choice ---- */

LowVal *low_env_copy(const Low *l)
{
    return arena_copy(low_arena(l), l->env, sizeof(LowVal) * (size_t)l->nslots);
}

/* A slot's value, made explicit: flags have usual values, results that are not there yet are zeros nobody reads. */
IrNode *low_slot_value(Low *l, int slot, LowVal x, IrType like)
{
    if (x.value)
        return x.present ? low_clear(l, x) : x.value;
    if (slot < low_slot(l, SLOT_result0))
        return low_bool(l, slot != low_slot(l, SLOT_returned));
    return low_zero(l, like);
}

/* Variables that were defined before, and the slots of control flow that somebody looks at. */
static bool is_carried(const Low *l, int slot, const LowVal *before)
{
    switch (slot - l->nvars) {
    case SLOT_alive: return l->want_alive;
    case SLOT_again: return l->want_again;
    case SLOT_returned: return l->want_returned;
    default: return slot >= l->nvars || before[slot].value;
    }
}

typedef struct Side { IrRegion *region; LowVal *env; } Side;

static void run_side(Low *l, Side *s, const Cont *k)
{
    IrBuilder outer = low_enter(l, s->region);
    int mark = low_open(l);
    low_list(l, k);
    low_close(l, mark);
    s->env = low_env_copy(l);
    l->b = outer;
}

static IrNode *slot_in(Low *l, Side *s, int slot, const Side *other)
{
    IrBuilder outer = low_enter(l, s->region);
    const IrNode *like = s->env[slot].value ? s->env[slot].value : other->env[slot].value;
    IrNode *v = low_slot_value(l, slot, s->env[slot], like ? like->type : ir_scalar(DT_bool));
    l->b = outer;
    return v;
}

static void yield_in(Low *l, const Side *s, int n, IrNode *const *values)
{
    IrBuilder outer = low_enter(l, s->region);
    ir_yield(&l->b, n, values);
    l->b = outer;
}

/* Ends both regions: they yield `first` (unless NULL) and what differs. Gives the value that `first` became. */
static IrNode *merge(Low *l, IrNode *n, const LowVal *before, Side *a, Side *b, IrNode *first_a, IrNode *first_b)
{
    int count = first_a != NULL, *slots = NEWN(low_arena(l), int, l->nslots + 1);
    IrNode **ya = NEWN(low_arena(l), IrNode *, l->nslots + 1), **yb = NEWN(low_arena(l), IrNode *, l->nslots + 1);
    ya[0] = first_a;
    yb[0] = first_b;
    for (int i = 0; i < l->nslots; i++) {
        l->env[i] = before[i];
        bool same = a->env[i].value == b->env[i].value && a->env[i].present == b->env[i].present;
        if (same && is_carried(l, i, before))
            l->env[i] = a->env[i]; /* the same in both: it was made before them */
        if (same || !is_carried(l, i, before))
            continue;
        slots[count] = i;
        ya[count] = slot_in(l, a, i, b);
        yb[count] = slot_in(l, b, i, a);
        count++;
    }
    yield_in(l, a, count, ya);
    yield_in(l, b, count, yb);
    n->type = count == 1 ? ya[0]->type : ir_scalar(DT_none);
    IrNode *out = NULL;
    for (int i = 0; i < count; i++) {
        IrNode *r = n;
        if (count > 1) {
            r = ir_add1(&l->b, OP_result, ya[i]->type, n);
            r->imm = i;
        }
        if (first_a && i == 0)
            out = r;
        else
            l->env[slots[i]] = (LowVal){ r, NULL };
    }
    return out;
}

static void side_new(Low *l, Side *s, IrNode *owner)
{
    s->region = ir_region_new(l->ir, owner);
}

void low_branch(Low *l, IrNode *cond, const Cont *then, const Cont *other)
{
    LowVal *before = low_env_copy(l);
    IrNode *n = ir_add1(&l->b, OP_if, ir_scalar(DT_none), cond);
    Side a, b;
    side_new(l, &a, n);
    side_new(l, &b, n);
    run_side(l, &a, then);
    memcpy(l->env, before, sizeof(LowVal) * (size_t)l->nslots);
    run_side(l, &b, other);
    merge(l, n, before, &a, &b, NULL, NULL);
}

static IrNode *run_value(Low *l, Side *s, const Core *e)
{
    IrBuilder outer = low_enter(l, s->region);
    int mark = low_open(l);
    IrNode *v = low_read(l, e);
    low_close(l, mark);
    s->env = low_env_copy(l);
    l->b = outer;
    return v;
}

/* May evaluating e change a variable that is defined outside of it? */
static bool assigns(const Core *e)
{
    if (e->kind == C_assign || e->kind == C_update || e->kind == C_rec || e->nouts > 0)
        return true;
    for (int i = 0; i < e->nkids; i++)
        if (e->kids[i] && assigns(e->kids[i]))
            return true;
    return false;
}

static IrNode *plain_side(Low *l, IrNode *n, const Core *e)
{
    IrBuilder outer = low_enter(l, ir_region_new(l->ir, n));
    int mark = low_open(l);
    IrNode *v = low_read(l, e);
    ir_yield(&l->b, 1, &v);
    low_close(l, mark);
    l->b = outer;
    return v;
}

IrNode *low_if_value(Low *l, const Core *e)
{
    IrNode *c = low_truth(l, e->kids[0]);
    l->b.span = e->span;
    bool loads = e->kids[1]->kind == C_load || e->kids[2]->kind == C_load;
    if (e->type.rank == 0 && !loads && low_is_total(l, e->kids[1]) && low_is_total(l, e->kids[2])) {
        IrNode *x = low_read(l, e->kids[1]), *y = low_read(l, e->kids[2]);
        l->b.span = e->span;
        return ir_add3(&l->b, OP_select, low_type(l, e->type), c, x, y);
    }
    IrNode *n = ir_add1(&l->b, OP_if, ir_scalar(DT_none), c);
    if (!assigns(e->kids[1]) && !assigns(e->kids[2])) {
        n->type = plain_side(l, n, e->kids[1])->type;
        plain_side(l, n, e->kids[2]);
        return n;
    }
    LowVal *before = low_env_copy(l);
    Side a, b;
    side_new(l, &a, n);
    side_new(l, &b, n);
    IrNode *x = run_value(l, &a, e->kids[1]);
    memcpy(l->env, before, sizeof(LowVal) * (size_t)l->nslots);
    IrNode *y = run_value(l, &b, e->kids[2]);
    return merge(l, n, before, &a, &b, x, y);
}

/* ---- lists ---- */

static bool is_empty(const Cont *k)
{
    for (; k; k = k->next)
        if (k->n)
            return false;
    return true;
}

/* Gives what is left to do after an `ifs` that may leave: NULL if its branches have taken it over. */
static const Cont *choose(Low *l, const Core *s, const Cont *rest)
{
    const Core *then = s->kids[1], *other = s->nkids > 2 ? s->kids[2] : NULL;
    bool left = always_leaves(then), right = other && always_leaves(other);
    bool takes = (left || right) && !is_empty(rest);
    Cont a = { (Core *const *)&s->kids[1], 1, takes && !left ? rest : NULL };
    Cont b = { other ? (Core *const *)&s->kids[2] : NULL, other != NULL, takes && !right ? rest : NULL };
    bool wanted = l->want_alive;
    IrNode *c = low_truth(l, s->kids[0]);
    l->b.span = s->span;
    l->want_alive |= !left && !right && !is_empty(rest);
    low_branch(l, c, &a, &b);
    l->want_alive = wanted;
    return left || right ? NULL : rest;
}

static void set_flag(Low *l, int slot, bool wanted, bool v)
{
    if (wanted)
        l->env[low_slot(l, slot)] = (LowVal){ low_bool(l, v), NULL };
}

static void run_return(Low *l, const Core *s)
{
    for (int i = 0; i < s->nkids; i++) {
        LowVal *to = &l->env[low_slot(l, SLOT_result0) + i];
        if (!l->keeps || !low_may_absent(l, s->kids[i]))
            *to = (LowVal){ low_read(l, s->kids[i]), NULL };
        else if (s->kids[i]->type.rank)
            *to = low_tensor(l, s->kids[i]);
        else
            *to = (LowVal){ low_read(l, s->kids[i]), low_present(l, s->kids[i]) };
    }
    set_flag(l, SLOT_returned, l->want_returned, true);
}

static void leave(Low *l, const Core *s)
{
    l->b.span = s->span;
    if (s->kind == C_return)
        run_return(l, s);
    if (s->kind != C_continue)
        set_flag(l, SLOT_again, l->want_again, false);
    set_flag(l, SLOT_alive, l->want_alive, false);
}

static void rest_if_alive(Low *l, const Cont *rest)
{
    IrNode *alive = l->env[low_slot(l, SLOT_alive)].value;
    Cont none = { NULL, 0, NULL };
    if (is_empty(rest))
        return;
    if (!alive)
        low_list(l, rest);
    else if (alive->op != OP_const)
        low_branch(l, alive, rest, &none);
}

/* One statement that may leave; the rest of the list is run from here. */
static void escape(Low *l, const Core *s, const Cont *rest)
{
    if (s->kind == C_stmts || s->kind == C_block) {
        Cont k = { s->kids, s->nkids, rest };
        low_list(l, &k);
        return;
    }
    if (s->kind == C_break || s->kind == C_continue || s->kind == C_return) {
        leave(l, s);
        return;
    }
    if (s->kind == C_ifs)
        rest = choose(l, s, rest);
    else if (s->kind == C_while)
        low_while(l, s);
    else
        low_for(l, s);
    rest_if_alive(l, rest);
}

void low_list(Low *l, const Cont *k)
{
    for (; k; k = k->next)
        for (int i = 0; i < k->n; i++) {
            if (low_escapes(k->kids[i])) {
                Cont rest = { k->kids + i + 1, k->n - i - 1, k->next };
                escape(l, k->kids[i], &rest);
                return;
            }
            low_stmt(l, k->kids[i]);
        }
}

/* ---- scopes ---- */

/* A list of its own: `return` inside leaves it and gives the values of its outs. What is around it looks at none of its flags. */
void low_scope(Low *l, const Core *s)
{
    int first = low_slot(l, SLOT_alive), n = l->nslots - first, nresults = l->nresults;
    LowVal *around = arena_copy(low_arena(l), l->env + first, sizeof(LowVal) * (size_t)n), *out;
    const IrType *result_types = l->result_types;
    bool alive = l->want_alive, again = l->want_again, returned = l->want_returned, keeps = l->keeps;
    IrType *types = NEWN(low_arena(l), IrType, s->nouts + 1);
    for (int i = 0; i < s->nouts; i++)
        types[i] = s->outs[i]->type;
    memset(l->env + first, 0, sizeof(LowVal) * (size_t)n);
    l->want_alive = l->want_again = l->want_returned = l->keeps = false;
    l->nresults = s->nouts;
    l->result_types = types;
    Cont k = { s->kids, 1, NULL };
    low_list(l, &k);
    out = arena_copy(low_arena(l), l->env + low_slot(l, SLOT_result0), sizeof(LowVal) * (size_t)s->nouts);
    memcpy(l->env + first, around, sizeof(LowVal) * (size_t)n);
    l->want_alive = alive;
    l->want_again = again;
    l->want_returned = returned;
    l->keeps = keeps;
    l->nresults = nresults;
    l->result_types = result_types;
    for (int i = 0; i < s->nouts; i++)
        low_define(l, s->outs[i], (LowVal){ low_slot_value(l, low_slot(l, SLOT_result0) + i, out[i], low_type(l, types[i])), NULL });
}
