/* stage_map.c - what every map that packs has: indices named p, and q in a panel; zeros where the tensor has ended.
 *
 *     map [p.., q] { if inside { yes } else { 0 } }
 */
#include "passes/stage/stage_int.h"

StageMap stage_open_map(PassCx *cx, IrBuilder *b, IrType type, Span span)
{
    StageMap m = { .map = ir_add0(b, OP_map, type) };
    m.r = ir_region_new(b->fn, m.map);
    m.in = (IrBuilder){ .fn = b->fn, .region = m.r, .span = span };
    for (int i = 0; i < type.rank; i++)
        ir_index_new(m.r, name_of(cx->module->names, i == type.rank - 1 ? "q" : "p"), NULL, type.dims[i], span);
    return m;
}

IrNode *stage_is_inside(StageMap *m, const IrNode *w, int axis, IrNode *place)
{
    return ir_add2(&m->in, OP_lt, ir_scalar(DT_bool), place, ir_dim_value(&m->in, w->type.dims[axis]));
}

void stage_open_inside(StageMap *m, IrNode *inside)
{
    m->choice = ir_add1(&m->in, OP_if, ir_scalar(m->map->type.dtype), inside);
    m->yes = (IrBuilder){ .fn = m->in.fn, .region = ir_region_new(m->in.fn, m->choice), .span = m->in.span };
}

IrNode *stage_close_map(StageMap *m, IrNode *value)
{
    IrDtype t = m->map->type.dtype;
    ir_yield(&m->yes, 1, &value);
    IrBuilder no = { .fn = m->in.fn, .region = ir_region_new(m->in.fn, m->choice), .span = m->in.span };
    IrNode *zero = dtype_is_float(t) ? ir_const_float(&no, t, 0) : ir_const_int(&no, t, 0);
    ir_yield(&no, 1, &zero);
    ir_yield(&m->in, 1, &m->choice);
    return m->map;
}

static bool is_of(const IrNode *sub, IrOp op, const IrNode *x)
{
    return sub->op == op && sub->in[0] == x && sub->in[1]->op == OP_const && sub->in[1]->imm == PANEL;
}

/* Is it floordiv(x, 16), or, if that is asked for, so many panels further? */
static bool counts_panels(const IrNode *sub, const IrNode *x, bool from)
{
    return is_of(sub, OP_floordiv, x) || (from && sub->op == OP_add && (is_of(sub->in[0], OP_floordiv, x) || is_of(sub->in[1], OP_floordiv, x)));
}

static int panel_axis(const IrNode *load, const IrNode *x, bool from)
{
    if (load->op != OP_load || load->nin < 3 || !is_of(load->in[load->nin - 1], OP_mod, x))
        return -1;
    for (int i = 1; i < load->nin - 1; i++)
        if (counts_panels(load->in[i], x, from))
            return i - 1;
    return -1;
}

int stage_panel_axis(const IrNode *load, const IrNode *x) { return panel_axis(load, x, false); }

int stage_panel_axis_from(const IrNode *load, const IrNode *x) { return panel_axis(load, x, true); }
