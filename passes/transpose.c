/* transpose.c - what contractions of a loop, or of the places of an outer index of a sum, read across its rows is turned once, before the loop or the map.
 *
 *     for 0, T [t] (%h) { map [b, n] { sum [k] { %h[b, k] * %w[n, k] } } }
 *
 *     %wt = map [k, n] { %w[n, k] }
 *     for 0, T [t] (%h) { map [b, n] { sum [k] { %h[b, k] * %wt[k, n] } } }
 *
 *     map [n] { sum [i, j] { (%x[n, i] * %p[i, j]) * %x[n, j] } }            %xt[j, n]
 *     map [t, d] { sum [j] { %f[d, t - j] * %x[j, d] } }                     %ft[t - j, d]
 *
 * The last one is a long filter for each channel, channels last: more indices ask for an element than the tensor has axes, and rows of a block do not share it.
 * Lanes over n then lie side by side in each turn. A recurrent layer whose weights are arguments is such; weights of a model are packed when they are
 * loaded (stage.c). Only elements move: no bit changes. Costs the memory of the tensor once more, and what one turn reads.
 */
#include "passes/stream_int.h"

enum { FEW = 4 }; /* places of an outer index for which turning costs as much as it saves */

typedef struct Turn { PassCx *cx; IrNode *map, *lane; VEC(IrNode *) loads; } Turn;

static bool is_loop(const IrNode *n) { return n && (n->op == OP_for || n->op == OP_while); }

IrNode *pass_loop_around(IrNode *n, const IrNode *tensor)
{
    IrNode *found = NULL;
    for (IrRegion *r = n->parent; r && is_loop(r->owner) && !ir_inside(tensor, r); r = r->owner->parent) {
        if (tensor->op == OP_arg && tensor->parent == r)
            break;
        found = r->owner;
    }
    return found;
}

/* Three factors and more: of two, operands are copied for the caches (tile_block.c). Is the element one for all places of an outer index? */
static bool is_again(Turn *t, const IrNode *load)
{
    const IrRegion *r = load->parent;
    const IrNode *v = ir_terminator(r)->in[0];
    int64_t n;
    if (t->map->regions[0]->params.n > 1 || v->op != OP_mul || (v->in[0]->op != OP_mul && v->in[1]->op != OP_mul) || r->owner->parent != t->map->regions[0])
        return false;
    for (int i = 0; i < r->params.n - 1; i++)
        if (!pass_depends_on(t->cx, load, r->params.p[i]) && !(dim_is_const(r->params.p[i]->dim, &n) && n < FEW))
            return true;
    return false;
}

/* The axis along which lanes read the tensor, one place after the other; -1: there is none, or several. */
static int lane_axis(Turn *t, const IrNode *load)
{
    DimCx *d = t->cx->module->dims;
    int found = -1;
    for (int i = 1; i < load->nin - 1; i++)
        if (pass_depends_on(t->cx, load->in[i], t->lane)) {
            Dim at = pass_dim_of(t->cx, load->in[i]);
            if (found >= 0 || dim_mentions(dim_sub(d, at, dim_sym(d, t->lane->sym)), t->lane->sym))
                return -1; /* not side by side either */
            found = i - 1;
        }
    return found;
}

/* The same of an element that more indices ask for than the tensor has axes, at a place that indices of the map and the sum make together. */
static int gathered(Turn *t, const IrNode *load)
{
    const IrNode *reduce = load->parent->owner, *last = load->in[load->nin - 1];
    const IrRegion *r = t->map->regions[0];
    int asks = 0, of_map = 0;
    if (reduce->op != OP_reduce || reduce->order != ORDER_contract || reduce->stream || load->nin < 3 || last->op == OP_index || pass_depends_on(t->cx, last, t->lane))
        return -1;
    for (int i = 0; i < r->params.n; i++) {
        asks += pass_depends_on(t->cx, load, r->params.p[i]);
        of_map += pass_depends_on(t->cx, last, r->params.p[i]);
    }
    for (int i = 0; i < reduce->regions[0]->params.n; i++)
        asks += pass_depends_on(t->cx, load, reduce->regions[0]->params.p[i]);
    for (int i = 1; i < load->nin; i++)
        if (load->in[i]->op == OP_load)
            return -1;
    return asks > load->nin - 1 && of_map && !ir_inside(load->in[0], r) ? lane_axis(t, load) : -1;
}

/* The axis along which lanes read the tensor, a row apart; -1: they do not, or the place depends on the loop. any: not in each turn, along the last index
 * of the sum, but along another one. */
static int across(Turn *t, const IrNode *load, bool any)
{
    const IrNode *reduce = load->parent->owner;
    int last = load->nin - 1;
    if (reduce->op != OP_reduce || reduce->order != ORDER_contract || reduce->stream || load->nin < 3 || !reduce->regions[0]->params.n ||
        !(any ? load->in[last]->op == OP_index && load->in[last]->parent == reduce->regions[0] : load->in[last] == vec_last(&reduce->regions[0]->params)))
        return -1;
    return lane_axis(t, load);
}

/* A place may depend on the map's indices and the sum's alone: else each turn reads a part, and all would be turned. Before a map, it is these. */
static bool is_whole(Turn *t, const IrNode *load, const IrNode *loop)
{
    for (int i = 1; i < load->nin; i++) {
        if (load->in[i]->op == OP_load || (loop == t->map && load->in[i]->op != OP_index))
            return false;
        for (int k = 0; k < loop->nregions && loop != t->map; k++)
            if (pass_depends(t->cx, load->in[i], loop->regions[k]))
                return false;
    }
    return true;
}

static void see(void *user, IrNode *n)
{
    Turn *t = user;
    if (n->op == OP_load && across(t, n, true) >= 0)
        vec_push(t->cx->arena, &t->loads, n);
}

IrNode *pass_turned(PassCx *cx, IrNode *before, IrNode *tensor, const int *of)
{
    int rank = tensor->type.rank;
    IrBuilder at = { before->parent->fn, before->parent, before, tensor->span };
    IrType type = { tensor->type.dtype, rank, NEWN(cx->module->arena, Dim, rank) };
    IrNode *m = ir_add0(&at, OP_map, type), *sub[IR_RANK_MOST];
    IrBuilder b = { at.fn, ir_region_new(at.fn, m), NULL, at.span };
    for (int i = 0; i < rank; i++) {
        type.dims[i] = tensor->type.dims[of[i]];
        sub[of[i]] = ir_index_new(b.region, NULL, NULL, type.dims[i], at.span);
    }
    m->type = type;
    m->name = tensor->name;
    IrNode *v = ir_load(&b, tensor, rank, sub);
    ir_yield(&b, 1, &v);
    pass_note_symbols(cx, b.region);
    return m;
}

void pass_take_turned(PassCx *cx, IrNode *load, IrNode *tensor, const int *of)
{
    IrNode *sub[IR_RANK_MOST];
    int rank = load->nin - 1;
    for (int i = 0; i < rank; i++)
        sub[i] = load->in[1 + of[i]];
    IrBuilder b = { load->parent->fn, load->parent, load, load->span };
    ir_replace(load, pass_keeps_symbol(cx, load, ir_load(&b, tensor, rank, sub)));
    ir_drop(load);
    cx->changed++;
}

/* Axes in an order of which that one is the last. */
static const int *axis_last(int *of, int rank, int axis)
{
    for (int i = 0; i < rank; i++)
        of[i] = i == rank - 1 ? axis : i < axis ? i : i + 1;
    return of;
}

static void turn_loads(PassCx *cx, IrNode *map)
{
    Turn t = { .cx = cx, .map = map };
    IrRegion *r = map->regions[0];
    t.lane = r->params.n ? vec_last(&r->params) : NULL;
    if (!t.lane || pass_has_stream(map))
        return;
    ir_walk(r, see, &t);
    for (int i = 0; i < t.loads.n; i++) {
        IrNode *load = t.loads.p[i], *of = load->in[0], *loop = pass_loop_around(map, of), *m = NULL;
        bool packed = of->op == OP_param && of->load_time;
        loop = loop || load->dropped || ir_inside(of, r) || !is_again(&t, load) ? loop : map;
        int axis = load->dropped ? -1 : across(&t, load, false);
        if (axis < 0 || !loop || packed || !is_whole(&t, load, loop))
            continue;
        int order[IR_RANK_MOST];
        m = pass_turned(cx, loop, of, axis_last(order, of->type.rank, axis));
        for (int k = t.loads.n - 1; k >= 0; k--) /* others of the same tensor */
            if (!t.loads.p[k]->dropped && t.loads.p[k]->in[0] == of && across(&t, t.loads.p[k], loop == map) == axis && is_whole(&t, t.loads.p[k], loop))
                pass_take_turned(cx, t.loads.p[k], m, order);
    }
}

static void see_gathered(void *user, IrNode *n)
{
    Turn *t = user;
    if (n->op == OP_load && gathered(t, n) >= 0)
        vec_push(t->cx->arena, &t->loads, n);
}

static void turn_gathered(PassCx *cx, IrNode *map)
{
    Turn t = { .cx = cx, .map = map };
    IrRegion *r = map->regions[0];
    t.lane = r->params.n ? vec_last(&r->params) : NULL;
    if (!t.lane || pass_has_stream(map) || pass_guard(r))
        return;
    ir_walk(r, see_gathered, &t);
    for (int i = 0; i < t.loads.n; i++) {
        IrNode *load = t.loads.p[i], *of = load->in[0];
        if (load->dropped || (of->op == OP_param && of->load_time))
            continue;
        int axis = gathered(&t, load);
        int order[IR_RANK_MOST];
        IrNode *m = pass_turned(cx, map, of, axis_last(order, of->type.rank, axis));
        for (int k = t.loads.n - 1; k >= i; k--)
            if (!t.loads.p[k]->dropped && t.loads.p[k]->in[0] == of && gathered(&t, t.loads.p[k]) == axis)
                pass_take_turned(cx, t.loads.p[k], m, order);
    }
}

static void visit(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (n->op == OP_map) {
            turn_loads(cx, n);
            turn_gathered(cx, n);
        } else if (n->op == OP_for || n->op == OP_while || n->op == OP_if)
            for (int i = 0; i < n->nregions; i++)
                visit(cx, n->regions[i]);
    }
}

bool pass_transpose(PassCx *cx, IrFn *fn)
{
    visit(cx, fn->body);
    return true;
}
