/* online_rowwise.c - what a reduction inside of another loop needs of each row becomes a map of rows, which may be a pass.
 *
 *     %o = map [b] { sum [t | t < n[b]] {                %e = map [b, t] { t < n[b] ? lp[b, t, y[b, t]] : 0 }
 *       exp(lp[b, t, y[b, t]]) } }                       %o = map [b] { sum [t | t < n[b]] { exp(%e[b, t]) } }
 *
 * lp is reduced over a vocabulary for each b and t: in the sum over t its maxima and sums would be loops within a loop. Taken is the first
 * value that holds all that is reduced for a row, so losses that need it twice (a softmax over heads) share one map. Faults stay under
 * the guards of the loops, and where a loop that the value does not need has no turn there are none. A map that is no pass is taken back.
 */
#include "passes/online/online_int.h"

enum { HELD_MOST = 32, CHAIN_MOST = 6 };

typedef struct Rowwise {
    PassCx *cx;
    IrNode *top;                             /* node of the function that holds all of it */
    IrNode *reduce, *value;                  /* value: in the reduction, what becomes an element of the map */
    IrRegion *chain[CHAIN_MOST]; int depth;  /* loops from the outermost to that of the reduction */
    IrNode *index[IR_RANK_MOST]; int rank;   /* of these, which the value needs */
    bool choice;                             /* it stands in a branch */
    Map cone;                                /* what it is made of, in the reduction */
} Rowwise;

static IrNode *guard_of(const IrRegion *r) { return r->owner->op == OP_if ? NULL : pass_guard(r); }

/* ---- what is taken ------------------------------------------------------------------------------------------------------- */

static bool find_chain(Rowwise *w)
{
    IrRegion *all[CHAIN_MOST];
    int n = 0;
    for (IrRegion *r = w->reduce->regions[0];; r = r->owner->parent) {
        IrOp op = (IrOp)r->owner->op;
        if (n == CHAIN_MOST || (op != OP_reduce && op != OP_map && op != OP_if) || (op == OP_map && pass_guard(r)))
            return false;
        all[n++] = r;
        w->choice = w->choice || op == OP_if;
        if (r->owner == w->top)
            break;
    }
    for (w->depth = 0; w->depth < n; w->depth++)
        w->chain[w->depth] = all[n - 1 - w->depth];
    return n > 1; /* alone, it is rewritten as a whole (online_rows.c) */
}

static bool is_plain_index(const Rowwise *w, const IrNode *x)
{
    bool plain = x->op == OP_index && !x->lo;
    for (int k = 0; k < w->depth; k++)
        for (int i = 0; i < w->chain[k]->params.n; i++)
            plain = plain && !dim_mentions(x->dim, w->chain[k]->params.p[i]->sym);
    return plain;
}

static bool find_indices(Rowwise *w)
{
    w->rank = 0;
    for (int k = 0; k < w->depth; k++)
        for (int i = 0; i < w->chain[k]->params.n; i++) {
            IrNode *x = w->chain[k]->params.p[i];
            bool needs = pass_depends_on(w->cx, w->value, x);
            if (!needs && w->chain[k] == w->reduce->regions[0])
                return false;
            for (int g = 0; g < w->depth && !needs; g++)
                if (guard_of(w->chain[g]) && pass_depends_on(w->cx, guard_of(w->chain[g]), x))
                    return false;
            if (needs && (!is_plain_index(w, x) || w->rank == IR_RANK_MOST))
                return false;
            if (needs)
                w->index[w->rank++] = x;
        }
    return true;
}

typedef struct Held { Rowwise *w; const IrNode *of[HELD_MOST]; int n; bool many; } Held;

/* Scores that are mixed along another index are computed in the pass over the axis, if there is one: they are no rows. */
static bool is_mixed_along(const Rowwise *w, const IrNode *load)
{
    const IrRegion *of = load->in[0]->regions[0];
    for (int i = 1; i < load->nin; i++)
        if (load->in[i] == w->reduce->regions[0]->params.p[0] && online_is_mixture(w->cx, load->in[0], of->params.p[i - 1]))
            return true;
    return false;
}

static bool loads_rows(const Rowwise *w, IrNode *n)
{
    return n->op == OP_load && n->in[0]->op == OP_map && n->in[0]->parent == w->top->parent && online_holds_rows(w->cx, n, w->rank) && !is_mixed_along(w, n);
}

static void see_dear(void *user, IrNode *n)
{
    bool *dear = user;
    *dear = *dear || online_is_dear(n);
}

/* A reduction of scores that stands there without a name (`sum [i] { max [j] { %s[i, j] } }`). */
static bool reduces_row(const Rowwise *w, const IrNode *n)
{
    bool row = n->op == OP_reduce && n->order != ORDER_contract, dear = false;
    for (int k = 0; k < w->rank && row; k++)
        row = pass_depends_on(w->cx, n, w->index[k]);
    if (row)
        ir_walk(n->regions[0], see_dear, &dear);
    return dear;
}

static void see_held(void *user, IrNode *n)
{
    Held *l = user;
    if (!loads_rows(l->w, n) && !reduces_row(l->w, n))
        return;
    l->many = l->many || l->n == HELD_MOST;
    if (!l->many)
        l->of[l->n++] = n;
}

typedef struct Picks { Held *l; Map read; } Picks; /* read: what the held reduce for each row */

static void see_read(void *user, IrNode *n)
{
    Picks *p = user;
    if (n->op == OP_load && online_is_plain_map(n->in[0]) && pass_is_dear(n->in[0]))
        map_put(&p->read, n->in[0], n);
}

static void see_pick(void *user, IrNode *n)
{
    Held *l = ((Picks *)user)->l;
    bool picks = n->op == OP_load && map_find(&((Picks *)user)->read, n->in[0]);
    l->many = l->many || (picks && l->n == HELD_MOST);
    if (picks && !l->many)
        l->of[l->n++] = n;
}

/* An element of the scores (the label's) belongs to the row, too, or their tensor would be read beside the pass. */
static void hold_picks(Held *l)
{
    Picks p = { l, map_new(l->w->cx->arena) };
    for (int i = 0; i < l->n; i++)
        ir_walk(l->of[i]->op == OP_load ? l->of[i]->in[0]->regions[0] : l->of[i]->regions[0], see_read, &p);
    ir_walk(l->w->reduce->regions[0], see_pick, &p);
}

/* n and all that it is made of is marked. */
static void mark(Rowwise *w, const IrNode *n, Map *seen)
{
    if (!ir_inside(n, w->reduce->regions[0]) || map_find(seen, n))
        return;
    map_put(seen, n, (void *)(uintptr_t)n);
    for (int i = 0; i < n->nin; i++)
        mark(w, n->in[i], seen);
    for (int k = 0; k < n->nregions; k++)
        for (const IrNode *x = n->regions[k]->first; x; x = x->next)
            mark(w, x, seen);
}

/* The first value of the reduction's body that holds them all; NULL: none before what it yields. */
static IrNode *first_of_all(Rowwise *w, const Held *l)
{
    for (IrNode *n = w->reduce->regions[0]->first; n && n->op != OP_yield; n = n->next) {
        Map seen = map_new(w->cx->arena);
        bool all = true;
        mark(w, n, &seen);
        for (int i = 0; i < l->n && all; i++)
            all = map_find(&seen, l->of[i]);
        if (all) {
            w->cone = seen;
            return n;
        }
    }
    return NULL;
}

static bool find_value(Rowwise *w)
{
    IrRegion *body = w->reduce->regions[0];
    Held l = { .w = w };
    w->value = ir_terminator(body)->in[0];
    if (!find_chain(w) || w->value->parent != body || !find_indices(w))
        return false;
    ir_walk(body, see_held, &l);
    int held = l.n;
    hold_picks(&l);
    w->value = held && !l.many ? first_of_all(w, &l) : NULL;
    if (held && !w->value) {
        l.n = held;
        w->value = first_of_all(w, &l);
    }
    if (!w->value || !find_indices(w))
        return false;
    return dtype_is_float(w->value->type.dtype) || dtype_is_int(w->value->type.dtype);
}

/* Is it an element of such a map already? */
static bool is_row(const IrNode *n, int rank) { return n->op == OP_load && pass_loops(n->in[0]) && n->nin == rank + 1; }

/* ---- the map ---------------------------------------------------------------------------------------------------------------- */

typedef struct Copy { Rowwise *w; IrRegion *rows; Map nodes; SymMap syms; } Copy;

static IrNode **copy_loop(Copy *c, IrBuilder *b, const IrRegion *r)
{
    DimCx *d = c->w->cx->module->dims;
    for (int i = 0; i < r->params.n; i++) {
        IrNode *x = r->params.p[i], *mine = NULL;
        for (int k = 0; k < c->w->rank; k++)
            if (c->w->index[k] == x)
                mine = c->rows->params.p[k];
        symmap_put(&c->syms, x->sym, mine ? dim_sym(d, mine->sym) : dim_const(d, 0));
        map_put(&c->nodes, x, mine ? mine : ir_int(b, 0)); /* the value does not need it: what does goes */
    }
    return ir_clone_region(b, r, &c->nodes, symmap_subst, &c->syms);
}

/* if guard { value } else { 0 }, for the guards of all loops from k on. */
static IrNode *element(Copy *c, IrBuilder *b, int k)
{
    if (k == c->w->depth)
        return map_find(&c->nodes, c->w->value);
    IrNode **v = copy_loop(c, b, c->w->chain[k]), *value;
    if (!guard_of(c->w->chain[k]))
        return element(c, b, k + 1);
    IrType type = ir_scalar(c->w->value->type.dtype);
    IrNode *choice = ir_add1(b, OP_if, type, v[1]);
    IrBuilder yes = { b->fn, ir_region_new(b->fn, choice), NULL, b->span }, no = { b->fn, ir_region_new(b->fn, choice), NULL, b->span };
    copy_loop(c, &yes, c->w->chain[k]);
    value = element(c, &yes, k + 1);
    ir_yield(&yes, 1, &value);
    IrNode *zero = ir_add0(&no, OP_const, type);
    ir_yield(&no, 1, &zero);
    online_sweep(c->w->cx, yes.region, true);
    return choice;
}

static void see_fault(void *user, IrNode *n)
{
    bool *found = user;
    *found = *found || pass_is_fault(n);
}

static int all_indices(const Rowwise *w)
{
    int n = 0;
    for (int k = 0; k < w->depth; k++)
        n += w->chain[k]->params.n;
    return n;
}

/* if some { value } else { 0 } */
static IrNode *element_where(Copy *c, IrBuilder *b, Dim some)
{
    IrNode *choice = ir_add1(b, OP_if, ir_scalar(c->w->value->type.dtype), ir_add2(b, OP_lt, ir_scalar(DT_bool), ir_int(b, 0), ir_dim_value(b, some)));
    IrBuilder yes = { b->fn, ir_region_new(b->fn, choice), NULL, b->span }, no = { b->fn, ir_region_new(b->fn, choice), NULL, b->span };
    IrNode *value = element(c, &yes, 0), *zero = ir_add0(&no, OP_const, choice->type);
    ir_yield(&yes, 1, &value);
    ir_yield(&no, 1, &zero);
    online_sweep(c->w->cx, yes.region, true);
    return choice;
}

/* some: 0 where the value is not asked for (NULL: always). */
static IrNode *rows_of(Rowwise *w, Dim some)
{
    PassCx *cx = w->cx;
    IrBuilder at = { w->top->parent->fn, w->top->parent, w->top, w->value->span };
    IrType type = { w->value->type.dtype, w->rank, NEWN(cx->module->arena, Dim, w->rank) };
    for (int i = 0; i < w->rank; i++)
        type.dims[i] = w->index[i]->dim;
    IrNode *map = ir_add0(&at, OP_map, type);
    IrBuilder b = { at.fn, ir_region_new(at.fn, map), NULL, w->value->span };
    for (int i = 0; i < w->rank; i++)
        ir_index_new(b.region, w->index[i]->name, NULL, w->index[i]->dim, w->index[i]->span);
    Copy c = { w, b.region, map_new(cx->arena), symmap_new(cx) };
    IrNode *value = some ? element_where(&c, &b, some) : element(&c, &b, 0);
    ir_yield(&b, 1, &value);
    online_sweep(cx, b.region, true);
    pass_note_symbols(cx, b.region);
    return map;
}

static bool is_kept(const Rowwise *w, const IrNode *x)
{
    bool kept = false;
    for (int i = 0; i < w->rank && !kept; i++)
        kept = w->index[i] == x || w->index[i]->dim == x->dim;
    return kept;
}

/* 0 where an index that is left out has no place; NULL: that is not known before the map. */
static Dim some_left_out(const Rowwise *w)
{
    DimCx *d = w->cx->module->dims;
    Dim one = dim_const(d, 1), some = one;
    for (int k = 0; k < w->depth; k++)
        for (int i = 0; i < w->chain[k]->params.n; i++) {
            const IrNode *x = w->chain[k]->params.p[i];
            if (is_kept(w, x))
                continue;
            if (!is_plain_index(w, x))
                return NULL;
            some = dim_mul(d, some, dim_min(d, one, x->dim));
        }
    return some;
}

/* NULL: it would fault where its value is not asked for, in another branch. Where an index that is left out has no place, it does not. */
static IrNode *rows_where_asked(Rowwise *w)
{
    IrNode *map = rows_of(w, NULL);
    bool faults = false;
    ir_walk(map->regions[0], see_fault, &faults);
    if (!faults || (!w->choice && w->rank == all_indices(w)))
        return map;
    Dim some = w->choice ? NULL : some_left_out(w);
    ir_drop(map);
    return some ? rows_of(w, some) : NULL;
}

/* The reduction reads the map; what only the value needed goes. */
static IrNode *read_rows(Rowwise *w, IrNode *map)
{
    IrBuilder at = { map->parent->fn, w->value->parent, w->value, w->value->span };
    IrNode *load = ir_load(&at, map, w->rank, w->index);
    ir_replace(w->value, load);
    for (IrNode *n = w->value, *before; n; n = before) {
        before = n->prev;
        if (!n->uses && !n->sym && map_find(&w->cone, n))
            ir_drop(n);
    }
    return load;
}

/* ---- and whether it is a pass -------------------------------------------------------------------------------------------------- */

typedef struct Reduces { Rowwise all[MEMBERS_MOST]; int n; PassCx *cx; IrNode *top; } Reduces;

static void see_reduce(void *user, IrNode *n)
{
    Reduces *f = user;
    if (n->op == OP_reduce && n != f->top && n->order != ORDER_contract && !n->stream && f->n < MEMBERS_MOST)
        f->all[f->n++] = (Rowwise){ .cx = f->cx, .top = f->top, .reduce = n };
}

static bool are_equal(PassCx *cx, const IrNode *a, const IrNode *b)
{
    Map pairs = map_new(cx->arena);
    return pass_same_under(&pairs, a, b);
}

static bool find_rows(Reduces *f, int i) { return find_value(&f->all[i]) && is_row(f->all[i].value, f->all[i].rank); }

/* A map with an element for each row: what its loops read of rows of their own is a pass before it (sums of maxima, of which another loop asks). */
static void try_rows_of(PassCx *cx, IrNode *map)
{
    Reduces f = { .cx = cx, .top = map };
    bool shared;
    if (pass_has_stream(map))
        return;
    ir_walk(map->regions[0], see_reduce, &f);
    for (int i = 0; i < f.n; i++)
        if (find_rows(&f, i) && f.all[i].value->in[0]->parent == map->parent)
            try_rows_of(cx, f.all[i].value->in[0]);
    online_try_rows(cx, map, &shared);
}

/* A maximum and a sum that need the same of a row have one map. */
static int make_maps(Reduces *f, RowMap *maps)
{
    int n = 0;
    for (int i = 0; i < f->n; i++) {
        Rowwise *w = &f->all[i];
        if (!find_value(w))
            continue;
        if (is_row(w->value, w->rank)) {
            try_rows_of(f->cx, w->value->in[0]);
            continue;
        }
        IrNode *map = rows_where_asked(w), *same = NULL;
        if (!map)
            continue;
        for (int k = 0; k < n && !same; k++)
            same = are_equal(f->cx, map, maps[k].map) ? maps[k].map : NULL;
        if (!same)
            maps[n++] = (RowMap){ map, f->top, NULL };
        read_rows(w, same ? same : map);
        if (same)
            ir_drop(map);
    }
    return n;
}

/* Sums of sums stay where the inner one is a map now, for one of them alone. */
static void note_pairs(PassCx *cx, IrNode *const *outer, int count, RowMap *maps, int n)
{
    for (int i = 0; i < count; i++) {
        const IrNode *v = ir_terminator(outer[i]->regions[0])->in[0];
        RowMap *of = NULL;
        for (int k = 0; k < n; k++)
            of = v->op == OP_load && v->in[0] == maps[k].map && !maps[k].outer ? &maps[k] : of;
        if (of)
            of->outer = outer[i];
        else if (v->op == OP_reduce)
            online_join_pairs(cx, outer[i]);
    }
}

int online_part_rows(PassCx *cx, IrNode *top, RowMap *maps)
{
    Reduces f = { .cx = cx, .top = top };
    IrNode *outer[MEMBERS_MOST];
    if (top->op != OP_map && top->op != OP_reduce)
        return 0;
    for (IrNode *x = top->regions[0]->first; x; x = x->next)
        if (x->op == OP_if)
            online_open_branches(cx, x);
    int count = top->op == OP_map ? online_split_pairs(cx, top, outer) : 0;
    ir_walk(top->regions[0], see_reduce, &f);
    int n = make_maps(&f, maps);
    note_pairs(cx, outer, count, maps, n);
    return n;
}
