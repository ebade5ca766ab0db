/* unswitch.c - a choice that a reduction makes anew in each turn, though it is always the same, is made once before it.
 *
 *     sum [k: K] { x[k] * if c { a[k] } else { b[k] } }      if c { sum [k: K] { x[k] * a[k] } } else { sum [k: K] { x[k] * b[k] } }
 *
 * where c stands outside of the reduction. Orders and bits stay; the code of the reduction is there twice. Choices among the forms that a
 * weight may have in memory (stage_form.c) are made before whole kernels (tile_form.c); what is left of them is made here. It runs on tile
 * IR: how a kernel is tiled depends on what it computes, not on how often that is written. Members of a stream stay together as they are.
 */
#include "passes/stream_int.h"

enum { MOST = 8 }; /* choices of one reduction: each doubles it */

static IrNode *choice_in(IrNode *reduce)
{
    for (IrNode *n = reduce->regions[0]->first; n; n = n->next)
        if (n->op == OP_if && n->nregions == 2 && n->type.dtype != DT_none && !ir_inside(n->in[0], reduce->regions[0]))
            return n;
    return NULL;
}

void pass_take_branch(IrNode *choice, int k)
{
    IrRegion *r = choice->regions[k];
    IrNode *y = ir_terminator(r), *value = y->in[0];
    while (r->first != y)
        ir_move_before(r->first, choice);
    ir_replace(choice, value);
    ir_drop(choice);
}

/* A copy of the reduction in which each choice by that condition is known. */
static IrNode *copy_with(PassCx *cx, IrBuilder *b, IrNode *reduce, const IrNode *condition, int k)
{
    Map nodes = map_new(cx->arena);
    IrNode *copy = ir_clone_node(b, reduce, &nodes, NULL, NULL);
    for (IrNode *n = choice_in(copy); n && n->in[0] == condition; n = choice_in(copy))
        pass_take_branch(n, k);
    return copy;
}

static void unswitch(PassCx *cx, IrFn *fn, IrNode *reduce, int depth)
{
    IrNode *choice = depth < MOST && !reduce->stream && !reduce->sym ? choice_in(reduce) : NULL;
    if (!choice)
        return;
    IrBuilder b = { fn, reduce->parent, reduce, reduce->span };
    IrNode *condition = choice->in[0], *outer = ir_add1(&b, OP_if, reduce->type, condition), *copies[2];
    for (int k = 0; k < 2; k++) {
        IrBuilder in = { .fn = fn, .region = ir_region_new(fn, outer), .span = reduce->span };
        copies[k] = copy_with(cx, &in, reduce, condition, k);
        ir_yield(&in, 1, &copies[k]);
    }
    ir_replace(reduce, outer);
    ir_drop(reduce);
    cx->changed++;
    for (int k = 0; k < 2; k++)
        unswitch(cx, fn, copies[k], depth + 1);
}

typedef struct Found { PassCx *cx; VEC(IrNode *) list; } Found;

static void find(void *user, IrNode *n)
{
    Found *f = user;
    if (n->op == OP_reduce)
        vec_push(f->cx->arena, &f->list, n);
}

bool pass_unswitch(PassCx *cx, IrFn *fn)
{
    Found f = { .cx = cx };
    ir_walk(fn->body, find, &f);
    for (int i = 0; i < f.list.n; i++)
        pass_drop_bounds(cx, f.list.p[i]);
    for (int i = f.list.n - 1; i >= 0; i--) /* inner ones first: an outer one's copies hold what became of them */
        if (!f.list.p[i]->dropped)
            unswitch(cx, fn, f.list.p[i], 0);
    return true;
}
