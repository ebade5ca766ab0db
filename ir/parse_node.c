/* parse_node.c - one node of printed IR:  [%name =] op operands region* [: type [sym s]] [@file:lo-hi]  */
#include "ir/ir_int.h"

#include <math.h>
#include <string.h>

typedef struct Head { /* what stands between the name of an operation and its regions */
    VEC(IrNode *) in;
    int64_t imm;
    double fimm;
    uint64_t key[2];
    const char *str;
    Dim dim, offset;
    VEC(Dim) dims;
    Name callee;
    Span callee_span;
    int redop, order, place, loop, factor;
    bool stream, inplace;
    bool is_float;
} Head;

static IrNode *want_value(IrParser *p)
{
    Name name = p->lx.name;
    Span at = p->lx.span;
    IrNode *n = NULL;
    if (p->lx.kind == TK_value)
        n = map_find(&p->values, name);
    else if (p->lx.kind == TK_name) {
        DimSym *s = map_find(&p->syms, name);
        n = s && s->index && map_find(&p->defined, s) ? s->user : NULL;
    } else {
        ir_parse_fail(p, at, "a value is expected here");
        return NULL;
    }
    if (!n)
        ir_parse_fail(p, at, p->lx.kind == TK_value ? "%%%s is not defined before" : "'%s' is not an index", name);
    ir_lex_next(&p->lx);
    return n;
}

static void take_values(IrParser *p, Head *h)
{
    do
        vec_push(p->module->arena, &h->in, want_value(p));
    while (!p->failed && ir_take(p, ','));
}

static void take_subscripts(IrParser *p, Head *h)
{
    ir_want(p, '[');
    if (!ir_at(p, ']'))
        take_values(p, h);
    ir_want(p, ']');
}

static void head_load(IrParser *p, Head *h)
{
    vec_push(p->module->arena, &h->in, want_value(p));
    take_subscripts(p, h);
}

static void head_store(IrParser *p, Head *h)
{
    Head subs = { 0 };
    vec_push(p->module->arena, &h->in, want_value(p));
    take_subscripts(p, &subs);
    ir_want(p, ',');
    vec_push(p->module->arena, &h->in, want_value(p));
    for (int i = 0; i < subs.in.n; i++)
        vec_push(p->module->arena, &h->in, subs.in.p[i]);
}

static void head_update(IrParser *p, Head *h)
{
    Arena *a = p->module->arena;
    VEC(IrNode *) starts = { 0 };
    vec_push(a, &h->in, want_value(p));
    ir_want(p, '[');
    while (!p->failed && !ir_at(p, ']')) {
        vec_push(a, &starts, want_value(p));
        vec_push(a, &h->dims, ir_take(p, ':') ? ir_parse_dim(p) : NULL);
        if (!ir_take(p, ','))
            break;
    }
    ir_want(p, ']');
    ir_want(p, ',');
    vec_push(a, &h->in, want_value(p));
    h->inplace = ir_take_word(p, "inplace");
    for (int i = 0; i < starts.n; i++)
        vec_push(a, &h->in, starts.p[i]);
    if (!p->failed && h->in.p[0]->type.rank != starts.n)
        ir_parse_fail(p, p->lx.span, "a tensor of rank %d has %d starts", h->in.p[0]->type.rank, starts.n);
}

static void head_call(IrParser *p, Head *h)
{
    h->callee = p->lx.name;
    h->callee_span = p->lx.span;
    if (p->lx.kind != TK_fn)
        ir_parse_fail(p, p->lx.span, "a function is expected here");
    else
        ir_lex_next(&p->lx);
    if (ir_take(p, '[')) {
        do
            vec_push(p->module->arena, &h->dims, ir_parse_dim(p));
        while (!p->failed && ir_take(p, ','));
        ir_want(p, ']');
    }
    ir_want(p, '(');
    if (!ir_at(p, ')'))
        take_values(p, h);
    ir_want(p, ')');
}

static int want_word(IrParser *p, const char *const *words, int n, const char *what)
{
    for (int i = 0; i < n; i++)
        if (ir_take_word(p, words[i]))
            return i;
    ir_parse_fail(p, p->lx.span, "%s is expected here", what);
    return 0;
}

int ir_parse_form(IrParser *p)
{
    const char *names[FORM_count];
    for (int i = 0; i < FORM_count; i++)
        names[i] = ir_forms[i].name;
    return want_word(p, names, FORM_count, "a form of weights");
}

static void head_operator(IrParser *p, Head *h)
{
    const char *redops[RED_count + 1];
    for (int i = 0; i <= RED_count; i++)
        redops[i] = redop_name((RedOp)i);
    h->redop = want_word(p, redops, RED_count + 1, "a reducing operator");
}

static int head_running(IrParser *p)
{
    const char *names[RUNNING_count];
    for (int i = 0; i < RUNNING_count; i++)
        names[i] = running_name((IrRunning)i);
    return want_word(p, names, RUNNING_count, "upto, below, from or above");
}

static void head_reduce(IrParser *p, Head *h)
{
    static const char *const orders[] = { "chain", "contract", "lanes16" };
    head_operator(p, h);
    h->order = want_word(p, orders, 3, "chain, contract or lanes16");
    h->stream = ir_take_word(p, "stream");
}

static void head_buffer(IrParser *p, Head *h)
{
    static const char *const places[] = { "arena", "param", "result", "prep", "view", "local", "scratch", "block" };
    h->place = want_word(p, places, 8, "the place of the buffer");
    if (h->place == PLACE_param || h->place == PLACE_result || h->place == PLACE_prep || h->place == PLACE_block)
        h->imm = ir_want_int(p);
    else if (h->place == PLACE_view)
        vec_push(p->module->arena, &h->in, want_value(p));
    if (ir_take_word(p, "at"))
        h->offset = ir_parse_dim(p);
}

static void head_tfor(IrParser *p, Head *h)
{
    static const char *const loops[] = { "seq", "lanes", "rows" };
    h->loop = want_word(p, loops, 3, "seq, lanes or rows");
    if (p->lx.kind != TK_int)
        return;
    Span at = p->lx.span;
    int64_t k = ir_want_int(p);
    if (k < 1 || k > 255)
        ir_parse_fail(p, at, "a factor lies in 1..255");
    h->factor = (int)k;
}

static void head_const(IrParser *p, Head *h)
{
    bool minus = ir_at(p, '-');
    if (p->lx.kind == TK_string) {
        h->str = p->lx.string;
        ir_lex_next(&p->lx);
        return;
    }
    if (ir_at_word(p, "true") || ir_at_word(p, "false")) {
        h->imm = ir_at_word(p, "true");
        ir_lex_next(&p->lx);
        return;
    }
    if (minus)
        ir_lex_next(&p->lx);
    h->is_float = true;
    if (ir_take_word(p, "inf"))
        h->fimm = (double)INFINITY;
    else if (ir_take_word(p, "nan"))
        h->fimm = (double)NAN;
    else if (p->lx.kind == TK_float) {
        h->fimm = p->lx.number;
        ir_lex_next(&p->lx);
    } else {
        h->is_float = false;
        h->imm = ir_want_int(p);
    }
    h->fimm = minus ? -h->fimm : h->fimm;
    h->imm = minus ? (int64_t)(0 - (uint64_t)h->imm) : h->imm;
    h->key[0] = (uint64_t)h->imm;
    if (ir_take(p, ','))
        h->key[1] = (uint64_t)ir_want_int(p);
}

static void head_imm(IrParser *p, Head *h)
{
    h->imm = ir_want_int(p);
    if (ir_take(p, ','))
        take_values(p, h);
}

static bool at_value(IrParser *p)
{
    if (p->lx.kind == TK_value)
        return true;
    return p->lx.kind == TK_name && map_find(&p->syms, p->lx.name) != NULL;
}

static void head_extern(IrParser *p, Head *h)
{
    if (p->lx.kind != TK_string) {
        ir_parse_fail(p, p->lx.span, "the name of a C function is expected here");
        return;
    }
    h->str = name_of(p->module->names, p->lx.string);
    ir_lex_next(&p->lx);
    if (ir_take(p, ','))
        take_values(p, h);
}

static void parse_head(IrParser *p, IrOp op, Head *h)
{
    switch (op) {
    case OP_const: head_const(p, h); break;
    case OP_extern: head_extern(p, h); break;
    case OP_dim: h->dim = ir_parse_dim(p); break;
    case OP_load:
    case OP_prefetch: head_load(p, h); break;
    case OP_store: head_store(p, h); break;
    case OP_update: head_update(p, h); break;
    case OP_call: head_call(p, h); break;
    case OP_reduce: head_reduce(p, h); break;
    case OP_running:
        head_operator(p, h);
        h->imm = head_running(p);
        take_values(p, h);
        break;
    case OP_scatter:
        head_operator(p, h);
        if (at_value(p))
            take_values(p, h);
        break;
    case OP_buffer: head_buffer(p, h); break;
    case OP_tfor: head_tfor(p, h); break;
    case OP_result:
    case OP_form:
    case OP_check:
    case OP_effect:
    case OP_setscalar:
    case OP_dot16:
    case OP_sortrow: head_imm(p, h); break;
    default:
        if (ir_ops[op].in != 0 && at_value(p) && !ir_at_word(p, "row"))
            take_values(p, h);
        if (ir_take_word(p, "row"))
            h->imm = ir_want_int(p);
    }
}

static void fill(IrParser *p, IrNode *n, const Head *h)
{
    n->redop = (uint8_t)h->redop;
    n->order = (uint8_t)h->order;
    n->stream = h->stream;
    n->inplace = h->inplace;
    n->place = (uint8_t)h->place;
    n->loop = (uint8_t)h->loop;
    n->factor = (uint8_t)h->factor;
    n->offset = h->offset;
    if (n->op == OP_dim)
        n->dim = h->dim;
    else if (n->op == OP_extern)
        n->str = h->str;
    else if (n->op == OP_update)
        n->box = h->dims.p;
    else if (n->op == OP_call) {
        n->dims = h->dims.p;
        IrPending at = { .call = n, .prep = h->dims.n, .name = h->callee, .span = h->callee_span };
        vec_push(p->module->arena, &p->pending, at);
    } else {
        n->imm = h->imm;
    }
}

static void fill_const(IrParser *p, IrNode *n, const Head *h, Span at)
{
    IrDtype t = n->type.dtype;
    if (h->str ? t != DT_str : t == DT_str || (h->is_float && !dtype_is_float(t)))
        ir_parse_fail(p, at, "the constant is not of type %s", dtype_name(t));
    if (t == DT_str)
        n->str = h->str;
    else if (t == DT_key) {
        n->key[0] = h->key[0];
        n->key[1] = h->key[1];
    } else if (dtype_is_float(t)) {
        n->fimm = h->is_float ? h->fimm : (double)h->imm;
    }
}

/* ---- regions ---- */

static void parse_index(IrParser *p, IrRegion *r)
{
    DimCx *cx = p->module->dims;
    Span at = p->lx.span;
    DimSym *s = ir_parse_sym_def(p);
    Dim lo = NULL, extent = NULL;
    if (p->failed)
        return;
    if (ir_take(p, ':')) {
        extent = ir_parse_dim(p);
        if (ir_take(p, P_RANGE)) {
            lo = extent;
            extent = dim_sub(cx, ir_parse_dim(p), lo);
        }
    }
    IrNode *n = ir_index_new(r, s->name, lo, extent, at);
    n->sym = s; /* dims of the text may have mentioned it before */
    s->index = true;
    s->user = n;
    if (!ir_take_word(p, "in"))
        return;
    n->from = ir_at(p, P_RANGE) ? NULL : ir_parse_dim(p);
    ir_want(p, P_RANGE);
    bool open = ir_at(p, ',') || ir_at(p, ']');
    n->to = open ? NULL : ir_parse_dim(p);
}

static void parse_arg(IrParser *p, IrRegion *r)
{
    Name name = p->lx.name;
    Span at = p->lx.span;
    if (p->lx.kind != TK_value)
        ir_parse_fail(p, at, "a carried value is expected here");
    if (p->failed)
        return;
    ir_lex_next(&p->lx);
    ir_want(p, ':');
    IrNode *n = ir_arg_new(r, NULL, ir_parse_type(p));
    ir_parse_define(p, name, n, at);
    if (ir_take_word(p, "sym"))
        n->sym = ir_parse_sym_def(p);
}

static void parse_region(IrParser *p, IrNode *owner)
{
    IrRegion *r = ir_region_new(p->fn, owner);
    if (ir_take(p, '[')) {
        do
            parse_index(p, r);
        while (!p->failed && ir_take(p, ','));
        ir_want(p, ']');
    }
    if (ir_take(p, '(')) {
        do
            parse_arg(p, r);
        while (!p->failed && ir_take(p, ','));
        ir_want(p, ')');
    }
    ir_want(p, '{');
    ir_parse_nodes(p, r);
}

static void parse_regions(IrParser *p, IrNode *n)
{
    if (!ir_at(p, '[') && !ir_at(p, '(') && !ir_at(p, '{'))
        return;
    if (++p->depth > IR_NEST_MOST)
        ir_parse_fail(p, p->lx.span, "regions are too deeply nested");
    do
        parse_region(p, n);
    while (!p->failed && (ir_take_word(p, "else") || ir_take_word(p, "do")));
    p->depth--;
}

/* ---- nodes ---- */

static IrOp find_op(const char *name)
{
    for (int i = OP_none + 1; i < OP_count; i++)
        if (i != OP_scalar_end && strcmp(ir_ops[i].name, name) == 0)
            return (IrOp)i;
    return OP_none;
}

static IrOp want_op(IrParser *p)
{
    Span at = p->lx.span;
    Name name = ir_want_name(p, "an operation");
    IrOp op = p->failed ? OP_none : find_op(name);
    if (op == OP_none || op == OP_param || op == OP_index || op == OP_arg)
        ir_parse_fail(p, at, "'%s' is not an operation", p->failed ? "" : name);
    return op;
}

static void parse_node(IrParser *p, IrRegion *r)
{
    Span at = p->lx.span;
    Name name = NULL;
    if (p->lx.kind == TK_value) {
        name = p->lx.name;
        ir_lex_next(&p->lx);
        ir_want(p, '=');
    }
    Head h = { 0 };
    IrOp op = want_op(p);
    if (!p->failed)
        parse_head(p, op, &h);
    if (p->failed)
        return;
    IrBuilder b = { p->fn, r, NULL, at };
    IrNode *n = ir_add(&b, op, ir_scalar(DT_none), h.in.n, h.in.p);
    fill(p, n, &h);
    parse_regions(p, n);
    if (ir_take(p, ':')) {
        n->type = ir_parse_type(p);
        if (ir_take_word(p, "sym")) {
            n->sym = ir_parse_sym_def(p);
            n->sym->user = n;
        }
    }
    if (op == OP_const && !p->failed)
        fill_const(p, n, &h, at);
    n->span = ir_parse_place(p, at);
    if (name && !p->failed)
        ir_parse_define(p, name, n, at);
}

void ir_parse_nodes(IrParser *p, IrRegion *r)
{
    while (!p->failed && !ir_at(p, '}'))
        parse_node(p, r);
    ir_want(p, '}');
}
