/* tile_block_pairs.c - sums over the row of one tensor and the row of another which are no products of them (distances), in the blocks of tile_block.c.
 *
 *     map [i, j] { sum [d] { (a[i, d] - b[j, d]) ^ 2 } }        rows i, lanes j: b in panels of 16 lanes, four rows beside one vector
 *
 * What depends on rows alone and what depends on lanes alone are its factors, one of each; what is made of both is computed in the sum, in whose order
 * (16 lanes of places, blocks of 256 ascending) a block is a part as it is in that of products.
 */
#include "passes/tile/tile_block_int.h"

static bool is_of(Block *b, const IrNode *n, const IrNode *index) { return pass_depends_on(CX(b), n, index); }

/* Both factors in what n is made of; false: there is something else. */
static bool find_factors(Block *b, IrNode *n)
{
    const IrRegion *r = b->reduce->regions[0];
    bool rows = is_of(b, n, b->nest.rows), lanes = is_of(b, n, b->nest.lanes);
    if (!ir_inside(n, r) || (!rows && !lanes))
        return !rows || !lanes;
    if (rows != lanes) {
        IrNode **factor = rows ? &b->left : &b->right;
        bool same = !*factor || *factor == n;
        *factor = n;
        return same && n->type.dtype == b->reduce->type.dtype;
    }
    bool all = ir_is_scalar_op(n) && !n->nregions;
    for (int i = 0; i < n->nin && all; i++)
        all = find_factors(b, n->in[i]);
    return all;
}

static bool find_rows(Block *b, IrRegion *body)
{
    for (int i = body->params.n - 2; i >= 0; i--) {
        b->nest.rows = body->params.p[i];
        b->left = b->right = NULL;
        if (is_of(b, b->reduce, b->nest.rows))
            return find_factors(b, ir_terminator(b->reduce->regions[0])->in[0]) && b->left && b->right;
    }
    return false;
}

typedef struct Panels { const IrNode *lane; bool found; } Panels;

static void see_panels(void *user, IrNode *n)
{
    Panels *p = user;
    p->found = p->found || stage_panel_axis(n, p->lane) >= 0;
}

/* Lanes are taken by what lies in panels: those are copied, too. */
static bool are_panels(IrRegion *body)
{
    Panels p = { vec_last(&body->params), false };
    ir_walk(body, see_panels, &p);
    return p.found;
}

bool block_find_pairs(Block *b, IrNode *map)
{
    IrRegion *body = map->regions[0];
    int64_t one;
    if (body->params.n < 2 || (b->nest.lanes && !are_panels(body)))
        return false;
    for (IrNode *n = body->first; n; n = n->next) {
        if (n->op != OP_reduce)
            continue;
        bool plain = !b->reduce && n->order == ORDER_lanes16 && n->redop == RED_sum && !n->stream && n->regions[0]->params.n == 1 && !pass_guard(n->regions[0]);
        if (!plain || !pass_is_whole(n->regions[0]->params.p[0]) || (n->type.dtype != DT_f32 && n->type.dtype != DT_f64))
            return false;
        b->reduce = n;
    }
    b->nest = (Nest){ .lanes = vec_last(&body->params), .row_factor = PAIR_ROWS, .lane_factor = 1 };
    IrNode probe = { .op = OP_dim, .type = ir_scalar(DT_i64), .dim = b->reduce ? b->reduce->regions[0]->params.p[0]->dim : NULL };
    if (!b->reduce || (dim_is_const(b->nest.lanes->dim, &one) && one == 1) || pass_depends(CX(b), &probe, body) || !is_of(b, b->reduce, b->nest.lanes))
        return false;
    b->pairs = find_rows(b, body);
    return b->pairs;
}

static IrNode *made_of(Block *b, IrBuilder *at, Map *nodes, IrNode *n)
{
    IrNode *known = map_find(nodes, n);
    if (known)
        return known;
    if (!is_of(b, n, b->nest.rows) && !is_of(b, n, b->nest.lanes))
        return stream_emit(&b->s, n);
    for (int i = 0; i < n->nin; i++)
        map_put(nodes, n->in[i], made_of(b, at, nodes, n->in[i]));
    return ir_clone_node(at, n, nodes, NULL, NULL);
}

IrNode *block_pair(Block *b, IrNode *left, IrNode *right)
{
    Map nodes = map_new(CX(b)->arena);
    map_put(&nodes, b->left, left);
    map_put(&nodes, b->right, right);
    return made_of(b, &stream_top(&b->s)->b, &nodes, ir_terminator(b->reduce->regions[0])->in[0]);
}
