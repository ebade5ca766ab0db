/* parse.c - printed IR back to IR: modules, functions and their tables; parse_node.c reads nodes, parse_dim.c dims.
 *
 * Recursive descent. The first error is reported and ends the parse: every loop stops once `failed` is set, because the
 * current token then is the end of the text. Functions that calls and preps name are looked up when all are read.
 */
#include "ir/ir_int.h"

#include <string.h>

void ir_parse_fail(IrParser *p, Span at, const char *fmt, ...)
{
    if (p->failed)
        return;
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(p->module->arena, fmt, ap);
    va_end(ap);
    diag_error(p->diags, E0606, at, "%s", text);
    p->failed = true;
    p->lx.at = p->lx.len;
    p->lx.kind = TK_end;
    p->lx.punct = 0;
}

bool ir_at(IrParser *p, int punct)
{
    return p->lx.kind == TK_punct && p->lx.punct == punct;
}

bool ir_at_word(IrParser *p, const char *word)
{
    return p->lx.kind == TK_name && strcmp(p->lx.name, word) == 0;
}

bool ir_take(IrParser *p, int punct)
{
    bool yes = ir_at(p, punct);
    if (yes)
        ir_lex_next(&p->lx);
    return yes;
}

bool ir_take_word(IrParser *p, const char *word)
{
    bool yes = ir_at_word(p, word);
    if (yes)
        ir_lex_next(&p->lx);
    return yes;
}

void ir_want(IrParser *p, int punct)
{
    if (ir_take(p, punct))
        return;
    const char *text = punct == P_RANGE ? ".." : punct == P_ARROW ? "->" : arena_printf(p->module->arena, "%c", punct & 255);
    ir_parse_fail(p, p->lx.span, "'%s' is expected here", text);
}

/* Accepts a sign; magnitudes beyond 63 bits wrap, as constants of u64 print signed. */
int64_t ir_want_int(IrParser *p)
{
    bool minus = ir_take(p, '-');
    uint64_t v = p->lx.integer;
    if (p->lx.kind != TK_int)
        ir_parse_fail(p, p->lx.span, "a whole number is expected here");
    else
        ir_lex_next(&p->lx);
    return (int64_t)(minus ? 0 - v : v);
}

Name ir_want_name(IrParser *p, const char *what)
{
    Name name = p->lx.name;
    if (p->lx.kind != TK_name)
        ir_parse_fail(p, p->lx.span, "%s is expected here", what);
    else
        ir_lex_next(&p->lx);
    return name;
}

Span ir_parse_place(IrParser *p, Span otherwise)
{
    if (p->lx.kind != TK_span)
        return otherwise;
    Span s = p->lx.place;
    ir_lex_next(&p->lx);
    return s;
}

void ir_parse_define(IrParser *p, Name name, IrNode *n, Span at)
{
    if (map_find(&p->values, name))
        ir_parse_fail(p, at, "%%%s is defined twice", name);
    map_put(&p->values, name, n);
    bool number = name[0] >= '0' && name[0] <= '9';
    n->name = number ? NULL : name;
}

/* ---- tables ---- */

static const char *want_string(IrParser *p)
{
    const char *s = p->lx.string;
    if (p->lx.kind != TK_string)
        ir_parse_fail(p, p->lx.span, "a string is expected here");
    else
        ir_lex_next(&p->lx);
    return p->failed ? "" : s;
}

static void want_number(IrParser *p, int expected)
{
    Span at = p->lx.span;
    if (ir_want_int(p) != expected)
        ir_parse_fail(p, at, "number %d is expected here", expected);
    ir_want(p, ':');
}

static void parse_row(IrParser *p)
{
    Span at = p->lx.span;
    want_number(p, p->fn->checks.n);
    int code = (int)ir_want_int(p);
    const char *text = want_string(p);
    ir_check_row(p->fn, code, ir_parse_place(p, at), text);
}

static void parse_effect(IrParser *p)
{
    Arena *a = p->module->arena;
    VEC(IrType) types = { 0 };
    want_number(p, p->fn->effects.n);
    IrEffect e = { .name = name_of(p->module->names, want_string(p)) };
    ir_want(p, '(');
    while (!p->failed && !ir_at(p, ')')) {
        vec_push(a, &types, ir_parse_type(p));
        if (!ir_take(p, ','))
            break;
    }
    ir_want(p, ')');
    e.nresults = types.n;
    e.results = types.p;
    vec_push(a, &p->fn->effects, e);
}

static void parse_prep(IrParser *p)
{
    IrPrep row = { 0 };
    want_number(p, p->fn->preps.n);
    IrPending at = { .fn = p->fn, .prep = p->fn->preps.n, .name = p->lx.name, .span = p->lx.span };
    if (p->lx.kind != TK_fn)
        ir_parse_fail(p, p->lx.span, "the function that prepares the tensor is expected here");
    else
        ir_lex_next(&p->lx);
    if (!ir_take_word(p, "of"))
        ir_parse_fail(p, p->lx.span, "'of' is expected here");
    row.leaf = (int)ir_want_int(p);
    if (ir_take_word(p, "axis"))
        row.axis = (int)ir_want_int(p);
    if (ir_take_word(p, "panel"))
        row.panel = (int)ir_want_int(p);
    if (ir_take_word(p, "tiled"))
        row.tiled = (int)ir_want_int(p);
    row.form = ir_take_word(p, "as") ? ir_parse_form(p) : FORM_plain;
    ir_want(p, ':');
    row.type = ir_parse_type(p);
    vec_push(p->module->arena, &p->fn->preps, row);
    vec_push(p->module->arena, &p->pending, at);
}

static void parse_given(IrParser *p)
{
    IrGiven row = { .a = ir_parse_dim(p) };
    row.equal = ir_take_word(p, "equals");
    if (!row.equal && !ir_take_word(p, "upto"))
        ir_parse_fail(p, p->lx.span, "'equals' or 'upto' is expected here");
    row.b = ir_parse_dim(p);
    vec_push(p->module->arena, &p->fn->given, row);
}

static void parse_life(IrParser *p)
{
    Span at = p->lx.span;
    Name name = ir_want_name(p, "the dim that is a place");
    IrLife row = { .first = (int)ir_want_int(p) };
    if (p->failed)
        return;
    row.at = ir_parse_sym_use(p, name, at);
    if (!ir_take_word(p, "to"))
        ir_parse_fail(p, p->lx.span, "'to' is expected here");
    row.last = (int)ir_want_int(p);
    ir_want(p, ':');
    row.bytes = ir_parse_dim(p);
    vec_push(p->module->arena, &p->fn->lives, row);
}

static void parse_tables(IrParser *p)
{
    for (;;) {
        if (ir_take_word(p, "given"))
            parse_given(p);
        else if (ir_take_word(p, "row"))
            parse_row(p);
        else if (ir_take_word(p, "prep"))
            parse_prep(p);
        else if (ir_take_word(p, "arena"))
            p->fn->arena_bytes = ir_parse_dim(p);
        else if (ir_take_word(p, "life"))
            parse_life(p);
        else
            break;
    }
}

/* `effect 0: "print" (...)` is a row, `effect 0, %1` a node: rows stand first, so look for the colon. */
static bool at_effect_row(IrParser *p)
{
    if (!ir_at_word(p, "effect"))
        return false;
    IrLex lx = p->lx;
    ir_lex_next(&lx);
    ir_lex_next(&lx);
    return lx.kind == TK_punct && lx.punct == ':';
}

static void parse_all_tables(IrParser *p)
{
    parse_tables(p);
    while (at_effect_row(p)) {
        ir_lex_next(&p->lx);
        parse_effect(p);
        parse_tables(p);
    }
}

/* ---- functions ---- */

static void parse_dims(IrParser *p)
{
    if (!ir_take(p, '['))
        return;
    do
        vec_push(p->module->arena, &p->fn->dims, ir_parse_sym_def(p));
    while (!p->failed && ir_take(p, ','));
    ir_want(p, ']');
}

static void parse_param(IrParser *p)
{
    bool var = ir_take_word(p, "var"), load = ir_take_word(p, "load");
    int forms = 0, packed = 0, tiled = 0;
    for (int f = 0; load && f < FORM_count; f++)
        forms |= ir_take_word(p, ir_forms[f].name) << f;
    if (load && ir_take_word(p, "axis"))
        packed = 1 + (int)ir_want_int(p);
    if (packed && ir_take_word(p, "tiled"))
        tiled = (int)ir_want_int(p);
    Name name = p->lx.name;
    Span at = p->lx.span;
    if (p->lx.kind != TK_value)
        ir_parse_fail(p, at, "a parameter is expected here");
    else
        ir_lex_next(&p->lx);
    if (p->failed)
        return;
    ir_want(p, ':');
    IrNode *n = ir_param_new(p->fn, name, ir_parse_type(p), at);
    n->load_time = load;
    n->forms = (uint8_t)forms;
    n->packed = (uint8_t)packed;
    n->tiled = (uint8_t)tiled;
    ir_parse_define(p, name, n, at);
    if (ir_take_word(p, "sym"))
        n->sym = ir_parse_sym_def(p);
    n->span = ir_parse_place(p, at);
    if (var)
        vec_push(p->module->arena, &p->fn->vars, n->imm < 0 ? 0 : (int)n->imm);
}

static void parse_params(IrParser *p)
{
    ir_want(p, '(');
    while (!p->failed && !ir_at(p, ')')) {
        parse_param(p);
        if (!ir_take(p, ','))
            break;
    }
    ir_want(p, ')');
}

static void parse_results(IrParser *p)
{
    Arena *a = p->module->arena;
    if (!ir_take(p, P_ARROW))
        return;
    if (!ir_take(p, '(')) {
        vec_push(a, &p->fn->results, ir_parse_type(p));
        return;
    }
    while (!p->failed && !ir_at(p, ')')) {
        vec_push(a, &p->fn->results, ir_parse_type(p));
        if (!ir_take(p, ','))
            break;
    }
    ir_want(p, ')');
}

/* A function without a list of dims binds those that its parameters mention, in the order of the text. */
static void take_free_dims(IrParser *p, int nlisted)
{
    for (int i = 0; i < p->seen.n && nlisted == 0; i++)
        if (!map_find(&p->defined, p->seen.p[i])) {
            map_put(&p->defined, p->seen.p[i], p->seen.p[i]);
            vec_push(p->module->arena, &p->fn->dims, p->seen.p[i]);
        }
}

static void check_symbols(IrParser *p)
{
    for (int i = 0; i < p->seen.n; i++)
        if (!map_find(&p->defined, p->seen.p[i]))
            ir_parse_fail(p, p->seen.p[i]->span, "nothing defines the symbol '%s'", p->seen.p[i]->name);
}

static void start_fn(IrParser *p)
{
    Arena *a = p->module->arena;
    p->values = map_new(a);
    p->syms = map_new(a);
    p->defined = map_new(a);
    p->seen.n = 0;
}

static void parse_fn(IrParser *p)
{
    bool tile = ir_take_word(p, "tile");
    if (!ir_take_word(p, "fn"))
        ir_parse_fail(p, p->lx.span, "'fn' is expected here");
    Name name = p->lx.name;
    Span at = p->lx.span;
    if (p->lx.kind != TK_fn)
        ir_parse_fail(p, at, "the name of the function is expected here");
    else if (ir_fn_find(p->module, name))
        ir_parse_fail(p, at, "function '%s' is defined twice", name);
    if (p->failed)
        return;
    ir_lex_next(&p->lx);
    start_fn(p);
    p->fn = ir_fn_new(p->module, name, tile ? TILE : TENSOR, at);
    parse_dims(p);
    int nlisted = p->fn->dims.n;
    parse_params(p);
    take_free_dims(p, nlisted);
    parse_results(p);
    p->fn->span = ir_parse_place(p, at);
    ir_want(p, '{');
    parse_all_tables(p);
    ir_parse_nodes(p, p->fn->body);
    check_symbols(p);
}

IrFn *ir_fn_find(const IrModule *m, const char *name)
{
    for (int i = 0; i < m->fns.n; i++)
        if (strcmp(m->fns.p[i]->name, name) == 0)
            return m->fns.p[i];
    return NULL;
}

static void resolve(IrParser *p, const IrPending *at)
{
    IrFn *fn = ir_fn_find(p->module, at->name);
    if (!fn) {
        ir_parse_fail(p, at->span, "there is no function '%s'", at->name);
        return;
    }
    if (!at->call) {
        at->fn->preps.p[at->prep].fn = fn;
        return;
    }
    if (fn->dims.n != at->prep)
        ir_parse_fail(p, at->span, "'%s' has %d dims, not %d", at->name, fn->dims.n, at->prep);
    at->call->callee = fn;
}

bool ir_parse(IrModule *m, const Source *src, Diags *d)
{
    IrParser p = { .module = m, .diags = d };
    int before = m->fns.n;
    ir_lex_init(&p.lx, m, src);
    while (!p.failed && p.lx.kind != TK_end)
        parse_fn(&p);
    for (int i = 0; i < p.pending.n && !p.failed; i++)
        resolve(&p, &p.pending.p[i]);
    if (p.failed)
        m->fns.n = before;
    return !p.failed;
}
