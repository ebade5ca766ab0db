/* explain.c - what the passes decided, for --explain-fusion: a remark for each tensor that is recomputed, streamed or stored.
 *
 * A stored map is a kernel: its reductions are named in order, its operations are counted from the form (bodies times extents), and
 * of the tensors that it reads each element counts once. For --explain-fusion loops count whole and the remark says so; for --profile they
 * count from bound to bound (turns.c). What a guard says beyond bounds is not counted in either. In a loop all is of one turn.
 */
#include "passes/stream_int.h"
#include "passes/tile/tile_int.h"

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
    PassRemark r = { .choice = choice, .span = tensor->span, .name = tensor->name, .type = tensor->type, .why = why, .loops = "" };
    if (!cx->options->remark || !pass_is_tensor(tensor) || (!tensor->span.file && !tensor->name)) /* a part that is only taken has no place */
        return;
    r.bytes = pass_bytes(cx, tensor->type);
    cx->options->remark(cx->options->user, &r);
}

/* ---- counting -------------------------------------------------------------------------------------------------- */

/* Loads of one part of a tensor: that part, and the bytes that they ask for (NULL: no fewer). */
typedef struct Seen { const IrNode *load; Dim part, read; } Seen;

typedef struct Count {
    PassCx *cx;
    Dim flops, elementary;
    VEC(PassRepeat) repeats;
    VEC(Seen) seen;
    Buf loops;
    bool within;                /* count loops from bound to bound, for --profile */
    bool bounded;               /* else: some of them have bounds */
    bool open, wide;            /* loops in an element whose turns data tell; something is computed in f64 */
    const IrNode *head, *group; /* of a stream: a head says which group it is of */
    const IrNode *host;         /* its members' bodies; combines nothing itself */
    const IrNode *bounds;       /* of the host's index; NULL: its members' bounds differ */
} Count;

static bool is_flop(const IrNode *n)
{
    return ir_is_scalar_op(n) && n->nin && dtype_is_float(n->in[0]->type.dtype) && n->op != OP_cast && n->op != OP_select && n->op != OP_stop;
}

/* Members of a stream that have the same bounds give them to their host. */
static const IrNode *bounds_of(const Count *c, const IrNode *x)
{
    return c->bounds && x->parent->owner == c->host ? c->bounds : x;
}

/* Does the range of a loop further in depend on x? */
static bool gives_extent(const IrNode *x, const PassTurns *t)
{
    bool gives = false;
    for (int i = 0; i < t->n && x->sym; i++)
        gives = gives || dim_mentions(t->p[i].index->dim, x->sym);
    return gives;
}

/* Does n need what a loop in an element carries, or its index? */
static bool turns_with(PassCx *cx, const IrNode *n, const IrRegion *r)
{
    bool needs = false;
    for (int i = 0; i < r->params.n && !needs && (r->owner->op == OP_for || r->owner->op == OP_while); i++)
        needs = pass_depends_on(cx, n, r->params.p[i]);
    return needs;
}

/* How often n runs, which is needed at `place`, for what is made of it, `of`: once for each value of the indices around that `of` depends on, out
 * to the innermost one that n does; what does not depend on one stands outside its loop. */
static void add_turns(Count *c, PassTurns *t, const IrNode *n, const IrNode *of, const IrNode *place, const IrNode *kernel)
{
    const IrNode *lane = of != n ? pass_lane_of(c->cx, n, of, kernel, c->host) : NULL;
    bool inside = lane && pass_depends_on(c->cx, n, lane);
    for (const IrRegion *r = place->parent; r; r = r->owner == kernel ? NULL : r->owner->parent) {
        bool turns = turns_with(c->cx, n, r);
        c->open = c->open || (turns && (r->owner->op == OP_while || !r->params.p[0]->dim));
        for (int i = r->params.n - 1; i >= 0; i--) {
            const IrNode *x = r->params.p[i];
            bool said = c->group && x == c->group && pass_depends_on(c->cx, n, c->head);
            if (x->op != OP_index || !x->dim || said)
                continue;
            bool needs = turns || pass_depends_on(c->cx, n, x) || gives_extent(x, t);
            inside = inside || needs;
            if (needs || (inside && of != n && x != lane && pass_depends_on(c->cx, of, x)))
                vec_push(c->cx->arena, t, ((PassTurn){ x, bounds_of(c, x) }));
        }
        if (turns) /* it needs what the loop begins with, too */
            n = r->owner;
    }
}

/* For --explain-fusion all extents multiplied: a formula to read. */
static Dim count_turns(Count *c, const PassTurns *t, const IrNode *kernel, bool *narrowed)
{
    if (c->within)
        return pass_turns(c->cx, kernel->parent->fn, t, narrowed);
    *narrowed = false;
    for (int i = 0; i < t->n; i++)
        c->bounded = c->bounded || t->p[i].bounds->from || t->p[i].bounds->to;
    return pass_turns_whole(c->cx, t);
}

static Dim turns_of(Count *c, const IrNode *n, const IrNode *kernel, bool *narrowed)
{
    PassTurns t = { 0 };
    add_turns(c, &t, n, n, n, kernel);
    return count_turns(c, &t, kernel, narrowed);
}

/* Combining goes with the value that is yielded. */
static Dim turns_of_reduce(Count *c, const IrNode *reduce, const IrNode *kernel)
{
    PassTurns t = { 0 };
    bool narrowed;
    for (int i = reduce->regions[0]->params.n - 1; i >= 0; i--)
        vec_push(c->cx->arena, &t, ((PassTurn){ reduce->regions[0]->params.p[i], reduce->regions[0]->params.p[i] }));
    if (reduce != kernel) /* a scatter is a kernel of its own */
        add_turns(c, &t, reduce, reduce, reduce, kernel);
    return count_turns(c, &t, kernel, &narrowed);
}

static bool is_fixed(Count *c, const IrNode *load, int i, const IrNode *kernel)
{
    PassTurns t = { 0 };
    add_turns(c, &t, load->in[i], load->in[i], load, kernel);
    return !t.n;
}

static bool reads_data(const IrNode *n)
{
    bool data = n->op == OP_load;
    for (int i = 0; i < n->nin && !data; i++)
        data = reads_data(n->in[i]);
    return data;
}

static bool same_place(const IrNode *a, const IrNode *b) { return a == b || (a->op == OP_const && b->op == OP_const && a->imm == b->imm); }

/* Do both ask for the same part: where subscripts are fixed, for the same place? */
static bool same_part(Count *c, const IrNode *a, const IrNode *b, const IrNode *kernel)
{
    bool same = a->in[0] == b->in[0];
    for (int i = 1; i < a->nin && same; i++)
        same = same_place(a->in[i], b->in[i]) || (!is_fixed(c, a, i, kernel) && !is_fixed(c, b, i, kernel));
    return same;
}

/* Of a tensor counts what lies where the subscripts are that the kernel's indices leave as they are; where bounds leave a part of that out, or
 * data say which, at most what all its loads read. */
static void see_tensor(Count *c, const IrNode *load, const IrNode *kernel)
{
    DimCx *d = c->cx->module->dims;
    const IrNode *x = load->in[0];
    Dim size = dim_const(d, dtype_bytes(x->type.dtype)), part = size;
    bool fewer;
    if (ir_inside(x, kernel->regions[0]))
        return;
    Dim read = dim_mul(d, turns_of(c, load, kernel, &fewer), size);
    for (int i = 1; i < load->nin; i++) {
        bool fixed = is_fixed(c, load, i, kernel);
        part = fixed ? part : dim_mul(d, part, x->type.dims[i - 1]);
        fewer = fewer || (!fixed && reads_data(load->in[i]));
    }
    Seen *s = NULL;
    for (int i = 0; i < c->seen.n && !s; i++)
        s = same_part(c, c->seen.p[i].load, load, kernel) ? &c->seen.p[i] : NULL;
    if (!s) {
        vec_push(c->cx->arena, &c->seen, ((Seen){ load, part, dim_const(d, 0) }));
        s = &c->seen.p[c->seen.n - 1];
    }
    s->read = fewer && s->read ? dim_add(d, s->read, read) : NULL;
}

/* The i-th part seen, of a tensor that no part before it is of, and the later ones; 0 for the others. */
static Dim reads_of(const Count *c, int i)
{
    DimCx *d = c->cx->module->dims;
    const IrNode *x = c->seen.p[i].load->in[0];
    Dim all = pass_bytes(c->cx, x->type), sum = dim_const(d, 0);
    for (int j = 0; j < i; j++)
        if (c->seen.p[j].load->in[0] == x)
            return sum;
    int parts = 0;
    for (int j = i; j < c->seen.n; j++) {
        const Seen *s = &c->seen.p[j];
        if (s->load->in[0] != x)
            continue;
        if (s->part == all && !s->read)
            return all;
        sum = dim_add(d, sum, s->read ? dim_min(d, s->read, s->part) : s->part);
        parts++;
    }
    return parts > 1 ? dim_min(d, sum, all) : sum;
}

static Dim all_reads(const Count *c)
{
    Dim sum = dim_const(c->cx->module->dims, 0);
    for (int i = 0; i < c->seen.n; i++)
        sum = dim_add(c->cx->module->dims, sum, reads_of(c, i));
    return sum;
}

static void note_repeats(Count *c, const IrNode *n, const PassTurns *t)
{
    const char *text = c->within ? NULL : pass_repeats(c->cx, n, t);
    for (int i = 0; i < c->repeats.n && text; i++)
        text = c->repeats.p[i].span.lo == n->span.lo && c->repeats.p[i].span.file == n->span.file ? NULL : text;
    if (text && n->span.file)
        vec_push(c->cx->arena, &c->repeats, ((PassRepeat){ n->span, text }));
}

static void count_flop(Count *c, const IrNode *n, const IrNode *kernel)
{
    DimCx *d = c->cx->module->dims;
    PassTurns t = { 0 };
    bool narrowed;
    add_turns(c, &t, n, pass_computed_for(c->cx, n, c->host), n, kernel);
    Dim turns = count_turns(c, &t, kernel, &narrowed);
    c->flops = dim_add(d, c->flops, turns);
    c->wide = c->wide || (n->in[0]->type.dtype == DT_f64 && t.n);
    if (!pass_is_elementary((IrOp)n->op))
        return;
    c->elementary = dim_add(d, c->elementary, turns);
    note_repeats(c, n, &t);
}

static void count_region(Count *c, const IrNode *kernel, const IrRegion *r)
{
    DimCx *d = c->cx->module->dims;
    for (const IrNode *n = r->first; n; n = n->next) {
        if (n->op == OP_reduce && n->stream) /* its body is counted in the host of all members */
            continue;
        if (n->op == OP_load)
            see_tensor(c, n, kernel);
        if (is_flop(n))
            count_flop(c, n, kernel);
        if (n->op == OP_reduce && n != c->host && dtype_is_float(n->type.dtype)) {
            c->flops = dim_add(d, c->flops, turns_of_reduce(c, n, kernel));
            c->wide = c->wide || n->type.dtype == DT_f64;
        }
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

/* Members of a stream are one pass, named at the first of them. */
static void name_loops(Count *c, const IrRegion *r)
{
    bool named = false;
    for (const IrNode *n = r->first; n; n = n->next) {
        if (n->op != OP_reduce || (n->stream && named))
            continue;
        loop_head(c, n);
        buf_puts(&c->loops, redop_name((RedOp)n->redop));
        for (const IrNode *x = n->stream ? n->next : NULL; x; x = x->next)
            if (x->op == OP_reduce && x->stream)
                buf_printf(&c->loops, ", %s", redop_name((RedOp)x->redop));
        named = named || n->stream;
        buf_puts(&c->loops, ")");
    }
}

static const IrNode *shared_bounds(const Cascade *all)
{
    const IrNode *x = all->m[0].reduce->regions[0]->params.p[0];
    for (int i = 1; i < all->n; i++) {
        const IrNode *y = all->m[i].reduce->regions[0]->params.p[0];
        if (y->from != x->from || y->to != x->to)
            return NULL;
    }
    return x;
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
    c->bounds = stream ? shared_bounds(&all) : NULL;
    if (stream && !c->within)
        pass_explain_mask(&all);
    pass_note_symbols(c->cx, copy->regions[0]);
    count_region(c, copy, copy->regions[0]);
    for (int i = 0; i < all.n && stream; i++) /* what combines */
        c->flops = dim_add(c->cx->module->dims, c->flops, turns_of_reduce(c, all.m[i].reduce, copy));
    if (stream)
        cascade_drop(&all);
    c->head = c->group = c->host = c->bounds = NULL;
    name_loops(c, copy->regions[0]); /* with the sum of ones that the stream may need */
    ir_drop(copy);
}

static void count_kernel(Count *c, IrNode *map)
{
    if (pass_has_stream(map)) {
        count_stream(c, map);
        return;
    }
    if (!c->within)
        pass_explain_zeros(c->cx, map);
    count_region(c, map, map->regions[0]);
    if (map->op == OP_scatter && dtype_is_float(map->type.dtype))
        c->flops = dim_add(c->cx->module->dims, c->flops, turns_of_reduce(c, map, map));
}

static void explain_kernel(PassCx *cx, IrNode *map, Dim turns)
{
    DimCx *d = cx->module->dims;
    Count c = { .cx = cx, .flops = dim_const(d, 0), .elementary = dim_const(d, 0), .loops = buf_new(cx->arena) };
    count_kernel(&c, map);
    if (map->op == OP_scatter) {
        loop_head(&c, map);
        buf_printf(&c.loops, "%s by key)", redop_name((RedOp)map->redop));
    } else if (!pass_has_stream(map)) {
        name_loops(&c, map->regions[0]);
    }
    PassRemark r = { .choice = CHOICE_stored, .span = map->span, .name = map->name, .type = map->type, .why = pass_why_stored(cx, map), .loops = buf_text(&c.loops),
                     .flops = c.flops, .reads = all_reads(&c), .bytes = pass_bytes(cx, map->type), .turns = turns, .bounded = c.bounded,
                     .elementary = c.elementary, .open = c.open, .wide = c.wide, .repeats = c.repeats.p, .nrepeats = c.repeats.n };
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
    Count c = { .cx = cx, .flops = dim_const(d, 0), .elementary = dim_const(d, 0), .loops = buf_new(cx->arena), .within = true };
    count_kernel(&c, map);
    return (PassCost){ of_entry(map->parent->fn, c.flops), of_entry(map->parent->fn, dim_add(d, all_reads(&c), pass_bytes(cx, map->type))) };
}

/* Values and places of those that are first: both have room, whoever reads them. */
static Dim sorted_bytes(PassCx *cx, const IrNode *n)
{
    IrType places = n->type;
    places.dtype = DT_i64;
    return dim_add(cx->module->dims, pass_bytes(cx, n->type), pass_bytes(cx, places));
}

static void explain_sort(PassCx *cx, const IrNode *n, Dim turns)
{
    DimCx *d = cx->module->dims;
    Dim row = n->in[0]->type.dims[n->in[0]->type.rank - 1];
    PassRemark r = { .choice = CHOICE_stored, .span = n->span, .name = n->name, .type = n->type, .why = "rows in order, and the places that they come from",
                     .loops = arena_printf(cx->arena, "%s of %s places, of each row", ir_info(n)->name, dim_text(d, row)), .flops = dim_const(d, 0),
                     .elementary = dim_const(d, 0), .reads = pass_bytes(cx, n->in[0]->type), .bytes = sorted_bytes(cx, n), .turns = turns };
    cx->options->remark(cx->options->user, &r);
}

/* turns: of the loops around; NULL: they are known when it runs. */
static void explain_region(PassCx *cx, const IrRegion *r, Dim turns)
{
    for (IrNode *n = r->first; n; n = n->next) {
        if (n->op == OP_map || n->op == OP_scatter) {
            if (!tile_flat_takes(cx, n))
                explain_kernel(cx, n, turns);
            continue;
        }
        if (n->op == OP_sort || n->op == OP_topk)
            explain_sort(cx, n, turns);
        Dim of = n->op == OP_for ? n->regions[0]->params.p[0]->dim : NULL;
        Dim within = n->op != OP_for && n->op != OP_while ? turns : of && turns ? dim_mul(cx->module->dims, turns, of) : NULL;
        for (int i = 0; i < n->nregions; i++)
            explain_region(cx, n->regions[i], within);
    }
}

void pass_explain(PassCx *cx, IrFn *fn) { explain_region(cx, fn->body, dim_const(cx->module->dims, 1)); }

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
    if (!c.kernels)
        return;
    const char *why = c.kernels == 1 ? "1 kernel" : arena_printf(cx->arena, "%d kernels in %d region%s, %d barrier%s within %s", c.kernels, c.regions, c.regions == 1 ? "" : "s", c.barriers,
                                   c.barriers == 1 ? "" : "s", c.regions == 1 ? "it" : "them");
    PassRemark r = { .choice = CHOICE_regions, .span = fn->span, .name = fn->name, .why = why, .loops = "" };
    cx->options->remark(cx->options->user, &r);
}

void pass_explain_arena(PassCx *cx, IrFn *fn, int waste, int most, const int64_t *live)
{
    const char *why = waste < 0 ? "" : arena_printf(cx->arena, "%d %% more than what lives at one time, with 256 for every dim", waste);
    if (waste >= 0 && most > waste)
        why = arena_printf(cx->arena, "%s; %d %% with other sizes", why, most);
    PassRemark r = { .choice = CHOICE_arena, .span = fn->span, .name = fn->name, .why = why, .loops = "", .bytes = fn->arena_bytes, .tensors = live[0], .scratch = live[1], .fn = fn };
    cx->options->remark(cx->options->user, &r);
}
