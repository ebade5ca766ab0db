/* explain.c - what the passes decided, for --explain-fusion: a remark for each tensor that is recomputed, streamed or stored.
 *
 * A stored map is a kernel: its reductions are named in order, its operations are counted from the form (bodies times extents), and
 * the tensors that it reads count once each, whole. A loop that a guard ends early counts whole.
 */
#include "passes/stream_int.h"

Dim pass_bytes(PassCx *cx, IrType t)
{
    DimCx *d = cx->module->dims;
    Dim n = dim_const(d, dtype_bytes(t.dtype));
    for (int i = 0; i < t.rank; i++)
        n = dim_mul(d, n, t.dims[i]);
    return n;
}

void pass_remark(PassCx *cx, PassChoice choice, const IrNode *tensor, const char *why)
{
    PassRemark r = { choice, tensor->span, tensor->name, tensor->type, why, "", NULL, NULL, NULL };
    if (!cx->options->remark || !pass_is_tensor(tensor) || (!tensor->span.file && !tensor->name)) /* a part that is only taken has no place */
        return;
    r.bytes = pass_bytes(cx, tensor->type);
    cx->options->remark(cx->options->user, &r);
}

/* ---- counting -------------------------------------------------------------------------------------------------- */

typedef struct Count {
    PassCx *cx;
    Dim flops, reads;
    VEC(const IrNode *) tensors;
    Buf loops;
    const IrNode *head, *group; /* of a stream: a head says which group it is of */
    const IrNode *host;         /* its members' bodies; combines nothing itself */
} Count;

static bool is_flop(const IrNode *n)
{
    return ir_is_scalar_op(n) && n->nin && dtype_is_float(n->in[0]->type.dtype) && n->op != OP_cast && n->op != OP_select && n->op != OP_stop;
}

/* How often it runs: once for each value of the indices around it that it depends on; what does not depend on one stands outside its loop. */
static Dim turns_of(Count *c, const IrNode *n, const IrNode *kernel)
{
    DimCx *d = c->cx->module->dims;
    Dim turns = dim_const(d, 1);
    for (const IrRegion *r = n->parent; r; r = r->owner == kernel ? NULL : r->owner->parent)
        for (int i = 0; i < r->params.n; i++) {
            const IrNode *x = r->params.p[i];
            bool said = c->group && x == c->group && pass_depends_on(c->cx, n, c->head);
            if (x->op == OP_index && x->dim && !said && pass_depends_on(c->cx, n, x))
                turns = dim_mul(d, turns, x->dim);
        }
    return turns;
}

/* Combining goes with the value that is yielded. */
static Dim turns_of_reduce(Count *c, const IrNode *reduce, const IrNode *kernel)
{
    DimCx *d = c->cx->module->dims;
    Dim turns = reduce == kernel ? dim_const(d, 1) : turns_of(c, reduce, kernel); /* a scatter is a kernel of its own */
    for (int i = 0; i < reduce->regions[0]->params.n; i++)
        turns = dim_mul(d, turns, reduce->regions[0]->params.p[i]->dim);
    return turns;
}

static void see_tensor(Count *c, const IrNode *x, const IrNode *kernel)
{
    if (x->op == OP_arg || ir_inside(x, kernel->regions[0]))
        return;
    for (int i = 0; i < c->tensors.n; i++)
        if (c->tensors.p[i] == x)
            return;
    vec_push(c->cx->arena, &c->tensors, x);
    c->reads = dim_add(c->cx->module->dims, c->reads, pass_bytes(c->cx, x->type));
}

static void count_region(Count *c, const IrNode *kernel, const IrRegion *r)
{
    DimCx *d = c->cx->module->dims;
    for (const IrNode *n = r->first; n; n = n->next) {
        if (n->op == OP_reduce && n->stream) /* its body is counted in the host of all members */
            continue;
        if (n->op == OP_load)
            see_tensor(c, n->in[0], kernel);
        if (is_flop(n))
            c->flops = dim_add(d, c->flops, turns_of(c, n, kernel));
        if (n->op == OP_reduce && n != c->host && dtype_is_float(n->type.dtype))
            c->flops = dim_add(d, c->flops, turns_of_reduce(c, n, kernel));
        for (int i = 0; i < n->nregions; i++)
            count_region(c, kernel, n->regions[i]);
    }
}

/* ---- loops ----------------------------------------------------------------------------------------------------- */

static const char *const orders[] = { "chain", "contract", "lanes" };

static void loop_head(Count *c, const IrNode *n)
{
    const IrRegion *r = n->regions[0];
    buf_printf(&c->loops, "%s%s[", c->loops.n ? ", then " : "", n->stream ? "stream" : orders[n->order]);
    for (int i = 0; i < r->params.n; i++)
        buf_printf(&c->loops, "%s%s: %s%s", i ? ", " : "", r->params.p[i]->name ? r->params.p[i]->name : "_", dim_text(c->cx->module->dims, r->params.p[i]->dim),
                   r->params.p[i]->from || r->params.p[i]->to ? " within bounds" : "");
    buf_puts(&c->loops, "] (");
}

/* Members of a stream stand together: one pass. */
static void name_loops(Count *c, const IrRegion *r)
{
    const IrNode *stream = NULL;
    for (const IrNode *n = r->first; n; n = n->next) {
        bool same = n->op == OP_reduce && n->stream && stream;
        if (n->op != OP_reduce)
            continue;
        if (stream && !same)
            buf_puts(&c->loops, ")");
        if (same)
            buf_puts(&c->loops, ", ");
        else
            loop_head(c, n);
        buf_puts(&c->loops, redop_name((RedOp)n->redop));
        stream = n->stream ? n : NULL;
        if (!stream)
            buf_puts(&c->loops, ")");
    }
    if (stream)
        buf_puts(&c->loops, ")");
}

static const IrNode *find_stream(const IrNode *map)
{
    for (const IrNode *n = map->regions[0]->first; n; n = n->next)
        if (n->op == OP_reduce && n->stream)
            return n;
    return NULL;
}

/* The members of a stream in one host, of a copy: looking for groups of heads changes the map. */
static void count_stream(Count *c, IrNode *map)
{
    Cascade all;
    IrBuilder at = { map->parent->fn, map->parent, map, map->span };
    Map nodes = map_new(c->cx->arena);
    IrNode *copy = ir_clone_node(&at, map, &nodes, NULL, NULL);
    pass_note_symbols(c->cx, copy->regions[0]);
    bool stream = cascade_find(c->cx, copy, NULL, &all);
    c->head = stream ? all.head : NULL;
    c->group = stream ? all.group : NULL;
    c->host = stream ? all.host : NULL;
    pass_note_symbols(c->cx, copy->regions[0]);
    count_region(c, copy, copy->regions[0]);
    for (int i = 0; i < all.n && stream; i++) /* what combines */
        c->flops = dim_add(c->cx->module->dims, c->flops, turns_of_reduce(c, all.m[i].reduce, copy));
    if (stream)
        cascade_drop(&all);
    c->head = c->group = c->host = NULL;
    name_loops(c, copy->regions[0]); /* with the sum of ones that the stream may need */
    ir_drop(copy);
}

static void count_kernel(Count *c, IrNode *map)
{
    if (find_stream(map)) {
        count_stream(c, map);
        return;
    }
    count_region(c, map, map->regions[0]);
    if (map->op == OP_scatter && dtype_is_float(map->type.dtype))
        c->flops = dim_add(c->cx->module->dims, c->flops, turns_of_reduce(c, map, map));
}

static void explain_kernel(PassCx *cx, IrNode *map)
{
    DimCx *d = cx->module->dims;
    Count c = { .cx = cx, .flops = dim_const(d, 0), .reads = dim_const(d, 0), .loops = buf_new(cx->arena) };
    count_kernel(&c, map);
    if (map->op == OP_scatter) {
        loop_head(&c, map);
        buf_printf(&c.loops, "%s by key)", redop_name((RedOp)map->redop));
    } else if (!find_stream(map)) {
        name_loops(&c, map->regions[0]);
    }
    PassRemark r = { CHOICE_stored, map->span, map->name, map->type, pass_why_stored(cx, map), buf_text(&c.loops), c.flops, c.reads, pass_bytes(cx, map->type) };
    cx->options->remark(cx->options->user, &r);
}

static void see_symbol(void *user, DimSym *s)
{
    IrFn **fn = user;
    for (int i = 0; *fn && i < (*fn)->dims.n; i++)
        if ((*fn)->dims.p[i] == s)
            return;
    *fn = NULL;
}

/* Sizes that are computed on the way are not known where a kernel is called. */
static Dim of_entry(IrFn *fn, Dim d)
{
    dim_syms(d, see_symbol, &fn);
    return fn ? d : NULL;
}

PassCost pass_cost(PassCx *cx, IrNode *map)
{
    DimCx *d = cx->module->dims;
    if (!cx->options->count)
        return (PassCost){ NULL, NULL };
    Count c = { .cx = cx, .flops = dim_const(d, 0), .reads = dim_const(d, 0), .loops = buf_new(cx->arena) };
    count_kernel(&c, map);
    return (PassCost){ of_entry(map->parent->fn, c.flops), of_entry(map->parent->fn, dim_add(d, c.reads, pass_bytes(cx, map->type))) };
}

static void explain_region(PassCx *cx, const IrRegion *r)
{
    for (IrNode *n = r->first; n; n = n->next) {
        if (n->op == OP_map || n->op == OP_scatter)
            explain_kernel(cx, n);
        else
            for (int i = 0; i < n->nregions; i++)
                explain_region(cx, n->regions[i]);
    }
}

void pass_explain(PassCx *cx, IrFn *fn) { explain_region(cx, fn->body); }

typedef struct Regions { PassCx *cx; int kernels, regions, barriers; } Regions;

static void count_regions(Regions *c, IrRegion *r)
{
    for (IrNode *n = r->first; n; n = n->next) {
        IrPhases p = { .n = 0 };
        if (n->op == OP_kernel || n->op == OP_if)
            p = ir_phases(n, c->cx->arena);
        if (!p.n) {
            for (int i = 0; i < n->nregions; i++)
                count_regions(c, n->regions[i]);
            continue;
        }
        c->kernels += p.n;
        c->regions++;
        c->barriers += p.barriers;
        n = p.last;
    }
}

void pass_explain_regions(PassCx *cx, IrFn *fn)
{
    Regions c = { .cx = cx };
    count_regions(&c, fn->body);
    if (c.kernels < 2)
        return;
    const char *why = arena_printf(cx->arena, "%d kernels in %d region%s, %d barrier%s within %s", c.kernels, c.regions, c.regions == 1 ? "" : "s", c.barriers,
                                   c.barriers == 1 ? "" : "s", c.regions == 1 ? "it" : "them");
    PassRemark r = { CHOICE_regions, fn->span, fn->name, { .dtype = DT_none }, why, "", NULL, NULL, NULL };
    cx->options->remark(cx->options->user, &r);
}

void pass_explain_arena(PassCx *cx, IrFn *fn, int waste)
{
    const char *why = waste < 0 ? "" : arena_printf(cx->arena, "%d %% more than what lives at one time, with 256 for every dim", waste);
    PassRemark r = { CHOICE_arena, fn->span, fn->name, { .dtype = DT_none }, why, "", NULL, NULL, fn->arena_bytes };
    cx->options->remark(cx->options->user, &r);
}
