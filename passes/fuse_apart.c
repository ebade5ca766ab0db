/* fuse_apart.c - scores that are read at rows which a table or a quotient tells are computed there, in place of all of them.
 *
 *     %s = map [h, i, j] { sum [d] { %q[h, i, d] * %k[h, j, d] } }       %c = map [h, i, j] { sum [a] { %w[a] * sum [d] { %q[h, %at[i, a], d] * %k[h, j, d] } } }
 *     %c = map [h, i, j] { sum [a] { %w[a] * %s[h, %at[i, a], j] } }
 *
 * No number of rows beside those of a strip (strip_halo.c) holds them, and a stream has no other rows; where each is computed as often as it is read, what reads them is a
 * stream of mixed scores (online_mix.c). That costs as many products as rows are read, each faster than the reads of the stored ones that it spares. So it goes
 * for scores alone: products with keys that each head has of its own, by no more rows than a number says, or a size that is none of the scores'. Layers whose
 * rows neighbours read (graphs) have weights that all share, and are as small as what they are made of.
 */
#include "passes/fuse_int.h"

enum { ROWS_MOST = 16 };

typedef struct Factors { PassCx *cx; const IrRegion *r; int places, rows; } Factors;

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
}

static bool is_known(const IrNode *map)
{
    int64_t k;
    for (int i = 0; i < map->type.rank; i++)
        if (!dim_is_const(map->type.dims[i], &k))
            return false;
    return true;
}

/* A product of rows with places that some of the other indices have of their own, and all rows share. */
static bool is_of_keys(PassCx *cx, const IrNode *map)
{
    const IrRegion *r = map->regions[0];
    Factors f = { cx, r, 0, 0 };
    const IrNode *sum = r->first;
    while (sum && (sum->op != OP_reduce || sum->order != ORDER_contract))
        sum = sum->next;
    if (!sum || map->type.rank < 3 || is_known(map) || pass_guard(r) || pass_faults(map))
        return false;
    ir_walk((IrRegion *)(uintptr_t)sum->regions[0], see_factor, &f);
    return f.places > 0 && !f.rows;
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

bool fuse_reads_apart(PassCx *cx, const IrNode *map, IrNode *load)
{
    const IrNode *top = pass_ancestor_in(load, map->parent);
    const IrRegion *reader = top && top->op == OP_map ? top->regions[0] : NULL;
    int k = reader ? other_row(load, reader) : 0;
    int64_t all = 1;
    bool several = false, rows = false;
    if (!k || !is_of_keys(cx, map) || load->in[k]->op == OP_index || fuse_place(cx, load, true) != load)
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

void fuse_hold_row(PassCx *cx, IrNode *load)
{
    const IrNode *top = pass_ancestor_in(load, load->in[0]->parent);
    int k = other_row(load, top->regions[0]);
    IrBuilder b = { load->parent->fn, load->parent, load, load->span };
    Dim last = dim_sub(cx->module->dims, load->in[0]->type.dims[k - 1], dim_const(cx->module->dims, 1));
    ir_set_in(load, k, ir_add2(&b, OP_max, load->in[k]->type, ir_add2(&b, OP_min, load->in[k]->type, load->in[k], ir_dim_value(&b, last)), ir_int(&b, 0)));
}
