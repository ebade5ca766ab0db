/* online.c - rule 2 of fusion.md: a cascade of reductions over one axis becomes one pass over it.
 *
 *     %s = map [i, j] { sum [d] {...} }                %o = map [i, d] {
 *     %m = map [i] { max [j] { %s[i, j] } }              %1 = reduce max stream [j] { s(i, j) }
 *     %p = map [i, j] { exp(%s[i, j] - %m[i]) / .. }     %2 = reduce sum stream [j] { exp(s(i, j) - %1) }
 *     %o = map [i, d] { sum [j] { %p[i, j] * .. } }      %3 = reduce sum stream [j] { exp(s(i, j) - %1) / %2 * .. } }
 *
 * For each map that reduces, a copy takes in the tensors that it reads once for each row and place of the axis (scores, weights) and
 * those of one element a row that are reduced from them (maxima, sums). If the reductions that the copy then holds are a cascade
 * (cascade.c), they are marked and the copy takes the map's place; tile_stream.c makes one loop of them.
 */
#include <string.h>

#include "passes/stream_int.h"

enum { TWINS_MOST = 4 };
enum { TAKEN_MOST = 64, TAKES_MOST = 64 }; /* tensors, and loads that they replace: a chain of whole layers is left alone before it costs much */

typedef struct Online {
    PassCx *cx;
    IrNode *map, *copy, *column;       /* column: of the copy; NULL: none */
    IrNode *const *instead; int ninstead; /* what the map was made of: it reads no more */
    IrNode *other[TWINS_MOST]; int nother; /* maps that read what was taken in, too */
    bool stays;                        /* something else does */
    IrNode *load, *of;                 /* the next load to be replaced, and the map it reads */
    IrNode *wide[TAKEN_MOST]; int nwide; /* maps that have an element for each row and place of the axis */
    IrNode *taken[TAKEN_MOST]; int ntaken;
    bool dear;                         /* one of them is worth not being stored */
} Online;

static bool is_among(IrNode *const *v, int n, const IrNode *x)
{
    for (int i = 0; i < n; i++)
        if (v[i] == x)
            return true;
    return false;
}

static bool subscripts_use(Online *o, const IrNode *load, const IrNode *index)
{
    for (int i = 1; i < load->nin; i++)
        if (pass_depends_on(o->cx, load->in[i], index))
            return true;
    return false;
}

static bool has_all_rows(Online *o, const IrNode *load)
{
    IrRegion *r = o->copy->regions[0];
    bool some = false;
    for (int i = 0; i < r->params.n; i++) {
        IrNode *x = r->params.p[i];
        if (x == o->column || !cascade_is_index(x))
            continue;
        if (!subscripts_use(o, load, x))
            return false;
        some = true;
    }
    return some && !(o->column && subscripts_use(o, load, o->column));
}

/* The index of the only reduction around the load that its subscripts use; NULL: none, or several. */
static IrNode *axis_of(Online *o, const IrNode *load, bool *several)
{
    IrNode *found = NULL;
    *several = false;
    for (IrRegion *r = load->parent; r && r != o->copy->regions[0]; r = r->owner->parent)
        for (int i = 0; i < r->params.n; i++)
            if (subscripts_use(o, load, r->params.p[i])) {
                *several = *several || found || r->owner->op != OP_reduce;
                found = r->params.p[i];
            }
    return found;
}

typedef struct Reads { Online *o; bool wide, reduces; } Reads;

static void see_reads(void *user, IrNode *n)
{
    Reads *s = user;
    if (n->op == OP_load && is_among(s->o->wide, s->o->nwide, n->in[0]))
        s->wide = true;
    s->reduces = s->reduces || n->op == OP_reduce;
}

static bool is_plain_map(const IrNode *n)
{
    return n->op == OP_map;
}

/* One element a row, reduced from a tensor that is taken in; or an element of such a tensor. */
static bool is_row_value(Online *o, const IrNode *load)
{
    bool several;
    if (axis_of(o, load, &several) || several)
        return false;
    if (is_among(o->wide, o->nwide, load->in[0]))
        return true;
    Reads s = { o, false, false };
    ir_walk(load->in[0]->regions[0], see_reads, &s);
    return s.wide;
}

/* Of a reduction that stands in no other: what a contraction inside asks for again at each place of the axis stays stored. */
static bool is_outermost(Online *o, const IrNode *axis)
{
    for (IrRegion *r = axis->parent->owner->parent; r && r != o->copy->regions[0]; r = r->owner->parent)
        if (r->owner->op == OP_reduce)
            return false;
    return true;
}

static void see_dear(void *user, IrNode *n)
{
    bool *dear = user;
    *dear = *dear || (n->op == OP_load && is_plain_map(n->in[0]) && pass_is_dear(n->in[0]));
}

/* Is an element of the map reduced from a tensor that is worth not being stored? */
static bool holds_rows(const IrNode *map)
{
    bool dear = false;
    for (const IrNode *n = map->regions[0]->first; n && !dear; n = n->next)
        if (n->op == OP_reduce)
            ir_walk(n->regions[0], see_dear, &dear);
    return dear;
}

static void see_load(void *user, IrNode *n)
{
    Online *o = user;
    bool several;
    if (n->op != OP_load || !is_plain_map(n->in[0]) || !has_all_rows(o, n))
        return;
    IrNode *axis = axis_of(o, n, &several);
    if (axis && !several && is_outermost(o, axis)) {
        if (!is_among(o->wide, o->nwide, n->in[0]) && o->nwide < TAKEN_MOST)
            o->wide[o->nwide++] = n->in[0];
        if (!o->load)
            o->load = n;
    } else if (!o->load && !axis && !several && (is_row_value(o, n) || (!o->nwide && holds_rows(n->in[0])))) {
        o->load = n;
    }
}

static bool take_one(Online *o)
{
    o->load = NULL;
    ir_walk(o->copy->regions[0], see_load, o);
    if (!o->load)
        return false;
    IrNode *of = o->load->in[0];
    if (!is_among(o->taken, o->ntaken, of)) {
        if (o->ntaken == TAKEN_MOST)
            return false;
        o->taken[o->ntaken++] = of;
    }
    o->dear = o->dear || (is_among(o->wide, o->nwide, of) && pass_is_dear(of));
    pass_inline_load(o->cx, of, o->load);
    pass_note_symbols(o->cx, o->copy->regions[0]);
    pass_hoist_region(o->cx, o->copy->regions[0]);
    return true;
}

/* Reductions under a choice run always, where that cannot be noticed. */
static void open_choices(Online *o, IrRegion *r)
{
    IrRegion *body = o->copy->regions[0];
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (n->op == OP_if)
            for (int k = 0; k < n->nregions; k++)
                open_choices(o, n->regions[k]);
        if (r == body || n->op == OP_yield || n->nregions || !pass_is_total(o->cx, n))
            if (r == body || n->op != OP_reduce || !pass_is_total(o->cx, n))
                continue;
        bool outside = true;
        for (int i = 0; i < n->nin; i++)
            outside = outside && n->in[i]->parent != r;
        for (IrNode *x = n->nregions ? n->regions[0]->first : NULL; x; x = x->next)
            for (int i = 0; i < x->nin; i++)
                outside = outside && x->in[i]->parent != r;
        if (outside)
            ir_move_before(n, r->owner);
    }
}

static bool is_within(const IrNode *n, const IrNode *owner) { return owner && ir_inside(n, owner->regions[0]); }

static bool reads_inside(const Online *o, const IrNode *user)
{
    bool own = is_within(user, o->map);
    for (int i = 0; i < o->ninstead && !own; i++)
        own = is_within(user, o->instead[i]);
    for (int i = 0; i < o->ntaken && !own; i++)
        own = is_within(user, o->taken[i]);
    return own;
}

static void note_reader(Online *o, IrNode *user)
{
    IrNode *top = pass_ancestor_in(user, o->map->parent);
    if (!top || !is_plain_map(top) || (o->nother == TWINS_MOST - 1 && !is_among(o->other, o->nother, top)))
        o->stays = true;
    else if (top != o->copy && !is_among(o->other, o->nother, top))
        o->other[o->nother++] = top;
    o->stays = o->stays || top == o->copy;
}

/* Would all tensors that are dear and were taken in be read by nobody else? Notes who reads them. */
static bool all_die(Online *o)
{
    for (int i = 0; i < o->ntaken; i++) {
        IrNode *x = o->taken[i];
        for (IrUse *u = pass_is_dear(x) ? x->uses : NULL; u; u = u->next)
            if (!reads_inside(o, u->user))
                note_reader(o, u->user);
    }
    return !o->stays && !o->nother;
}

static bool corrects(const Cascade *c)
{
    for (int i = 0; i < c->n; i++)
        if (c->m[i].nexps || c->m[i].nouts || c->m[i].linear)
            return true;
    return false;
}

static bool try_column(Online *o)
{
    PassCx *cx = o->cx;
    Cascade c;
    int takes = 0;
    while (takes < TAKES_MOST && take_one(o))
        takes++;
    if (takes == TAKES_MOST || !o->dear || !all_die(o))
        return false;
    open_choices(o, o->copy->regions[0]);
    pass_merge_equal(cx, o->copy->regions[0]);
    for (IrNode *n = ir_terminator(o->copy->regions[0]); n; n = n->prev) {
        if (n->op != OP_reduce || !cascade_find(cx, o->copy, n, &c))
            continue;
        bool good = corrects(&c);
        cascade_drop(&c);
        for (int i = 0; i < c.n && good; i++)
            c.m[i].reduce->stream = true;
        if (good)
            return true;
    }
    return false;
}

/* What was taken in and has no other reader: its checks run in the copy now. */
static void drop_taken(Online *o)
{
    for (int i = 0; i < o->ntaken; i++)
        pass_remark(o->cx, CHOICE_streamed, o->taken[i], "computed block by block in one pass over the axis that its reader reduces");
    for (int left = o->ntaken; left-- > 0;)
        for (int i = 0; i < o->ntaken; i++)
            if (!o->taken[i]->dropped && !o->taken[i]->uses)
                ir_drop(o->taken[i]);
}

static void see_held(void *user, IrNode *n)
{
    bool *held = user;
    *held = *held || (n->op == OP_load && is_plain_map(n->in[0]) && holds_rows(n->in[0]));
}

/* Does it reduce, or read what a map has reduced for each row? */
static bool may_stream(const IrNode *map)
{
    bool found = false;
    for (const IrNode *n = map->regions[0]->first; n && !found; n = n->next)
        found = n->op == OP_reduce && n->regions[0]->params.n == 1;
    if (!found)
        ir_walk(map->regions[0], see_held, &found);
    return found;
}

/* Tries each index as the column, the last one first, then none. instead: what the map was made of. others (NULL: not asked for): room for
 * TWINS_MOST maps, those that read what would have to die; returns how many, -1 for success. */
static int try_map(PassCx *cx, IrNode *map, IrNode *const *instead, int ninstead, IrNode **others)
{
    int rank = map->regions[0]->params.n, found = 0;
    for (int k = rank - 1; k >= -1; k--) {
        Online o = { .cx = cx, .map = map, .instead = instead, .ninstead = ninstead };
        IrBuilder b = { map->parent->fn, map->parent, map, map->span };
        Map nodes = map_new(cx->arena);
        if (k >= 0 && !cascade_is_index(map->regions[0]->params.p[k]))
            continue;
        o.copy = ir_clone_node(&b, map, &nodes, NULL, NULL);
        o.column = k >= 0 ? o.copy->regions[0]->params.p[k] : NULL;
        pass_note_symbols(cx, o.copy->regions[0]);
        if (try_column(&o)) {
            ir_replace(map, o.copy);
            ir_drop(map);
            for (int i = ninstead; i-- > 0;)
                ir_drop(instead[i]);
            drop_taken(&o);
            cx->changed++;
            return -1;
        }
        ir_drop(o.copy);
        for (int i = 0; i < o.nother && others && !found && !o.stays; i++)
            others[i] = o.other[i];
        found = others && !found && !o.stays ? o.nother : found;
    }
    return found;
}

/* ---- maps that read the same -------------------------------------------------------------------------------------------- */

static bool fit(const IrNode *a, const IrNode *b)
{
    IrRegion *x = a->regions[0], *y = b->regions[0];
    bool same = x->params.n == y->params.n && x->params.n < 15 && a->type.dtype == b->type.dtype && !pass_guard(y);
    for (int i = 0; i < x->params.n && same; i++)
        same = x->params.p[i]->dim == y->params.p[i]->dim && !x->params.p[i]->lo && !y->params.p[i]->lo;
    return same;
}

static bool comes_before(const IrNode *a, const IrNode *b)
{
    while (a && a != b)
        a = a->next;
    return a == b;
}

/* Nobody reads it before `map`, nor does map itself. */
static bool can_wait(const IrNode *x, const IrNode *map)
{
    for (IrUse *u = x->uses; u; u = u->next) {
        const IrNode *top = pass_ancestor_in(u->user, map->parent);
        if (!top || top == map || comes_before(top, map))
            return false;
    }
    return x->parent == map->parent && comes_before(x, map);
}

/* both[k, ..] = if k == 0 { first } else if k == 1 { second } ... */
static IrNode *both_of(PassCx *cx, IrNode *const *maps, int n)
{
    IrNode *last = maps[n - 1], *value = NULL;
    IrBuilder at = { last->parent->fn, last->parent, last, last->span };
    int rank = last->regions[0]->params.n;
    IrType type = { last->type.dtype, rank + 1, NEWN(cx->module->arena, Dim, rank + 1) };
    type.dims[0] = dim_const(cx->module->dims, n);
    memcpy(type.dims + 1, last->type.dims, sizeof(Dim) * (size_t)rank);
    IrNode *map = ir_add0(&at, OP_map, type);
    IrRegion *r = ir_region_new(at.fn, map);
    IrBuilder b = { at.fn, r, NULL, last->span };
    IrNode *which = ir_index_new(r, name_of(cx->module->names, "which"), NULL, type.dims[0], last->span);
    for (int k = 0; k < rank; k++)
        ir_index_new(r, last->regions[0]->params.p[k]->name, NULL, type.dims[k + 1], last->span);
    for (int i = n; i-- > 0;) {
        IrRegion *from = maps[i]->regions[0];
        Map nodes = map_new(cx->arena);
        SymMap syms = symmap_new(cx);
        for (int k = 0; k < rank; k++) {
            map_put(&nodes, from->params.p[k], r->params.p[k + 1]);
            symmap_put(&syms, from->params.p[k]->sym, dim_sym(cx->module->dims, r->params.p[k + 1]->sym));
        }
        IrNode *v = ir_clone_region(&b, from, &nodes, symmap_subst, &syms)[0];
        IrNode *this = value ? ir_add2(&b, OP_eq, ir_scalar(DT_bool), which, ir_int(&b, i)) : NULL;
        value = value ? ir_add3(&b, OP_select, v->type, this, v, value) : v;
    }
    ir_yield(&b, 1, &value);
    pass_note_symbols(cx, r);
    return map;
}

static IrNode *one_of(PassCx *cx, IrNode *both, int k, const IrNode *like)
{
    IrBuilder at = { both->parent->fn, both->parent, both->next, like->span };
    IrNode *map = ir_add0(&at, OP_map, like->type), *subs[16];
    IrRegion *r = ir_region_new(at.fn, map);
    IrBuilder b = { at.fn, r, NULL, like->span };
    map->name = like->name;
    subs[0] = ir_int(&b, k);
    for (int i = 0; i < like->type.rank; i++)
        subs[i + 1] = ir_index_new(r, like->regions[0]->params.p[i]->name, NULL, like->type.dims[i], like->span);
    IrNode *v = ir_load(&b, both, like->type.rank + 1, subs);
    ir_yield(&b, 1, &v);
    pass_note_symbols(cx, r);
    return map;
}

/* Readers of one tensor become one map with an index that tells them apart, so that one pass serves all. */
static void try_together(PassCx *cx, IrNode *map, IrNode **others, int n)
{
    IrNode *apart[TWINS_MOST];
    for (int i = 0; i < n; i++)
        if (!fit(map, others[i]) || !can_wait(others[i], map))
            return;
    others[n++] = map;
    IrNode *both = both_of(cx, others, n);
    for (int i = 0; i < n; i++)
        ir_replace(others[i], apart[i] = one_of(cx, both, i, others[i]));
    if (try_map(cx, both, others, n, NULL) < 0)
        return;
    for (int i = 0; i < n; i++) {
        ir_replace(apart[i], others[i]);
        ir_drop(apart[i]);
    }
    ir_drop(both);
}

/* ---- a reduction of the function over rows ---------------------------------------------------------------------------- */

static void sweep(IrRegion *r)
{
    for (IrNode *n = r->last, *before; n; n = before) {
        before = n->prev;
        if (n->op != OP_yield && !n->uses)
            ir_drop(n);
    }
}

static IrNode **copy_body(PassCx *cx, IrBuilder *b, IrRegion *body, IrNode *index)
{
    Map nodes = map_new(cx->arena);
    SymMap syms = symmap_new(cx);
    map_put(&nodes, body->params.p[0], index);
    symmap_put(&syms, body->params.p[0]->sym, dim_sym(cx->module->dims, index->sym));
    return ir_clone_region(b, body, &nodes, symmap_subst, &syms);
}

/* map [b] { if guard { value } else { 0 } } of the reduction's body. */
static IrNode *rows_of(PassCx *cx, IrNode *reduce)
{
    IrRegion *body = reduce->regions[0];
    IrNode *y = ir_terminator(body), *x = body->params.p[0];
    IrBuilder at = { reduce->parent->fn, reduce->parent, reduce, reduce->span };
    IrType element = ir_scalar(y->in[0]->type.dtype), type = { element.dtype, 1, NEWN(cx->module->arena, Dim, 1) };
    type.dims[0] = x->dim;
    IrNode *map = ir_add0(&at, OP_map, type);
    IrRegion *r = ir_region_new(at.fn, map);
    IrNode *i = ir_index_new(r, x->name, NULL, x->dim, x->span), *value;
    IrBuilder b = { at.fn, r, NULL, reduce->span };
    IrNode **v = copy_body(cx, &b, body, i);
    value = v[0];
    if (y->nin > 1) {
        value = ir_add1(&b, OP_if, element, v[1]);
        IrBuilder yes = { at.fn, ir_region_new(at.fn, value), NULL, reduce->span }, no = { at.fn, ir_region_new(at.fn, value), NULL, reduce->span };
        IrNode **inner = copy_body(cx, &yes, body, i), *zero = ir_add0(&no, OP_const, element);
        ir_yield(&yes, 1, &inner[0]);
        ir_yield(&no, 1, &zero);
        sweep(yes.region);
    }
    ir_yield(&b, 1, &value);
    sweep(r);
    pass_note_symbols(cx, r);
    return map;
}

/* sum [b] { lp[b, label[b]] } of the function becomes a map that may stream and a sum over its elements. */
static void try_reduction(PassCx *cx, IrNode *n)
{
    IrRegion *body = n->regions[0];
    IrNode *x = body->params.n == 1 ? body->params.p[0] : NULL;
    bool held = false;
    if (!x || x->lo || n->order == ORDER_contract || !dtype_is_float(ir_terminator(body)->in[0]->type.dtype))
        return;
    ir_walk(body, see_held, &held);
    if (!held)
        return;
    IrNode *map = rows_of(cx, n);
    IrBuilder at = { n->parent->fn, n->parent, n, n->span };
    Map nodes = map_new(cx->arena);
    IrNode *reader = ir_clone_node(&at, n, &nodes, NULL, NULL), *y = ir_terminator(reader->regions[0]);
    IrBuilder b = { at.fn, reader->regions[0], y, n->span };
    IrNode *element = ir_load(&b, map, 1, &reader->regions[0]->params.p[0]);
    pass_note_symbols(cx, reader->regions[0]);
    ir_set_in(y, 0, element);
    sweep(reader->regions[0]);
    ir_replace(n, reader);
    if (try_map(cx, map, &n, 1, NULL) >= 0) {
        ir_replace(reader, n);
        ir_drop(reader);
        ir_drop(map);
    }
}

static void visit(PassCx *cx, IrRegion *r)
{
    VEC(IrNode *) all = { 0 };
    for (IrNode *n = r->first; n; n = n->next)
        vec_push(cx->arena, &all, n);
    for (int k = all.n - 1; k >= 0; k--) { /* readers first */
        IrNode *n = all.p[k];
        if (n->dropped)
            continue;
        if (n->op == OP_map && n->uses && !pass_guard(n->regions[0]) && may_stream(n)) {
            IrNode *others[TWINS_MOST];
            int count = try_map(cx, n, NULL, 0, others);
            if (count > 0)
                try_together(cx, n, others, count);
        } else if (n->op == OP_reduce && n->uses) {
            try_reduction(cx, n);
        } else if (n->op != OP_map) {
            for (int i = 0; i < n->nregions; i++)
                visit(cx, n->regions[i]);
        }
    }
}

bool pass_online(PassCx *cx, IrFn *fn)
{
    visit(cx, fn->body);
    return true;
}
