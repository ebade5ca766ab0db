/* along.c - what the lanes of a contraction read across memory, and no other loop of it reads along, is put in the order in which it is read, before the map.
 *
 *     map [q: Q, b: B, p: P] { sum [r: R] { %x[b, q, r] * %a[r, p, q] } }         lanes over p: each element of a vector lies on a line of its own
 *
 *     %1 = map [q: Q, r: R, p: P] { %a[r, p, q] }                                which reads %a a block at a time, across (tile_nest.c)
 *     map [q: Q, b: B, p: P] { sum [r: R] { %x[b, q, r] * %1[q, r, p] } }
 *
 * Where the last subscript is the sum's last index, rows are read along, and turned in registers (be_transpose.c) or when they are copied (tile_block.c). What
 * all lanes share is put in order where its last subscript is an index that all factors need: each point of it would walk through the tensor by lines. The same
 * of sums in 16 lanes, whose lanes are the places of their last index. Whole tensors only, of which each element is asked for: as many are moved as are read,
 * one after the other, and only moved, so that no bit changes.
 */
#include <string.h>

#include "passes/stage/stage_int.h"
#include "passes/stream_int.h"

typedef struct Along { PassCx *cx; IrNode *map, *reduce, *lane; } Along; /* lane: an index of the map, or of the sum */

static bool is_own(const Along *a, const IrNode *x)
{
    return x->op == OP_index && (x->parent == a->map->regions[0] || x->parent == a->reduce->regions[0]) && pass_is_whole(x);
}

/* Each subscript is an index of the map or of the sum, over the whole axis, and no two are the same one. */
static bool is_whole_tensor(const Along *a, const IrNode *load)
{
    for (int i = 1; i < load->nin; i++) {
        if (!is_own(a, load->in[i]) || load->in[i]->dim != load->in[0]->type.dims[i - 1])
            return false;
        for (int k = 1; k < i; k++)
            if (load->in[k] == load->in[i])
                return false;
    }
    return true;
}

/* Which of its subscripts is the index; -1: none. */
static int place_of(const IrNode *load, const IrNode *index)
{
    for (int i = 1; i < load->nin; i++)
        if (load->in[i] == index)
            return i - 1;
    return -1;
}

static bool has(const IrNode *load, const IrNode *index) { return place_of(load, index) >= 0; }

/* All loads of the sum have the index, by whatever subscript. */
static bool all_have(const Along *a, const IrNode *index)
{
    for (const IrNode *n = a->reduce->regions[0]->first; n; n = n->next)
        if (n->op == OP_load && !pass_depends_on(a->cx, n, index))
            return false;
    return true;
}

/* Every place of the map asks for elements of its own. */
static bool is_asked_once(const Along *a, const IrNode *load)
{
    const IrRegion *r = a->map->regions[0];
    for (int i = 0; i < r->params.n; i++)
        if (!has(load, r->params.p[i]))
            return false;
    return true;
}

static bool is_across(const Along *a, const IrNode *load)
{
    const IrNode *last = load->in[load->nin - 1], *k = vec_last(&a->reduce->regions[0]->params);
    bool of_map = last->parent == a->map->regions[0];
    if (last == a->lane || last == k)
        return false;
    if (!has(load, a->lane))
        return a->lane != k && of_map && all_have(a, last) && has(load, k);
    return of_map || a->lane == k || is_asked_once(a, load);
}

static bool is_candidate(const Along *a, const IrNode *load)
{
    const IrNode *of = load->op == OP_load ? load->in[0] : NULL;
    return of && load->nin > 2 && dtype_bytes(load->type.dtype) >= 2 && !ir_inside(of, a->map->regions[0]) && !(of->op == OP_param && of->load_time) &&
           !stage_in_panels(load) && is_whole_tensor(a, load) && is_across(a, load);
}

/* In the order of the loops: the map's indices, the sum's, lanes last. */
static void order_of(const Along *a, const IrNode *load, int *of)
{
    const IrRegion *r[] = { a->map->regions[0], a->reduce->regions[0] };
    int n = 0;
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < r[i]->params.n; k++)
            if (r[i]->params.p[k] != a->lane && has(load, r[i]->params.p[k]))
                of[n++] = place_of(load, r[i]->params.p[k]);
    if (has(load, a->lane))
        of[n++] = place_of(load, a->lane);
}

/* The load, and others of the sum that read the tensor in the same order. */
static void put_in_order(const Along *a, IrNode *load)
{
    IrNode *of = load->in[0], *loop = pass_loop_around(a->map, of), *next;
    int order[IR_RANK_MOST], other[IR_RANK_MOST];
    order_of(a, load, order);
    IrNode *turned = pass_turned(a->cx, loop ? loop : a->map, of, order);
    for (IrNode *n = load; n; n = next) {
        next = n->next;
        if (!is_candidate(a, n) || n->in[0] != of)
            continue;
        order_of(a, n, other);
        if (!memcmp(order, other, sizeof *order * (size_t)of->type.rank))
            pass_take_turned(a->cx, n, turned, order);
    }
}

/* Columns: the lanes are the map's last index, along which all that varies with it lies. */
static bool takes_columns(const Along *a)
{
    const IrRegion *r = a->map->regions[0];
    const IrNode *last = r->params.n ? vec_last(&r->params) : NULL;
    for (const IrNode *n = a->reduce->regions[0]->first; n && last; n = n->next)
        if (n->op == OP_load && pass_depends_on(a->cx, n, last) && n->in[n->nin - 1] != last)
            return false;
    return last && pass_depends_on(a->cx, a->reduce, last);
}

static void see_reduce(Along *a)
{
    const IrRegion *r = a->reduce->regions[0];
    IrNode *lane = tile_lane_axis(a->cx, a->map);
    bool contracts = a->reduce->order == ORDER_contract;
    if (a->reduce->stream || !r->params.n || pass_guard(r) || (contracts ? !lane : (lane || a->reduce->order != ORDER_lanes16 || takes_columns(a))))
        return;
    a->lane = contracts ? lane : vec_last(&r->params);
    for (IrNode *n = r->first; n; n = n->next)
        if (is_candidate(a, n)) {
            put_in_order(a, n);
            n = r->first; /* the list has changed; what is turned is no candidate any more */
        }
}

static void visit(PassCx *cx, IrNode *map)
{
    Along a = { .cx = cx, .map = map };
    if (map->load_time || pass_guard(map->regions[0]) || pass_faults(map))
        return;
    for (IrNode *n = map->regions[0]->first; n; n = n->next)
        if (n->op == OP_reduce) {
            a.reduce = n;
            see_reduce(&a);
        }
}

bool pass_along(PassCx *cx, IrFn *fn)
{
    pass_each_map(cx, fn->body, visit);
    return true;
}
