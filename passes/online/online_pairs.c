/* online_pairs.c - sums over pairs for each element of a map are sums over rows of sums, which may be passes.
 *
 *     %o = map [h] { sum [i, j] { f(%s[h, i, j]) } }       %o = map [h] { sum [i] { sum [j] { f(%s[h, i, j]) } } }
 *
 * So are sums over a batch and the places of each element (`map [j] { sum [h, i] { f(%s[h, i, j]) } }`).
 * The inner one becomes a map of rows (online_rowwise.c). Where that is no pass, the pairs are put together again, for the order is another one.
 */
#include "passes/online/online_int.h"

typedef struct Copy { PassCx *cx; Map nodes; SymMap syms; } Copy;

static IrNode *like(IrBuilder *b, const IrNode *reduce)
{
    IrNode *r = ir_add0(b, OP_reduce, reduce->type);
    r->redop = reduce->redop;
    r->order = reduce->order;
    ir_region_new(b->fn, r);
    return r;
}

static void add_index(Copy *c, IrRegion *r, const IrNode *x)
{
    IrNode *mine = ir_index_new(r, x->name, NULL, x->dim, x->span);
    map_put(&c->nodes, x, mine);
    symmap_put(&c->syms, x->sym, dim_sym(c->cx->module->dims, mine->sym));
}

enum { ROW = 1, PLACE = 2, BATCH = 4, INDICES_MOST = 2 * IR_RANK_MOST, FEW_PLACES = 16 };

/* Of which of its indices each load has what is a row's, and what is a place's. */
typedef struct Sides { PassCx *cx; const IrNode *index[INDICES_MOST]; int side[INDICES_MOST], n, deep, factors; bool lacks; } Sides; /* lacks: a factor that is of no batch */

typedef struct Features { PassCx *cx; const IrNode *row, *place; Dim places; int deep; bool of_row, of_place; } Features; /* do sums over features read what is a row's alone, and what is a place's? */

static int side_of(const Sides *s, const IrNode *n)
{
    int side = 0;
    for (int i = 0; i < s->n; i++)
        side |= pass_depends_on(s->cx, n, s->index[i]) ? s->side[i] : 0;
    return side;
}

static void see_sides(void *user, IrNode *n)
{
    Sides *s = user, inner = { s->cx, { NULL }, { 0 }, 0, s->deep - 1, 0, false };
    int all = 0;
    if (n->op != OP_load)
        return;
    for (int i = 1; i < n->nin && i <= INDICES_MOST; i++, inner.n++) {
        all |= inner.side[i - 1] = side_of(s, n->in[i]);
        inner.index[i - 1] = n->in[0]->op == OP_map ? n->in[0]->regions[0]->params.p[i - 1] : NULL;
    }
    if (n->parent->owner->op == OP_reduce && n->parent->owner->order == ORDER_contract && (all & (ROW | PLACE)) != (ROW | PLACE)) {
        s->factors |= all & (ROW | PLACE);
        s->lacks = s->lacks || !(all & BATCH);
    }
    if (online_is_plain_map(n->in[0]) && pass_is_dear(n->in[0]) && s->deep)
        ir_walk(n->in[0]->regions[0], see_sides, &inner);
    s->factors |= inner.factors;
    s->lacks = s->lacks || inner.lacks;
}

/* The last of so many indices is that of rows, those before are of a batch. outer: all are of a batch, and the indices of this region are rows; NULL: none. */
static bool are_rows(PassCx *cx, IrRegion *r, int rows, const IrRegion *outer)
{
    Sides s = { .cx = cx, .deep = MAPS_DEEP };
    for (; s.n < r->params.n; s.n++) {
        s.index[s.n] = r->params.p[s.n];
        s.side[s.n] = s.n >= rows ? PLACE : s.n == rows - 1 && !outer ? ROW : outer ? BATCH : 0;
    }
    for (int i = 0; outer && i < outer->params.n && s.n < INDICES_MOST; i++, s.n++) {
        s.index[s.n] = outer->params.p[i];
        s.side[s.n] = ROW;
    }
    ir_walk(r, see_sides, &s);
    return s.factors == (ROW | PLACE) && !(outer && s.lacks);
}

/* Does it sum over features: a contraction, or anything but places? */
static bool sums_features(const Features *f, const IrNode *sum)
{
    return sum->op == OP_reduce && sum->redop == RED_sum && (sum->order == ORDER_contract || sum->regions[0]->params.p[0]->dim != f->places);
}

static void see_features(void *user, IrNode *n)
{
    Features *f = user, inner = { .cx = f->cx, .places = f->places, .deep = f->deep - 1 };
    if (n->op != OP_load)
        return;
    bool row = false, place = false;
    for (int i = 1; i < n->nin; i++) {
        bool of_row = f->row && pass_depends_on(f->cx, n->in[i], f->row), of_place = f->place && pass_depends_on(f->cx, n->in[i], f->place);
        const IrNode *index = n->in[0]->op == OP_map ? n->in[0]->regions[0]->params.p[i - 1] : NULL;
        inner.row = of_row && !of_place ? index : inner.row;
        inner.place = of_place && !of_row ? index : inner.place;
        row = row || of_row;
        place = place || of_place;
    }
    bool sums = sums_features(f, n->parent->owner);
    f->of_row = f->of_row || (sums && row && !place);
    f->of_place = f->of_place || (sums && place && !row);
    if (online_is_plain_map(n->in[0]) && online_is_dear(n) && f->deep && inner.row && inner.place)
        ir_walk(n->in[0]->regions[0], see_features, &inner);
    f->of_row = f->of_row || (inner.of_row && inner.of_place);
    f->of_place = f->of_place || (inner.of_row && inner.of_place);
}

bool online_is_of_pairs(PassCx *cx, const IrNode *load, const IrNode *row, const IrNode *place)
{
    const IrRegion *r = load->in[0]->regions[0];
    Features f = { .cx = cx, .places = place->dim, .deep = MAPS_DEEP };
    for (int i = 1; i < load->nin; i++) {
        f.row = load->in[i] == row ? r->params.p[i - 1] : f.row;
        f.place = load->in[i] == place ? r->params.p[i - 1] : f.place;
    }
    ir_walk(load->in[0]->regions[0], see_features, &f);
    return f.of_row && f.of_place;
}

bool online_has_few_places(const IrNode *index)
{
    int64_t n;
    return dim_is_const(index->dim, &n) && n <= FEW_PLACES;
}

/* How many of its indices tell a row, where it reduces what products of a row's and a place's vectors give; 0: it does not. Where places of two axes have
 * vectors of their own (a picture), they are one axis. */
int online_rows_of_pairs(PassCx *cx, const IrNode *n)
{
    IrRegion *r = n->regions[0];
    bool pairs = n->op == OP_reduce && n->uses && !n->sym && n->order != ORDER_contract && !online_has_few_places(vec_last(&r->params)) && online_splits(n) && online_has_plain_indices(n);
    for (int i = 0; i < r->params.n && pairs; i++)
        pairs = !pass_dim_depends(cx, r->params.p[i]->dim, n->parent);
    for (int k = 1; k < r->params.n && pairs; k++)
        if (are_rows(cx, r, k, NULL))
            return k;
    for (int k = r->params.n - 1; k > 0 && pairs && n->parent->owner && n->parent->owner->op == OP_map; k--)
        if (are_rows(cx, r, k, n->parent))
            return k;
    return 0;
}

IrNode *online_split_sum(PassCx *cx, IrNode *n, int first, int end)
{
    IrRegion *from = n->regions[0];
    IrBuilder at = { n->parent->fn, n->parent, n, n->span };
    IrNode *outer = like(&at, n);
    Copy c = { cx, map_new(cx->arena), symmap_new(cx) };
    for (int i = first; i < end; i++)
        add_index(&c, outer->regions[0], from->params.p[i]);
    IrBuilder b = { at.fn, outer->regions[0], NULL, n->span };
    IrNode *inner = like(&b, n);
    for (int i = 0; i < from->params.n; i++)
        if (i < first || i >= end)
            add_index(&c, inner->regions[0], from->params.p[i]);
    IrBuilder in = { at.fn, inner->regions[0], NULL, n->span };
    ir_yield(&in, ir_terminator(from)->nin, ir_clone_region(&in, from, &c.nodes, symmap_subst, &c.syms));
    ir_yield(&b, 1, &inner);
    ir_replace(n, outer);
    ir_drop(n);
    pass_note_symbols(cx, outer->regions[0]);
    return outer;
}

int online_split_pairs(PassCx *cx, IrNode *map, IrNode **outer)
{
    int n = 0;
    for (IrNode *x = map->regions[0]->first, *next; x && n < MEMBERS_MOST; x = next) {
        int rows = x->op == OP_reduce ? online_rows_of_pairs(cx, x) : 0;
        next = x->next;
        if (rows)
            outer[n++] = online_split_sum(cx, x, 0, rows);
    }
    return n;
}

void online_join_pairs(PassCx *cx, IrNode *outer)
{
    IrNode *inner = ir_terminator(outer->regions[0])->in[0];
    IrBuilder at = { outer->parent->fn, outer->parent, outer, outer->span };
    IrNode *both = like(&at, outer);
    Copy c = { cx, map_new(cx->arena), symmap_new(cx) };
    for (int i = 0; i < outer->regions[0]->params.n; i++)
        add_index(&c, both->regions[0], outer->regions[0]->params.p[i]);
    IrBuilder b = { at.fn, both->regions[0], NULL, outer->span };
    ir_clone_region(&b, outer->regions[0], &c.nodes, symmap_subst, &c.syms);
    IrNode *copy = map_find(&c.nodes, inner);
    for (int i = 0; i < inner->regions[0]->params.n; i++)
        add_index(&c, both->regions[0], copy->regions[0]->params.p[i]);
    ir_yield(&b, ir_terminator(copy->regions[0])->nin, ir_clone_region(&b, copy->regions[0], &c.nodes, symmap_subst, &c.syms));
    ir_drop(copy);
    ir_replace(outer, both);
    ir_drop(outer);
    pass_note_symbols(cx, both->regions[0]);
}
