/* again.c - what an element computes that costs much, and that other elements compute again, becomes a tensor of its own, as if the program had
 * given it a name: what `fuse` and `online` decide then is the same for both ways to write it.
 *
 *     %1 = map [t, e] {                                          %0 = map [t, d] { gelu(%q[t, d]) }
 *       sum [d] { gelu(%q[t, d]) * %s[d, e] / %z[d] } }          %1 = map [t, e] { sum [d] { %0[t, d] * %s[d, e] / %z[d] } }
 *
 * Costs much: it has an elementary function or a loop, or reads a tensor with these that nobody else reads. Again: walking outwards from it, once an
 * index that it needs is met, one is met that it does not need; or each turn of a recurrence computes it for points that have it in common. It must stand in a reduction, or be a loop of the element itself (of a recurrence: the
 * front end gives such loops of other equations a name; what a map needs of its rows or columns is absorb.c's and online_part.c's), must not fault,
 * must stand under no choice and in no other loop, and something that it reads must be as large as the new tensor, so that memory does not grow
 * with the places of a product; or it is made of a tensor of pairs that nobody else reads (scores of all heads, with an elementary function for
 * each head), which online takes block by block. Linear in nodes.
 */
#include "passes/stream_int.h"

enum { INDICES_MOST = 64 };

/* What a node needs: bits of indices; wide: those of one of its loads, the one with most, which is `from`; costs: of its elementary functions. */
typedef struct Needs { uint64_t mask, wide, costs; const IrNode *from; bool dear, total; } Needs;

typedef struct Again { PassCx *cx; IrNode *root, *index[INDICES_MOST]; int n; Map needs; Needs *at; bool clamps, parts; } Again; /* clamps: those may fault; parts: an index may walk a part of an axis */

static int count(uint64_t m) { return __builtin_popcountll(m); }

static void join(Needs *to, const Needs *x)
{
    to->mask |= x->mask;
    to->costs |= x->costs;
    if (count(x->wide) > count(to->wide)) {
        to->wide = x->wide;
        to->from = x->from;
    }
    to->dear = to->dear || x->dear;
    to->total = to->total && x->total;
}

static void see_symbol(void *user, DimSym *s)
{
    Again *a = user;
    IrNode *def = map_find(&a->cx->sym_nodes, s);
    const Needs *x = def ? map_find(&a->needs, def) : NULL;
    if (x)
        join(a->at, x);
}

/* A tensor that costs much and that only the root reads: what is made of its elements may be made where these are. */
static bool is_own(const Again *a, const IrNode *tensor)
{
    for (IrUse *u = tensor->op == OP_map ? tensor->uses : NULL; u; u = u->next)
        if (u->slot != 0 || !ir_inside(u->user, a->root->regions[0]))
            return false;
    return tensor->op == OP_map && pass_is_dear(tensor);
}

static void note_region(Again *a, IrRegion *r, Needs *all);

/* Bounds of an index of n's regions may depend on another one there. */
static void leave_own(Again *a, const IrNode *n, Needs *x)
{
    for (int i = 0; i < n->nregions; i++)
        for (int k = 0; k < n->regions[i]->params.n; k++) {
            const Needs *own = map_find(&a->needs, n->regions[i]->params.p[k]);
            x->mask &= ~own->mask;
            x->wide &= ~own->mask;
            x->costs &= ~own->mask;
        }
}

static void note(Again *a, IrNode *n)
{
    Needs *x = NEW(a->cx->arena, Needs);
    *x = (Needs){ .total = pass_is_total(a->cx, n) || (a->clamps && n->op == OP_clampi), .dear = n->op == OP_reduce || pass_is_elementary((IrOp)n->op) };
    for (int i = 0; i < n->nin; i++) {
        const Needs *in = map_find(&a->needs, n->in[i]);
        if (in)
            join(x, in);
    }
    for (int i = 0; i < n->nregions; i++)
        note_region(a, n->regions[i], x);
    a->at = x;
    pass_each_dim(n, see_symbol, a);
    leave_own(a, n, x);
    if (pass_is_elementary((IrOp)n->op))
        x->costs |= x->mask;
    if (n->op == OP_load) {
        x->wide = x->mask;
        x->from = n;
        x->dear = is_own(a, n->in[0]);
    }
    map_put(&a->needs, n, x);
}

/* The indices of a region get numbers; what is inside needs them, what is around it does not. */
static void note_region(Again *a, IrRegion *r, Needs *all)
{
    uint64_t own = 0;
    for (int i = 0; i < r->params.n; i++) {
        Needs *x = NEW(a->cx->arena, Needs);
        x->total = r->params.p[i]->op == OP_index && a->n < INDICES_MOST;
        if (x->total) {
            own |= x->mask = (uint64_t)1 << a->n;
            a->index[a->n++] = r->params.p[i];
        }
        map_put(&a->needs, r->params.p[i], x);
    }
    for (IrNode *n = r->first; n; n = n->next) {
        note(a, n);
        Needs x = *(const Needs *)map_find(&a->needs, n);
        x.wide &= ~own; /* of two loads with as many the one with more from outside */
        join(all, &x);
    }
    all->mask &= ~own;
    all->wide &= ~own;
    all->costs &= ~own;
}

/* ---- which ----------------------------------------------------------------------------------------------------------- */

static uint64_t bit_of(const Again *a, const IrNode *index)
{
    const Needs *x = map_find(&a->needs, index);
    return x ? x->mask : 0;
}

/* Do other values of an index around it ask for the same? */
static bool is_again(const Again *a, const IrNode *n, uint64_t mask)
{
    bool met = false;
    for (IrRegion *r = n->parent; r; r = r == a->root->regions[0] ? NULL : r->owner->parent)
        for (int i = r->params.n - 1; i >= 0; i--) {
            uint64_t bit = bit_of(a, r->params.p[i]);
            if (met && !(mask & bit) && cascade_is_index(r->params.p[i]))
                return true;
            met = met || (mask & bit);
        }
    return false;
}

static bool is_outside(const Again *a, Dim d) { return !pass_dim_depends(a->cx, d, a->root->regions[0]); }

/* Of the tensor, for an index: its own; or that of what it walks a part of. NULL: there is none. */
static Dim axis_of(const Again *a, IrNode *x)
{
    Walked axis;
    if (is_outside(a, x->dim) && is_outside(a, x->lo))
        return x->dim;
    IrNode *owner = x->parent->owner;
    return a->parts && owner->op == OP_reduce && pass_find_axis(a->cx, owner, x, &axis) && !axis.clamps.n ? axis.size : NULL;
}

static bool are_axes(const Again *a, uint64_t mask)
{
    for (int i = 0; i < a->n; i++)
        if ((mask >> i & 1) && !axis_of(a, a->index[i]))
            return false;
    return count(mask) < IR_RANK_MOST;
}

static bool are_whole(const Again *a, uint64_t mask)
{
    for (int i = 0; i < a->n; i++)
        if ((mask >> i & 1) && (a->index[i]->lo || !pass_is_whole(a->index[i])))
            return false;
    return true;
}

/* In a reduction; or a loop in the element itself, under no guard. */
static bool stands_in_form(const Again *a, const IrNode *n)
{
    const IrNode *owner = n->parent->owner;
    return owner->op == OP_reduce || (owner == a->root && owner->op == OP_map && n->op == OP_reduce && !pass_guard(n->parent));
}

/* Something that it reads is as large; or it reads a tensor of pairs of its own, one element for several: online takes what is made of pairs. */
static bool has_size(const Again *a, const IrNode *n, const Needs *x)
{
    const IrRegion *r = n->parent;
    bool pairs = x->from && is_own(a, x->from->in[0]) && r->owner->op == OP_reduce && r->params.n == 1 && (x->wide & bit_of(a, r->params.p[0])) && count(x->wide) > 1;
    return x->wide == x->mask || (pairs && (x->costs & ~x->wide) && (x->costs | x->wide) == x->mask);
}

/* In an element of a recurrence's turn: an elementary function that an index before the last one does not need, so that each of its places is a point that
 * computes it alone. */
static bool is_for_points(const Again *a, const IrNode *n, const Needs *x)
{
    const IrRegion *r = a->root->regions[0];
    const IrNode *around = a->root->parent->owner;
    bool turn = a->root->op == OP_map && around && (around->op == OP_for || around->op == OP_while), points = false;
    for (int i = 0; i + 1 < r->params.n; i++)
        points = points || !(x->mask & bit_of(a, r->params.p[i]));
    return turn && points && n->parent == r && x->costs && x->costs == x->mask && pass_is_elementary((IrOp)n->op);
}

static bool stands_apart(const Again *a, const IrNode *n)
{
    const Needs *x = map_find(&a->needs, n);
    if (x && is_for_points(a, n, x))
        return x->total && x->wide == x->mask && dtype_is_float(n->type.dtype) && are_axes(a, x->mask) && are_whole(a, x->mask);
    if (!x || !stands_in_form(a, n) || !x->dear || !x->total || !x->mask || !has_size(a, n, x) || n->op == OP_load || !dtype_is_float(n->type.dtype) ||
        n->type.rank)
        return false;
    return is_again(a, n, x->mask) && are_axes(a, x->mask) && are_whole(a, x->mask);
}

/* ---- the tensor ------------------------------------------------------------------------------------------------------ */

typedef struct Bring { Again *a; Map wanted, nodes; SymMap syms; IrBuilder b; } Bring;

static void want_symbol(void *user, DimSym *s)
{
    Bring *w = user;
    IrNode *def = map_find(&w->a->cx->sym_nodes, s);
    if (def)
        map_put(&w->wanted, def, def);
}

static void want_inputs(void *user, IrNode *n)
{
    Bring *w = user;
    for (int i = 0; i < n->nin; i++)
        map_put(&w->wanted, n->in[i], n->in[i]);
    pass_each_dim(n, want_symbol, w);
}

/* Notes what n needs of the regions around it, from the last node to the first. */
static void want(Bring *w, IrNode *n)
{
    map_put(&w->wanted, n, n);
    for (IrRegion *r = n->parent; r; r = r == w->a->root->regions[0] ? NULL : r->owner->parent)
        for (IrNode *x = r == n->parent ? n : pass_ancestor_in(n, r); x; x = x->prev) {
            if (!map_find(&w->wanted, x))
                continue;
            want_inputs(w, x);
            for (int i = 0; i < x->nregions; i++)
                ir_walk(x->regions[i], want_inputs, w);
        }
}

static void bring_region(Bring *w, IrRegion *r, const IrNode *n)
{
    if (r != w->a->root->regions[0])
        bring_region(w, r->owner->parent, r->owner);
    for (IrNode *x = r->first; x && x != n; x = x->next)
        if (map_find(&w->wanted, x)) {
            IrNode *c = ir_clone_node(&w->b, x, &w->nodes, symmap_subst, &w->syms);
            map_put(&w->nodes, x, c);
            if (x->sym)
                symmap_put(&w->syms, x->sym, pass_dim_of(w->a->cx, c));
        }
}

/* Where the index is a subscript of its own in the load: the tensor lies in memory as what it is made of does. */
static int place_in(const IrNode *load, const IrNode *index)
{
    for (int i = 1; load && i < load->nin; i++)
        if (load->in[i] == index)
            return i;
    return 0;
}

static void in_the_order_of(const IrNode *load, IrNode **index, int n)
{
    for (int i = 1; i < n; i++)
        for (int k = i; k > 0 && place_in(load, index[k]) && place_in(load, index[k]) < place_in(load, index[k - 1]); k--) {
            IrNode *x = index[k];
            index[k] = index[k - 1];
            index[k - 1] = x;
        }
}

static IrNode *make(Again *a, IrNode *n, const Needs *needs)
{
    uint64_t mask = needs->mask;
    PassCx *cx = a->cx;
    Bring w = { a, map_new(cx->arena), map_new(cx->arena), symmap_new(cx), { 0 } };
    IrBuilder at = { a->root->parent->fn, a->root->parent, a->root, n->span };
    IrType type = { n->type.dtype, count(mask), NEWN(cx->module->arena, Dim, count(mask)) };
    IrNode *subs[IR_RANK_MOST];
    for (int i = 0, k = 0; i < a->n; i++)
        if (mask >> i & 1)
            subs[k++] = a->index[i];
    in_the_order_of(needs->from, subs, type.rank);
    for (int k = 0; k < type.rank; k++)
        type.dims[k] = axis_of(a, subs[k]);
    IrNode *map = ir_add0(&at, OP_map, type);
    IrRegion *r = ir_region_new(at.fn, map);
    for (int k = 0; k < type.rank; k++) {
        IrNode *x = ir_index_new(r, subs[k]->name, type.dims[k] == subs[k]->dim ? subs[k]->lo : NULL, type.dims[k], subs[k]->span);
        map_put(&w.nodes, subs[k], x);
        symmap_put(&w.syms, subs[k]->sym, dim_sym(cx->module->dims, x->sym));
    }
    w.b = (IrBuilder){ at.fn, r, NULL, n->span };
    want(&w, n);
    bring_region(&w, n->parent, n);
    IrNode *y = ir_clone_node(&w.b, n, &w.nodes, symmap_subst, &w.syms);
    ir_yield(&w.b, 1, &y);
    IrBuilder here = { at.fn, n->parent, n, n->span };
    for (int k = 0; k < type.rank; k++)
        subs[k] = subs[k]->lo && type.dims[k] == subs[k]->dim ? ir_add2(&here, OP_sub, ir_scalar(DT_i64), subs[k], ir_dim_value(&here, subs[k]->lo)) : subs[k];
    ir_replace(n, ir_load(&here, map, type.rank, subs));
    pass_note_symbols(cx, r);
    cx->changed++;
    return map;
}

/* Readers before what they read, so that the largest expression is taken; what it was made of goes. */
static void split(Again *a, IrRegion *r)
{
    for (IrNode *n = r->last, *prev; n; n = prev) {
        prev = n->prev;
        const Needs *x = map_find(&a->needs, n);
        if (n->uses && !n->sym && stands_apart(a, n))
            make(a, n, x);
        if (!n->uses && n->op != OP_yield && x && x->total && !n->sym)
            ir_drop(n);
        else if (n->op == OP_reduce)
            split(a, n->regions[0]);
    }
}

static void see_fault(void *user, IrNode *n) { *(bool *)user |= (ir_info(n)->effects & (FAULTS | PINNED)) != 0; }

/* Each element of the map computes it, and it is another one for each; nothing in it may fault: what it loads was asked for before. */
static bool runs_for_all(const Again *a, const IrNode *n, const Needs *x)
{
    const IrRegion *r = a->root->regions[0];
    bool other = n->parent != r || pass_guard((IrRegion *)r) || !are_whole(a, x->mask);
    for (int i = 0; i < r->params.n; i++)
        other = other || !(x->mask & bit_of(a, r->params.p[i]));
    for (int i = 0; i < n->nregions; i++)
        ir_walk(n->regions[i], see_fault, &other);
    return !other && n->op == OP_reduce;
}

/* The tensor has elements of places that nobody asks for, where an index walks a part of its axis: NULL, and `value` as before, if one of them reads outside
 * of a tensor. */
static IrNode *total_or_none(PassCx *cx, IrNode *map, IrNode *value)
{
    bool total = true;
    for (const IrNode *n = map->regions[0]->first; n && total; n = n->next)
        total = n->op == OP_yield || pass_is_total(cx, n);
    if (total)
        return map;
    IrNode *load = map->uses->user;
    ir_replace(load, value);
    ir_drop(load);
    ir_drop(map);
    return NULL;
}

static IrNode *give_name(PassCx *cx, IrNode *root, IrNode *value, bool pairs, bool parts)
{
    Again a = { .cx = cx, .root = root, .needs = map_new(cx->arena), .parts = parts };
    Needs all = { .total = true };
    note_region(&a, root->regions[0], &all);
    const Needs *x = map_find(&a.needs, value);
    bool may = x && (x->total || runs_for_all(&a, value, x)) && x->mask && !(pairs && x->wide == x->mask) && !value->sym && are_axes(&a, x->mask);
    bool part = false;
    for (int i = 0; i < a.n && may; i++)
        part = part || ((x->mask >> i & 1) && axis_of(&a, a.index[i]) != a.index[i]->dim);
    IrNode *map = may ? make(&a, value, x) : NULL;
    return part ? total_or_none(cx, map, value) : map;
}

IrNode *pass_give_name(PassCx *cx, IrNode *root, IrNode *value, bool pairs) { return give_name(cx, root, value, pairs, false); }

IrNode *pass_name_whole(PassCx *cx, IrNode *root, IrNode *value, bool pairs) { return give_name(cx, root, value, pairs, true); }

/* All places of the region are computed: it is no branch, and there is no guard. */
static bool runs_whole(const Again *a, IrRegion *r)
{
    if ((r->owner != a->root && r->owner->op != OP_reduce) || pass_guard(r))
        return false;
    for (int i = 0; i < r->params.n; i++)
        if (!pass_is_whole(r->params.p[i]))
            return false;
    return true;
}

/* Where an index around it has no places nobody asks. NULL: that is not known before. */
static Dim asked(const Again *a, const IrNode *n, uint64_t mask)
{
    DimCx *d = a->cx->module->dims;
    Dim any = dim_const(d, 1);
    for (IrRegion *r = n->parent; r; r = r == a->root->regions[0] ? NULL : r->owner->parent) {
        if (!runs_whole(a, r))
            return NULL;
        for (int i = 0; i < r->params.n; i++) {
            const IrNode *x = r->params.p[i];
            if (!(mask & bit_of(a, x)) && !is_outside(a, x->dim))
                return NULL;
            any = mask & bit_of(a, x) ? any : dim_mul(d, any, dim_min(d, dim_const(d, 1), x->dim));
        }
    }
    return any;
}

IrNode *pass_give_name_as_asked(PassCx *cx, IrNode *root, IrNode *value)
{
    Again a = { .cx = cx, .root = root, .needs = map_new(cx->arena), .clamps = true };
    Needs all = { .total = true };
    note_region(&a, root->regions[0], &all);
    const Needs *x = map_find(&a.needs, value);
    if (!x || !x->total || !x->mask || (x->wide != x->mask && count(x->mask) > 1) || value->sym || !are_axes(&a, x->mask) || !are_whole(&a, x->mask))
        return NULL;
    DimCx *d = cx->module->dims;
    Dim any = asked(&a, value, x->mask);
    if (!any)
        return NULL;
    IrNode *made = make(&a, value, x), *first = made->regions[0]->params.p[0];
    first->to = any == dim_const(d, 1) ? NULL : dim_mul(d, first->dim, any);
    pass_drop_cone(value, NULL); /* a subscript that may fault does where the tensor is made */
    return made;
}

static void visit_nest(PassCx *cx, IrNode *n)
{
    Again a = { .cx = cx, .root = n, .needs = map_new(cx->arena) };
    Needs all = { .total = true };
    note_region(&a, n->regions[0], &all);
    if (all.dear && a.n > 1 && n->uses)
        split(&a, n->regions[0]);
}

static void visit(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        IrNode *before = n->prev;
        int changed = cx->changed;
        next = n->next;
        if ((n->op == OP_map || n->op == OP_reduce) && n->uses) /* a search has none */
            pass_ask_early(cx, n);
        if (n->op == OP_map || n->op == OP_scatter || (n->op == OP_reduce && n->uses))
            pass_ask_guards(cx, n);
        if (n->op == OP_map || n->op == OP_scatter)
            pass_tables_of_distances(cx, n);
        if (n->op == OP_map || n->op == OP_reduce) {
            pass_tensors_of_shifts(cx, n);
            visit_nest(cx, n);
        }
        if (n->op == OP_for)
            pass_gather_before(cx, n);
        for (int i = 0; i < n->nregions && n->op != OP_map && n->op != OP_reduce && n->op != OP_scatter; i++)
            visit(cx, n->regions[i]);
        if (cx->changed > changed && (n->op == OP_map || n->op == OP_reduce)) /* what stands before it now may have parts of its own */
            next = before ? before->next : r->first;
    }
}

bool pass_again(PassCx *cx, IrFn *fn)
{
    pass_compute_found(cx, fn);
    visit(cx, fn->body);
    return true;
}
