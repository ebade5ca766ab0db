/* inline_checks.c - what a check of an element keeps inside runs only where the check holds.
 *
 *     check 0, %ok                        %v = if %ok { %x = load %t[%k]; yield %x } else { check 0, %ok; yield 0 }
 *     %x = load %t[%k]                    ..
 *
 * At the level of a function a check that fails ends it. In an element nothing ends: the fault is noted and the nodes behind it would go
 * on, with loads that rely on the check. So from the check to the last node that is not total (pass_is_total) all that is not, and what
 * lies between and needs it, goes into a choice. A check of a guard keeps what the guard needs, one of the value what the value needs.
 * Arithmetic that is total stays where it is: the form of a reduction decides its bits.
 */
#include "passes/pass_int.h"

typedef struct Checks { PassCx *cx; IrRegion *r; Map needed; /* by the guard */ Map moved, syms; } Checks;

/* ---- what needs what is moved ------------------------------------------------------------------------------------ */

typedef struct Needs { Checks *c; bool any, bound; } Needs; /* bound: by a tensor or a symbol, which do not leave the choice */

static void needs_sym(void *user, DimSym *s)
{
    Needs *q = user;
    q->bound |= map_find(&q->c->syms, s) != NULL;
}

static void needs_node(void *user, IrNode *n)
{
    Needs *q = user;
    pass_each_dim(n, needs_sym, q);
    for (int i = 0; i < n->nin; i++) {
        const IrNode *x = n->in[i];
        bool moved = map_find(&q->c->moved, x);
        q->any |= moved;
        q->bound |= moved && (pass_is_tensor(x) || n->op == OP_result || x->type.dtype == DT_key || x->type.dtype == DT_str);
    }
}

static Needs needs_of(Checks *c, IrNode *n)
{
    Needs q = { c, false, false };
    needs_node(&q, n);
    for (int k = 0; k < n->nregions; k++)
        ir_walk(n->regions[k], needs_node, &q);
    q.any |= q.bound;
    return q;
}

static void take(Checks *c, IrNode *n)
{
    map_put(&c->moved, n, n);
    if (n->sym)
        map_put(&c->syms, n->sym, n);
}

/* Marks what goes into the choice; gives the last of it, NULL if nothing relies on the check. `end`: the first node behind its part. */
static IrNode *mark(Checks *c, IrNode *check, IrNode *end)
{
    IrNode *last = NULL;
    for (bool more = true; more;) {
        IrNode *before = last;
        bool relied = false;
        c->moved = map_new(c->cx->arena);
        c->syms = map_new(c->cx->arena);
        for (IrNode *n = check->next, *stop = last; n != end; n = n->next) {
            Needs q = needs_of(c, n);
            bool total = pass_is_total(c->cx, n);
            if (!total || q.bound || (q.any && stop)) {
                take(c, n);
                last = n;
                relied |= n->op != OP_check;
            }
            if (n == stop)
                stop = NULL;
        }
        if (!relied)
            return NULL;
        more = last != before;
    }
    return last;
}

/* ---- the choice -------------------------------------------------------------------------------------------------- */

static bool is_inside(const IrNode *n, const IrRegion *r)
{
    return pass_ancestor_in((IrNode *)n, r) != NULL;
}

/* Values that are read behind the choice; false: something that cannot leave it is. */
static bool results(Checks *c, const IrNode *first, const IrNode *last, IrNode **out, int *n)
{
    *n = 0;
    for (const IrNode *x = first; x != last->next; x = x->next) {
        if (!map_find(&c->moved, x))
            continue;
        bool read = false;
        for (const IrUse *u = x->uses; u; u = u->next)
            read |= !map_find(&c->moved, pass_ancestor_in(u->user, c->r));
        if (!read)
            continue;
        if (pass_is_tensor(x) || x->type.dtype == DT_none || x->type.dtype == DT_key || x->type.dtype == DT_str)
            return false;
        out[(*n)++] = (IrNode *)x;
    }
    return true;
}

static void read_outside(IrNode *x, const IrRegion *inside, IrNode *by)
{
    for (IrUse *u = x->uses, *next; u; u = next) {
        next = u->next;
        if (!is_inside(u->user, inside))
            ir_set_in(u->user, u->slot, by);
    }
}

static IrNode *zero_like(IrBuilder *b, const IrNode *x)
{
    return dtype_is_float(x->type.dtype) ? ir_const_float(b, x->type.dtype, 0) : ir_const_int(b, x->type.dtype, 0);
}

static void choose(Checks *c, IrNode *check, IrNode *last, IrNode **out, int n)
{
    IrNode *behind = last->next;
    IrBuilder b = { c->r->fn, c->r, behind, check->span };
    IrNode *choice = ir_add1(&b, OP_if, n == 1 ? out[0]->type : ir_scalar(DT_none), check->in[0]);
    IrBuilder yes = { b.fn, ir_region_new(b.fn, choice), NULL, b.span }, no = { b.fn, ir_region_new(b.fn, choice), NULL, b.span };
    IrNode **zeros = NEWN(c->cx->module->arena, IrNode *, n + 1);
    for (int i = 0; i < n; i++)
        zeros[i] = zero_like(&no, out[i]);
    IrNode *end_yes = ir_yield(&yes, n, out), *end_no = ir_yield(&no, n, zeros);
    for (IrNode *x = check->next, *next; x != choice; x = next) {
        next = x->next;
        if (map_find(&c->moved, x))
            ir_move_before(x, end_yes);
    }
    ir_move_before(check, end_no);
    for (int i = 0; i < n; i++) {
        IrNode *r = choice;
        if (n > 1) {
            r = ir_add1(&b, OP_result, out[i]->type, choice);
            r->imm = i;
        }
        read_outside(out[i], yes.region, r);
    }
    c->cx->changed++;
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

static void note_needed(void *user, IrNode *n)
{
    Checks *c = user;
    for (int i = 0; i < n->nin; i++) {
        IrNode *x = pass_ancestor_in(n->in[i], c->r);
        if (x && !map_find(&c->needed, x)) {
            map_put(&c->needed, x, x);
            note_needed(c, x);
            for (int k = 0; k < x->nregions; k++)
                ir_walk(x->regions[k], note_needed, c);
        }
    }
}

/* The last node that the guard needs; NULL: there is no guard (the second value of a choice or a loop is none). */
static IrNode *guard_end(Checks *c)
{
    IrOp of = c->r->owner->op;
    IrNode *g = of == OP_if || of == OP_for || of == OP_while ? NULL : pass_guard(c->r);
    IrNode *last = NULL;
    if (!g || !(g = pass_ancestor_in(g, c->r)))
        return NULL;
    map_put(&c->needed, g, g);
    note_needed(c, g);
    for (int k = 0; k < g->nregions; k++)
        ir_walk(g->regions[k], note_needed, c);
    for (IrNode *n = c->r->first; n; n = n->next)
        last = map_find(&c->needed, n) ? n : last;
    return last;
}

/* A choice for what relies on `check`; gives the node to go on with. */
static IrNode *keep_inside(Checks *c, IrNode *check, IrNode *end, IrNode **guard)
{
    IrNode *last = mark(c, check, end), *next = check->next;
    int size = 0, n;
    for (IrNode *x = next; last && x != last->next; x = x->next)
        size++;
    IrNode **out = NEWN(c->cx->arena, IrNode *, size + 1);
    if (!last || !results(c, next, last, out, &n))
        return next;
    bool moved = *guard && map_find(&c->moved, *guard);
    next = last->next;
    choose(c, check, last, out, n);
    *guard = moved ? next->prev : *guard;
    return next;
}

static void region(PassCx *cx, IrRegion *r)
{
    Checks c = { .cx = cx, .r = r, .needed = map_new(cx->arena) };
    IrNode *end = ir_terminator(r), *guard = end ? guard_end(&c) : NULL;
    bool of_guard = guard != NULL;
    for (IrNode *n = end ? r->first : NULL, *next; n && n != end; n = next) {
        IrNode *was = guard;
        next = n->op == OP_check ? keep_inside(&c, n, of_guard ? guard->next : end, &guard) : n->next;
        of_guard = of_guard && guard == was && n != guard;
    }
}

static bool has_check(const IrRegion *r)
{
    for (const IrNode *n = r->first; n; n = n->next)
        if (n->op == OP_check)
            return true;
    return false;
}

static void visit(PassCx *cx, IrRegion *r, bool element)
{
    if (element && has_check(r))
        region(cx, r);
    for (IrNode *n = r->first; n; n = n->next)
        for (int i = 0; i < n->nregions; i++)
            visit(cx, n->regions[i], element || (n->op != OP_if && n->op != OP_for && n->op != OP_while));
}

void pass_inline_checks(PassCx *cx, IrFn *fn)
{
    visit(cx, fn->body, false);
}
