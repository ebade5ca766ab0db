/* fuse_apart.c - scores that are read at rows which a table or a quotient tells are computed there, in place of all of them.
 *
 *     %s = map [h, i, j] { sum [d] { %q[h, i, d] * %k[h, j, d] } }       %c = map [h, i, j] { sum [a] { %w[a] * sum [d] { %q[h, %at[i, a], d] * %k[h, j, d] } } }
 *     %c = map [h, i, j] { sum [a] { %w[a] * %s[h, %at[i, a], j] } }
 *
 * No number of rows beside those of a strip (strip_halo.c) holds them, and a stream has no other rows; where each is computed as often as it is read, what reads them is a
 * stream of mixed scores (online_mix.c). That costs as many products as rows are read, each faster than the reads of the stored ones that it spares. So it goes
 * for scores alone, by no more rows than a number says, or a size that is none of the scores'; and for what is made of a pair's scores (weights, from what each
 * row has reduced before). Keys are of each head its own; where all share them, what is made of the scores ends in reductions along the places that tell that they
 * are normed: a maximum, or elementary functions. Layers whose rows neighbours read (graphs) have weights that all share, and are as small as what they are made of.
 */
#include "passes/fuse_int.h"

enum { ROWS_MOST = 256 };

typedef struct Factors { PassCx *cx; const IrRegion *r; int places, rows, shared; } Factors; /* loads of places; shared: that no other index tells */

static void see_factor(void *user, IrNode *n)
{
    Factors *f = user;
    int last = f->r->params.n - 1, others = 0;
    if (n->op != OP_load || !pass_depends_on(f->cx, n, f->r->params.p[last]))
        return;
    for (int i = 0; i < last; i++)
        others += pass_depends_on(f->cx, n, f->r->params.p[i]);
    f->places += others > 0 && others < last;
    f->rows += others == 0 || others == last;
    f->shared += others == 0;
}

static bool is_known(const IrNode *map)
{
    int64_t k;
    for (int i = 0; i < map->type.rank; i++)
        if (!dim_is_const(map->type.dims[i], &k))
            return false;
    return true;
}

/* A product of rows with places that some of the other indices have of their own (own), or all of them share; never with what each row has of its own. */
static bool is_of_places(PassCx *cx, const IrNode *map, bool *own)
{
    const IrRegion *r = map->regions[0];
    Factors f = { .cx = cx, .r = r };
    const IrNode *sum = r->first;
    while (sum && (sum->op != OP_reduce || sum->order != ORDER_contract))
        sum = sum->next;
    if (!sum || map->type.rank < 2 || is_known(map) || pass_guard(r) || pass_faults(map))
        return false;
    ir_walk((IrRegion *)(uintptr_t)sum->regions[0], see_factor, &f);
    *own = f.places > 0;
    return (f.places > 0 || f.shared > 0) && !(f.places ? f.rows : f.rows > f.shared);
}

typedef struct Ends { PassCx *cx; Map seen; bool kept, normed; } Ends;

static void see_elementary(void *user, IrNode *n) { *(bool *)user |= pass_is_elementary((IrOp)n->op); }

/* In a loop along the places. */
static void see_end(Ends *e, const IrNode *place)
{
    const IrNode *loop = place->parent->owner;
    e->kept = loop->op != OP_reduce;
    e->normed = e->normed || loop->redop == RED_max || loop->redop == RED_min;
    if (loop->order != ORDER_contract)
        ir_walk((IrRegion *)(uintptr_t)place->parent, see_elementary, &e->normed);
}

/* Where rows by places end: in reductions along the places, one of which is a maximum or sums what an elementary function gives (normed); kept: somewhere
 * they stay what they are. */
static void see_ends(Ends *e, const IrNode *map)
{
    if (map_find(&e->seen, map) || e->kept)
        return;
    map_put(&e->seen, map, e);
    e->kept = !map->uses;
    for (const IrUse *u = map->uses; u && !e->kept; u = u->next) {
        const IrNode *load = u->user, *top = pass_ancestor_in(u->user, map->parent), *x = load->in[load->nin - 1];
        bool place = x->op == OP_index, one = !place && top && (top->op == OP_reduce || top->type.rank < map->type.rank);
        if (load->op != OP_load || u->slot || !top || (top->op != OP_map && top->op != OP_reduce) || !(place || one))
            e->kept = true;
        else if (place && top->op == OP_map && x->parent == top->regions[0])
            see_ends(e, top);
        else if (place)
            see_end(e, x);
    }
}

/* Scores: each head's own keys; or, where all rows share them, what is normed by row. A hidden layer looks the same otherwise. */
static bool is_of_keys(PassCx *cx, const IrNode *map)
{
    bool own;
    if (!is_of_places(cx, map, &own))
        return false;
    Ends e = { cx, map_new(cx->arena), false, false };
    if (!own)
        see_ends(&e, map);
    return own || (e.normed && !e.kept);
}

static void see_same(void *user, DimSym *s)
{
    const IrNode **map = user;
    for (int i = 0; *map && i < (*map)->type.rank; i++)
        if (dim_mentions((*map)->type.dims[i], s)) {
            *map = NULL;
            return;
        }
}

/* Few, or as many as a size says that the scores have not. */
static bool are_few(const IrNode *map, const IrNode *index, int64_t *all)
{
    int64_t k;
    if (dim_is_const(index->dim, &k)) {
        *all = *all <= ROWS_MOST && k <= ROWS_MOST ? *all * k : ROWS_MOST + 1;
        return *all <= ROWS_MOST;
    }
    dim_syms(index->dim, see_same, &map);
    return map != NULL;
}

/* Is it beside the row, as far as sums of indices, ints and sizes say? */
static bool is_beside(PassCx *cx, IrNode *x, const IrNode *row)
{
    const DimTerm *t;
    Dim d = pass_dim_through(cx, x);
    int n = dim_terms(d, &t), rows = 0;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < t[i].nfactors; k++) {
            const DimAtom *a = t[i].factors[k].atom;
            IrNode *of = a->kind == DA_SYM ? map_find(&cx->sym_nodes, a->sym) : NULL;
            if (a->kind != DA_SYM || (of && of->op != OP_index && of->op != OP_param))
                return false;
            rows += a->sym == row->sym && t[i].nfactors == 1 && t[i].coef == 1;
        }
    return rows == 1;
}

/* The load's one subscript that is none of the reader's indices. */
static int other_row(const IrNode *load, const IrRegion *reader)
{
    int at = 0;
    for (int i = 1; i < load->nin; i++) {
        bool plain = load->in[i]->op == OP_index && load->in[i]->parent == reader;
        if (!plain && at)
            return 0;
        at = plain ? at : i;
    }
    return at < load->nin - 1 ? at : 0;
}

/* By its place: a row that no sum of sizes and indices tells, for each of the few that are mixed. */
static bool is_apart(PassCx *cx, const IrNode *map, IrNode *load)
{
    const IrNode *top = pass_ancestor_in(load, map->parent);
    const IrRegion *reader = top && top->op == OP_map ? top->regions[0] : NULL;
    int k = reader ? other_row(load, reader) : 0;
    int64_t all = 1;
    bool several = false, rows = k && load->in[k]->op == OP_clampi;
    if (!k || load->in[k]->op == OP_index || fuse_place(cx, load, true) != load)
        return false;
    for (int i = 0; i < reader->params.n; i++) {
        rows = rows || reader->params.p[i]->dim == map->type.dims[k - 1];
        if (reader->params.p[i]->dim == map->type.dims[k - 1] && is_beside(cx, load->in[k], reader->params.p[i]))
            return false;
    }
    for (const IrRegion *r = load->parent; r != reader; r = r->owner->parent)
        for (int i = 0; i < r->params.n; i++) {
            bool counts = r->owner->op == OP_reduce && pass_depends_on(cx, load->in[k], r->params.p[i]);
            if (!counts || !are_few(map, r->params.p[i], &all))
                return false;
            several = true;
        }
    return several && rows;
}

bool fuse_reads_apart(PassCx *cx, const IrNode *map, IrNode *load) { return is_of_keys(cx, map) && is_apart(cx, map, load); }

void fuse_hold_row(PassCx *cx, IrNode *load)
{
    const IrNode *top = pass_ancestor_in(load, load->in[0]->parent);
    int k = other_row(load, top->regions[0]);
    IrBuilder b = { load->parent->fn, load->parent, load, load->span };
    if (load->in[k]->op == OP_clampi) /* it is asked for */
        return;
    Dim last = dim_sub(cx->module->dims, load->in[0]->type.dims[k - 1], dim_const(cx->module->dims, 1));
    ir_set_in(load, k, ir_add2(&b, OP_max, load->in[k]->type, ir_add2(&b, OP_min, load->in[k]->type, load->in[k], ir_dim_value(&b, last)), ir_int(&b, 0)));
}

/* ---- weights ------------------------------------------------------------------------------------------------------------------ */

/* Made of one pair's scores, and of what each row has reduced: an element of it costs little more than one of these. */
static bool is_of_pairs(PassCx *cx, const IrNode *map)
{
    const IrRegion *r = map->regions[0];
    bool scores = false;
    for (const IrNode *n = r->first; n; n = n->next) {
        if (n->nregions)
            return false;
        bool plain = n->op == OP_load && n->in[0]->op == OP_map && n->in[0]->parent == map->parent && n->nin - 1 == r->params.n;
        for (int i = 1; i < n->nin && plain; i++)
            plain = n->in[i] == r->params.p[i - 1];
        scores = scores || (plain && (is_of_keys(cx, n->in[0]) || is_of_pairs(cx, n->in[0])));
    }
    return scores && !pass_faults(map);
}

/* What is read at rows that something else tells is computed there, and what else reads it reduces it: a pass has that. */
void fuse_put_rows(PassCx *cx, IrNode *map)
{
    Ends e = { cx, map_new(cx->arena), false, false };
    bool some = false;
    for (const IrUse *u = map->uses; u && !some; u = u->next)
        some = u->user->op == OP_load && !u->slot && is_apart(cx, map, u->user);
    if (!some || map->type.rank < 2 || !(is_of_keys(cx, map) || is_of_pairs(cx, map)))
        return;
    see_ends(&e, map);
    for (IrUse *u = map->uses, *next; u && !e.kept; u = next) {
        next = u->next;
        if (!is_apart(cx, map, u->user))
            continue;
        fuse_hold_row(cx, u->user);
        fuse_put(cx, map, u->user, u->user, false);
    }
    if (!map->uses)
        ir_drop(map);
}

void fuse_rows_apart(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->last, *prev; n; n = prev) {
        prev = n->prev;
        for (int i = 0; i < n->nregions && (n->op == OP_for || n->op == OP_while || n->op == OP_if); i++)
            fuse_rows_apart(cx, n->regions[i]);
        if (n->op == OP_map && n->uses && !pass_loops(n))
            fuse_put_rows(cx, n);
    }
}
