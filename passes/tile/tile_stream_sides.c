/* tile_stream_sides.c - few rows read what is joined (`concat(cache, k)`) where it lies, in blocks that lie on one side, and very few what is gathered.
 *
 *     k[j, d] = j < P ? a[j, d] : b[j - P, d]
 *
 *     for block {
 *       few rows, all places below P:      the block, which reads a[j, d]
 *       few rows, no place below P:        the block, which reads b[j - P, d]
 *       else:                              k in scratch (tile_stream_shared.c); the block, which reads that }
 *
 * Many rows share the copy; a row alone would write and read again what it asks for once (of pages, up to 4 rows). The sums are the same, place by place. A comparison
 * that holds at both ends of a block, or at neither, does so in between, since it is linear in the place. Where several values are joined at different
 * places, those that are joined where the first one is.
 */
#include "passes/tile/tile_stream_int.h"

#define DIMS(s) ((s)->t->cx->module->dims)

/* ---- what is joined ---------------------------------------------------------------------------------------------------- */

/* Holds where it is at least 0; NULL: the choice is no comparison of the place with what is known before the loops. */
static Dim slack_of(Stream *s, const IrNode *choice)
{
    Cascade *c = &s->c;
    DimCx *d = DIMS(s);
    const IrNode *cond = choice->in[0];
    if ((cond->op != OP_lt && cond->op != OP_le) || cond->in[0]->type.dtype != DT_i64)
        return NULL;
    Dim slack = dim_sub(d, pass_dim_of(c->cx, cond->in[1]), pass_dim_of(c->cx, cond->in[0])), j = dim_sym(d, c->j->sym);
    bool up = !dim_mentions(dim_sub(d, slack, j), c->j->sym), down = !dim_mentions(dim_add(d, slack, j), c->j->sym);
    Dim rest = up ? dim_sub(d, slack, j) : dim_add(d, slack, j);
    if (!(up || down) || pass_dim_depends(c->cx, rest, c->host->regions[0]))
        return NULL;
    return cond->op == OP_lt ? dim_sub(d, slack, dim_const(d, 1)) : slack;
}

/* A side that is a load of one tensor, of places and nothing that is computed around it. */
static bool is_readable(const SharedAt *x, const IrRegion *side)
{
    const IrNode *y = ir_terminator(side);
    if (y->in[0]->op != OP_load || y->in[0]->parent != side)
        return false;
    for (const IrNode *n = side->first; n != y; n = n->next) {
        if (n->nregions || n->sym)
            return false;
        for (int i = 0; i < n->nin; i++)
            if (n->in[i]->parent != side && n->in[i] != x->index && x->home && ir_inside(n->in[i], x->home))
                return false;
    }
    return true;
}

/* A bit for each side. */
static int readable_sides(const SharedAt *x)
{
    return is_readable(x, x->value->regions[0]) + 2 * is_readable(x, x->value->regions[1]);
}

static int find_joined(Stream *s, Dim *slack)
{
    int sides = 3, n = 0;
    *slack = NULL;
    for (int i = 0; i < s->nshared; i++) {
        SharedAt *x = &s->shared[i];
        Dim own = !x->skew && x->read && x->value->op == OP_if && !s->mix ? slack_of(s, x->value) : NULL;
        x->joined = own && (!*slack || own == *slack) && (sides & readable_sides(x));
        if (!x->joined)
            continue;
        sides &= readable_sides(x);
        *slack = own;
        n++;
    }
    return n ? sides : 0;
}

/* ---- one side ------------------------------------------------------------------------------------------------------------ */

typedef struct Direct { SharedAt *of; IrNode *read, *value, *before; } Direct;

/* In place of the copy: side `side` of what is joined, or what is gathered itself. */
static Direct read_directly(Stream *s, SharedAt *x, int side)
{
    const IrRegion *from = x->gathered ? x->home : x->value->regions[side];
    IrNode *read = x->read, *index = read->in[2];
    IrBuilder b = { s->t->fn, read->parent, read, read->span };
    Direct r = { x, read, NULL, read->prev };
    Map nodes = map_new(s->t->cx->arena);
    SymMap syms = symmap_new(s->t->cx);
    if (index != x->index) {
        map_put(&nodes, x->index, index);
        symmap_put(&syms, x->index->sym, dim_sym(DIMS(s), index->sym));
    }
    r.value = from ? ir_clone_region(&b, from, &nodes, symmap_subst, &syms)[0] : ir_clone_node(&b, x->value, &nodes, symmap_subst, &syms);
    x->direct = true;
    ir_replace(read, r.value);
    return r;
}

static void read_copy(const Direct *r)
{
    r->of->direct = false;
    ir_replace(r->value, r->read);
    while (r->read->prev != r->before)
        ir_drop(r->read->prev);
}

/* Do all places of the block lie on that side? */
static IrNode *lies_on(Stream *s, Dim slack, int side)
{
    DimCx *d = DIMS(s);
    IrBuilder *b = &s->at;
    IrType bit = ir_scalar(DT_bool);
    Dim first = dim_mul(d, dim_const(d, STREAM_BLOCK), dim_sym(d, s->block->sym)), one = dim_const(d, 1);
    Dim last = dim_sub(d, dim_min(d, dim_add(d, first, dim_const(d, STREAM_BLOCK)), tile_dim(s->t, s->c.j->dim)), one), ends[] = { first, last };
    IrNode *all = stream_has_rows(s) ? ir_add2(b, OP_lt, bit, ir_dim_value(b, stream_row_extent(s)), ir_int(b, PACKED_ROWS)) : NULL;
    for (int i = 0; i < 2; i++) {
        symmap_put(&s->t->syms, s->c.j->sym, ends[i]);
        IrNode *at = ir_dim_value(b, tile_dim(s->t, slack)), *zero = ir_int(b, 0);
        IrNode *holds = side ? ir_add2(b, OP_lt, bit, at, zero) : ir_add2(b, OP_le, bit, zero, at);
        all = all ? ir_add2(b, OP_and, bit, all, holds) : holds;
    }
    return all;
}

/* side: of what is joined; -1: what is gathered */
static void one_side(Stream *s, int side, void (*part)(Stream *))
{
    Direct direct[SHARED_MOST];
    int n = 0;
    for (int i = 0; i < s->nshared; i++)
        if (side < 0 ? s->shared[i].gathered : s->shared[i].joined)
            direct[n++] = read_directly(s, &s->shared[i], side);
    s->direct = true;
    part(s);
    s->direct = false;
    while (n)
        read_copy(&direct[--n]);
}

static bool is_gathered(Stream *s)
{
    for (int i = 0; i < s->nshared; i++)
        if (s->shared[i].gathered)
            return true;
    return false;
}

void stream_each_side(Stream *s, void (*part)(Stream *))
{
    Dim slack;
    IrBuilder outer[3];
    int sides = find_joined(s, &slack), open = 0;
    if (is_gathered(s)) {
        IrNode *few = ir_add2(&s->at, OP_le, ir_scalar(DT_bool), ir_dim_value(&s->at, stream_row_extent(s)), ir_int(&s->at, ROWS_AT_ONCE));
        IrNode *choice = ir_add1(&s->at, OP_if, ir_scalar(DT_none), few);
        outer[open] = stream_open_branch(s, choice);
        one_side(s, -1, part);
        stream_close_branch(s, outer[open]);
        outer[open++] = stream_open_branch(s, choice);
    }
    for (int side = 0; side < 2; side++) {
        if (!(sides >> side & 1))
            continue;
        IrNode *choice = ir_add1(&s->at, OP_if, ir_scalar(DT_none), lies_on(s, slack, side));
        outer[open] = stream_open_branch(s, choice);
        one_side(s, side, part);
        stream_close_branch(s, outer[open]);
        outer[open++] = stream_open_branch(s, choice);
    }
    part(s);
    while (open)
        stream_close_branch(s, outer[--open]);
}
