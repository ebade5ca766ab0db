/* core_print.c - the checked tree as text, for tests and debugging; types in the language's words.
 *
 *     fn max_area(height: i32[N]) -> i32
 *       plan: N = axis 0 of height;  1 <= N
 *       var l: i64 = 0
 *       while l < r { .. }
 */
#include "frontend/core.h"

#include <string.h>

typedef struct Print { Buf *b; int indent; } Print;

/* ---- types ---- */

static void sty_print(const CoreSty *s, Buf *b);

static void struct_print(const CoreSty *s, Buf *b)
{
    buf_puts(b, s->strct->name);
    for (int i = 0; i < s->n; i++) {
        buf_puts(b, i ? ", " : "(");
        dim_print(s->args[i], b);
    }
    if (s->n)
        buf_putc(b, ')');
}

static void sty_print(const CoreSty *s, Buf *b)
{
    switch (s->kind) {
    case STY_value:
        if (s->weak)
            buf_puts(b, s->type.dtype == DT_i64 ? "int" : "real");
        else if (s->type.dtype == DT_key)
            buf_puts(b, "Key");
        else
            ir_type_print(s->type, b);
        break;
    case STY_struct: struct_print(s, b); break;
    case STY_list:
        buf_putc(b, '[');
        sty_print(s->elem, b);
        buf_puts(b, "; ");
        dim_print(s->count, b);
        buf_putc(b, ']');
        break;
    case STY_tuple:
        for (int i = 0; i < s->n; i++) {
            buf_puts(b, i ? ", " : "(");
            sty_print(s->parts[i], b);
        }
        buf_puts(b, s->n ? ")" : "()");
        break;
    case STY_fn: buf_puts(b, "fn"); break;
    case STY_tree: buf_puts(b, "tree"); break;
    case STY_static: buf_puts(b, "static"); break;
    default: buf_puts(b, "()"); break;
    }
}

const char *core_sty_text(Arena *a, const CoreSty *s)
{
    Buf b = buf_new(a);
    sty_print(s, &b);
    return buf_text(&b);
}

/* ---- expressions ---- */

static void expr_print(Print *p, const Core *c);
static void stmt_print(Print *p, const Core *c);

static void line(Print *p)
{
    buf_putc(p->b, '\n');
    for (int i = 0; i < p->indent; i++)
        buf_puts(p->b, "  ");
}

static void kids(Print *p, const Core *c, int from)
{
    for (int i = from; i < c->nkids; i++) {
        if (i > from)
            buf_puts(p->b, ", ");
        if (c->kids[i])
            expr_print(p, c->kids[i]);
    }
}

static void var_print(Print *p, const CoreVar *v)
{
    buf_puts(p->b, v->name ? v->name : "_");
    if (!v->param)
        buf_printf(p->b, "'%u", v->id);
}

static void indices_print(Print *p, const Core *c)
{
    for (int i = 0; i < c->nindices; i++) {
        const CoreIndex *x = c->indices[i];
        int64_t lo;
        buf_printf(p->b, "%s%s: ", i ? ", " : "", x->name);
        if (!dim_is_const(x->lo, &lo) || lo) {
            dim_print(x->lo, p->b);
            buf_puts(p->b, " + ");
        }
        dim_print(x->extent, p->b);
    }
}

static void const_print(Print *p, const Core *c)
{
    if (c->type.dtype == DT_key)
        buf_printf(p->b, "key(%llx, %llx)", (unsigned long long)c->key[0], (unsigned long long)c->key[1]);
    else if (c->type.dtype == DT_bool)
        buf_puts(p->b, c->ival ? "true" : "false");
    else if (dtype_is_float(c->type.dtype))
        buf_printf(p->b, "%.9g:%s", c->fval, dtype_name(c->type.dtype));
    else if (c->type.dtype == DT_i64)
        buf_printf(p->b, "%lld", (long long)c->ival);
    else
        buf_printf(p->b, "%lld:%s", (long long)c->ival, dtype_name(c->type.dtype));
}

static void op_print(Print *p, const Core *c)
{
    bool to = c->op == OP_cast || c->op == OP_narrow;
    if (c->op == OP_extern)
        buf_printf(p->b, "extern \"%s\"(", c->str);
    else
        buf_printf(p->b, "%s%s%s(", ir_ops[c->op].name, to ? "." : "", to ? dtype_name(c->type.dtype) : "");
    kids(p, c, 0);
    buf_putc(p->b, ')');
}

static void box_print(Print *p, const Core *c, int from)
{
    buf_putc(p->b, '[');
    for (int i = from; i < c->nkids; i++) {
        buf_puts(p->b, i > from ? ", " : "");
        expr_print(p, c->kids[i]);
        if (c->box[i - from]) {
            buf_puts(p->b, " +: ");
            dim_print(c->box[i - from], p->b);
        }
    }
    buf_putc(p->b, ']');
}

static void block_print(Print *p, const Core *c)
{
    buf_puts(p->b, "{");
    p->indent++;
    for (int i = 0; i < c->nkids; i++)
        stmt_print(p, c->kids[i]);
    p->indent--;
    line(p);
    buf_puts(p->b, "}");
}

static void reduce_print(Print *p, const Core *c)
{
    static const char *const orders[] = { "chain", "contract", "lanes16" };
    buf_printf(p->b, "%s.%s[", redop_name((RedOp)c->redop), orders[c->order]);
    indices_print(p, c);
    if (c->kids[1]) {
        buf_puts(p->b, " | ");
        expr_print(p, c->kids[1]);
    }
    buf_puts(p->b, "](");
    expr_print(p, c->kids[0]);
    buf_putc(p->b, ')');
}

static void rec_print(Print *p, const Core *c)
{
    const CoreRec *r = c->rec;
    buf_printf(p->b, "rec %d {", c->redop);
    p->indent++;
    for (int i = 0; i < r->n; i++) {
        line(p);
        var_print(p, r->eqs[i].var);
        buf_putc(p->b, '[');
        for (int k = 0; k < r->eqs[i].nindices; k++) {
            buf_printf(p->b, "%s%s", k ? ", " : "", r->eqs[i].indices[k]->name);
            for (int s = 0; s < r->nscan; s++)
                if (r->scan_axis[i][s] == k)
                    buf_puts(p->b, r->step[s] > 0 ? " up" : " down");
        }
        buf_puts(p->b, "] = ");
        expr_print(p, r->eqs[i].body);
    }
    p->indent--;
    line(p);
    buf_putc(p->b, '}');
}

static void expr_print(Print *p, const Core *c)
{
    switch (c->kind) {
    case C_const: const_print(p, c); break;
    case C_str: buf_printf(p->b, "\"%s\"", c->str); break;
    case C_dim:
        buf_putc(p->b, '<');
        dim_print(c->dim, p->b);
        buf_putc(p->b, '>');
        break;
    case C_var: var_print(p, c->var); break;
    case C_index: buf_puts(p->b, c->index->name); break;
    case C_op: op_print(p, c); break;
    case C_load:
        expr_print(p, c->kids[0]);
        buf_putc(p->b, '[');
        kids(p, c, 1);
        buf_putc(p->b, ']');
        break;
    case C_map:
        buf_puts(p->b, "map[");
        indices_print(p, c);
        buf_puts(p->b, "](");
        expr_print(p, c->kids[0]);
        buf_putc(p->b, ')');
        break;
    case C_reduce: reduce_print(p, c); break;
    case C_slicebox:
        expr_print(p, c->kids[0]);
        box_print(p, c, 1);
        break;
    case C_reshape:
        buf_puts(p->b, "reshape(");
        expr_print(p, c->kids[0]);
        buf_puts(p->b, ") as ");
        ir_type_print(c->type, p->b);
        break;
    case C_cum:
        buf_printf(p->b, "cum%s.%s%s%lld(", redop_name((RedOp)c->redop), c->down ? "down." : "", c->before ? "before." : "", (long long)c->ival);
        kids(p, c, 0);
        buf_putc(p->b, ')');
        break;
    case C_guard: case C_if: case C_present:
        buf_puts(p->b, c->kind == C_if ? "if(" : c->kind == C_guard ? "guard(" : "present(");
        kids(p, c, 0);
        buf_putc(p->b, ')');
        break;
    case C_rec: rec_print(p, c); break;
    case C_block: block_print(p, c); break;
    default: stmt_print(p, c); break;
    }
}

/* ---- statements ---- */

static void outs_print(Print *p, const Core *c)
{
    for (int i = 0; i < c->nouts; i++) {
        buf_puts(p->b, i ? ", " : "");
        var_print(p, c->outs[i]);
    }
    if (c->nouts)
        buf_puts(p->b, " = ");
}

static void call_print(Print *p, const Core *c)
{
    outs_print(p, c);
    buf_printf(p->b, "call %s", c->callee->name);
    for (int i = 0; i < c->callee->dims.n; i++) {
        buf_printf(p->b, "%s%s = ", i ? ", " : "[", c->callee->dims.p[i]->name);
        if (c->dims[i])
            dim_print(c->dims[i], p->b);
        else
            buf_puts(p->b, "?");
    }
    buf_puts(p->b, c->callee->dims.n ? "](" : "(");
    kids(p, c, 0);
    buf_putc(p->b, ')');
}

static void effect_print(Print *p, const Core *c)
{
    outs_print(p, c);
    buf_printf(p->b, "effect %s(", c->effect->name);
    for (int i = 0; i < c->effect->nargs; i++)
        for (int k = 0; k < c->effect->args[i].nleaves; k++) {
            buf_puts(p->b, i + k ? ", " : "");
            expr_print(p, c->effect->args[i].leaves[k]);
        }
    buf_putc(p->b, ')');
}

static void let_print(Print *p, const Core *c)
{
    buf_puts(p->b, c->var->mut ? "var " : "let ");
    var_print(p, c->var);
    buf_puts(p->b, ": ");
    ir_type_print(c->var->type, p->b);
    buf_puts(p->b, " = ");
    expr_print(p, c->kids[0]);
}

static void branch_print(Print *p, const char *word, const Core *cond, const Core *yes, const Core *no)
{
    buf_puts(p->b, word);
    expr_print(p, cond);
    buf_putc(p->b, ' ');
    expr_print(p, yes);
    if (no) {
        buf_puts(p->b, " else ");
        expr_print(p, no);
    }
}

static void stmt_print(Print *p, const Core *c)
{
    line(p);
    switch (c->kind) {
    case C_let: let_print(p, c); break;
    case C_assign:
        var_print(p, c->var);
        buf_puts(p->b, " = ");
        expr_print(p, c->kids[0]);
        break;
    case C_update:
        var_print(p, c->target);
        box_print(p, c, 1);
        buf_puts(p->b, " = ");
        expr_print(p, c->kids[0]);
        break;
    case C_call: call_print(p, c); break;
    case C_topk: case C_sort:
        outs_print(p, c);
        buf_puts(p->b, c->kind == C_topk ? "topk(" : "sort(");
        kids(p, c, 0);
        buf_putc(p->b, ')');
        break;
    case C_ifs: branch_print(p, "if ", c->kids[0], c->kids[1], c->kids[2]); break;
    case C_while: branch_print(p, "while ", c->kids[0], c->kids[1], NULL); break;
    case C_for:
        buf_printf(p->b, "for %s: ", c->index->name);
        dim_print(c->index->lo, p->b);
        buf_puts(p->b, " + ");
        dim_print(c->index->extent, p->b);
        buf_putc(p->b, ' ');
        expr_print(p, c->kids[0]);
        break;
    case C_break: buf_puts(p->b, "break"); break;
    case C_continue: buf_puts(p->b, "continue"); break;
    case C_return:
        buf_puts(p->b, "return ");
        kids(p, c, 0);
        break;
    case C_check:
        buf_puts(p->b, "check ");
        expr_print(p, c->kids[0]);
        buf_printf(p->b, " \"%s\"", c->text ? c->text : "");
        break;
    case C_effect: effect_print(p, c); break;
    case C_scope:
        outs_print(p, c);
        buf_puts(p->b, "scope ");
        expr_print(p, c->kids[0]);
        break;
    case C_stmts:
        for (int i = 0; i < c->nkids; i++)
            stmt_print(p, c->kids[i]);
        break;
    default: expr_print(p, c); break;
    }
}

/* ---- functions ---- */

static void row_print(Print *p, const CoreFn *fn, const PlanRow *r)
{
    static const char *const ops[] = { [PLAN_eq] = "==", [PLAN_ne] = "!=", [PLAN_le] = "<=", [PLAN_lt] = "<", [PLAN_divides] = "divides" };
    line(p);
    switch (r->kind) {
    case PLAN_bind: buf_printf(p->b, "plan %s = axis %d of %s", r->sym->name, r->axis, fn->params.p[r->leaf]->name); return;
    case PLAN_number: buf_printf(p->b, "plan %s = number %d of %s", r->sym->name, r->axis, fn->surface.p[r->param].name); return;
    case PLAN_solve: buf_printf(p->b, "plan %s = ", r->sym->name); break;
    case PLAN_axis: buf_printf(p->b, "plan axis %d of %s == ", r->axis, fn->params.p[r->leaf]->name); break;
    case PLAN_numeq: buf_printf(p->b, "plan number %d of %s == ", r->axis, fn->surface.p[r->param].name); break;
    default: buf_puts(p->b, "plan "); break;
    }
    dim_print(r->a, p->b);
    if (r->b) {
        buf_printf(p->b, " %s ", r->kind == PLAN_solve ? "/" : ops[r->kind]);
        dim_print(r->b, p->b);
    }
}

void core_print(const CoreFn *fn, Buf *out)
{
    Print p = { out, 1 };
    buf_printf(out, "fn %s(", fn->name);
    for (int i = 0; i < fn->surface.n; i++) {
        const CoreParam *q = &fn->surface.p[i];
        buf_printf(out, "%s%s%s: ", i ? ", " : "", q->var ? "var " : "", q->name);
        sty_print(q->sty, out);
    }
    buf_puts(out, ")");
    if (fn->result && fn->result->kind != STY_none) {
        buf_puts(out, " -> ");
        sty_print(fn->result, out);
    }
    if (fn->why)
        buf_printf(out, "\n  not usable: %s", fn->why);
    else if (fn->failed)
        buf_puts(out, "\n  not usable");
    for (int i = 0; i < fn->plan.n; i++)
        row_print(&p, fn, &fn->plan.p[i]);
    for (int i = 0; fn->body && i < fn->body->nkids; i++)
        stmt_print(&p, fn->body->kids[i]);
    buf_putc(out, '\n');
}
