/* tile_update.c - values that replace others in memory, and the end of the function.
 *
 *     %c2 = update %c1[i, 0: D], %v        in the memory of %c1 if nobody reads %c1 afterwards, else in a copy
 *     ret %c2                              where %c1 is what a `var` parameter held: its readers get a copy, and %c2 its memory
 */
#include "passes/tile/tile_int.h"

enum { LANE_CHUNK = 4096 };

/* ---- memory -------------------------------------------------------------------------------------------------------------- */

/* The values of a `var` parameter that are still read move out of its memory, which belongs to what it holds at the end. */
static bool move_out(Tile *t, IrNode *b, IrNode *by, IrNode *after)
{
    IrNode *c = NULL;
    if (b->place != PLACE_param || by->parent != t->old_body || !after || !tile_is_var_in_the_end(t, after, b->imm) || !tile_moves(t, b))
        return false;
    c = tile_buffer(t, PLACE_arena, b->type, 0, by->span, b->name);
    tile_copy(t, c, b);
    tile_move(t, b, c);
    return true;
}

IrNode *tile_writable(Tile *t, IrNode *x, IrNode *by, IrNode *after)
{
    IrNode *b = tile_buffer_of(t, x);
    if (b && tile_dies_at(t, x, by))
        return b;
    if (pass_is_blank(x)) /* nothing to keep */
        return tile_memory(t, x, after);
    if (by->inplace)
        vec_push(t->cx->module->arena, &t->fn->copies, by->span);
    pass_remark(t->cx, CHOICE_copied, by, "its old value is read afterwards, or is not the function's own");
    if (b && move_out(t, b, by, after))
        return b;
    IrNode *c = tile_memory(t, x, after);
    tile_copy(t, c, b);
    return c;
}

/* ---- updates ------------------------------------------------------------------------------------------------------------- */

/* The index of the last axis: in lanes, in parts that are points of the grid. */
static IrNode *lane_index(Tile *t, IrBuilder *in, IrNode *kernel, Dim extent)
{
    DimCx *d = t->cx->module->dims;
    Name name = name_of(t->cx->module->names, "i");
    int64_t n;
    Dim lo = NULL;
    if (!dim_is_const(extent, &n) || n > LANE_CHUNK) {
        IrNode *part = ir_index_new(kernel->regions[0], name_of(t->cx->module->names, "c"), NULL, tile_ceil_div(d, extent, LANE_CHUNK), kernel->span);
        lo = dim_mul(d, dim_const(d, LANE_CHUNK), dim_sym(d, part->sym));
        extent = dim_min(d, dim_const(d, LANE_CHUNK), dim_sub(d, extent, lo));
    }
    IrNode *f = ir_add0(in, OP_tfor, ir_scalar(DT_none));
    f->loop = LOOP_lanes;
    f->factor = 1;
    in->region = ir_region_new(t->fn, f);
    return ir_index_new(in->region, name, lo, extent, kernel->span);
}

/* A kernel that writes the value (a tensor or a scalar) into the box. */
static void store_box(Tile *t, IrNode *n, IrNode *buffer)
{
    IrNode *value = n->in[1], *subs[19];
    IrNode *k = ir_add0(&t->b, OP_kernel, ir_scalar(DT_none)), *from[17];
    IrBuilder in = { t->fn, ir_region_new(t->fn, k), NULL, n->span };
    int rank = n->in[0]->type.rank, nv = 0;
    k->span = n->span;
    for (int i = 0; i < rank; i++) {
        IrNode *start = subs[2 + i] = tile_scalar(t, n->in[2 + i]);
        if (!n->box[i])
            continue;
        Dim e = tile_dim(t, n->box[i]);
        from[nv] = i == rank - 1 ? lane_index(t, &in, k, e) : ir_index_new(in.region, name_of(t->cx->module->names, "i"), NULL, e, n->span);
        if (start->op != OP_const || start->imm != 0)
            subs[2 + i] = ir_add2(&in, OP_add, ir_scalar(DT_i64), start, from[nv]);
        else
            subs[2 + i] = from[nv];
        nv++;
    }
    subs[0] = buffer;
    subs[1] = pass_is_tensor(value) ? ir_load(&in, tile_buffer_of(t, value), nv, from) : tile_scalar(t, value);
    ir_add(&in, OP_store, ir_scalar(DT_none), rank + 2, subs);
}

void tile_update(Tile *t, IrNode *n)
{
    if (map_find(&t->buffers, n)) /* written in place by the kernel of its value */
        return;
    IrNode *b = tile_writable(t, n->in[0], n, n);
    tile_bind(t, n, b);
    store_box(t, n, b);
}

/* ---- the end of the function --------------------------------------------------------------------------------------------- */

static void ret_scalar(Tile *t, IrNode *n, int i)
{
    IrNode *s = ir_add1(&t->b, OP_setscalar, ir_scalar(DT_none), tile_scalar(t, n->in[i]));
    s->imm = i;
}

static void ret_result(Tile *t, IrNode *n, int i)
{
    int k = i - t->fn->vars.n;
    IrNode *from = tile_buffer_of(t, n->in[i]);
    if (!from)
        return;
    const IrNode *root = pass_root(from);
    if (root->place != PLACE_result || root->imm != k)
        tile_copy(t, tile_buffer(t, PLACE_result, tile_type(t, n->in[i]->type), k, n->span, NULL), from);
}

typedef struct Pending { IrNode *to, *from; } Pending;

static bool is_read_by(const Pending *p, int n, const IrNode *memory, int but)
{
    for (int i = 0; i < n; i++)
        if (i != but && p[i].from && pass_root(p[i].from) == memory)
            return true;
    return false;
}

/* Parameters are written last, since results may be read from them: each once nobody else takes its old value; where they wait for one
 * another in a circle, one of the old values is put aside. */
static void ret_vars(Tile *t, IrNode *n)
{
    int nvars = t->fn->vars.n, left = 0;
    Pending *p = NEWN(t->cx->arena, Pending, nvars);
    for (int i = 0; i < nvars; i++) {
        if (!pass_is_tensor(n->in[i]))
            continue;
        p[i] = (Pending){ tile_param_buffer(t, t->fn->params.p[t->fn->vars.p[i]]), tile_buffer_of(t, n->in[i]) };
        if (!p[i].from)
            return;
        if (p[i].from == p[i].to)
            p[i].from = NULL;
        left += p[i].from != NULL;
    }
    for (int last = left; left; last = left) {
        for (int i = 0; i < nvars; i++)
            if (p[i].from && !is_read_by(p, nvars, p[i].to, i)) {
                tile_copy(t, p[i].to, p[i].from);
                p[i].from = NULL;
                left--;
            }
        for (int i = 0; i < nvars && left == last; i++)
            if (p[i].from) {
                IrNode *aside = tile_memory(t, n->in[i], NULL);
                tile_copy(t, aside, p[i].from);
                p[i].from = aside;
                break;
            }
    }
}

void tile_ret(Tile *t, IrNode *n)
{
    for (int i = t->fn->vars.n; i < n->nin; i++)
        if (pass_is_tensor(n->in[i]))
            ret_result(t, n, i);
    ret_vars(t, n);
    for (int i = 0; i < n->nin; i++)
        if (!pass_is_tensor(n->in[i]))
            ret_scalar(t, n, i);
}
