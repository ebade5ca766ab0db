/* print.c - IR as text. The form is in IR.md; parse.c reads it back, and print(parse(t)) == t.
 *
 *     fn @dot[N](%x: f32[N], %y: f32[N]) -> f32 {
 *       %0 = reduce sum lanes16 [i: N] {
 *         %1 = load %x[i] : f32
 *         ...
 *         yield %3
 *       } : f32
 *       ret %0
 *     }
 */
#include "ir/ir_int.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Printer { IrNaming nm; Buf *out; bool spans; int depth; } Printer;

/* The C library writes the decimal point of the locale; the text of IR always has a full stop. */
void ir_print_float(double v, Buf *out)
{
    if (isnan(v) || isinf(v)) {
        buf_puts(out, isnan(v) ? "nan" : v < 0 ? "-inf" : "inf");
        return;
    }
    char t[64];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(t, sizeof t, "%.*g", digits, v);
        if (strtod(t, NULL) == v)
            break;
    }
    bool whole = true;
    for (char *c = t; *c; c++) {
        if (isdigit((unsigned char)*c) || *c == '-' || *c == '+')
            continue;
        whole = false;
        if (*c != 'e')
            *c = '.';
    }
    buf_printf(out, whole ? "%s.0" : "%s", t);
}

static void print_string(const char *s, Buf *out)
{
    buf_putc(out, '"');
    for (; s && *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c < 32 || c == 127)
            buf_printf(out, "\\x%02x", c);
        else
            buf_putc(out, (char)c);
    }
    buf_putc(out, '"');
}

static void print_fn_name(const char *s, Buf *out)
{
    bool plain = s && (isalpha((unsigned char)s[0]) || s[0] == '_');
    for (const char *c = s; c && *c; c++)
        plain = plain && (isalnum((unsigned char)*c) || *c == '_' || *c == '.' || *c == '$');
    buf_putc(out, '@');
    if (plain)
        buf_puts(out, s);
    else
        print_string(s, out);
}

static void print_span(const Printer *p, Span s)
{
    if (p->spans && s.file)
        buf_printf(p->out, " @%u:%u-%u", s.file, s.lo, s.hi);
}

static void print_values(Printer *p, const IrNode *n, int from, int to)
{
    for (int i = from; i < to; i++)
        buf_printf(p->out, "%s%s", i > from ? ", " : "", ir_naming_value(&p->nm, n->in[i]));
}

static void print_subscripts(Printer *p, const IrNode *n, int from)
{
    buf_printf(p->out, " %s[", ir_naming_value(&p->nm, n->in[0]));
    print_values(p, n, from, n->nin);
    buf_putc(p->out, ']');
}

static void print_const(Printer *p, const IrNode *n)
{
    IrDtype t = n->type.dtype;
    if (dtype_is_float(t))
        ir_print_float(n->fimm, p->out);
    else if (t == DT_bool)
        buf_puts(p->out, n->imm ? "true" : "false");
    else if (t == DT_key)
        buf_printf(p->out, "%llu, %llu", (unsigned long long)n->key[0], (unsigned long long)n->key[1]);
    else if (t == DT_str)
        print_string(n->str, p->out);
    else
        buf_printf(p->out, "%lld", (long long)n->imm);
}

static void print_update(Printer *p, const IrNode *n)
{
    buf_printf(p->out, " %s[", ir_naming_value(&p->nm, n->in[0]));
    for (int i = 0; i + 2 < n->nin; i++) {
        buf_printf(p->out, "%s%s", i ? ", " : "", ir_naming_value(&p->nm, n->in[i + 2]));
        if (n->box[i])
            buf_printf(p->out, ": %s", ir_naming_dim(&p->nm, n->box[i]));
    }
    buf_printf(p->out, "], %s%s", ir_naming_value(&p->nm, n->in[1]), n->inplace ? " inplace" : "");
}

static void print_call(Printer *p, const IrNode *n)
{
    buf_putc(p->out, ' ');
    print_fn_name(n->callee->name, p->out);
    for (int i = 0; i < n->callee->dims.n; i++)
        buf_printf(p->out, "%s%s", i ? ", " : "[", ir_naming_dim(&p->nm, n->dims[i]));
    buf_puts(p->out, n->callee->dims.n ? "](" : "(");
    print_values(p, n, 0, n->nin);
    buf_putc(p->out, ')');
}

static void print_buffer(Printer *p, const IrNode *n)
{
    static const char *const places[] = { "arena", "param", "result", "prep", "view", "local", "scratch", "block" };
    buf_printf(p->out, " %s", places[n->place]);
    if (n->place == PLACE_param || n->place == PLACE_result || n->place == PLACE_prep || n->place == PLACE_block)
        buf_printf(p->out, " %lld", (long long)n->imm);
    else if (n->place == PLACE_view)
        buf_printf(p->out, " %s", ir_naming_value(&p->nm, n->in[0]));
    if (n->offset)
        buf_printf(p->out, " at %s", ir_naming_dim(&p->nm, n->offset));
}

static void print_operands(Printer *p, const IrNode *n, const char *before)
{
    if (n->nin) {
        buf_puts(p->out, before);
        print_values(p, n, 0, n->nin);
    }
}

static void print_reduce(Printer *p, const IrNode *n)
{
    static const char *const orders[] = { "chain", "contract", "lanes16" };
    buf_printf(p->out, " %s %s", redop_name((RedOp)n->redop), orders[n->order]);
    if (n->stream)
        buf_puts(p->out, " stream");
}

static void print_running(Printer *p, const IrNode *n)
{
    buf_printf(p->out, " %s %s", redop_name((RedOp)n->redop), running_name((IrRunning)n->imm));
    print_operands(p, n, " ");
}

static void print_scatter(Printer *p, const IrNode *n)
{
    buf_printf(p->out, " %s", redop_name((RedOp)n->redop));
    print_operands(p, n, " ");
}

static void print_tfor(Printer *p, const IrNode *n)
{
    static const char *const loops[] = { "seq", "lanes", "rows" };
    buf_printf(p->out, " %s", loops[n->loop]);
    if (n->factor)
        buf_printf(p->out, " %d", n->factor);
}

static void print_detail(Printer *p, const IrNode *n)
{
    switch (n->op) {
    case OP_const: buf_putc(p->out, ' '); print_const(p, n); break;
    case OP_dim: buf_printf(p->out, " %s", ir_naming_dim(&p->nm, n->dim)); break;
    case OP_load:
    case OP_prefetch: print_subscripts(p, n, 1); break;
    case OP_extern:
        buf_putc(p->out, ' ');
        print_string(n->str, p->out);
        print_operands(p, n, ", ");
        break;
    case OP_store:
        print_subscripts(p, n, 2);
        buf_printf(p->out, ", %s", ir_naming_value(&p->nm, n->in[1]));
        break;
    case OP_update: print_update(p, n); break;
    case OP_call: print_call(p, n); break;
    case OP_reduce: print_reduce(p, n); break;
    case OP_running: print_running(p, n); break;
    case OP_scatter: print_scatter(p, n); break;
    case OP_buffer: print_buffer(p, n); break;
    case OP_tfor: print_tfor(p, n); break;
    case OP_result:
    case OP_form:
    case OP_check:
    case OP_effect:
    case OP_setscalar:
    case OP_dot16:
    case OP_sortrow:
        buf_printf(p->out, " %lld", (long long)n->imm);
        print_operands(p, n, ", ");
        break;
    default:
        print_operands(p, n, " ");
        if (ir_info(n)->scalar && (ir_info(n)->effects & FAULTS))
            buf_printf(p->out, " row %lld", (long long)n->imm);
    }
}

static void print_index(Printer *p, const IrNode *x)
{
    DimCx *cx = p->nm.fn->module->dims;
    buf_puts(p->out, ir_naming_value(&p->nm, x));
    if (x->dim && x->lo)
        buf_printf(p->out, ": %s..%s", ir_naming_dim(&p->nm, x->lo), ir_naming_dim(&p->nm, dim_add(cx, x->lo, x->dim)));
    else if (x->dim)
        buf_printf(p->out, ": %s", ir_naming_dim(&p->nm, x->dim));
    if (x->from || x->to) {
        buf_printf(p->out, " in %s..", x->from ? ir_naming_dim(&p->nm, x->from) : "");
        buf_puts(p->out, x->to ? ir_naming_dim(&p->nm, x->to) : "");
    }
}

static void print_type_and_sym(Printer *p, const IrNode *n)
{
    ir_naming_type(&p->nm, n->type, p->out);
    if (n->sym)
        buf_printf(p->out, " sym %s", ir_naming_sym(&p->nm, n->sym));
}

static void print_region_params(Printer *p, const IrRegion *r)
{
    int k = 0;
    for (int i = 0; i < r->params.n; i++)
        if (r->params.p[i]->op == OP_index) {
            buf_puts(p->out, k++ ? ", " : " [");
            print_index(p, r->params.p[i]);
        }
    buf_puts(p->out, k ? "]" : "");
    k = 0;
    for (int i = 0; i < r->params.n; i++)
        if (r->params.p[i]->op != OP_index) {
            buf_printf(p->out, "%s%s: ", k++ ? ", " : " (", ir_naming_value(&p->nm, r->params.p[i]));
            print_type_and_sym(p, r->params.p[i]);
        }
    buf_puts(p->out, k ? ")" : "");
}

static void indent(const Printer *p)
{
    for (int i = 0; i < p->depth; i++)
        buf_puts(p->out, "  ");
}

static void print_node(Printer *p, const IrNode *n);

static void print_body(Printer *p, const IrRegion *r)
{
    buf_puts(p->out, " {\n");
    p->depth++;
    for (const IrNode *n = r->first; n; n = n->next)
        print_node(p, n);
    p->depth--;
    indent(p);
    buf_putc(p->out, '}');
}

static void print_node(Printer *p, const IrNode *n)
{
    indent(p);
    if (ir_has_name(n))
        buf_printf(p->out, "%s = ", ir_naming_value(&p->nm, n));
    buf_puts(p->out, ir_info(n)->name);
    print_detail(p, n);
    for (int k = 0; k < n->nregions; k++) {
        if (k > 0)
            buf_puts(p->out, n->op == OP_if ? " else" : " do");
        print_region_params(p, n->regions[k]);
        print_body(p, n->regions[k]);
    }
    if (n->type.dtype != DT_none) {
        buf_puts(p->out, " : ");
        print_type_and_sym(p, n);
    }
    print_span(p, n->span);
    buf_putc(p->out, '\n');
}

/* ---- functions ---- */

static void print_params(Printer *p)
{
    const IrFn *fn = p->nm.fn;
    buf_putc(p->out, '(');
    for (int i = 0; i < fn->params.n; i++) {
        const IrNode *x = fn->params.p[i];
        buf_puts(p->out, i ? ", " : "");
        for (int k = 0; k < fn->vars.n; k++)
            if (fn->vars.p[k] == i)
                buf_puts(p->out, "var ");
        buf_puts(p->out, x->load_time ? "load " : "");
        for (int f = 0; f < FORM_count; f++)
            if (x->forms >> f & 1)
                buf_printf(p->out, "%s ", ir_forms[f].name);
        if (x->packed)
            buf_printf(p->out, "axis %d ", x->packed - 1);
        if (x->packed && x->tiled)
            buf_printf(p->out, "tiled %d ", x->tiled);
        buf_printf(p->out, "%s: ", ir_naming_value(&p->nm, x));
        print_type_and_sym(p, x);
        print_span(p, x->span);
    }
    buf_puts(p->out, ") -> (");
    for (int i = 0; i < fn->results.n; i++) {
        buf_puts(p->out, i ? ", " : "");
        ir_naming_type(&p->nm, fn->results.p[i], p->out);
    }
    buf_putc(p->out, ')');
}

static void print_effect_row(Printer *p, int i, const IrEffect *e)
{
    buf_printf(p->out, "  effect %d: ", i);
    print_string(e->name, p->out);
    buf_puts(p->out, " (");
    for (int k = 0; k < e->nresults; k++) {
        buf_puts(p->out, k ? ", " : "");
        ir_naming_type(&p->nm, e->results[k], p->out);
    }
    buf_puts(p->out, ")\n");
}

static void print_tables(Printer *p)
{
    const IrFn *fn = p->nm.fn;
    for (int i = 0; i < fn->given.n; i++) {
        buf_printf(p->out, "  given %s %s ", ir_naming_dim(&p->nm, fn->given.p[i].a), fn->given.p[i].equal ? "equals" : "upto");
        buf_printf(p->out, "%s\n", ir_naming_dim(&p->nm, fn->given.p[i].b));
    }
    for (int i = 0; i < fn->checks.n; i++) {
        buf_printf(p->out, "  row %d: %d ", i, fn->checks.p[i].code);
        print_string(fn->checks.p[i].text, p->out);
        print_span(p, fn->checks.p[i].span);
        buf_putc(p->out, '\n');
    }
    for (int i = 0; i < fn->effects.n; i++)
        print_effect_row(p, i, &fn->effects.p[i]);
    for (int i = 0; i < fn->preps.n; i++) {
        buf_printf(p->out, "  prep %d: ", i);
        print_fn_name(fn->preps.p[i].fn->name, p->out);
        buf_printf(p->out, " of %d", fn->preps.p[i].leaf);
        if (fn->preps.p[i].panel)
            buf_printf(p->out, " axis %d panel %d", fn->preps.p[i].axis, fn->preps.p[i].panel);
        if (fn->preps.p[i].tiled)
            buf_printf(p->out, " tiled %d", fn->preps.p[i].tiled);
        if (fn->preps.p[i].form)
            buf_printf(p->out, " as %s", ir_forms[fn->preps.p[i].form].name);
        buf_puts(p->out, " : ");
        ir_naming_type(&p->nm, fn->preps.p[i].type, p->out);
        buf_putc(p->out, '\n');
    }
    if (fn->arena_bytes)
        buf_printf(p->out, "  arena %s\n", ir_naming_dim(&p->nm, fn->arena_bytes));
    for (int i = 0; i < fn->lives.n; i++) {
        const IrLife *l = &fn->lives.p[i];
        buf_printf(p->out, "  life %s %d to %d: ", ir_naming_sym(&p->nm, l->at), l->first, l->last);
        buf_printf(p->out, "%s\n", ir_naming_dim(&p->nm, l->bytes));
    }
}

static void print_fn(const IrFn *fn, Buf *out, bool spans)
{
    Printer p = { .out = out, .spans = spans, .depth = 1 };
    ir_naming_init(&p.nm, fn, out->arena);
    buf_puts(out, fn->level == TILE ? "tile fn " : "fn ");
    print_fn_name(fn->name, out);
    for (int i = 0; i < fn->dims.n; i++)
        buf_printf(out, "%s%s", i ? ", " : "[", ir_naming_sym(&p.nm, fn->dims.p[i]));
    buf_puts(out, fn->dims.n ? "]" : "");
    print_params(&p);
    print_span(&p, fn->span);
    buf_puts(out, " {\n");
    print_tables(&p);
    for (const IrNode *n = fn->body->first; n; n = n->next)
        print_node(&p, n);
    buf_puts(out, "}\n");
}

void ir_print_fn(const IrFn *fn, Buf *out)
{
    print_fn(fn, out, false);
}

void ir_print_fn_spans(const IrFn *fn, Buf *out)
{
    print_fn(fn, out, true);
}

void ir_print(const IrModule *m, Buf *out)
{
    for (int i = 0; i < m->fns.n; i++) {
        buf_puts(out, i ? "\n" : "");
        ir_print_fn(m->fns.p[i], out);
    }
}
