/* shifted.c - what an element computes of places beside its own, and other elements compute again, is computed once for each place.
 *
 *     %c = map [h, i: T, j: T] { sum [a, b] { %w[h, a, b] * sum [d] { %q[h, i - a, d] * %k[h, j - b, d] } } }
 *
 *     %s = map [h, i: T, j: T] { sum [d] { %q[h, i, d] * %k[h, j, d] } }
 *     %c = map [h, i: T, j: T] { sum [a, b] { %w[h, a, b] * %s[h, i - a, j - b] } }
 *
 * as if the program had given it a name. It costs much (an elementary function or a loop), cannot fault at any place of the axes that are read there, and
 * needs of the indices around it some sums alone (i - a, j - b; h), fewer than these indices are. A sum of several indices has an axis of what is read
 * there (or, where what is read stands under a condition, `x[t - k] ?? 0.0`, one of all that they can give); one of them runs over as many places but for
 * a few, the others, where nothing that is read has all axes, over sizes of which those of that axis say nothing. So the tensor is no larger than something that it reads, but for a few, or than the
 * map, where that has these indices itself (scores of all pairs: `strip` and `online` decide as for a named one).
 */
#include "passes/stream_int.h"

enum { PLACES_MOST = 6, AROUND_MOST = 16 };

/* A sum of indices that is needed as a whole: `of`, where `at` stands for it, along an axis of `extent` places, the first of which is `lo`; main: the index
 * that runs over about as many. */
typedef struct Spot { Dim of, lo, extent; const IrNode *at; IrNode *main; } Spot;

typedef struct Shifted {
    PassCx *cx;
    IrNode *root, *value;
    Spot spot[PLACES_MOST]; int n;
    IrNode *around[AROUND_MOST]; int naround; /* indices outside of the value that it needs */
    const IrNode *whole;                      /* a load that all of the places are subscripts of, or NULL */
    bool dear;
    Map seen, nodes;                          /* what the value is made of; what stands for it in the tensor */
    SymMap syms;
    IrBuilder b;
} Shifted;

/* ---- sums of indices ------------------------------------------------------------------------------------------------- */

static bool is_linear(const IrNode *x)
{
    bool leaf = x->op == OP_index || x->op == OP_const || x->op == OP_dim, sum = x->op == OP_add || x->op == OP_sub || x->op == OP_mul;
    return x->type.dtype == DT_i64 && !x->type.rank && (leaf || (sum && is_linear(x->in[0]) && is_linear(x->in[1])));
}

static IrNode *index_of(const Shifted *x, DimSym *s)
{
    IrNode *def = map_find(&x->cx->sym_nodes, s);
    return def && def->op == OP_index && ir_inside(def, x->root->regions[0]) ? def : NULL;
}

/* Of a loop that the value has in it, or is made of. */
static bool is_own(const Shifted *x, const IrNode *i) { return !ir_inside(x->value, i->parent); }

typedef struct Look { const Shifted *x; bool own, around; } Look;

static void see_index(void *user, DimSym *s)
{
    Look *l = user;
    IrNode *def = map_find(&l->x->cx->sym_nodes, s);
    bool inside = def && ir_inside(def, l->x->root->regions[0]), own = inside && is_own(l->x, def);
    l->own = l->own || own;
    l->around = l->around || (inside && !own);
}

/* Is there something of the root in it? */
static bool moves(const Shifted *x, Dim of)
{
    Look l = { x, false, false };
    dim_syms(of, see_index, &l);
    return l.own || l.around;
}

/* The index whose multiple the term is; *other: there is something else of the root in it. */
static IrNode *index_in(const Shifted *x, const DimTerm *t, bool *other)
{
    IrNode *found = NULL;
    *other = false;
    for (int k = 0; k < t->nfactors; k++) {
        const DimAtom *a = t->factors[k].atom;
        IrNode *i = a->kind == DA_SYM ? index_of(x, a->sym) : NULL;
        *other = *other || (i && (found || t->factors[k].power != 1)) || (!i && moves(x, dim_of_atom(a)));
        found = i ? i : found;
    }
    return found;
}

static bool note_around(Shifted *x, IrNode *i)
{
    for (int k = 0; k < x->naround; k++)
        if (x->around[k] == i)
            return true;
    if (x->naround == AROUND_MOST || !i->sym || i->op != OP_index)
        return false;
    x->around[x->naround++] = i;
    return true;
}

static Spot *place_of(Shifted *x, Dim of)
{
    DimCx *d = x->cx->module->dims;
    for (int i = 0; i < x->n; i++)
        if (!moves(x, dim_sub(d, of, x->spot[i].of)))
            return &x->spot[i];
    return NULL;
}

/* A sum of indices around the value becomes one of its places, or is so much beside one. */
static bool note_place(Shifted *x, const IrNode *at, Dim of)
{
    Dim zero = dim_const(x->cx->module->dims, 0);
    const DimTerm *t;
    int n = dim_terms(of, &t), many = 0;
    for (int i = 0; i < n; i++) {
        bool other;
        IrNode *k = index_in(x, &t[i], &other);
        if (other || (k && !note_around(x, k)))
            return false;
        many += k != NULL;
    }
    if (!many || place_of(x, of))
        return many > 0;
    if (x->n == PLACES_MOST)
        return false;
    x->spot[x->n++] = (Spot){ .of = of, .lo = zero, .at = at };
    return true;
}

/* ---- what the value needs ---------------------------------------------------------------------------------------------- */

static bool look(Shifted *x, IrNode *n);

/* A sum of indices in whose place an index of the tensor can stand; *ok: false, if it is made of indices of the value as well. */
static bool is_place(Shifted *x, const IrNode *n, bool *ok)
{
    Look l = { x, false, false };
    Dim of = is_linear(n) ? pass_dim_through(x->cx, (IrNode *)(uintptr_t)n) : NULL;
    if (!of)
        return false;
    dim_syms(of, see_index, &l);
    *ok = !l.around || (!l.own && note_place(x, n, of));
    return l.around;
}

static bool look_inside(Shifted *x, IrNode *n)
{
    Look l = { x, false, false };
    pass_each_dim(n, see_index, &l);
    for (int k = 0; k < n->nregions && !l.around; k++) {
        const IrRegion *r = n->regions[k];
        for (int i = 0; i < r->params.n; i++)
            if (r->params.p[i]->op != OP_index)
                return false;
        for (IrNode *y = r->first; y; y = y->next)
            for (int i = 0; i < (y->op == OP_yield ? y->nin : !is_linear(y)); i++) /* what is made of a sum asks for it */
                if (!look(x, y->op == OP_yield ? y->in[i] : y))
                    return false;
    }
    return !l.around;
}

static bool is_taken(const IrNode *n)
{
    bool loop = n->op == OP_reduce && !n->nin && !n->stream, pinned = ir_info(n)->effects & (PINNED | FAULTS);
    return !n->type.rank && !pinned && (loop || n->op == OP_if || n->op == OP_load || (ir_is_scalar_op(n) && n->op != OP_extern && n->op != OP_random_bits));
}

static bool look(Shifted *x, IrNode *n)
{
    bool ok = true;
    if (!ir_inside(n, x->root->regions[0]) || map_find(&x->seen, n))
        return true;
    map_put(&x->seen, n, n);
    if (is_place(x, n, &ok) || !ok || n->op == OP_const || (n->op == OP_index && is_own(x, n)))
        return ok;
    if (n->op == OP_dim)
        return look_inside(x, n);
    if (!is_taken(n) || (n->op == OP_load && ir_inside(n->in[0], x->root->regions[0])))
        return false;
    x->dear = x->dear || n->op == OP_reduce || pass_is_elementary((IrOp)n->op);
    for (int k = 0; k < n->nin; k++)
        if (!look(x, n->in[k]))
            return false;
    return look_inside(x, n);
}

/* ---- axes ---------------------------------------------------------------------------------------------------------------- */

typedef struct Sizes { Dim of; bool hit; } Sizes;

static void see_size(void *user, DimSym *s)
{
    Sizes *z = user;
    z->hit = z->hit || dim_mentions(z->of, s);
}

static bool mentions_any(Dim of, Dim sizes)
{
    Sizes z = { of, false };
    dim_syms(sizes, see_size, &z);
    return z.hit;
}

/* Does b grow with what a is made of? Two numbers: is it no more than few beside it? */
static bool grows_with(Dim b, Dim a)
{
    int64_t few, many;
    if (dim_is_const(a, &many))
        return !dim_is_const(b, &few) || 2 * few > many;
    return mentions_any(b, a);
}

static bool is_few(Dim b, Dim extent, Dim main) { return (extent && !grows_with(b, extent)) || !grows_with(b, main); }

/* Wherever the value is computed, so is the load: it stands under no condition, and in no loop of so many turns as may be none where the place is beyond
 * the axis. */
static bool is_always(const Shifted *x, const IrNode *load, Dim of, Dim extent)
{
    int64_t turns;
    for (const IrRegion *r = load->parent; !ir_inside(x->value, r); r = r->owner->parent) {
        if (r->owner->op != OP_reduce || pass_guard(r))
            return false;
        for (int i = 0; i < r->params.n; i++) {
            Dim many = r->params.p[i]->dim;
            if (dim_is_const(many, &turns) ? turns <= 0 : mentions_any(of, many) || mentions_any(extent, many))
                return false;
        }
    }
    return true;
}

/* The axes of what is read at the places. */
static void see_load(void *user, IrNode *n)
{
    Shifted *x = user;
    int found = 0;
    for (int i = 1; n->op == OP_load && map_find(&x->seen, n) && i < n->nin; i++) {
        Dim of = is_linear(n->in[i]) ? pass_dim_through(x->cx, n->in[i]) : NULL, extent = n->in[0]->type.dims[i - 1];
        Spot *p = of ? place_of(x, of) : NULL;
        if (!p || p->of != of)
            continue;
        p->extent = p->extent || !is_always(x, n, of, extent) ? p->extent : extent;
        found++;
    }
    x->whole = x->n && found == x->n ? n : x->whole;
}

/* An index that runs over the places of the axis (none: of any) but for a few that the others add, each over few itself. */
static IrNode *main_of(Shifted *x, const Spot *p)
{
    DimCx *d = x->cx->module->dims;
    const DimTerm *t;
    IrNode *found = NULL;
    bool other, few = true;
    int n = dim_terms(p->of, &t);
    for (int i = 0; i < n && !found; i++) {
        IrNode *k = index_in(x, &t[i], &other);
        bool once = k && t[i].nfactors == 1 && (t[i].coef == 1 || t[i].coef == -1) && pass_is_whole(k);
        found = once && !moves(x, k->dim) && (!p->extent || is_few(dim_sub(d, p->extent, k->dim), p->extent, k->dim)) ? k : NULL;
    }
    for (int i = 0; i < n && found && !(x->whole && p->extent); i++) { /* what is as large as that is no larger for them */
        IrNode *k = index_in(x, &t[i], &other);
        few = few && (!k || k == found || (is_few(k->dim, p->extent, found->dim) && !moves(x, k->dim)));
    }
    return few ? found : NULL;
}

static bool is_alone(const Spot *p, const IrNode *i)
{
    DimSym *s;
    return dim_is_sym(p->of, &s) && s == i->sym;
}

/* No load is there for sure (`x[t - k] ?? 0.0`): all that the indices can give, under factors that are numbers. */
static bool find_range(Shifted *x, Spot *p)
{
    DimCx *d = x->cx->module->dims;
    const DimTerm *t;
    bool other;
    int n = dim_terms(p->of, &t);
    int64_t turns;
    p->lo = p->of;
    p->extent = p->main->dim;
    for (int i = 0; i < n; i++) {
        IrNode *k = index_in(x, &t[i], &other);
        if (!k)
            continue;
        if (t[i].nfactors != 1 || !pass_is_whole(k))
            return false;
        bool exact = k == p->main || (dim_is_const(k->dim, &turns) && turns > 0);
        Dim c = dim_const(d, t[i].coef), steps = dim_sub(d, k->dim, dim_const(d, exact)), reach = dim_mul(d, c, steps);
        p->lo = dim_add(d, dim_sub(d, p->lo, dim_mul(d, c, dim_sym(d, k->sym))), t[i].coef < 0 ? reach : dim_const(d, 0));
        p->extent = k == p->main ? p->extent : dim_add(d, p->extent, t[i].coef < 0 ? dim_neg(d, reach) : reach);
    }
    return true;
}

static bool find_axis(Shifted *x, Spot *p)
{
    for (int k = 0; k < x->naround; k++)
        if (is_alone(p, x->around[k])) {
            p->main = x->around[k];
            p->extent = p->main->dim;
            return pass_is_whole(p->main) && !moves(x, p->extent);
        }
    if (p->extent && moves(x, p->extent))
        return false;
    p->main = main_of(x, p);
    return p->main && (p->extent || (x->whole && find_range(x, p)));
}

static int position(const Shifted *x, const IrNode *main)
{
    const IrRegion *r = x->root->regions[0];
    for (int i = 0; i < r->params.n; i++)
        if (r->params.p[i] == main)
            return i;
    return -1;
}

/* Is the map, whose indices these are, read along them? One element of it does not ask for all that the tensor has. */
static bool reads_all(const Shifted *x)
{
    for (const IrUse *u = x->root->uses; u; u = u->next) {
        bool all = true;
        for (int i = 0; i < x->n && u->user->op == OP_load && u->slot == 0; i++) {
            const IrNode *sub = u->user->in[1 + position(x, x->spot[i].main)];
            all = all && sub->op != OP_const && sub->op != OP_dim && ir_inside(sub, sub->parent->fn->body) && sub->parent != x->root->parent;
        }
        if (all)
            return true;
    }
    return false;
}

/* As large as something that it reads; or the map has these indices. */
static bool has_size(const Shifted *x)
{
    for (int i = 0; i < x->n && !x->whole; i++)
        if (x->root->op != OP_map || x->spot[i].main->parent != x->root->regions[0])
            return false;
    return x->whole || reads_all(x);
}

static bool find_axes(Shifted *x)
{
    ir_walk(x->root->regions[0], see_load, x);
    for (int i = 0; i < x->n; i++) {
        if (!find_axis(x, &x->spot[i]))
            return false;
        for (int k = 0; k < i; k++)
            if (x->spot[k].main == x->spot[i].main)
                return false;
    }
    return has_size(x);
}

/* ---- the tensor ------------------------------------------------------------------------------------------------------------ */

/* In memory as what it is made of, or as the map. */
static int rank_of(const Shifted *x, const Spot *p)
{
    for (int i = 1; x->whole && i < x->whole->nin; i++)
        if (is_linear(x->whole->in[i]) && pass_dim_through(x->cx, x->whole->in[i]) == p->of)
            return i;
    return position(x, p->main);
}

static void order_places(Shifted *x)
{
    for (int i = 1; i < x->n; i++)
        for (int k = i; k > 0 && rank_of(x, &x->spot[k]) < rank_of(x, &x->spot[k - 1]); k--) {
            Spot p = x->spot[k];
            x->spot[k] = x->spot[k - 1];
            x->spot[k - 1] = p;
        }
}

/* What stands for a sum of indices in the tensor: an index of it, or so much beside one. */
static IrNode *stands_for(Shifted *x, const IrNode *n)
{
    Dim of = is_linear(n) ? pass_dim_through(x->cx, (IrNode *)(uintptr_t)n) : NULL;
    const Spot *p = of && moves(x, of) ? place_of(x, of) : NULL;
    if (!p)
        return NULL;
    IrBuilder b = { x->b.fn, x->b.region, x->b.region->first, n->span };
    IrNode *index = x->b.region->params.p[p - x->spot];
    Dim beside = dim_add(x->cx->module->dims, dim_sub(x->cx->module->dims, of, p->of), p->lo);
    return beside == dim_const(x->cx->module->dims, 0) ? index : ir_add2(&b, OP_add, ir_scalar(DT_i64), index, ir_dim_value(&b, beside));
}

static IrNode *in_tensor(Shifted *x, IrNode *n);

/* What a loop needs from outside of it stands before it. */
static void bring_outside(Shifted *x, const IrNode *loop, const IrRegion *r)
{
    for (IrNode *k = r->first; k; k = k->next) {
        for (int i = 0; i < k->nin; i++)
            if (pass_ancestor_in(k->in[i], loop->parent) != loop)
                in_tensor(x, k->in[i]);
        for (int i = 0; i < k->nregions; i++)
            bring_outside(x, loop, k->regions[i]);
    }
}

/* Sums of indices that were copied with the loops they stand in. */
static void settle(Shifted *x, const IrRegion *r)
{
    for (IrNode *k = r->first; k; k = k->next) {
        IrNode *copy = map_find(&x->nodes, k), *by = copy && copy->op != OP_index ? stands_for(x, k) : NULL;
        if (by && ir_inside(copy, x->b.region))
            ir_replace(copy, by);
        for (int i = 0; i < k->nregions; i++)
            settle(x, k->regions[i]);
    }
}

static IrNode *in_tensor(Shifted *x, IrNode *n)
{
    IrNode *known = map_find(&x->nodes, n);
    if (known || !ir_inside(n, x->root->regions[0]))
        return known ? known : n;
    known = stands_for(x, n);
    if (!known && n->op == OP_index) /* of a sum around the value, which a place has in it */
        return n;
    if (!known) {
        for (int k = 0; k < n->nin; k++)
            in_tensor(x, n->in[k]);
        for (int k = 0; k < n->nregions; k++)
            bring_outside(x, n, n->regions[k]);
        known = ir_clone_node(&x->b, n, &x->nodes, symmap_subst, &x->syms);
        for (int k = 0; k < n->nregions; k++)
            settle(x, n->regions[k]);
    }
    map_put(&x->nodes, n, known);
    return known;
}

static void drop_sums(IrRegion *r)
{
    for (IrNode *n = r->last, *before; n; n = before) {
        before = n->prev;
        for (int i = 0; i < n->nregions; i++)
            drop_sums(n->regions[i]);
        if (!n->uses && is_linear(n))
            ir_drop(n);
    }
}

static IrNode *tensor_of(Shifted *x)
{
    PassCx *cx = x->cx;
    IrBuilder at = { x->root->parent->fn, x->root->parent, x->root, x->value->span };
    IrType type = { x->value->type.dtype, x->n, NEWN(cx->module->arena, Dim, x->n) };
    for (int k = 0; k < x->n; k++)
        type.dims[k] = x->spot[k].extent;
    IrNode *map = ir_add0(&at, OP_map, type);
    IrRegion *r = ir_region_new(at.fn, map);
    x->b = (IrBuilder){ at.fn, r, NULL, x->value->span };
    x->nodes = map_new(cx->arena);
    x->syms = symmap_new(cx);
    for (int k = 0; k < x->n; k++) {
        IrNode *main = x->spot[k].main, *i = ir_index_new(r, main->name, NULL, type.dims[k], main->span);
        if (is_alone(&x->spot[k], main)) {
            map_put(&x->nodes, main, i);
            symmap_put(&x->syms, main->sym, dim_sym(cx->module->dims, i->sym));
        }
    }
    IrNode *y = in_tensor(x, x->value);
    ir_yield(&x->b, 1, &y);
    drop_sums(r);
    pass_note_symbols(cx, r);
    return map;
}

static bool is_sound(Shifted *x, const IrNode *map)
{
    for (const IrNode *n = map->regions[0]->first; n; n = n->next)
        if (!pass_is_total(x->cx, n))
            return false;
    return true;
}

static IrNode *copied_sum(IrBuilder *b, const IrNode *n)
{
    if (n->op == OP_index)
        return (IrNode *)(uintptr_t)n;
    if (n->op == OP_const)
        return ir_int(b, n->imm);
    if (n->op == OP_dim)
        return ir_dim_value(b, n->dim);
    IrNode *left = copied_sum(b, n->in[0]), *right = copied_sum(b, n->in[1]);
    return ir_add2(b, (IrOp)n->op, ir_scalar(DT_i64), left, right);
}

static IrNode *less(IrBuilder *b, IrNode *n, Dim by)
{
    int64_t none;
    return dim_is_const(by, &none) && !none ? n : ir_add2(b, OP_sub, ir_scalar(DT_i64), n, ir_dim_value(b, by));
}

static bool take(Shifted *x)
{
    IrNode *n = x->value, *sub[PLACES_MOST], *map = tensor_of(x);
    IrBuilder here = { n->parent->fn, n->parent, n, n->span };
    if (!is_sound(x, map)) {
        ir_drop(map);
        return false;
    }
    for (int k = 0; k < x->n; k++)
        sub[k] = less(&here, copied_sum(&here, x->spot[k].at), x->spot[k].lo);
    ir_replace(n, ir_load(&here, map, x->n, sub));
    pass_drop_cone(n, x->root->regions[0]);
    x->cx->changed++;
    return true;
}

/* In a sum, or in a choice there. */
static bool stands_in_loop(const Shifted *x)
{
    bool loop = x->root->op == OP_reduce;
    for (const IrRegion *r = x->value->parent; r != x->root->regions[0]; r = r->owner->parent) {
        if (r->owner->op != OP_reduce && r->owner->op != OP_if)
            return false;
        loop = loop || r->owner->op == OP_reduce;
    }
    return loop;
}

static bool may_be_taken(Shifted *x)
{
    IrNode *n = x->value;
    bool form = n->uses && !n->sym && !n->type.rank && dtype_is_float(n->type.dtype) && n->op != OP_load && n->op != OP_yield && stands_in_loop(x);
    if (!form)
        return false;
    x->seen = map_new(x->cx->arena);
    if (!look(x, n) || !x->dear || !x->n || x->n >= x->naround)
        return false;
    return find_axes(x);
}

/* Readers before what they read: the largest expression is taken. */
static void visit(PassCx *cx, IrNode *root, IrRegion *r)
{
    for (IrNode *n = r->last; n;) {
        Shifted x = { .cx = cx, .root = root, .value = n };
        if (may_be_taken(&x)) {
            order_places(&x);
            if (take(&x)) {
                n = r->last; /* what it was made of has gone */
                continue;
            }
        }
        for (int k = 0; k < n->nregions && (n->op == OP_reduce || n->op == OP_if); k++)
            visit(cx, root, n->regions[k]);
        n = n->prev;
    }
}

/* Most roots read nothing beside a place. */
static void see_shift(void *user, IrNode *n)
{
    bool *some = user;
    for (int i = 1; n->op == OP_load && i < n->nin && !*some; i++)
        *some = n->in[i]->op == OP_add || n->in[i]->op == OP_sub;
}

void pass_tensors_of_shifts(PassCx *cx, IrNode *root)
{
    bool some = false;
    ir_walk(root->regions[0], see_shift, &some);
    if (some && root->uses && root->type.rank < IR_RANK_MOST)
        visit(cx, root, root->regions[0]);
}
