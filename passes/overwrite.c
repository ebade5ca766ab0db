/* overwrite.c - a kernel that reads rows of a tensor for the last time writes its results over them.
 *
 *     %x = buffer arena                                     %y = buffer result 0
 *     kernel [i] { ..store %x[i, j].. }                     kernel [i] { ..store %y[i, j].. }
 *     kernel [i] { %m = reduce max [j] { load %x[i, j] }    kernel [i] { %m = reduce max [j] { load %y[i, j] }
 *                  tfor lanes [j] { load %x[i, j] ..                     tfor lanes [j] { load %y[i, j] ..
 *                                   store %y[i, j] .. } }                                 store %y[i, j] .. } }
 *
 *     kernel [i] { ..load %x[i, j].. store %y[i, j] .. }    kernel [i] { ..load %x[i, j].. store %x[i, j] .. }
 *     copy %x, %y                                           (the copy is gone)
 *
 * The points of the kernel have rows of their own of both tensors. In a point all that reads the old one stands before what writes, or is in
 * one loop with it that reads an element before it writes that one (tile_place.c does this for maps that read nothing but their own element).
 */
#include "passes/pass_int.h"

typedef struct Over { PassCx *cx; IrNode *kernel, *old, *new; IrRegion *rows; } Over; /* rows: the innermost region with all that uses them */

static IrNode *const *subs_of(const IrNode *access) { return access->in + (access->op == OP_store ? 2 : 1); }

static bool in_kernel(const Over *o, const IrUse *u) { return ir_inside(u->user, o->kernel->regions[0]); }

/* Of the kernel's: loads, and stores of the new one; the region that holds them all. */
static bool find_rows(Over *o)
{
    IrNode *both[] = { o->old, o->new };
    for (int k = 0; k < 2; k++)
        for (IrUse *u = both[k]->uses; u; u = u->next) {
            if (!in_kernel(o, u))
                continue;
            if (u->slot != 0 || !(u->user->op == OP_load || (k && u->user->op == OP_store)))
                return false;
            o->rows = o->rows ? o->rows : u->user->parent;
            while (!ir_inside(u->user, o->rows))
                o->rows = o->rows->owner->parent;
        }
    return o->rows != NULL;
}

/* The axis that has the index as its subscript wherever the kernel uses them; -1: there is none. */
static int axis_of(const Over *o, const IrNode *index)
{
    IrNode *both[] = { o->old, o->new };
    int axis = -1;
    for (int k = 0; k < 2; k++)
        for (IrUse *u = both[k]->uses; u; u = u->next) {
            if (!in_kernel(o, u))
                continue;
            for (int i = 0; i < o->old->type.rank && axis < 0; i++)
                axis = subs_of(u->user)[i] == index ? i : -1;
            if (axis < 0 || subs_of(u->user)[axis] != index)
                return -1;
        }
    return axis;
}

static bool keeps_order(const IrNode *loop)
{
    return loop->op == OP_tfor || loop->op == OP_kernel || (loop->op == OP_reduce && loop->redop == RED_sum && !loop->stream);
}

static bool has_own_rows(const Over *o)
{
    for (const IrRegion *r = o->rows;; r = r->owner->parent) {
        if (!keeps_order(r->owner))
            return false;
        for (int i = 0; i < r->params.n; i++)
            if (r->params.p[i]->op != OP_index || axis_of(o, r->params.p[i]) < 0)
                return false;
        if (r->owner == o->kernel)
            return true;
    }
}

/* ---- what stands in a point -------------------------------------------------------------------------------------------- */

typedef struct Does { bool reads_old, reads_new, writes; const IrNode *first; } Does; /* first: of the stores */

static Does does(const Over *o, const IrNode *step)
{
    Does d = { 0 };
    for (IrUse *u = o->old->uses; u; u = u->next)
        d.reads_old |= in_kernel(o, u) && pass_ancestor_in(u->user, o->rows) == step;
    for (IrUse *u = o->new->uses; u; u = u->next) {
        bool here = in_kernel(o, u) && pass_ancestor_in(u->user, o->rows) == step;
        d.writes |= here && u->user->op == OP_store;
        d.reads_new |= here && u->user->op == OP_load;
        d.first = here && u->user->op == OP_store && (!d.first || pass_is_before(u->user, d.first)) ? u->user : d.first;
    }
    return d;
}

/* Each turn of the loop reads and writes one element, which no other turn does, and has read it when it writes. */
static bool is_by_element(const Over *o, const IrNode *loop, const IrNode *store)
{
    IrNode *both[] = { o->old, o->new };
    const IrRegion *r = loop->nregions == 1 ? loop->regions[0] : NULL;
    bool own = false;
    if (!r || loop->op == OP_kernel || !keeps_order(loop) || r->params.n != 1 || store->parent != r)
        return false;
    for (int i = 0; i < o->old->type.rank; i++)
        own |= subs_of(store)[i] == r->params.p[0];
    for (int k = 0; k < 2; k++)
        for (IrUse *u = both[k]->uses; u; u = u->next) {
            if (!in_kernel(o, u) || pass_ancestor_in(u->user, o->rows) != loop)
                continue;
            for (int i = 0; i < o->old->type.rank; i++)
                own &= subs_of(u->user)[i] == subs_of(store)[i];
            own &= u->user->parent == r && (k || pass_is_before(u->user, store));
        }
    return own;
}

static bool reads_first(const Over *o)
{
    bool written = false;
    for (const IrNode *n = o->rows->first; n; n = n->next) {
        Does d = does(o, n);
        if (d.reads_old && (written || (d.writes && !is_by_element(o, n, d.first))))
            return false;
        if (d.reads_new && !written)
            return false;
        written |= d.writes;
    }
    return written;
}

static bool may_overwrite(Over *o)
{
    return o->old != o->new && ir_type_equal(o->old->type, o->new->type) && o->old->type.rank > 0 && find_rows(o) && has_own_rows(o) && reads_first(o);
}

/* ---- what stands around the kernel --------------------------------------------------------------------------------------- */

static bool has_view(const IrNode *buffer)
{
    bool view = false;
    for (const IrUse *u = buffer->uses; u && !view; u = u->next)
        view = u->user->op == OP_buffer;
    return view;
}

/* All other uses of the old one stand before the kernel, of the new one behind it, in its region. */
static bool meet_here_only(const Over *o)
{
    for (IrUse *u = o->old->uses; u; u = u->next)
        if (!in_kernel(o, u) && !pass_is_before(pass_ancestor_in(u->user, o->kernel->parent), o->kernel))
            return false;
    for (IrUse *u = o->new->uses; u; u = u->next) {
        IrNode *at = pass_ancestor_in(u->user, o->kernel->parent);
        if (!in_kernel(o, u) && (!at || pass_is_before(at, o->kernel)))
            return false;
    }
    return true;
}

static bool joins(Over *o)
{
    if (o->old->place != PLACE_arena || o->old->parent != o->kernel->parent || has_view(o->old) || has_view(o->new))
        return false;
    return (o->new->place == PLACE_arena || o->new->place == PLACE_result) && meet_here_only(o) && may_overwrite(o);
}

/* The copy of the new one to the old one, which is all that is done with it. */
static IrNode *only_copy(const Over *o)
{
    IrNode *copy = NULL;
    for (IrUse *u = o->new->uses; u; u = u->next) {
        if (in_kernel(o, u))
            continue;
        if (copy || u->user->op != OP_copy || u->slot != 1 || u->user->in[0] != o->old || u->user->parent != o->kernel->parent)
            return NULL;
        copy = u->user;
    }
    return copy;
}

/* Nobody between them sees the old one, nor is a `var` of the caller's changed before what fails. */
static bool is_quiet_until(const Over *o, const IrNode *copy)
{
    IrNode *n = o->kernel;
    for (; n && n != copy; n = n->next) {
        if (o->old->place == PLACE_param && (pass_faults(n) || n->op == OP_effect || n->op == OP_extern))
            return false;
        for (IrUse *u = o->old->uses; n != o->kernel && u; u = u->next)
            if (pass_ancestor_in(u->user, n->parent) == n)
                return false;
    }
    return n != NULL;
}

static bool takes_copy(Over *o)
{
    IrNode *copy = o->new->place == PLACE_arena && !has_view(o->old) && !has_view(o->new) ? only_copy(o) : NULL;
    if (!copy || o->old->place == PLACE_view || !is_quiet_until(o, copy) || !may_overwrite(o))
        return false;
    ir_drop(copy);
    ir_replace(o->new, o->old);
    ir_drop(o->new);
    return true;
}

static bool writes(const IrNode *kernel, const IrNode *buffer)
{
    bool found = false;
    for (const IrUse *u = buffer->uses; u && !found; u = u->next)
        found = u->user->op == OP_store && ir_inside(u->user, kernel->regions[0]);
    return found;
}

typedef struct Used { Arena *a; IrNode *kernel; VEC(IrNode *) all; } Used; /* buffers from outside */

static void see_buffer(void *user, IrNode *n)
{
    Used *s = user;
    IrNode *b = n->op == OP_load || n->op == OP_store ? n->in[0] : NULL;
    for (int i = 0; i < s->all.n && b; i++)
        b = s->all.p[i] == b ? NULL : b;
    if (b && b->op == OP_buffer && !ir_inside(b, s->kernel->regions[0]))
        vec_push(s->a, &s->all, b);
}

static bool overwrite_one(PassCx *cx, IrNode *kernel, const Used *s)
{
    for (int i = 0; i < s->all.n; i++)
        for (int k = 0; k < s->all.n; k++) {
            Over o = { .cx = cx, .kernel = kernel, .old = s->all.p[i], .new = s->all.p[k] };
            if (i == k || writes(kernel, o.old) || !writes(kernel, o.new))
                continue;
            if (takes_copy(&o))
                return true;
            if (!joins(&o))
                continue;
            if (o.new->parent == o.old->parent && pass_is_before(o.old, o.new))
                ir_move_before(o.new, o.old);
            ir_replace(o.old, o.new);
            ir_drop(o.old);
            return true;
        }
    return false;
}

static void see_kernel(void *user, IrNode *n)
{
    PassCx *cx = user;
    Used s = { .a = cx->arena, .kernel = n };
    if (n->op != OP_kernel)
        return;
    ir_walk(n->regions[0], see_buffer, &s);
    cx->changed += overwrite_one(cx, n, &s);
}

bool pass_overwrite(PassCx *cx, IrFn *fn)
{
    ir_walk(fn->body, see_kernel, cx);
    return true;
}
