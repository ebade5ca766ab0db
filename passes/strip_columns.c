/* strip_columns.c - what is put into the form that members have while a group is looked for. Sums of columns in the middle of an element are maps of their own: as members they
 * are sums alone. A loop that begins with a tensor, to each row of which it adds the one before (`var c = x`), begins with nothing and reads that.
 *
 *     %k = map [j, d] { sum [i] { %s[i, j] * %q[i, d] } / c }        %n = map [j, d] { sum [i] { %s[i, j] * %q[i, d] } }
 *                                                                    %k = map [j, d] { %n[j, d] / c }
 *
 * Where no group takes them they go back.
 */
#include "passes/stream_int.h"
#include "passes/strip_int.h"

typedef struct Reads { const Strip *s; const IrNode *row; bool found; } Reads;

static void see_row(void *user, IrNode *n)
{
    Reads *r = user;
    for (int i = 1; i < n->nin && n->op == OP_load && map_find(&r->s->derived, n->in[0]); i++)
        r->found = r->found || n->in[i] == r->row;
}

/* A product over the rows of what is made of the tensor that the group begins with. */
static bool is_sum(const Strip *s, IrNode *n)
{
    const IrNode *row = n->op == OP_reduce && n->regions[0]->params.n == 1 ? n->regions[0]->params.p[0] : NULL;
    if (!row || n->redop != RED_sum || n->order != ORDER_contract || n->stream || row->dim != s->rows || !pass_is_whole(row))
        return false;
    Reads r = { s, row, false };
    ir_walk(n->regions[0], see_row, &r);
    return r.found;
}

static IrNode *cut(Strip *s, IrNode *map, IrNode *sum)
{
    PassCx *cx = s->cx;
    IrNode *own = ir_add0(&(IrBuilder){ map->parent->fn, map->parent, map, sum->span }, OP_map, (IrType){ sum->type.dtype, map->type.rank, map->type.dims });
    IrRegion *r = map->regions[0];
    IrBuilder b = { map->parent->fn, ir_region_new(map->parent->fn, own), NULL, sum->span }, at = { b.fn, r, sum, sum->span };
    Map nodes = map_new(cx->arena), cone = map_new(cx->arena);
    SymMap syms = symmap_new(cx);
    for (int a = 0; a < r->params.n; a++) {
        IrNode *old = r->params.p[a], *x = ir_index_new(b.region, old->name, NULL, old->dim, old->span);
        map_put(&nodes, old, x);
        symmap_put(&syms, old->sym, dim_sym(cx->module->dims, x->sym));
    }
    pass_note_cone(r, sum, &cone);
    for (IrNode *x = r->first; x; x = x->next)
        if (map_find(&cone, x))
            map_put(&nodes, x, ir_clone_node(&b, x, &nodes, symmap_subst, &syms));
    IrNode *value = map_find(&nodes, sum);
    ir_yield(&b, 1, &value);
    pass_note_symbols(cx, b.region);
    ir_replace(sum, ir_load(&at, own, map->type.rank, r->params.p));
    ir_drop(sum);
    return own;
}

/* Of loops that are made of the tensor that the group begins with. */
static void begin_blank(Strip *s, const IrNode *first)
{
    for (IrNode *n = s->region->first, *next; n; n = next) {
        next = n->next;
        IrNode *loop = n->op == OP_for && n != first && map_find(&s->derived, n) ? pass_begin_loop(s->cx, n, true) : NULL;
        if (loop)
            vec_push(s->cx->arena, &s->begun, loop);
    }
}

void strip_part_columns(Strip *s, const IrNode *first)
{
    begin_blank(s, first);
    for (IrNode *n = s->region->first; n; n = n->next) {
        IrRegion *r = n->op == OP_map && map_find(&s->derived, n) ? n->regions[0] : NULL;
        const IrNode *end = r ? ir_terminator(r) : NULL;
        if (!r || end->nin != 1 || end->in[0]->op == OP_reduce || pass_faults(n))
            continue;
        for (IrNode *x = r->first, *next; x; x = next) {
            next = x->next;
            if (is_sum(s, x))
                vec_push(s->cx->arena, &s->parted, cut(s, n, x));
        }
    }
}

void strip_join_columns(Strip *s)
{
    PassCx *cx = s->cx;
    for (int i = s->parted.n - 1; i >= 0; i--) {
        IrNode *own = s->parted.p[i], *load = own->uses->user;
        IrBuilder b = { load->parent->fn, load->parent, load, load->span };
        Map nodes = map_new(cx->arena);
        SymMap syms = symmap_new(cx);
        for (int a = 0; a < own->type.rank; a++) {
            map_put(&nodes, own->regions[0]->params.p[a], load->in[1 + a]);
            symmap_put(&syms, own->regions[0]->params.p[a]->sym, pass_dim_of(cx, load->in[1 + a]));
        }
        IrNode **v = ir_clone_region(&b, own->regions[0], &nodes, symmap_subst, &syms);
        pass_note_symbols(cx, load->parent);
        ir_replace(load, v[0]);
        ir_drop(load);
        ir_drop(own);
    }
    s->parted.n = 0;
    for (int i = 0; i < s->begun.n; i++)
        pass_begin_loop(s->cx, s->begun.p[i], false);
    s->begun.n = 0;
}
