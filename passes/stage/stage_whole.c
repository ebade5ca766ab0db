/* stage_whole.c - a weight that lies packed and is used as a whole is copied for its user; the copy is read from the packed form as any map is.
 *
 *     %0 = sort %w       %1 = map [p: N, p.1: K] { %w[p, p.1] }
 *                        %0 = sort %1
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

/* Of all axes, or of those alone in which fixed has no subscript. */
static IrNode *new_copy(PassCx *cx, IrNode *leaf, IrNode *at, IrNode *const *fixed)
{
    IrFn *fn = at->parent->fn;
    IrBuilder b = { fn, at->parent, at, leaf->span };
    IrType type = { leaf->type.dtype, 0, NEWN(cx->module->arena, Dim, leaf->type.rank) };
    IrNode *subs[IR_RANK_MOST];
    for (int i = 0; i < leaf->type.rank; i++)
        if (!fixed || !fixed[i])
            type.dims[type.rank++] = leaf->type.dims[i];
    IrNode *map = ir_add0(&b, OP_map, type);
    IrBuilder in = { fn, ir_region_new(fn, map), NULL, leaf->span };
    for (int i = 0; i < leaf->type.rank; i++)
        subs[i] = fixed && fixed[i] ? fixed[i] : ir_index_new(in.region, NULL, NULL, leaf->type.dims[i], leaf->span);
    IrNode *x = ir_load(&in, leaf, leaf->type.rank, subs);
    ir_yield(&in, 1, &x);
    pass_note_symbols(cx, in.region);
    map->load_time = true;
    map->name = leaf->name;
    return map;
}

void stage_copy_for(PassCx *cx, IrNode *user, int slot)
{
    IrNode *leaf = user->in[slot], *at = place_for(user), *copy = user->op == OP_ret ? NULL : copy_before(leaf, at);
    ir_set_in(user, slot, copy ? copy : new_copy(cx, leaf, at, NULL));
    cx->changed++;
}

void stage_copy_read(PassCx *cx, IrNode *load)
{
    IrNode *reader = reader_of(load), *fixed[IR_RANK_MOST] = { NULL }, *subs[IR_RANK_MOST];
    int n = 0;
    for (int i = 1; i < load->nin; i++)
        if (ir_inside(load->in[i], reader->regions[0]) || !pass_is_inside(cx, load, i))
            subs[n++] = load->in[i];
        else
            fixed[i - 1] = load->in[i];
    if (n == load->nin - 1) {
        stage_copy_for(cx, load, 0);
        return;
    }
    IrBuilder b = { load->parent->fn, load->parent, load, load->span };
    ir_replace(load, ir_load(&b, new_copy(cx, load->in[0], reader, fixed), n, subs));
    ir_drop(load);
    cx->changed++;
}
