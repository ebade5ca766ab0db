/* util.c - small questions that several passes ask about nodes. */
#include <math.h>

#include "passes/pass_int.h"

/* `by` is about to take the place of n: dims that name n's value go on meaning it. */
IrNode *pass_keeps_symbol(PassCx *cx, IrNode *n, IrNode *by)
{
    if (!n->sym || n->sym == by->sym)
        return by;
    if (by->sym || by->op == OP_const || by->parent != n->parent) { /* a node of its own in n's place */
        IrBuilder b = { n->parent->fn, n->parent, n, n->span };
        by = ir_add2(&b, OP_add, n->type, by, ir_const_int(&b, n->type.dtype, 0));
    }
    by->sym = n->sym;
    by->sym->user = by;
    n->sym = NULL;
    map_put(&cx->sym_nodes, by->sym, by);
    return by;
}

bool pass_is_tensor(const IrNode *n)
{
    return n->type.dtype != DT_none && n->type.rank > 0;
}

static void see_tensor(void *user, IrNode *n)
{
    *(bool *)user |= pass_is_tensor(n);
}

bool pass_holds_tensors(const IrNode *n)
{
    bool found = false;
    for (int i = 0; i < n->nregions && !found; i++)
        ir_walk(n->regions[i], see_tensor, &found);
    return found;
}

void pass_each_map(PassCx *cx, IrRegion *r, void (*f)(PassCx *cx, IrNode *map))
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (n->op == OP_map)
            f(cx, n);
        else if (n->op == OP_for || n->op == OP_while || n->op == OP_if)
            for (int i = 0; i < n->nregions; i++)
                pass_each_map(cx, n->regions[i], f);
    }
}

static Dim own_symbol(PassCx *cx, IrNode *n)
{
    if (!n->sym) {
        n->sym = dim_sym_new(cx->module->dims, n->name ? n->name : name_of(cx->module->names, "v"), n->span);
        n->sym->user = n;
        map_put(&cx->sym_nodes, n->sym, n);
    }
    return dim_sym(cx->module->dims, n->sym);
}

static Dim dim_of_op(PassCx *cx, IrNode *n, int depth, bool through);

static Dim dim_of(PassCx *cx, IrNode *n, int depth, bool through)
{
    DimCx *d = cx->module->dims;
    if (n->op == OP_const)
        return dim_const(d, n->imm);
    if (n->op == OP_dim)
        return n->dim;
    if ((n->sym && !through) || n->op == OP_index || depth == 0)
        return own_symbol(cx, n);
    return dim_of_op(cx, n, depth, through);
}

static Dim dim_of_op(PassCx *cx, IrNode *n, int depth, bool through)
{
    DimCx *d = cx->module->dims;
    Dim x = n->op == OP_abs || n->op == OP_neg ? dim_of(cx, n->in[0], depth - 1, through) : NULL;
    Dim (*f)(DimCx *, Dim, Dim) = NULL;
    int64_t k;
    switch (n->op) {
    case OP_add: case OP_iadd: f = dim_add; break;
    case OP_sub: case OP_isub: f = dim_sub; break;
    case OP_mul: case OP_imul: f = dim_mul; break;
    case OP_min: f = dim_min; break;
    case OP_max: f = dim_max; break;
    case OP_neg: return dim_neg(d, x);
    case OP_abs: return dim_max(d, x, dim_neg(d, x));
    case OP_floordiv:
    case OP_mod:
        if (dim_is_const(dim_of(cx, n->in[1], depth - 1, through), &k) ? k != 0 : n->in[1]->op == OP_dim || (through && n->in[1]->op == OP_param))
            f = n->op == OP_mod ? dim_mod : dim_floordiv;
        break;
    default: break;
    }
    Dim r = f ? f(d, dim_of(cx, n->in[0], depth - 1, through), dim_of(cx, n->in[1], depth - 1, through)) : NULL;
    return r && !dim_is_poison(r) ? r : own_symbol(cx, n);
}

Dim pass_dim_of(PassCx *cx, IrNode *n)
{
    return dim_of(cx, n, 32, false);
}

Dim pass_dim_through(PassCx *cx, IrNode *n) { return dim_of(cx, n, 32, true); }

bool pass_is_affine(const IrNode *x)
{
    if (x->op == OP_index || x->op == OP_const || x->op == OP_dim)
        return x->type.dtype == DT_i64;
    return (x->op == OP_add || x->op == OP_sub) && pass_is_affine(x->in[0]) && pass_is_affine(x->in[1]);
}

IrNode *pass_ancestor_in(IrNode *n, const IrRegion *outer)
{
    while (n && n->parent != outer)
        n = n->parent ? n->parent->owner : NULL;
    return n;
}

bool pass_is_subscript(const IrNode *load, const IrNode *index)
{
    for (int i = 1; i < load->nin; i++)
        if (load->in[i] == index)
            return true;
    return false;
}

bool pass_from_zero(const IrNode *index)
{
    int64_t lo;
    return !index->lo || (dim_is_const(index->lo, &lo) && lo == 0);
}

bool pass_is_whole(const IrNode *index) { return !index->from && !index->to && pass_from_zero(index); }

bool pass_is_before(const IrNode *x, const IrNode *place)
{
    if (x->op == OP_param || x->op == OP_arg || x->op == OP_index) /* a region's own stand before all of it */
        return x->parent == place->parent || !ir_inside(x, place->parent);
    if (x->parent != place->parent)
        return !ir_inside(x, place->parent);
    const IrNode *n = place->prev;
    while (n && n != x)
        n = n->prev;
    return n;
}

typedef struct Up { PassCx *cx; IrNode *place; bool (*may)(const void *user, IrNode *n); const void *user; bool ok; } Up;

static void move_operands(void *user, IrNode *n)
{
    Up *u = user;
    for (int i = 0; i < n->nin && u->ok; i++) {
        IrNode *x = n->in[i];
        u->ok = x->parent != u->place->parent || x->op == OP_param || pass_is_before(x, u->place) || pass_move_up(u->cx, x, u->place, u->may, u->user);
    }
}

static void see_size_above(void *user, DimSym *sym)
{
    Up *u = user;
    const IrNode *def = map_find(&u->cx->sym_nodes, sym);
    u->ok = u->ok && !(def && def->parent == u->place->parent && !pass_is_before(def, u->place));
}

static void see_sizes_above(void *user, IrNode *n) { pass_each_dim(n, see_size_above, user); }

bool pass_move_up(PassCx *cx, IrNode *n, IrNode *place, bool (*may)(const void *user, IrNode *n), const void *user)
{
    Up u = { cx, place, may, user, n != place && (!may || may(user, n)) };
    if (!u.ok)
        return false;
    move_operands(&u, n);
    if (cx)
        see_sizes_above(&u, n);
    for (int i = 0; i < n->nregions && u.ok; i++) {
        ir_walk(n->regions[i], move_operands, &u);
        if (cx)
            ir_walk(n->regions[i], see_sizes_above, &u);
    }
    if (u.ok)
        ir_move_before(n, place);
    return u.ok;
}

bool pass_is_fault(const IrNode *n) { return (ir_info(n)->effects & FAULTS) || n->op == OP_check; }

bool pass_is_blank(const IrNode *map)
{
    IrNode *g = map->op == OP_map ? pass_guard(map->regions[0]) : NULL;
    return g && g->op == OP_const && !g->imm;
}

IrNode *pass_guard(const IrRegion *r)
{
    IrNode *y = ir_terminator(r);
    return y && y->nin > 1 ? y->in[1] : NULL;
}

IrNode *pass_and_then(const IrNode *n)
{
    if (n->op != OP_if || n->type.dtype != DT_bool || n->type.rank)
        return NULL;
    const IrNode *no = ir_terminator(n->regions[1])->in[0];
    return no->op == OP_const && !no->imm ? n->in[0] : NULL;
}

static bool goes_as_asked(const IrNode *n)
{
    return n->op != OP_param && n->op != OP_map && (n->op == OP_clampi || !(ir_info(n)->effects & (FAULTS | PINNED)));
}

void pass_drop_cone(IrNode *n, const IrRegion *r)
{
    if (n->uses || n->dropped || n->op == OP_index || (n->sym && pass_is_spoken_of(n)) || !(r ? ir_inside(n, r) : goes_as_asked(n)))
        return;
    IrNode *in[8];
    int count = n->nin < 8 ? n->nin : 8;
    for (int k = 0; k < count; k++)
        in[k] = n->in[k];
    ir_drop(n);
    for (int k = 0; k < count; k++)
        pass_drop_cone(in[k], r);
}

IrNode *pass_root(IrNode *buffer)
{
    while (buffer->op == OP_buffer && buffer->place == PLACE_view)
        buffer = buffer->in[0];
    return buffer;
}

void pass_each_bound(const IrNode *n, void (*f)(void *, DimSym *), void *user)
{
    if (n->op == OP_dim)
        dim_syms(n->dim, f, user);
    for (int k = 0; k < n->nregions; k++)
        for (int i = 0; i < n->regions[k]->params.n; i++) {
            const IrNode *x = n->regions[k]->params.p[i];
            Dim ds[] = { x->op == OP_index ? x->dim : NULL, x->lo, x->from, x->to };
            for (int j = 0; j < 4; j++)
                if (ds[j])
                    dim_syms(ds[j], f, user);
        }
}

void pass_each_dim(const IrNode *n, void (*f)(void *, DimSym *), void *user)
{
    for (int i = 0; i < n->type.rank; i++)
        dim_syms(n->type.dims[i], f, user);
    if (n->op == OP_update)
        for (int i = 0; i < n->in[0]->type.rank; i++)
            if (n->box[i])
                dim_syms(n->box[i], f, user);
    if (n->op == OP_call)
        for (int i = 0; i < n->callee->dims.n; i++)
            dim_syms(n->dims[i], f, user);
    pass_each_bound(n, f, user);
}

/* ---- dependence --------------------------------------------------------------------------------------------- */

typedef struct Depend { PassCx *cx; const IrRegion *region; const IrNode *index; Map seen; } Depend;

typedef struct DimUse { Depend *d; bool hit; } DimUse;

static bool depends(Depend *d, const IrNode *n);

static bool is_target(const Depend *d, const IrNode *n)
{
    if (d->index)
        return n == d->index;
    return (n->op == OP_index || n->op == OP_arg) && n->parent == d->region;
}

static void dim_hits(void *user, DimSym *s)
{
    DimUse *u = user;
    IrNode *def = map_find(&u->d->cx->sym_nodes, s);
    if (def && !u->hit)
        u->hit = depends(u->d, def);
}

/* What stands outside of the region never needs its parameters. Without this each question would walk through the whole function. A node that
 * stands nowhere is a question about its dim. */
static bool is_within(const IrNode *n, const IrRegion *r)
{
    const IrRegion *at = n->parent ? n->parent : r;
    while (at && at != r)
        at = at->owner ? at->owner->parent : NULL;
    return at;
}

static bool dims_depend(Depend *d, const IrNode *n)
{
    DimUse u = { d, false };
    pass_each_bound(n, dim_hits, &u);
    return u.hit;
}

static bool region_depends(Depend *d, const IrRegion *r)
{
    for (const IrNode *n = r->first; n; n = n->next)
        if (depends(d, n))
            return true;
    return false;
}

static bool depends(Depend *d, const IrNode *n)
{
    static const char yes, no;
    if (is_target(d, n))
        return true;
    if (!is_within(n, d->index ? d->index->parent : d->region))
        return false;
    const void *known = map_find(&d->seen, n);
    if (known)
        return known == &yes;
    bool r = dims_depend(d, n);
    for (int i = 0; i < n->nin && !r; i++)
        r = depends(d, n->in[i]);
    for (int i = 0; i < n->nregions && !r; i++)
        r = region_depends(d, n->regions[i]);
    if (n->nregions || (n->nin && n->uses && n->uses->next)) /* else nobody asks again, or the answer is near */
        map_put(&d->seen, n, (void *)(uintptr_t)(r ? &yes : &no));
    return r;
}

bool pass_depends(PassCx *cx, const IrNode *n, const IrRegion *r)
{
    Depend d = { cx, r, NULL, map_new(cx->arena) };
    return depends(&d, n);
}

bool pass_depends_on(PassCx *cx, const IrNode *n, const IrNode *index)
{
    Depend d = { cx, NULL, index, map_new(cx->arena) };
    return depends(&d, n);
}

void pass_note_cone(const IrRegion *r, const IrNode *n, Map *cone)
{
    if (!ir_inside(n, r) || map_find(cone, n))
        return;
    map_put(cone, n, cone);
    for (int i = 0; i < n->nin; i++)
        pass_note_cone(r, n->in[i], cone);
    for (int k = 0; k < n->nregions; k++)
        for (const IrNode *x = n->regions[k]->first; x; x = x->next)
            pass_note_cone(r, x, cone);
}

static IrNode question(Dim d) { return (IrNode){ .op = OP_dim, .type = ir_scalar(DT_i64), .dim = d }; }

bool pass_dim_depends(PassCx *cx, Dim d, const IrRegion *r)
{
    IrNode q = question(d);
    return d && pass_depends(cx, &q, r);
}

bool pass_dim_depends_on(PassCx *cx, Dim d, const IrNode *index)
{
    IrNode q = question(d);
    return d && pass_depends_on(cx, &q, index);
}

/* ---- safety of running early -------------------------------------------------------------------------------- */

Dim pass_end_of(PassCx *cx, const IrNode *index)
{
    DimCx *d = cx->module->dims;
    const DimTerm *t;
    Dim length = index->dim, zero = dim_const(d, 0);
    if (dim_terms(length, &t) == 1 && t->coef == 1 && t->nfactors == 1 && t->factors->power == 1 && t->factors->atom->kind == DA_MAX) {
        const DimAtom *m = t->factors->atom;
        length = m->a == zero ? m->b : m->b == zero ? m->a : length;
    }
    return index->lo ? dim_add(d, index->lo, length) : length;
}

static void add_range(PassCx *cx, Facts *f, IrNode *x)
{
    facts_range(f, x->sym, x->lo ? x->lo : dim_const(cx->module->dims, 0), pass_end_of(cx, x));
}

Facts *pass_ranges_around(PassCx *cx, const IrRegion *r)
{
    DimCx *d = cx->module->dims;
    Facts *f = facts_new(d, NULL);
    for (int i = 0; i < r->fn->dims.n; i++)
        facts_le(f, dim_const(d, 0), dim_sym(d, r->fn->dims.p[i]));
    for (int i = 0; i < r->fn->given.n; i++) {
        const IrGiven *g = &r->fn->given.p[i];
        (g->equal ? facts_eq : facts_le)(f, g->a, g->b);
    }
    for (; r; r = r->owner ? r->owner->parent : NULL)
        for (int i = 0; i < r->params.n; i++)
            if (r->params.p[i]->op == OP_index && r->params.p[i]->sym)
                add_range(cx, f, r->params.p[i]);
    return f;
}

static bool is_between(Facts *f, DimCx *d, Dim x, Dim end) { return facts_prove_le(f, dim_const(d, 0), x) == YES && facts_prove_lt(f, d, x, end) == YES; }

/* What the atom is for sure; NULL: it may be something else. */
static Dim decided(Facts *f, DimCx *d, const DimAtom *a)
{
    switch (a->kind) {
    case DA_FLOORDIV: return is_between(f, d, a->a, a->b) ? dim_const(d, 0) : NULL;
    case DA_MOD: return is_between(f, d, a->a, a->b) ? a->a : NULL;
    case DA_MIN: return facts_prove_le(f, a->a, a->b) == YES ? a->a : facts_prove_le(f, a->b, a->a) == YES ? a->b : NULL;
    case DA_MAX: return facts_prove_le(f, a->a, a->b) == YES ? a->b : facts_prove_le(f, a->b, a->a) == YES ? a->a : NULL;
    default: return NULL;
    }
}

Dim pass_decide(PassCx *cx, Facts *f, Dim of)
{
    DimCx *d = cx->module->dims;
    const DimTerm *t;
    Dim out = of;
    int n = dim_terms(of, &t);
    for (int i = 0; i < n; i++) {
        bool alone = t[i].nfactors == 1 && t[i].factors->power == 1;
        Dim x = alone ? decided(f, d, t[i].factors->atom) : NULL;
        if (x)
            out = dim_add(d, out, dim_mul(d, dim_const(d, t[i].coef), dim_sub(d, x, dim_of_atom(t[i].factors->atom))));
    }
    return out;
}

/* max(min(x, size - 1), 0): fault_quiet.c. */
static bool is_quiet(PassCx *cx, const IrNode *sub, Dim size)
{
    const IrNode *least = sub->op == OP_max && sub->in[0]->op == OP_min ? sub->in[0]->in[1] : NULL;
    int64_t n;
    if (!least || sub->in[1]->op != OP_const || sub->in[1]->imm)
        return false;
    if (least->op == OP_const)
        return dim_is_const(size, &n) && n == least->imm + 1;
    return pass_dim_of(cx, (IrNode *)(uintptr_t)least) == dim_sub(cx->module->dims, size, dim_const(cx->module->dims, 1));
}

static bool is_inside_quickly(PassCx *cx, const IrNode *sub, Dim size)
{
    int64_t n;
    if (sub->op == OP_clampi || is_quiet(cx, sub, size))
        return true;
    if (sub->op == OP_index && sub->dim == size)
        return !sub->lo || (dim_is_const(sub->lo, &n) && n == 0);
    return sub->op == OP_const && sub->imm >= 0 && dim_is_const(size, &n) && sub->imm < n;
}

/* What a comparison says of sizes and indices, where it holds or where it does not. */
static void learn(PassCx *cx, Facts *f, const IrNode *c, bool holds)
{
    DimCx *d = cx->module->dims;
    const IrNode *first = holds ? pass_and_then(c) : NULL;
    if (c->op == (holds ? OP_and : OP_or)) {
        learn(cx, f, c->in[0], holds);
        learn(cx, f, c->in[1], holds);
    } else if (first) {
        learn(cx, f, first, true);
    } else if (c->op == OP_not) {
        learn(cx, f, c->in[0], !holds);
    } else if (c->op == OP_eq && !holds && c->in[0]->type.dtype == DT_i64) {
        Dim a = pass_dim_of(cx, c->in[0]), b = pass_dim_of(cx, c->in[1]), one = dim_const(d, 1);
        if (facts_prove_le(f, b, a) == YES)
            facts_le(f, dim_add(d, b, one), a);
        else if (facts_prove_le(f, a, b) == YES)
            facts_le(f, dim_add(d, a, one), b);
    } else if ((c->op == OP_lt || c->op == OP_le) && c->in[0]->type.dtype == DT_i64) {
        Dim a = pass_dim_of(cx, c->in[0]), b = pass_dim_of(cx, c->in[1]), one = dim_const(d, 1);
        if (holds)
            facts_le(f, c->op == OP_lt ? dim_add(d, a, one) : a, b);
        else
            facts_le(f, c->op == OP_lt ? b : dim_add(d, b, one), a);
    }
}

/* What is decided between a node and `top`, in which it stands; nothing that is decided around that one. */
static void learn_choices(PassCx *cx, Facts *f, const IrNode *n, const IrNode *top)
{
    for (; n != top; n = n->parent->owner)
        if (n->parent->owner->op == OP_if)
            learn(cx, f, n->parent->owner->in[0], n->parent == n->parent->owner->regions[0]);
}

/* What lies in scratch is read at places that it has. */
static bool is_in_scratch(const IrNode *tensor) { return tensor->op == OP_buffer && tensor->place == PLACE_scratch; }

/* Subscript i; f: what is known around the load and decided between it and `top`, NULL before the first question. */
static bool is_inside(PassCx *cx, const IrNode *load, int i, const IrNode *top, Facts **f)
{
    DimCx *d = cx->module->dims;
    Dim size = load->in[0]->type.dims[i - 1];
    if (is_inside_quickly(cx, load->in[i], size))
        return true;
    if (!*f) {
        *f = pass_ranges_around(cx, load->parent);
        learn_choices(cx, *f, load, top);
    }
    Dim v = pass_dim_of(cx, load->in[i]), whole = pass_dim_through(cx, load->in[i]);
    return is_between(*f, d, v, size) || (whole != v && is_between(*f, d, whole, size));
}

bool pass_is_inside(PassCx *cx, const IrNode *load, int i)
{
    Facts *f = NULL;
    return is_inside(cx, load, i, load, &f);
}

static bool load_is_total(PassCx *cx, const IrNode *load, const IrNode *top)
{
    Facts *f = NULL;
    for (int i = 1; i < load->nin && !is_in_scratch(load->in[0]); i++)
        if (!is_inside(cx, load, i, top, &f))
            return false;
    return true;
}

static bool total_within(PassCx *cx, const IrNode *n, const IrNode *top)
{
    int fx = ir_info(n)->effects;
    if ((fx & (PINNED | FAULTS)) || n->op == OP_while || n->op == OP_extern)
        return false;
    if (n->op == OP_load && !load_is_total(cx, n, top))
        return false;
    for (int i = 0; i < n->nregions; i++)
        for (const IrNode *x = n->regions[i]->first; x; x = x->next)
            if (!total_within(cx, x, top))
                return false;
    return true;
}

bool pass_is_total(PassCx *cx, const IrNode *n) { return total_within(cx, n, n); }

/* ---- substitution of symbols -------------------------------------------------------------------------------- */

SymMap symmap_new(PassCx *cx)
{
    return (SymMap){ cx->module->dims, map_new(cx->arena) };
}

void symmap_put(SymMap *m, DimSym *s, Dim d)
{
    map_put(&m->syms, s, (void *)(uintptr_t)d);
}

Dim symmap_subst(void *m, DimSym *s)
{
    return map_find(&((SymMap *)m)->syms, s);
}

typedef struct Entry { const IrFn *fn; bool ints, known; } Entry;

static void see_dim_of_entry(void *user, DimSym *s)
{
    Entry *e = user;
    bool found = false;
    for (int i = 0; i < e->fn->dims.n; i++)
        found = found || e->fn->dims.p[i] == s;
    for (int i = 0; i < e->fn->params.n && e->ints && !found; i++)
        found = e->fn->params.p[i]->sym == s;
    e->known = e->known && found;
}

bool pass_known_at_entry(const IrFn *fn, Dim d)
{
    Entry e = { fn, true, !dim_is_poison(d) };
    dim_syms(d, see_dim_of_entry, &e);
    return e.known;
}

bool pass_known_by_shapes(const IrFn *fn, Dim d)
{
    Entry e = { fn, false, !dim_is_poison(d) };
    dim_syms(d, see_dim_of_entry, &e);
    return e.known;
}

IrNode *pass_identity(IrBuilder *b, RedOp op, IrDtype t)
{
    int bits = dtype_bytes(t) * 8;
    bool sign = dtype_is_signed(t);
    uint64_t all = UINT64_MAX >> (64 - bits), top = sign ? all >> 1 : all;
    if (dtype_is_float(t))
        return ir_const_float(b, t, op == RED_prod ? 1 : op == RED_max ? -INFINITY : op == RED_min ? INFINITY : 0);
    switch (op) {
    case RED_prod:
    case RED_all: return ir_const_int(b, t, 1);
    case RED_max: return ir_const_int(b, t, sign ? -(int64_t)top - 1 : 0);
    case RED_min: return ir_const_int(b, t, (int64_t)top);
    default: return ir_const_int(b, t, 0);
    }
}

typedef struct Copied { PassCx *cx; IrBuilder *b; const IrRegion *r; const IrNode *owner; Map *nodes; SymMap *syms; } Copied;

static void copy_operands(void *user, IrNode *n)
{
    const Copied *c = user;
    for (int i = 0; i < n->nin; i++) {
        bool own = false;
        for (int k = 0; k < c->owner->nregions; k++)
            own = own || ir_inside(n->in[i], c->owner->regions[k]);
        if (!own)
            pass_copied(c->cx, c->b, n->in[i], c->r, c->nodes, c->syms);
    }
}

IrNode *pass_copied(PassCx *cx, IrBuilder *b, IrNode *n, const IrRegion *r, Map *nodes, SymMap *syms)
{
    IrNode *known = map_find(nodes, n);
    if (known || !ir_inside(n, r))
        return known ? known : n;
    Copied c = { cx, b, r, n, nodes, syms };
    copy_operands(&c, n);
    for (int i = 0; i < n->nregions; i++)
        ir_walk(n->regions[i], copy_operands, &c);
    IrNode *y = ir_clone_node(b, n, nodes, symmap_subst, syms);
    map_put(nodes, n, y);
    if (n->sym)
        symmap_put(syms, n->sym, pass_dim_of(cx, y));
    return y;
}

void pass_copy_index(PassCx *cx, IrRegion *in, IrNode *old, Map *nodes, SymMap *syms)
{
    IrNode *x = ir_index_new(in, old->name, old->lo, old->dim, old->span);
    map_put(nodes, old, x);
    symmap_put(syms, old->sym, dim_sym(cx->module->dims, x->sym));
}
