/* tile.c - choose buffers, kernels and loops: tensor IR becomes tile IR.
 *
 *     %2 = map [t: T, n: N] {...}          %b2 = buffer arena : f32[T, N]
 *                                          kernel [t: T, c: (N + 255) // 256] { tfor lanes [n: ..] { ...; store %b2[t, n], %v } }
 *
 * Nodes are taken in order. Scalars stay SSA values; each tensor value has a buffer, which several values share where one replaces
 * the other (tile_place.c): an update happens in place when nobody reads the old value afterwards.
 */
#include "passes/tile/tile_int.h"

IrType tile_type(Tile *t, IrType type)
{
    IrType r = { type.dtype, type.rank, NEWN(t->cx->arena, Dim, type.rank) };
    for (int i = 0; i < type.rank; i++)
        r.dims[i] = dim_subst(t->cx->module->dims, type.dims[i], symmap_subst, &t->syms);
    return r;
}

IrNode *tile_buffer(Tile *t, IrPlace place, IrType type, int64_t imm, Span span, Name name)
{
    IrBuilder b = { t->fn, t->fn->body, NULL, span };
    bool at_top = place != PLACE_arena && place != PLACE_view;
    b.before = at_top ? t->fn->body->first : NULL;
    IrNode *n = at_top ? ir_add0(&b, OP_buffer, type) : ir_add0(&t->b, OP_buffer, type);
    n->place = (uint8_t)place;
    n->imm = imm;
    n->name = name;
    n->span = span;
    return n;
}

IrNode *tile_param_buffer(Tile *t, IrNode *p)
{
    if (p->place == PLACE_prep || p->place == PLACE_block)
        return tile_buffer(t, (IrPlace)p->place, tile_type(t, p->type), p->imm, p->span, p->name);
    IrNode **slot = &t->param_buffers.p[p->imm];
    if (!*slot)
        *slot = tile_buffer(t, PLACE_param, p->type, p->imm, p->span, p->name);
    return *slot;
}

IrNode *tile_buffer_of(Tile *t, IrNode *old)
{
    IrNode *b = map_find(&t->buffers, old);
    if (!b && old->op == OP_param) {
        b = tile_param_buffer(t, old);
        tile_bind(t, old, b);
    }
    if (!b) {
        t->failed = true;
        pass_fail(t->cx, old, "internal: '%s' gives a tensor that has no buffer", ir_info(old)->name);
    }
    return b;
}

IrNode *tile_scalar(Tile *t, IrNode *old)
{
    if (pass_is_tensor(old))
        return tile_buffer_of(t, old);
    IrNode *n = map_find(&t->nodes, old);
    return n ? n : old;
}

static void map_tensor_operands(Tile *t, IrNode *old)
{
    for (int i = 0; i < old->nin; i++) {
        IrNode *x = old->in[i];
        if (pass_is_tensor(x) && !map_find(&t->nodes, x))
            map_put(&t->nodes, x, tile_buffer_of(t, x));
    }
}

static void visit_inside(void *user, IrNode *n)
{
    Tile *t = user;
    if (pass_is_tensor(n) && !t->failed) {
        t->failed = true;
        pass_fail(t->cx, n, "a tensor that is computed for each element of another one is not compiled yet");
    }
    if (!t->failed)
        map_tensor_operands(t, n);
}

/* Copies one node with what is inside it. A symbol of the old node stands for the new one from here on. */
IrNode *tile_clone(Tile *t, IrBuilder *b, IrNode *old)
{
    map_tensor_operands(t, old);
    for (int i = 0; i < old->nregions; i++)
        ir_walk(old->regions[i], visit_inside, t);
    if (t->failed)
        return old;
    b->span = old->span;
    IrNode *n = ir_clone_node(b, old, &t->nodes, symmap_subst, &t->syms);
    if (old->sym)
        symmap_put(&t->syms, old->sym, pass_dim_of(t->cx, n));
    return n;
}

IrNode *tile_memory(Tile *t, IrNode *value, IrNode *after)
{
    IrNode *b = after ? tile_final(t, after) : NULL;
    return b ? b : tile_buffer(t, PLACE_arena, tile_type(t, value->type), 0, value->span, value->name);
}

void tile_copy(Tile *t, IrNode *to, IrNode *from)
{
    if (to && from && to != from) /* without a buffer tiling has failed already */
        ir_add2(&t->b, OP_copy, ir_scalar(DT_none), to, from);
}

/* ---- tensor nodes ------------------------------------------------------------------------------------------- */

static Dest destination(Tile *t, IrNode *n)
{
    Dest d = { 0 };
    if (!tile_destination(t, n, &d))
        d = tile_dest_of(t, tile_memory(t, n, NULL), n);
    tile_bind(t, n, d.buffer);
    return d;
}

/* What the kernel that was made last does, for reports; of both where there is a choice of two. */
void tile_note_cost(Tile *t, IrRegion *r, PassCost cost)
{
    for (IrNode *k = r->last; k && cost.flops; k = k->prev) {
        for (int i = 0; k->op == OP_if && i < k->nregions; i++)
            tile_note_cost(t, k->regions[i], cost);
        if (k->op == OP_kernel && !k->flops) { /* else it counts with the one before it */
            k->flops = tile_dim(t, cost.flops);
            k->bytes = tile_dim(t, cost.bytes);
            return;
        }
        if (k->op == OP_if)
            return;
    }
}

static void do_map(Tile *t, IrNode *n)
{
    if (map_find(&t->joined, n) || tile_flat_takes(t->cx, n) || tile_stream_several(t, n, destination))
        return;
    IrNode *p = tile_reorders(t->cx, n);
    Dest d = p ? tile_reordered(t, n, p, destination) : destination(t, n);
    if (pass_is_blank(n))
        return;
    PassCost cost = pass_cost(t->cx, n);
    tile_forms(t, n, d);
    tile_note_cost(t, t->b.region, cost);
}

static void do_scatter(Tile *t, IrNode *n)
{
    if (map_find(&t->joined, n) || tile_scatter_several(t, n, destination))
        return;
    PassCost cost = pass_cost(t->cx, n);
    Dest d = n->nin ? tile_dest_of(t, tile_writable(t, n->in[0], n, n), n) : destination(t, n);
    if (n->nin)
        tile_bind(t, n, d.buffer);
    tile_scatter(t, n, &(ScatterPart){ n, ir_terminator(n->regions[0])->in[0], d }, 1);
    tile_note_cost(t, t->b.region, cost);
}

static void do_reshape(Tile *t, IrNode *n)
{
    if (tile_flat_takes(t->cx, n->in[0]))
        return;
    IrNode *of = tile_buffer_of(t, n->in[0]);
    if (!of)
        return;
    IrNode *v = ir_add1(&t->b, OP_buffer, tile_type(t, n->type), of);
    v->place = PLACE_view;
    tile_bind(t, n, v);
}

/* What the runtime sorts in: 16 bytes for each element of a row. */
static IrNode *sort_scratch(Tile *t, IrNode *n)
{
    DimCx *d = t->cx->module->dims;
    IrType x = n->in[0]->type;
    Dim size = dim_mul(d, dim_const(d, 2), x.dims[x.rank - 1]);
    return tile_buffer(t, PLACE_arena, (IrType){ DT_i64, 1, arena_copy(t->cx->module->arena, &size, sizeof size) }, 0, n->span, NULL);
}

static void do_sort(Tile *t, IrNode *n)
{
    IrNode *out[2] = { NULL, NULL }, *src = tile_buffer_of(t, n->in[0]);
    for (IrUse *u = n->uses; u; u = u->next)
        if (u->user->op == OP_result && !out[u->user->imm])
            out[u->user->imm] = tile_memory(t, u->user, tile_left_by(n, u->user->imm));
    IrType other;
    for (int i = 0; i < 2; i++) {
        if (out[i] || !(out[0] || out[1]))
            continue;
        other = out[!i]->type;
        other.dtype = i ? DT_i64 : n->in[0]->type.dtype;
        out[i] = tile_buffer(t, PLACE_arena, other, 0, n->span, NULL);
    }
    if (!out[0])
        return;
    for (IrUse *u = n->uses; u; u = u->next)
        if (u->user->op == OP_result)
            tile_bind(t, u->user, out[u->user->imm]);
    IrNode *in[] = { out[0], out[1], src, sort_scratch(t, n) };
    IrNode *s = ir_add(&t->b, OP_sortrow, ir_scalar(DT_none), 4, in);
    s->span = n->span;
    s->imm = n->op == OP_topk; /* descending: the k largest */
}

/* ---- control flow: scalars stay arguments, tensors are memory -------------------------------------------------- */

typedef struct Carry { int n, nscalars; IrType one; IrNode **init; IrNode **buffer; int *slot; } Carry;
/* slot: new result number of a scalar, -1 for a tensor; one: type of the last scalar */

static Carry new_carry(Tile *t, int n)
{
    Arena *a = t->cx->arena;
    Carry c = { n, 0, ir_scalar(DT_none), NEWN(a, IrNode *, n), NEWN(a, IrNode *, n), NEWN(a, int, n) };
    for (int i = 0; i < n; i++)
        c.slot[i] = -1;
    return c;
}

static void carry_scalar(Carry *c, int i, IrType type)
{
    c->slot[i] = c->nscalars++;
    c->one = type;
}

/* The type of a node with these results: none where there is not exactly one. */
static IrType carry_type(const Carry *c)
{
    return c->nscalars == 1 ? c->one : ir_scalar(DT_none);
}

static Carry carried(Tile *t, IrNode *n, int first)
{
    int k = n->nin - first;
    Carry c = new_carry(t, k);
    for (int i = 0; i < k; i++) {
        IrNode *x = n->in[first + i];
        c.init[i] = x;
        if (pass_is_tensor(x))
            c.buffer[i] = tile_writable(t, x, n, tile_left_by(n, i));
        else
            carry_scalar(&c, i, x->type);
    }
    return c;
}

static void bind_args(Tile *t, Carry *c, IrRegion *old, IrRegion *new_, int skip)
{
    for (int i = 0; i < c->n; i++) {
        IrNode *a = old->params.p[skip + i];
        if (c->buffer[i]) {
            tile_bind(t, a, c->buffer[i]);
            continue;
        }
        IrNode *x = ir_arg_new(new_, a->name, a->type);
        map_put(&t->nodes, a, x);
        if (a->sym) {
            x->sym = dim_sym_new(t->cx->module->dims, a->name ? a->name : name_of(t->cx->module->names, "v"), a->span);
            symmap_put(&t->syms, a->sym, dim_sym(t->cx->module->dims, x->sym));
        }
    }
}

static void region_in(Tile *t, IrRegion *old, IrRegion *new_)
{
    IrBuilder save = t->b;
    t->b = (IrBuilder){ t->fn, new_, NULL, save.span };
    tile_region(t, old);
    t->b = save;
}

static bool buffer_is_among(IrNode *b, IrNode **list, int n)
{
    for (int i = 0; i < n; i++)
        if (list[i] == b)
            return true;
    return false;
}

/* Ends a turn: tensors go to the carried memory (through copies where two change places), scalars are yielded. */
static void end_turn(Tile *t, Carry *c, IrRegion *old, IrRegion *new_)
{
    IrNode *y = ir_terminator(old), **scalars = NEWN(t->cx->arena, IrNode *, c->n);
    IrBuilder save = t->b;
    int n = 0;
    IrNode **from = NEWN(t->cx->arena, IrNode *, c->n);
    t->b = (IrBuilder){ t->fn, new_, NULL, y->span };
    for (int i = 0; i < c->n; i++) {
        from[i] = c->buffer[i] ? tile_buffer_of(t, y->in[i]) : NULL;
        if (from[i] && from[i] != c->buffer[i] && buffer_is_among(from[i], c->buffer, c->n)) {
            IrNode *tmp = tile_memory(t, y->in[i], NULL);
            tile_copy(t, tmp, from[i]);
            from[i] = tmp;
        }
    }
    for (int i = 0; i < c->n; i++) {
        if (c->buffer[i])
            tile_copy(t, c->buffer[i], from[i]);
        else
            scalars[n++] = tile_scalar(t, y->in[i]);
    }
    ir_yield(&t->b, n, scalars);
    t->b = save;
}

/* r: a node that stands for result i of the old node; x: what stands for it now, made for the first such node. */
static IrNode *bind_result(Tile *t, const Carry *c, int i, IrNode *r, IrNode *new_, IrNode *x)
{
    if (c->buffer[i]) {
        tile_bind(t, r, c->buffer[i]);
        return NULL;
    }
    if (!x && c->nscalars > 1) {
        x = ir_add1(&t->b, OP_result, r->type, new_);
        x->imm = c->slot[i];
    } else if (!x) {
        x = new_;
    }
    map_put(&t->nodes, r, x);
    if (r->sym && !x->sym)
        x->sym = dim_sym_new(t->cx->module->dims, name_of(t->cx->module->names, "v"), r->span);
    if (r->sym)
        symmap_put(&t->syms, r->sym, dim_sym(t->cx->module->dims, x->sym));
    return x;
}

/* A node with one result is that result; with several each has `result` nodes, copies of fused bodies perhaps more than one. */
static void bind_results(Tile *t, Carry *c, IrNode *old, IrNode *new_)
{
    for (int i = 0; i < c->n; i++) {
        IrNode *x = NULL;
        if (old->type.dtype != DT_none) {
            bind_result(t, c, i, old, new_, NULL);
            continue;
        }
        for (IrUse *u = old->uses; u; u = u->next)
            if (u->user->op == OP_result && u->user->imm == i)
                x = bind_result(t, c, i, u->user, new_, x);
    }
}

static IrNode *loop_node(Tile *t, IrNode *n, Carry *c, int first)
{
    IrNode **in = NEWN(t->cx->arena, IrNode *, n->nin);
    int k = 0;
    for (int i = 0; i < first; i++)
        in[k++] = tile_scalar(t, n->in[i]);
    for (int i = 0; i < c->n; i++)
        if (!c->buffer[i])
            in[k++] = tile_scalar(t, c->init[i]);
    return ir_add(&t->b, (IrOp)n->op, carry_type(c), k, in);
}

static void do_for(Tile *t, IrNode *n)
{
    Carry c = carried(t, n, 2);
    IrNode *f = loop_node(t, n, &c, 2), *x = n->regions[0]->params.p[0];
    IrRegion *r = ir_region_new(t->fn, f);
    Dim lo = x->lo ? dim_subst(t->cx->module->dims, x->lo, symmap_subst, &t->syms) : NULL;
    Dim extent = x->dim ? dim_subst(t->cx->module->dims, x->dim, symmap_subst, &t->syms) : NULL;
    IrNode *i = ir_index_new(r, x->name, lo, extent, x->span);
    map_put(&t->nodes, x, i);
    if (x->sym)
        symmap_put(&t->syms, x->sym, dim_sym(t->cx->module->dims, i->sym));
    bind_args(t, &c, n->regions[0], r, 1);
    region_in(t, n->regions[0], r);
    end_turn(t, &c, n->regions[0], r);
    bind_results(t, &c, n, f);
}

static void do_while(Tile *t, IrNode *n)
{
    Carry c = carried(t, n, 0);
    IrNode *w = loop_node(t, n, &c, 0);
    IrRegion *cond = ir_region_new(t->fn, w), *body = ir_region_new(t->fn, w);
    bind_args(t, &c, n->regions[0], cond, 0);
    region_in(t, n->regions[0], cond);
    IrBuilder b = { t->fn, cond, NULL, n->span };
    IrNode *go = tile_scalar(t, ir_terminator(n->regions[0])->in[0]);
    ir_yield(&b, 1, &go);
    bind_args(t, &c, n->regions[1], body, 0);
    region_in(t, n->regions[1], body);
    end_turn(t, &c, n->regions[1], body);
    bind_results(t, &c, n, w);
}

/* The value from outside of n that y replaces step by step: through updates, loops and choices. NULL if it is a value of its own. */
static IrNode *origin_of(IrNode *y, const IrNode *n)
{
    while (y && (ir_inside(y, n->regions[0]) || ir_inside(y, n->regions[1]))) {
        IrNode *of = y->op == OP_result ? y->in[0] : y;
        int64_t k = y->op == OP_result ? y->imm : 0;
        if (of->op == OP_update || of->op == OP_for || of->op == OP_while)
            y = of->in[of->op == OP_for ? 2 + k : of->op == OP_while ? k : 0];
        else if (of->op == OP_if)
            y = ir_terminator(of->regions[0])->in[k];
        else
            return NULL;
    }
    return y;
}

/* Memory for result i of a choice: that of the value which its branches leave or replace, if nobody reads that afterwards. */
static IrNode *choice_buffer(Tile *t, IrNode *n, int i, IrNode **taken)
{
    for (int k = 0; k < 2; k++) {
        IrNode *y = ir_terminator(n->regions[k])->in[i], *v = origin_of(y, n);
        if (!v || !ir_type_equal(v->type, y->type))
            continue;
        IrNode *b = v->op == OP_param || map_find(&t->buffers, v) ? tile_buffer_of(t, v) : NULL;
        bool free_ = b && b->place != PLACE_view && !buffer_is_among(b, taken, i);
        if (free_ && tile_dies_after(t, v, n))
            return b;
    }
    return tile_memory(t, ir_terminator(n->regions[0])->in[i], tile_left_by(n, i));
}

static void do_if(Tile *t, IrNode *n)
{
    IrNode *y = ir_terminator(n->regions[0]), *cond = tile_scalar(t, n->in[0]);
    int k = y ? y->nin : 0;
    Carry c = new_carry(t, k);
    for (int i = 0; i < k; i++) {
        if (pass_is_tensor(y->in[i]))
            c.buffer[i] = choice_buffer(t, n, i, c.buffer);
        else
            carry_scalar(&c, i, y->in[i]->type);
    }
    IrNode *f = ir_add1(&t->b, OP_if, carry_type(&c), cond);
    for (int i = 0; i < 2; i++) {
        IrRegion *r = ir_region_new(t->fn, f);
        region_in(t, n->regions[i], r);
        end_turn(t, &c, n->regions[i], r);
    }
    bind_results(t, &c, n, f);
}

static bool gives_tensor(const IrNode *effect)
{
    for (IrUse *u = effect->uses; u; u = u->next)
        if (u->user->op == OP_result && pass_is_tensor(u->user))
            return true;
    return pass_is_tensor(effect);
}

static void do_node(Tile *t, IrNode *n)
{
    if (n->op == OP_effect && gives_tensor(n)) {
        t->failed = true;
        pass_fail(t->cx, n, "an effect that gives a tensor stands alone at the top of a script; here it is not compiled yet");
        return;
    }
    switch (n->op) {
    case OP_map: do_map(t, n); return;
    case OP_scatter: do_scatter(t, n); return;
    case OP_reshape: do_reshape(t, n); return;
    case OP_update: tile_update(t, n); return;
    case OP_topk:
    case OP_sort: do_sort(t, n); return;
    case OP_for: do_for(t, n); return;
    case OP_while: do_while(t, n); return;
    case OP_if: do_if(t, n); return;
    case OP_ret: tile_ret(t, n); return;
    case OP_reduce: tile_scalar_kernel(t, n); return;
    case OP_yield:
    case OP_result: return; /* done with what they belong to */
    case OP_param: return; /* a prepared tensor: its buffer is made when it is read */
    default:
        if (!ir_is_scalar_op(n) || !map_find(&t->nodes, n)) /* else it was needed earlier */
            map_put(&t->nodes, n, tile_clone(t, &t->b, n));
    }
}

void tile_region(Tile *t, IrRegion *r)
{
    for (IrNode *n = r->first; n && !t->failed; n = n->next)
        do_node(t, n);
}

bool pass_tile(PassCx *cx, IrFn *fn)
{
    Tile t = { .cx = cx, .fn = fn, .old_body = fn->body };
    t.nodes = map_new(cx->arena);
    t.buffers = map_new(cx->arena);
    t.members = map_new(cx->arena);
    t.order = map_new(cx->arena);
    t.joined = map_new(cx->arena);
    t.syms = symmap_new(cx);
    tile_beside(cx, fn->body);
    tile_last(cx, fn, fn->body);
    tile_number(&t, fn->body);
    fn->body = ir_region_new(fn, NULL);
    t.b = (IrBuilder){ fn, fn->body, NULL, fn->span };
    for (int i = 0; i < fn->params.n; i++)
        vec_push(cx->arena, &t.param_buffers, NULL);
    tile_region(&t, t.old_body);
    while (t.old_body->last) /* parameters lose their old uses */
        ir_drop(t.old_body->last);
    fn->level = TILE;
    return !t.failed;
}
