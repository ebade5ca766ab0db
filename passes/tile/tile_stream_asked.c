/* tile_stream_asked.c - what may fault in a stream and is the same for all places of a row: asked for where the row ends, if it has met a place.
 *
 *     o[h, i] = sum [j | j <= i - w] { p(h, i, j) * v[clampi(group[h], 0, G), j] }
 *
 *     for block { .. v[max(min(group[h], G - 1), 0), j] .. }          outside of the loops over places, where it cannot fault
 *     rows: met = from(i) < to(i);  if met { clampi(group[h], 0, G) };  out = ..
 *
 * So a row whose guard leaves nothing does not fault, as in the interpreter, and the loops over places have neither a test nor a choice. What a guard
 * itself asks for is asked for at every place, and stays; what stands before the reductions is asked for in every row. Of a tensor that is empty a block
 * reads memory that is there (plan.c, runtime/args.c), and nobody sees what.
 */
#include "passes/tile/tile_stream_int.h"

#define DIMS(s) ((s)->t->cx->module->dims)

/* ---- which ones ----------------------------------------------------------------------------------------------------- */

static bool may_fault(Stream *s, const IrNode *n)
{
    bool may = pass_is_fault(n) && !pass_never_faults(s->c.cx, (IrNode *)(uintptr_t)n);
    for (int k = 0; k < n->nregions && !may; k++)
        for (const IrNode *x = n->regions[k]->first; x && !may; x = x->next)
            may = may_fault(s, x);
    return may;
}

/* A copy of n that faults, beside n, which does not any more. */
static IrNode *part(Stream *s, IrNode *n)
{
    IrBuilder at = { n->parent->fn, n->parent, n, n->span };
    Map nodes = map_new(s->c.cx->arena);
    IrNode *copy = ir_clone_node(&at, n, &nodes, NULL, NULL);
    for (int k = 0; k < copy->nregions; k++)
        pass_note_symbols(s->c.cx, copy->regions[k]);
    pass_quiet_fault(s->c.cx, n);
    return copy;
}

static void find_in_host(Stream *s)
{
    Cascade *c = &s->c;
    Map of_guards = map_new(c->cx->arena);
    if (c->guard)
        pass_note_cone(c->host->regions[0], c->guard, &of_guards);
    for (int i = 0; i < c->n; i++)
        if (c->m[i].guard)
            pass_note_cone(c->host->regions[0], c->m[i].guard, &of_guards);
    for (IrNode *n = c->host->regions[0]->first; n; n = n->next)
        if (n->op != OP_yield && !cascade_varies(c, n) && !map_find(&of_guards, n) && may_fault(s, n))
            vec_push(c->cx->arena, &s->asked, n);
    for (int i = s->asked.n; i-- > 0;)
        s->asked.p[i] = part(s, s->asked.p[i]);
}

static bool is_loose(Stream *s, const IrNode *n)
{
    bool loose = false;
    for (int i = 0; i < s->body->params.n && !loose; i++)
        loose = cascade_is_loose(&s->c, s->body->params.p[i]) && pass_depends_on(s->c.cx, n, s->body->params.p[i]);
    return loose;
}

/* What stands before the reductions is asked for in each row. */
static void find_in_body(Stream *s)
{
    for (IrNode *n = s->body->first; n; n = n->next)
        if (n->op != OP_yield && n != s->c.host && !n->stream && may_fault(s, n) && !is_loose(s, n))
            vec_push(s->c.cx->arena, &s->sure, n);
}

void stream_find_asked(Stream *s)
{
    find_in_body(s);
    find_in_host(s);
}

/* ---- where they are asked for ------------------------------------------------------------------------------------------ */

static bool needs_column(Stream *s, const IrNode *n) { return s->c.column && pass_depends_on(s->c.cx, n, s->c.column); }

static bool needs_any(Stream *s, IrNode *const *all, int n, bool column)
{
    bool some = false;
    for (int i = 0; i < n && !some; i++)
        some = needs_column(s, all[i]) == column;
    return some;
}

static void emit_all(Stream *s, IrNode *const *all, int n, bool column)
{
    for (int i = 0; i < n; i++)
        if (needs_column(s, all[i]) == column)
            stream_emit(s, all[i]);
}

void stream_ask(Stream *s, IrNode *met, bool column)
{
    emit_all(s, s->sure.p, s->sure.n, column);
    if (!needs_any(s, s->asked.p, s->asked.n, column) || s->t->failed)
        return;
    IrBuilder outer = stream_top(s)->b;
    IrNode *choice = ir_add1(&outer, OP_if, ir_scalar(DT_none), met);
    int mark = s->made.n, outermost = s->outermost;
    stream_top(s)->b = (IrBuilder){ s->t->fn, ir_region_new(s->t->fn, choice), NULL, s->c.map->span };
    s->outermost = s->nlevels - 1;
    emit_all(s, s->asked.p, s->asked.n, column);
    s->outermost = outermost;
    ir_yield(&stream_top(s)->b, 0, NULL);
    stream_undo(s, mark);
    stream_top(s)->b = outer;
    IrBuilder no = { s->t->fn, ir_region_new(s->t->fn, choice), NULL, s->c.map->span };
    ir_yield(&no, 0, NULL);
}

/* ---- no results ------------------------------------------------------------------------------------------------------ */

static Dim min_one(DimCx *d, Dim size)
{
    int64_t n;
    return dim_is_const(size, &n) && n > 0 ? dim_const(d, 1) : dim_min(d, dim_const(d, 1), size);
}

void stream_need_results(Stream *s)
{
    DimCx *d = DIMS(s);
    Dim one = dim_const(d, 1), some = one;
    if (s->c.column)
        some = min_one(d, tile_dim(s->t, s->c.column->dim));
    for (int i = 0; i < s->nloose; i++)
        some = dim_mul(d, some, min_one(d, tile_dim(s->t, s->loose[i]->dim)));
    if (some == one || !pass_faults(s->c.map))
        return;
    if (s->chunk)
        s->chunk->dim = dim_mul(d, s->chunk->dim, some);
    else
        ir_index_new(s->kernel, name_of(s->t->cx->module->names, "some"), NULL, some, s->c.map->span);
}
