/* online_picks.c - an element of scores that is the same for all rows is a number of each place, which a map before the pass holds.
 *
 *     %g = map [v, d] { sum [t] {                              %a = map [t] { sum [d] { x[t, d] * w[y[t], d] } }
 *       max(1 + %z[t, v] - %z[t, y[t]], 0) * x[t, d] } }       %g = map [v, d] { sum [t] { max(1 + z(t, v) - %a[t], 0) * x[t, d] } }
 *
 * The label's score of a margin where words are rows, a diagonal that columns are compared with, each head's first row. It reads something of its own size (x), so that memory
 * does not grow. What may fault in it is looked for before (the next try, which is quiet).
 */
#include "passes/online/online_int.h"

typedef struct Find { Online *o; IrNode *load; } Find;

static bool is_taken(const Online *o, const IrNode *load)
{
    return load->op == OP_load && online_is_among(o->taken, o->ntaken, load->in[0]) && pass_is_dear(load->in[0]);
}

static void see_taken(void *user, IrNode *n)
{
    Find *f = user;
    f->load = f->load ? f->load : is_taken(f->o, n) ? n : NULL;
}

static IrNode *find(Online *o, IrNode *map)
{
    Find f = { o, NULL };
    ir_walk(map->regions[0], see_taken, &f);
    return f.load;
}

static void take_back(PassCx *cx, IrNode *map)
{
    while (map->uses)
        pass_inline_load(cx, map, map->uses->user);
    ir_drop(map);
}

/* Is it the same for all rows? Where a row may have it in common with its places (online_try), for all of a head. */
static bool is_of_no_row(const Online *o, const IrNode *load)
{
    const IrRegion *r = o->copy->regions[0];
    bool lacks = false;
    if (!pass_depends(o->cx, load, r))
        return true;
    if (!o->whole || (o->column && pass_depends_on(o->cx, load, o->column)))
        return false;
    for (int i = 0; i < r->params.n; i++)
        lacks = lacks || (r->params.p[i] != o->column && cascade_is_index(r->params.p[i]) && !pass_depends_on(o->cx, load, r->params.p[i]));
    return lacks;
}

/* A tensor that is read at each place as it is (`p[j, i]` of weights: what rows were reduced to is what columns need) is that number itself, and
 * stays a tensor. */
static bool is_itself(const IrNode *load)
{
    bool plain = true;
    for (int i = 1; i < load->nin; i++) {
        plain = plain && load->in[i]->op == OP_index;
        for (int k = 1; k < i; k++)
            plain = plain && load->in[k] != load->in[i];
    }
    return plain;
}

/* A map of the element, with all that was taken in; NULL: it is no number of a place. */
static bool name(Online *o, IrNode *load)
{
    IrNode *map = is_itself(load) ? NULL : pass_give_name(o->cx, o->copy, load, false);
    if (!map)
        return false;
    ir_drop(load);
    bool own = is_of_no_row(o, map->uses->user);
    for (IrNode *n; own && (n = find(o, map));)
        pass_inline_load(o->cx, n->in[0], n);
    pass_note_symbols(o->cx, map->regions[0]);
    if (own && online_is_along(o->cx, map, false) && !pass_faults(map)) {
        o->picks[o->npicks++] = map;
        return true;
    }
    take_back(o->cx, map);
    return false;
}

void online_name_picks(Online *o)
{
    for (IrNode *n; o->npicks < ROWS_MOST && (n = find(o, o->copy));)
        if (!name(o, n))
            return;
}
