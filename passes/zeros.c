/* zeros.c - zero points leave products of bytes.
 *
 *     map [i, j] { sum [k] { (i32(%x[i, k]) - %z) * i32(%w[j, k]) } }
 *
 *     %s = map [j] { sum [k] { i32(%w[j, k]) } }
 *     map [i, j] { sum [k] { i32(%x[i, k]) * i32(%w[j, k]) } - %z * %s[j] }
 *
 * i32 goes round, so both have the same bits whatever overflows. What is left is a product of bytes, which machines have instructions for
 * (tile_words.c, stage_tiles.c); the sum of one factor needs fewer indices.
 */
#include "passes/pass_int.h"

typedef struct Zeros { PassCx *cx; IrNode *map, *reduce; Map nodes; SymMap syms; } Zeros;

static bool is_byte(const IrNode *n)
{
    IrDtype t = n->op == OP_cast ? n->in[0]->type.dtype : n->type.dtype;
    return n->op == OP_cast && n->type.dtype == DT_i32 && n->in[0]->op == OP_load && dtype_bytes(t) == 1 && dtype_is_int(t);
}

/* A byte with something added or taken away that the sum does not need. */
static bool has_zero(const IrNode *n, const IrRegion *r)
{
    return (n->op == OP_sub || n->op == OP_add) && n->type.dtype == DT_i32 && is_byte(n->in[0]) && (n->in[1]->op == OP_const || !ir_inside(n->in[1], r));
}

static IrNode *byte_of(IrNode *n) { return is_byte(n) ? n : n->in[0]; }

static IrNode *zero_of(IrBuilder *b, const IrNode *with)
{
    return with->in[1]->op == OP_const ? ir_const_int(b, DT_i32, with->in[1]->imm) : with->in[1];
}

/* What stands in the sum, indices, and what is there before the map. */
static bool can_move(Zeros *z, const IrNode *n)
{
    const IrRegion *r = z->reduce->regions[0];
    if (n->nregions || (ir_info(n)->effects & (FAULTS | PINNED)))
        return false;
    if (n->op == OP_index)
        return true;
    if (!ir_inside(n, r))
        return !ir_inside(n, z->map->regions[0]);
    for (int i = 0; i < n->nin; i++)
        if (!can_move(z, n->in[i]))
            return false;
    return n->op != OP_dim || (!pass_dim_depends(z->cx, n->dim, z->map->regions[0]) && !pass_dim_depends(z->cx, n->dim, r));
}

static void take_index(Zeros *z, IrRegion *in, IrNode *old) { pass_copy_index(z->cx, in, old, &z->nodes, &z->syms); }

/* The sum of a factor, over the indices that it needs, read at those. */
static IrNode *sum_of(Zeros *z, IrNode *factor)
{
    IrFn *fn = z->map->parent->fn;
    IrRegion *r = z->map->regions[0];
    IrBuilder at = { fn, z->map->parent, z->map, z->reduce->span };
    IrNode *map = ir_add0(&at, OP_map, ir_scalar(DT_i32)), *subs[IR_RANK_MOST];
    IrRegion *in = ir_region_new(fn, map);
    int n = 0;
    z->nodes = map_new(z->cx->arena);
    z->syms = symmap_new(z->cx);
    Dim *dims = NEWN(z->cx->module->arena, Dim, r->params.n);
    for (int i = 0; i < r->params.n; i++)
        if (pass_depends_on(z->cx, factor, r->params.p[i])) {
            take_index(z, in, r->params.p[i]);
            dims[n] = r->params.p[i]->dim;
            subs[n++] = r->params.p[i];
        }
    map->type = (IrType){ DT_i32, n, dims };
    IrBuilder body = { fn, in, NULL, z->reduce->span };
    IrNode *sum = ir_add0(&body, OP_reduce, ir_scalar(DT_i32));
    IrRegion *over = ir_region_new(fn, sum);
    sum->redop = RED_sum;
    sum->order = ORDER_lanes16;
    take_index(z, over, z->reduce->regions[0]->params.p[0]);
    IrBuilder b = { fn, over, NULL, z->reduce->span };
    IrNode *y = pass_copied(z->cx, &b, factor, z->reduce->regions[0], &z->nodes, &z->syms);
    ir_yield(&b, 1, &y);
    ir_yield(&body, 1, &sum);
    pass_note_symbols(z->cx, in);
    IrBuilder after = { fn, r, z->reduce->next, z->reduce->span };
    return ir_load(&after, map, n, subs);
}

/* x - z and y - w:  sum x y - z (sum y - K w), and then what w brings. */
static void leave(Zeros *z, IrNode *product, int side)
{
    IrNode *with = product->in[side], *other = product->in[1 - side], *s = sum_of(z, byte_of(other));
    IrBuilder after = { z->map->parent->fn, z->reduce->parent, s->next, z->reduce->span };
    if (!is_byte(other)) {
        IrNode *count = ir_add1(&after, OP_cast, with->type, ir_dim_value(&after, z->reduce->regions[0]->params.p[0]->dim));
        s = ir_add2(&after, (IrOp)other->op, with->type, s, ir_add2(&after, OP_mul, with->type, count, zero_of(&after, other)));
    }
    IrNode *zero = ir_add2(&after, OP_mul, with->type, zero_of(&after, with), s);
    IrNode *y = ir_add2(&after, (IrOp)with->op, with->type, z->reduce, zero);
    ir_set_in(product, side, with->in[0]);
    ir_replace(z->reduce, y);
    ir_set_in(y, 0, z->reduce);
    z->cx->changed++;
}

static bool is_plain(const Zeros *z)
{
    const IrRegion *r = z->reduce->regions[0], *all = z->map->regions[0];
    for (int i = 0; i < all->params.n; i++)
        if (!pass_is_whole(all->params.p[i]) || pass_dim_depends(z->cx, all->params.p[i]->dim, all))
            return false;
    if (z->reduce->redop != RED_sum || z->reduce->order != ORDER_contract || z->reduce->type.dtype != DT_i32)
        return false;
    return r->params.n == 1 && pass_is_whole(r->params.p[0]) && !pass_dim_depends(z->cx, r->params.p[0]->dim, all) && !pass_guard(r) && ir_terminator(r)->in[0]->op == OP_mul;
}

static void visit(PassCx *cx, IrNode *map)
{
    if (pass_guard(map->regions[0]))
        return;
    for (IrNode *n = map->regions[0]->first, *next; n; n = next) {
        Zeros z = { .cx = cx, .map = map, .reduce = n };
        next = n->next;
        if (n->op != OP_reduce || !is_plain(&z))
            continue;
        IrNode *product = ir_terminator(n->regions[0])->in[0], **x = product->in;
        bool has[] = { has_zero(x[0], n->regions[0]), has_zero(x[1], n->regions[0]) };
        if ((!has[0] && !has[1]) || (!has[0] && !is_byte(x[0])) || (!has[1] && !is_byte(x[1])) || !can_move(&z, byte_of(x[0])) || !can_move(&z, byte_of(x[1])))
            continue;
        for (int side = 0; side < 2; side++)
            if (has[side])
                leave(&z, product, side);
    }
}

bool pass_zeros(PassCx *cx, IrFn *fn)
{
    pass_each_map(cx, fn->body, visit);
    return true;
}
