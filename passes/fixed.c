/* fixed.c - what a loop carries on as it is, is the value from outside.
 *
 *     %r = for %lo, %hi, %n, %x [l: L] (%m: i64, %y: f32[T]) { ..; yield %m, %z }
 *
 * becomes a loop that carries %y alone, with %n in place of %m and of its result. A `var` argument that a function passes on and does
 * not write comes to this once calls are inlined; what depends on it alone can then leave the loop (`hoist`). Inner loops first.
 * Linear in nodes for each level of loops that change.
 */
#include "passes/pass_int.h"

typedef struct Slots { IrNode *loop; bool *fixed, twice; int count, kept; } Slots; /* twice: two symbols name one result */

static IrNode *first_of(const Slots *s, int k) { return s->loop->in[2 + k]; }

/* How many nodes that stand for result k have a symbol; a loop of one value stands for it itself. */
static int symbols_of(const IrNode *loop, int k)
{
    int n = 0;
    if (loop->type.dtype != DT_none)
        return loop->sym != NULL;
    for (const IrUse *u = loop->uses; u; u = u->next)
        n += u->user->op == OP_result && u->user->imm == k && u->user->sym;
    return n;
}

static Slots slots_of(PassCx *cx, IrNode *loop)
{
    const IrRegion *r = loop->regions[0];
    const IrNode *end = ir_terminator(r);
    Slots s = { .loop = loop, .count = r->params.n - 1 };
    s.fixed = NEWN(cx->arena, bool, s.count + 1);
    for (int k = 0; k < s.count; k++) {
        int symbols = symbols_of(loop, k);
        s.fixed[k] = end->in[k] == r->params.p[1 + k] && !symbols;
        s.kept += !s.fixed[k];
        s.twice = s.twice || symbols > 1;
    }
    return s;
}

static IrNode *new_loop(IrBuilder *b, const Slots *s)
{
    IrNode **in = NEWN(b->fn->module->arena, IrNode *, 2 + s->kept);
    IrType type = ir_scalar(DT_none);
    int n = 0;
    in[n++] = s->loop->in[0];
    in[n++] = s->loop->in[1];
    for (int k = 0; k < s->count; k++)
        if (!s->fixed[k]) {
            in[n++] = first_of(s, k);
            type = s->kept == 1 ? s->loop->regions[0]->params.p[1 + k]->type : type;
        }
    return ir_add(b, OP_for, type, n, in);
}

static void fill(PassCx *cx, const Slots *s, IrNode *loop)
{
    const IrRegion *old = s->loop->regions[0];
    IrRegion *r = ir_region_new(loop->parent->fn, loop);
    const IrNode *x = old->params.p[0];
    IrNode *index = ir_index_new(r, x->name, x->lo, x->dim, x->span), **ends = NEWN(cx->module->arena, IrNode *, s->kept + 1);
    Map nodes = map_new(cx->arena);
    int n = 0;
    index->from = x->from;
    index->to = x->to;
    map_put(&nodes, x, index);
    for (int k = 0; k < s->count; k++) {
        const IrNode *arg = old->params.p[1 + k];
        map_put(&nodes, arg, s->fixed[k] ? first_of(s, k) : ir_arg_new(r, arg->name, arg->type));
    }
    IrBuilder in = { r->fn, r, NULL, s->loop->span };
    IrNode **values = ir_clone_region(&in, old, &nodes, NULL, NULL);
    for (int k = 0; k < s->count; k++)
        if (!s->fixed[k])
            ends[n++] = values[k];
    ir_yield(&in, n, ends);
}

/* What stands for result k from now on. */
static IrNode *result(IrBuilder *b, const Slots *s, IrNode *loop, int k)
{
    int at = 0;
    if (s->fixed[k])
        return first_of(s, k);
    if (s->kept == 1)
        return loop;
    for (int i = 0; i < k; i++)
        at += !s->fixed[i];
    IrNode *n = ir_add1(b, OP_result, s->loop->regions[0]->params.p[1 + k]->type, loop);
    n->imm = at;
    return n;
}

static void replace_results(IrBuilder *b, const Slots *s, IrNode *loop)
{
    if (s->loop->type.dtype != DT_none) {
        ir_replace(s->loop, result(b, s, loop, 0));
        return;
    }
    for (IrUse *u = s->loop->uses, *next; u; u = next) {
        IrNode *old = u->user;
        next = u->next;
        IrNode *by = result(b, s, loop, (int)old->imm);
        if (old->sym) { /* dims name it; a fixed one has none */
            by->sym = old->sym;
            by->sym->user = by;
        }
        if (!s->fixed[old->imm])
            by->name = old->name;
        ir_replace(old, by);
        ir_drop(old);
    }
}

static void visit(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        for (int k = 0; k < n->nregions; k++)
            visit(cx, n->regions[k]);
        if (n->op != OP_for)
            continue;
        Slots s = slots_of(cx, n);
        if (s.kept == s.count || s.twice)
            continue;
        IrBuilder b = { r->fn, r, n, n->span };
        IrNode *loop = new_loop(&b, &s);
        fill(cx, &s, loop);
        replace_results(&b, &s, loop);
        ir_drop(n);
        cx->changed++;
    }
}

bool pass_fixed(PassCx *cx, IrFn *fn)
{
    visit(cx, fn->body);
    return true;
}
