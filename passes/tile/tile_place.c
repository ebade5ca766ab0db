/* tile_place.c - where tensor values live: which memory is written in place, and which takes a result directly.
 *
 *     %c2 = update %c1, %v ...             written into the memory of %c1 if nobody reads %c1 (or what shares it) afterwards
 *     %y = map ... ; yield %y              written into the memory of the loop's argument if that was read for the last time
 *
 * Questions are asked of the old function, whose order is the order of execution.
 */
#include "passes/tile/tile_int.h"

typedef struct Member { IrNode *value; struct Member *next; } Member;

void tile_bind(Tile *t, IrNode *old, IrNode *buffer)
{
    IrNode *root = pass_root(buffer);
    Member *m = NEW(t->cx->arena, Member);
    *m = (Member){ old, map_find(&t->members, root) };
    map_put(&t->members, root, m);
    map_put(&t->buffers, old, buffer);
}

bool tile_moves(Tile *t, IrNode *root)
{
    for (Member *m = map_find(&t->members, root); m; m = m->next)
        if (map_find(&t->buffers, m->value) != root)
            return false;
    return true;
}

void tile_move(Tile *t, IrNode *from, IrNode *to)
{
    for (Member *m = map_find(&t->members, from); m; m = m->next) {
        tile_bind(t, m->value, to);
        map_put(&t->nodes, m->value, to);
    }
    map_put(&t->members, from, NULL);
}

static bool is_writable(Tile *t, const IrNode *root)
{
    if (root->place != PLACE_param)
        return root->place == PLACE_arena || root->place == PLACE_result;
    for (int i = 0; i < t->fn->vars.n; i++)
        if (t->fn->vars.p[i] == root->imm)
            return true;
    return false;
}

void tile_number(Tile *t, const IrRegion *r)
{
    for (const IrNode *n = r->first; n; n = n->next) {
        map_put(&t->order, n, (void *)(uintptr_t)(t->order.n + 1));
        for (int k = 0; k < n->nregions && (n->op == OP_for || n->op == OP_while || n->op == OP_if); k++)
            tile_number(t, n->regions[k]);
    }
}

/* In one region. What the pass has added to the old function has no number. */
static bool comes_after(const Tile *t, const IrNode *n, const IrNode *place)
{
    uintptr_t a = (uintptr_t)map_find(&t->order, n), b = (uintptr_t)map_find(&t->order, place);
    if (a && b)
        return a > b;
    for (const IrNode *x = place->next; x; x = x->next)
        if (x == n)
            return true;
    return false;
}

/* Is `use` executed after `at`, both seen in the innermost region that holds both? */
static bool runs_after(const Tile *t, IrNode *use, IrNode *at)
{
    for (IrNode *a = at; a; a = a->parent ? a->parent->owner : NULL) {
        IrNode *u = pass_ancestor_in(use, a->parent);
        if (u)
            return u != a && comes_after(t, u, a);
    }
    return false;
}

/* Is the value read in a loop around `at` that does not hold its definition? Then the next turn reads it again. */
static bool is_read_again(const IrNode *value, const IrNode *at)
{
    for (IrRegion *r = at->parent; r && r != value->parent; r = r->owner ? r->owner->parent : NULL)
        if (r->owner && (r->owner->op == OP_for || r->owner->op == OP_while))
            for (IrUse *u = value->uses; u; u = u->next)
                if (ir_inside(u->user, r))
                    return true;
    return false;
}

/* A loop that carries a value in its memory changes it while the loop's own code may still read the value from outside. */
static bool is_read_inside(const IrNode *use, const IrNode *at)
{
    if (at->op != OP_for && at->op != OP_while)
        return false;
    for (const IrRegion *r = use->parent; r && r->owner; r = r->owner->parent)
        if (r->owner == at)
            return true;
    return false;
}

static bool is_read_after(const Tile *t, const IrNode *value, IrNode *at, bool once)
{
    int own = 0;
    for (IrUse *u = value->uses; u; u = u->next) {
        own += u->user == at;
        if (u->user != at && (runs_after(t, u->user, at) || is_read_inside(u->user, at)))
            return true;
    }
    return once && own > 1;
}

static bool is_dead_after(Tile *t, IrNode *root, IrNode *at, bool once)
{
    for (Member *m = map_find(&t->members, root); m; m = m->next)
        if (is_read_after(t, m->value, at, once) || is_read_again(m->value, at))
            return false;
    return true;
}

bool tile_dies_at(Tile *t, IrNode *value, IrNode *user)
{
    IrNode *b = tile_buffer_of(t, value);
    return b && is_writable(t, pass_root(b)) && is_dead_after(t, pass_root(b), user, true);
}

bool tile_dies_after(Tile *t, IrNode *value, IrNode *n)
{
    IrNode *b = tile_buffer_of(t, value);
    return b && is_writable(t, pass_root(b)) && is_dead_after(t, pass_root(b), n, false);
}

/* ---- direct destinations ---------------------------------------------------------------------------------------- */

static IrUse *only_tensor_use(IrNode *map)
{
    IrUse *found = NULL;
    for (IrUse *u = map->uses; u; u = u->next) {
        if (u->user->op == OP_load && u->slot == 0)
            continue;
        if (found)
            return NULL;
        found = u;
    }
    return found;
}

IrNode *tile_left_by(IrNode *n, int64_t slot)
{
    IrNode *found = NULL;
    if (n->type.dtype != DT_none)
        return slot == 0 ? n : NULL;
    for (IrUse *u = n->uses; u; u = u->next) {
        if (u->user->op != OP_result || u->user->imm != slot)
            continue;
        if (found)
            return NULL;
        found = u->user;
    }
    return found;
}

/* What holds the tensor after the use: an update, what a loop leaves, another shape. NULL: none, or it is a value of its own. */
static IrNode *successor(const IrUse *u)
{
    IrNode *n = u->user;
    switch (n->op) {
    case OP_reshape: return n;
    case OP_update: return u->slot == 0 ? n : NULL;
    case OP_scatter: return n;
    case OP_for: return u->slot >= 2 ? tile_left_by(n, u->slot - 2) : NULL;
    case OP_while: return tile_left_by(n, u->slot);
    default: return NULL;
    }
}

/* What changes the memory of a value that is read afterwards, or in a loop all the time, leaves it alone: v is what shapes make of `first`. */
static bool is_left_alone(const Tile *t, const IrNode *first, const IrNode *v, IrNode *by)
{
    for (;; v = v->in[0]) {
        if (is_read_after(t, v, by, true))
            return true;
        if (v == first)
            return false;
    }
}

/* The place of v's last version among the results; -1: it is none, or read otherwise. All steps stand in one region, that of `ret`. */
static int final_slot(const Tile *t, IrNode *v)
{
    for (const IrNode *first = v; v;) {
        IrUse *u = only_tensor_use(v);
        if (!u || u->user->parent != v->parent)
            return -1;
        if (u->user->op == OP_ret)
            return u->slot;
        IrNode *next = successor(u);
        if (u->user->op != OP_reshape) {
            if (is_left_alone(t, first, v, u->user))
                return -1;
            first = next;
        }
        v = next;
    }
    return -1;
}

IrNode *tile_final(Tile *t, IrNode *v)
{
    int slot = final_slot(t, v), nv = t->fn->vars.n;
    return slot < nv ? NULL : tile_buffer(t, PLACE_result, tile_type(t, v->type), slot - nv, v->span, v->name);
}

bool tile_is_var_in_the_end(Tile *t, IrNode *v, int64_t param)
{
    int slot = final_slot(t, v);
    return slot >= 0 && slot < t->fn->vars.n && t->fn->vars.p[slot] == param;
}

typedef struct Reads { Tile *t; IrNode *root, *map, *update; bool any, elsewhere; } Reads; /* update: reads of other places than it writes do not count */

static bool reads_own_element(const IrNode *load, const IrNode *map)
{
    const IrRegion *r = map->regions[0];
    if (map->op != OP_map || load->nin - 1 != r->params.n) /* a scatter writes elements before it has read all */
        return false;
    for (int i = 0; i < r->params.n; i++)
        if (load->in[i + 1] != r->params.p[i] || r->params.p[i]->lo)
            return false;
    return true;
}

/* x and y are never equal: they differ by a number, or by one that is no multiple of R modulo R. */
static bool differ(PassCx *cx, IrNode *x, IrNode *y)
{
    int64_t c, r = 0;
    if (x->op == OP_mod && y->op == OP_mod && x->in[1]->op == OP_const && y->in[1]->op == OP_const && x->in[1]->imm == y->in[1]->imm) {
        r = x->in[1]->imm;
        x = x->in[0];
        y = y->in[0];
    }
    if (!pass_is_affine(x) || !pass_is_affine(y) || !dim_is_const(dim_sub(cx->module->dims, pass_dim_through(cx, x), pass_dim_through(cx, y)), &c))
        return false;
    return r ? c % r != 0 : c != 0;
}

static bool is_of_another_place(Reads *s, const IrNode *load)
{
    const IrNode *up = s->update;
    if (!up || load->op != OP_load || load->in[0]->type.rank != up->type.rank || map_find(&s->t->buffers, load->in[0]) != s->root)
        return false;
    for (int i = 0; i < up->type.rank; i++)
        if (!up->box[i] && differ(s->t->cx, load->in[1 + i], up->in[2 + i]))
            return true;
    return false;
}

static void see_read(void *user, IrNode *n)
{
    Reads *s = user;
    for (int i = 0; i < n->nin; i++) {
        IrNode *b = pass_is_tensor(n->in[i]) ? map_find(&s->t->buffers, n->in[i]) : NULL;
        if (!b || pass_root(b) != s->root || is_of_another_place(s, n))
            continue;
        s->any = true;
        if (n->op != OP_load || !reads_own_element(n, s->map))
            s->elsewhere = true;
    }
}

static Reads reads_of(Tile *t, IrNode *root, IrNode *map, IrNode *update)
{
    Reads s = { t, root, map, update, false, false };
    ir_walk(map->regions[0], see_read, &s);
    return s;
}

Dest tile_dest_of(Tile *t, IrNode *buffer, IrNode *map)
{
    int r = map->type.rank;
    Dest d = { .buffer = buffer, .rank = r, .start = NEWN(t->cx->arena, IrNode *, r), .axis = NEWN(t->cx->arena, int, r) };
    for (int i = 0; i < r; i++)
        d.axis[i] = i;
    return d;
}

/* May the map write over the memory while it (and nobody later) reads it? */
static bool may_overwrite(Tile *t, IrNode *root, IrNode *map)
{
    return is_writable(t, root) && is_dead_after(t, root, map, false) && !reads_of(t, root, map, NULL).elsewhere;
}

static bool to_slot(Tile *t, IrNode *map, int slot, Dest *d)
{
    int nv = t->fn->vars.n;
    if (slot >= nv) {
        *d = tile_dest_of(t, tile_buffer(t, PLACE_result, tile_type(t, map->type), slot - nv, map->span, map->name), map);
        return true;
    }
    IrNode *param = t->fn->params.p[t->fn->vars.p[slot]], *b = tile_param_buffer(t, param);
    if (!map_find(&t->buffers, param)) /* nobody has read it so far: the map itself may */
        tile_bind(t, param, b);
    if (!ir_type_equal(param->type, map->type) || !may_overwrite(t, pass_root(b), map)) /* a shape may have been changed on the way */
        return false;
    *d = tile_dest_of(t, b, map);
    return true;
}

static bool to_result(Tile *t, IrNode *map, IrUse *u, Dest *d) { return u->user->parent == map->parent && to_slot(t, map, (int)u->slot, d); }

/* Into the memory of the result or `var` that it becomes in place. */
static bool to_final(Tile *t, IrNode *map, Dest *d)
{
    int slot = final_slot(t, map);
    return slot >= 0 && to_slot(t, map, slot, d);
}

static bool to_next_turn(Tile *t, IrNode *map, IrUse *u, Dest *d)
{
    IrRegion *r = u->user->parent;
    IrNode *owner = r->owner;
    if (map->parent != r || !owner || (owner->op != OP_for && owner->op != OP_while))
        return false;
    IrNode *arg = r->params.p[u->slot + (owner->op == OP_for)], *b = map_find(&t->buffers, arg);
    if (!b || b->place == PLACE_view || !may_overwrite(t, b, map))
        return false;
    *d = tile_dest_of(t, b, map);
    return true;
}

bool tile_knows(const Tile *t, DimSym *s)
{
    IrNode *def = map_find(&t->cx->sym_nodes, s);
    return !def || def->op == OP_param || map_find(&t->nodes, def);
}

typedef struct Known { Tile *t; bool all; } Known;

static void see_symbol(void *user, DimSym *s)
{
    Known *k = user;
    k->all = k->all && tile_knows(k->t, s);
}

/* Is the scalar there, or made of such by operations that may run here already? */
static bool scalar_is_ready(Tile *t, IrNode *scalar, int depth)
{
    Known k = { t, true };
    if (scalar->op == OP_param || map_find(&t->nodes, scalar))
        return true;
    if (scalar->op == OP_dim)
        dim_syms(scalar->dim, see_symbol, &k);
    if (depth == 0 || !k.all || (ir_info(scalar)->effects & (FAULTS | PINNED)) || (!ir_is_scalar_op(scalar) && scalar->op != OP_const && scalar->op != OP_dim))
        return false;
    for (int i = 0; i < scalar->nin; i++)
        if (!scalar_is_ready(t, scalar->in[i], depth - 1))
            return false;
    return true;
}

bool tile_is_ready(Tile *t, IrNode *n)
{
    return pass_is_tensor(n) ? n->op == OP_param || map_find(&t->buffers, n) : scalar_is_ready(t, n, 8);
}

IrNode *tile_now(Tile *t, IrNode *scalar)
{
    if (scalar->op == OP_param || map_find(&t->nodes, scalar))
        return tile_scalar(t, scalar);
    for (int i = 0; i < scalar->nin; i++)
        tile_now(t, scalar->in[i]);
    IrNode *n = tile_clone(t, &t->b, scalar);
    map_put(&t->nodes, scalar, n);
    return n;
}

static bool nobody_between(Tile *t, IrNode *root, IrNode *map, IrNode *update)
{
    for (IrNode *n = map->next; n && n != update; n = n->next) {
        Reads s = { t, root, map, NULL, false, false };
        see_read(&s, n);
        for (int i = 0; i < n->nregions; i++)
            ir_walk(n->regions[i], see_read, &s);
        if (s.any)
            return false;
    }
    return true;
}

static bool to_update(Tile *t, IrNode *map, IrUse *u, Dest *d)
{
    IrNode *up = u->user, *b;
    if (u->slot != 1 || up->parent != map->parent || ir_nuses(map) != 1)
        return false;
    if (up->in[0]->op != OP_param && !map_find(&t->buffers, up->in[0])) /* made after the map: another update stands between them */
        return false;
    b = tile_buffer_of(t, up->in[0]);
    if (!b || !tile_dies_at(t, up->in[0], up) || reads_of(t, pass_root(b), map, up).any || !nobody_between(t, pass_root(b), map, up))
        return false;
    int rank = up->in[0]->type.rank, axis = 0;
    *d = (Dest){ .buffer = b, .rank = rank, .start = NEWN(t->cx->arena, IrNode *, rank), .axis = NEWN(t->cx->arena, int, rank) };
    for (int i = 0; i < rank; i++)
        if (!tile_is_ready(t, up->in[2 + i]))
            return false;
    for (int i = 0; i < rank; i++) {
        d->start[i] = tile_now(t, up->in[2 + i]);
        d->axis[i] = up->box[i] ? axis++ : -1;
    }
    tile_bind(t, up, b);
    return true;
}

bool tile_destination(Tile *t, IrNode *map, Dest *d)
{
    IrUse *u = only_tensor_use(map);
    if (!u)
        return false;
    switch (u->user->op) {
    case OP_ret: return to_result(t, map, u, d);
    case OP_yield: return to_next_turn(t, map, u, d);
    case OP_update: return u->slot == 0 ? to_final(t, map, d) : to_update(t, map, u, d);
    case OP_for:
    case OP_while:
    case OP_scatter:
    case OP_reshape: return to_final(t, map, d);
    default: return false;
    }
}
