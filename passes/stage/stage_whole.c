/* stage_whole.c - a weight that lies packed and is used as a whole is copied for its user; the copy is read from the packed form as any map is.
 *
 *     %0 = sort %w       %1 = map [p: N, p.1: K] { %w[p, p.1] }
 *                        %0 = sort %1
 *
 * Of what a product reads along other lanes than the packed form has, or a reduction across its rows, the places that are asked for are copied:
 *
 *     sum [m] { %x[t, m] * %w[n, m, 0] }       %1 = map [n: N, m: M] { %w[n, m, 0] }
 *                                              sum [m] { %x[t, m] * %1[n, m] }
 *
 * What is returned, or begins a loop, would be copied anyway: the map writes to where it goes. What a sum of the function walks in one piece is unpacked
 * for some blocks at a time (tile_flat.c).
 */
#include "passes/stage/stage_int.h"

/* Before what uses it, and the loops around that; inside of a choice. */
static IrNode *place_for(IrNode *user)
{
    IrNode *at = user;
    for (IrRegion *r = user->parent; r && r->owner && r->owner->op != OP_if; r = r->owner->parent)
        at = r->owner;
    return at;
}

/* The reduction or map of the function that the load stands in. */
static IrNode *reader_of(IrNode *load)
{
    IrNode *at = load;
    for (IrRegion *r = load->parent; r && r->owner; r = r->owner->parent)
        at = r->owner->op == OP_reduce || r->owner->op == OP_map ? r->owner : at;
    return at;
}

static bool is_copy(const IrNode *map, const IrNode *leaf)
{
    const IrNode *y = map->op == OP_map && map->load_time ? ir_terminator(map->regions[0])->in[0] : NULL;
    return y && y->op == OP_load && y->in[0] == leaf && ir_type_equal(map->type, leaf->type);
}

/* One that several uses share: not what is written to a result. */
static IrNode *copy_before(IrNode *leaf, const IrNode *at)
{
    for (IrNode *n = at->prev; n; n = n->prev)
        if (is_copy(n, leaf) && !(n->uses && n->uses->user->op == OP_ret))
            return n;
    return NULL;
}

/* What of the leaf is copied: fixed[i], NULL, or the subscript that all share; some (NULL: always) says whether the leaf has those places. */
typedef struct Taken { IrNode *fixed[IR_RANK_MOST], *some; } Taken;

/* Of an element that is there only if some is true; else 0. */
static IrNode *element(IrBuilder *b, const Taken *taken, IrNode *leaf, IrNode *const *subs)
{
    if (!taken->some)
        return ir_load(b, leaf, leaf->type.rank, subs);
    IrDtype t = leaf->type.dtype;
    IrNode *choice = ir_add1(b, OP_if, ir_scalar(t), taken->some);
    for (int no = 0; no < 2; no++) {
        IrBuilder in = { .fn = b->fn, .region = ir_region_new(b->fn, choice), .span = b->span };
        IrNode *x = !no ? ir_load(&in, leaf, leaf->type.rank, subs) : dtype_is_float(t) ? ir_const_float(&in, t, 0) : ir_const_int(&in, t, 0);
        ir_yield(&in, 1, &x);
    }
    return choice;
}

static IrNode *new_copy(PassCx *cx, IrNode *leaf, IrNode *at, const Taken *taken)
{
    IrFn *fn = at->parent->fn;
    IrBuilder b = { fn, at->parent, at, leaf->span };
    IrType type = { leaf->type.dtype, 0, NEWN(cx->module->arena, Dim, leaf->type.rank) };
    IrNode *subs[IR_RANK_MOST];
    for (int i = 0; i < leaf->type.rank; i++)
        if (!taken->fixed[i])
            type.dims[type.rank++] = leaf->type.dims[i];
    IrNode *map = ir_add0(&b, OP_map, type);
    IrBuilder in = { fn, ir_region_new(fn, map), NULL, leaf->span };
    for (int i = 0; i < leaf->type.rank; i++)
        subs[i] = taken->fixed[i] ? taken->fixed[i] : ir_index_new(in.region, NULL, NULL, leaf->type.dims[i], leaf->span);
    IrNode *x = element(&in, taken, leaf, subs);
    ir_yield(&in, 1, &x);
    pass_note_symbols(cx, in.region);
    map->load_time = true;
    map->name = leaf->name;
    return map;
}

void stage_copy_for(PassCx *cx, IrNode *user, int slot)
{
    IrNode *leaf = user->in[slot], *at = place_for(user), *copy = user->op == OP_ret ? NULL : copy_before(leaf, at);
    ir_set_in(user, slot, copy ? copy : new_copy(cx, leaf, at, &(Taken){ .some = NULL }));
    cx->changed++;
}

/* ---- subscripts that stand inside of the reader and need nothing of it ------------------------------------------------- */

typedef struct Fixed { PassCx *cx; const IrRegion *r; Map seen; bool ok; } Fixed;

static void see_symbol(void *user, DimSym *s)
{
    Fixed *f = user;
    const IrNode *n = map_find(&f->cx->sym_nodes, s);
    f->ok = f->ok && !(n && ir_inside(n, f->r));
}

static void see_value(Fixed *f, const IrNode *n)
{
    if (!f->ok || !ir_inside(n, f->r) || map_find(&f->seen, n))
        return;
    map_put(&f->seen, n, f);
    f->ok = n->op == OP_const || n->op == OP_dim || (ir_is_scalar_op(n) && !n->nregions && n->op != OP_load && n->op != OP_check);
    if (n->op == OP_dim)
        dim_syms(n->dim, see_symbol, f);
    for (int i = 0; i < n->nin; i++)
        see_value(f, n->in[i]);
}

/* Is it the same for all that r computes, and needs no memory? */
static bool is_fixed(PassCx *cx, const IrNode *n, const IrRegion *r)
{
    Fixed f = { cx, r, map_new(cx->arena), true };
    see_value(&f, n);
    return f.ok;
}

bool stage_is_part(PassCx *cx, IrNode *load)
{
    const IrRegion *r = reader_of(load)->regions[0];
    int fixed = 0;
    for (int i = 1; i < load->nin; i++)
        if (is_fixed(cx, load->in[i], r))
            fixed++;
        else if (load->in[i]->op != OP_index || !pass_is_whole(load->in[i]))
            return false;
    return fixed;
}

/* The reader, or the outermost loop around it in whose turns the same subscripts are fixed; what stands in *within is not there yet. */
static IrNode *place_of_part(PassCx *cx, const IrNode *load, const IrRegion **within)
{
    IrNode *at = reader_of((IrNode *)load);
    for (*within = at->regions[0];; *within = at->parent, at = at->parent->owner) {
        const IrRegion *r = at->parent;
        bool same = r->owner && (r->owner->op == OP_for || r->owner->op == OP_while);
        for (int i = 1; i < load->nin && same; i++)
            same = is_fixed(cx, load->in[i], r) || !is_fixed(cx, load->in[i], *within);
        if (!same)
            return at;
    }
}

typedef struct Ahead { PassCx *cx; const IrRegion *r; IrBuilder b; Map nodes; VEC(IrNode *) faults; } Ahead;

static IrNode *ahead(Ahead *a, IrNode *n)
{
    IrNode *x = map_find(&a->nodes, n);
    if (x || !ir_inside(n, a->r))
        return x ? x : n;
    for (int i = 0; i < n->nin; i++)
        ahead(a, n->in[i]);
    x = ir_clone_node(&a->b, n, &a->nodes, NULL, NULL);
    if (pass_is_fault(x))
        vec_push(a->cx->arena, &a->faults, x);
    return x;
}

/* Before the reader nobody has asked yet whether the place is one. */
static IrNode *clamped(Ahead *a, Taken *taken, IrNode *x, Dim size)
{
    IrType t = ir_scalar(DT_i64);
    IrNode *n = ir_dim_value(&a->b, size), *zero = ir_int(&a->b, 0), *some = ir_add2(&a->b, OP_lt, ir_scalar(DT_bool), zero, n);
    taken->some = taken->some ? ir_add2(&a->b, OP_and, ir_scalar(DT_bool), taken->some, some) : some;
    return ir_add2(&a->b, OP_max, t, ir_add2(&a->b, OP_min, t, x, ir_add2(&a->b, OP_sub, t, n, ir_int(&a->b, 1))), zero);
}

void stage_copy_read(PassCx *cx, IrNode *load)
{
    IrNode *leaf = load->in[0], *subs[IR_RANK_MOST];
    Taken taken = { .some = NULL };
    Ahead a = { .cx = cx, .nodes = map_new(cx->arena) };
    IrNode *at = place_of_part(cx, load, &a.r);
    int n = 0;
    a.b = (IrBuilder){ at->parent->fn, at->parent, at, load->span };
    for (int i = 1; i < load->nin; i++)
        if (!ir_inside(load->in[i], a.r) && pass_is_inside(cx, load, i))
            taken.fixed[i - 1] = load->in[i];
        else if (ir_inside(load->in[i], a.r) && is_fixed(cx, load->in[i], a.r))
            taken.fixed[i - 1] = clamped(&a, &taken, ahead(&a, load->in[i]), leaf->type.dims[i - 1]);
        else
            subs[n++] = load->in[i];
    if (n == load->nin - 1) {
        stage_copy_for(cx, load, 0);
        return;
    }
    IrBuilder b = { load->parent->fn, load->parent, load, load->span };
    ir_replace(load, ir_load(&b, new_copy(cx, leaf, at, &taken), n, subs));
    ir_drop(load);
    for (int i = 0; i < a.faults.n; i++)
        pass_quiet_fault(cx, a.faults.p[i]);
    cx->changed++;
}
