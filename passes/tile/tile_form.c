/* tile_form.c - kernels for each form that a weight may have in memory.
 *
 *     map { .. if form == q8_0 { a } else { b } .. }       if form == q8_0 { kernels of map { .. a .. } } else { kernels of map { .. b .. } }
 *
 * The forms are known when the function is called, so the choice is made once for a kernel, and each is tiled for what it reads: panels of
 * f32 are streams, blocks of packed numbers are unpacked once for many rows (tile_block.c). With many weights in one map that would be
 * many kernels; then the choices stay inside.
 */
#include "passes/stream_int.h"
#include "passes/tile/tile_int.h"

enum { MOST = 4 }; /* conditions: two weights of three forms make nine kernels */

typedef struct Choices { const IrNode *map; VEC(IrNode *) conditions; VEC(IrNode *) list; Arena *arena; } Choices;

static void find(void *user, IrNode *n)
{
    Choices *c = user;
    if (n->op != OP_if || n->nregions != 2 || n->type.dtype == DT_none || n->in[0]->op != OP_eq || n->in[0]->in[0]->op != OP_form)
        return;
    vec_push(c->arena, &c->list, n);
    for (int i = 0; i < c->conditions.n; i++)
        if (c->conditions.p[i] == n->in[0])
            return;
    vec_push(c->arena, &c->conditions, n->in[0]);
}

static Choices choices_of(Tile *t, IrNode *map)
{
    Choices c = { .map = map, .arena = t->cx->arena };
    ir_walk(map->regions[0], find, &c);
    return c;
}

/* The map where the condition is known. Inner choices are taken first: they may stand in the branch of an outer one. */
static IrNode *copy_with(Tile *t, IrNode *map, const IrNode *condition, int k)
{
    Map nodes = map_new(t->cx->arena);
    IrBuilder b = { t->fn, map->parent, map, map->span };
    IrNode *copy = ir_clone_node(&b, map, &nodes, NULL, NULL);
    Choices c = choices_of(t, copy);
    for (int i = c.list.n - 1; i >= 0; i--)
        if (c.list.p[i]->in[0] == condition)
            pass_take_branch(c.list.p[i], k);
    pass_note_symbols(t->cx, copy->regions[0]);
    return copy;
}

static void one_form(Tile *t, IrNode *map, Dest dest)
{
    if (!tile_stream(t, map, dest) && !tile_dot16(t, map, dest) && !tile_words(t, map, dest) && !tile_flat_rows(t, map, dest) &&
        !tile_copy_panels(t, map, dest) && !tile_keyed(t, map, dest) && !tile_block(t, map, dest))
        tile_kernel(t, map, dest);
}

static void choose(Tile *t, IrNode *map, Dest dest, int left)
{
    Choices c = choices_of(t, map);
    if (!c.conditions.n || left == 0) {
        one_form(t, map, dest);
        return;
    }
    IrBuilder outer = t->b;
    IrNode *condition = c.conditions.p[0];
    IrNode *choice = ir_add1(&t->b, OP_if, ir_scalar(DT_none), tile_scalar(t, condition));
    for (int side = 0; side < 2; side++) {
        t->b = (IrBuilder){ t->fn, ir_region_new(t->fn, choice), NULL, map->span };
        IrNode *copy = copy_with(t, map, condition, side);
        choose(t, copy, dest, left - 1);
        ir_drop(copy);
        ir_yield(&t->b, 0, NULL);
    }
    t->b = outer;
}

void tile_forms(Tile *t, IrNode *map, Dest dest)
{
    choose(t, map, dest, choices_of(t, map).conditions.n <= MOST ? MOST : 0);
}
