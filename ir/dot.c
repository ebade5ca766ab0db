/* dot.c - a function as a graph for Graphviz: a box for each node, a cluster for each region, an edge for each operand. */
#include "ir/ir_int.h"

typedef struct Dot { IrNaming nm; Buf *out; int clusters; } Dot;

static void dot_node(Dot *d, const IrNode *n)
{
    buf_printf(d->out, "  n%u [label=\"", n->id);
    if (n->op == OP_param || n->op == OP_index || n->op == OP_arg || ir_has_name(n))
        buf_printf(d->out, "%s = ", ir_naming_value(&d->nm, n));
    buf_puts(d->out, ir_info(n)->name);
    if (n->op == OP_reduce || n->op == OP_scatter)
        buf_printf(d->out, " %s", redop_name((RedOp)n->redop));
    if (n->op == OP_call)
        buf_printf(d->out, " %s", n->callee->name);
    if (n->type.dtype != DT_none) {
        buf_puts(d->out, "\\n");
        ir_naming_type(&d->nm, n->type, d->out);
    }
    buf_puts(d->out, "\"];\n");
}

static void dot_edges(Dot *d, const IrNode *n)
{
    for (int i = 0; i < n->nin; i++)
        buf_printf(d->out, "  n%u -> n%u [label=\"%d\"];\n", n->in[i]->id, n->id, i);
}

static void dot_region(Dot *d, const IrRegion *r)
{
    for (int i = 0; i < r->params.n; i++)
        dot_node(d, r->params.p[i]);
    for (const IrNode *n = r->first; n; n = n->next) {
        dot_node(d, n);
        dot_edges(d, n);
        for (int k = 0; k < n->nregions; k++) {
            buf_printf(d->out, "  subgraph cluster_%d {\n  label=\"%s %s\";\n", d->clusters++, ir_info(n)->name,
                       ir_has_name(n) ? ir_naming_value(&d->nm, n) : "");
            dot_region(d, n->regions[k]);
            buf_puts(d->out, "  }\n");
        }
    }
}

void ir_dot(const IrFn *fn, Buf *out)
{
    Dot d = { .out = out };
    ir_naming_init(&d.nm, fn, out->arena);
    buf_puts(out, "digraph ir {\n  node [shape=box, fontname=\"monospace\"];\n");
    for (int i = 0; i < fn->params.n; i++)
        dot_node(&d, fn->params.p[i]);
    dot_region(&d, fn->body);
    buf_puts(out, "}\n");
}
