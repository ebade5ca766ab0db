/* gather_row.c - one row of a tensor whose other rows are gathered is computed alone.
 *
 *     %lp = map [t, v] { .. sum [d] { %x[t, d] .. } .. }       %lp = ..; %z = map [t, m] { %lp[t, %y[m]] }
 *     %z = map [t, m] { %lp[t, %y[m]] }                        %l0 = map [v] { .. sum [d] { %x[0, d] .. } .. }
 *     %a0 = map [m] { %lp[0, %y[m]] }                          %a0 = map [m] { %l0[%y[m]] }
 *
 * So what a recurrence begins with, or ends in, is no reason to store all rows: a row costs one of as many. What is reduced of it, and scores that it is made of, are
 * those of the row. Rows of which there are few, if that is a number, stay where they are. One element that a loop asks for (`c[0, 0]`, where a dynamic program
 * begins) is computed before it.
 */
#include "passes/stream_int.h"

enum { ROWS_MOST = 24, FEW = 64 };

typedef struct Row { IrNode *of, *row; int axis; Dim at; } Row;
typedef struct Rows { PassCx *cx; Row made[ROWS_MOST]; int n; } Rows;

static bool is_plain(const IrNode *n) { return n->op == OP_map && !pass_has_stream(n) && !pass_guard(n->regions[0]) && !pass_faults(n); }

static bool is_few(Dim d)
{
    int64_t n;
    return dim_is_const(d, &n) && n <= FEW;
}

/* The axis whose subscript is one number for all that asks; -1: none. */
static int fixed_axis(PassCx *cx, const IrNode *load, Dim *at)
{
    for (int i = 1; i < load->nin; i++) {
        Dim d = load->in[i]->op == OP_index || !pass_is_affine(load->in[i]) ? NULL : pass_dim_of(cx, load->in[i]);
        if (d && pass_known_by_shapes(load->parent->fn, d) && !is_few(load->in[0]->type.dims[i - 1]) && pass_is_inside(cx, load, i)) {
            *at = d;
            return i - 1;
        }
    }
    return -1;
}

static IrNode *copy_row(Rows *r, IrNode *of, int axis, Dim at)
{
    PassCx *cx = r->cx;
    IrRegion *from = of->regions[0];
    IrBuilder b = { of->parent->fn, of->parent, of->next, of->span };
    IrType type = { of->type.dtype, of->type.rank - 1, NEWN(cx->module->arena, Dim, of->type.rank) };
    for (int i = 0, k = 0; i < of->type.rank; i++)
        if (i != axis)
            type.dims[k++] = of->type.dims[i];
    IrNode *map = ir_add0(&b, OP_map, type);
    IrBuilder in = { b.fn, ir_region_new(b.fn, map), NULL, of->span };
    Map nodes = map_new(cx->arena);
    SymMap syms = symmap_new(cx);
    map->name = of->name;
    for (int i = 0; i < from->params.n; i++)
        if (i != axis)
            pass_copy_index(cx, in.region, from->params.p[i], &nodes, &syms);
    map_put(&nodes, from->params.p[axis], ir_dim_value(&in, at));
    symmap_put(&syms, from->params.p[axis]->sym, at);
    ir_yield(&in, 1, ir_clone_region(&in, from, &nodes, symmap_subst, &syms));
    pass_note_symbols(cx, in.region);
    cx->changed++;
    return map;
}

static void read_row(Rows *r, IrNode *load, int axis, Dim at);

typedef struct Find { Rows *r; Dim at; IrNode *load; int axis; } Find;

/* A load of that row of what costs much. */
static void see_load(void *user, IrNode *n)
{
    Find *f = user;
    Dim at;
    if (f->load || n->op != OP_load || !is_plain(n->in[0]) || !pass_is_dear(n->in[0]))
        return;
    f->axis = fixed_axis(f->r->cx, n, &at);
    f->load = f->axis >= 0 && at == f->at ? n : NULL;
}

static IrNode *row_of(Rows *r, IrNode *of, int axis, Dim at)
{
    for (int i = 0; i < r->n; i++)
        if (r->made[i].of == of && r->made[i].axis == axis && r->made[i].at == at)
            return r->made[i].row;
    if (r->n == ROWS_MOST)
        return NULL;
    IrNode *map = copy_row(r, of, axis, at);
    r->made[r->n++] = (Row){ of, map, axis, at };
    for (int left = ROWS_MOST; left; left--) {
        Find f = { r, at, NULL, -1 };
        ir_walk(map->regions[0], see_load, &f);
        if (!f.load)
            break;
        read_row(r, f.load, f.axis, at);
    }
    return map;
}

static void read_row(Rows *r, IrNode *load, int axis, Dim at)
{
    IrNode *of = load->in[0], *subs[IR_RANK_MOST];
    IrNode *row = of->type.rank > 1 ? row_of(r, of, axis, at) : NULL;
    if (!row) {
        pass_inline_load(r->cx, of, load);
        return;
    }
    IrBuilder b = { load->parent->fn, load->parent, load, load->span };
    int n = 0;
    for (int i = 1; i < load->nin; i++)
        if (i - 1 != axis)
            subs[n++] = load->in[i];
    ir_replace(load, pass_keeps_symbol(r->cx, load, ir_load(&b, row, n, subs)));
    ir_drop(load);
}

void pass_read_rows_apart(PassCx *cx, IrNode *of)
{
    Rows r = { .cx = cx };
    for (IrUse *u = is_plain(of) && of->type.rank > 1 ? of->uses : NULL, *next; u; u = next) {
        IrNode *load = u->user;
        Dim at;
        next = u->next;
        int axis = load->op == OP_load && !u->slot ? fixed_axis(cx, load, &at) : -1;
        if (axis >= 0 && axis < of->type.rank - 1)
            read_row(&r, load, axis, at);
    }
}

/* Is each subscript one number for all that asks? */
static bool is_fixed(PassCx *cx, const IrNode *load)
{
    bool fixed = load->op == OP_load && load->nin > 2;
    for (int i = 1; i < load->nin && fixed; i++)
        fixed = load->in[i]->op != OP_index && pass_is_affine(load->in[i]) && pass_known_by_shapes(load->parent->fn, pass_dim_of(cx, load->in[i])) && pass_is_inside(cx, load, i);
    return fixed;
}

void pass_read_elements_apart(PassCx *cx, IrNode *loop, IrNode *of)
{
    for (IrUse *u = is_plain(of) && pass_is_dear(of) ? of->uses : NULL, *next; u; u = next) {
        IrNode *load = u->user, *subs[IR_RANK_MOST];
        IrBuilder b = { loop->parent->fn, loop->parent, loop, load->span };
        next = u->next;
        if (u->slot || !ir_inside(load, loop->regions[0]) || !is_fixed(cx, load))
            continue;
        for (int i = 1; i < load->nin; i++)
            subs[i - 1] = ir_dim_value(&b, pass_dim_of(cx, load->in[i]));
        IrNode *own = ir_load(&b, of, load->nin - 1, subs);
        ir_replace(load, pass_keeps_symbol(cx, load, own));
        ir_drop(load);
        pass_inline_load(cx, of, own);
        cx->changed++;
    }
}
