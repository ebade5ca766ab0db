/* repl_session.c - what a session of the REPL has been told, and how it stays small.
 *
 * Each input is checked in the unit of the session, which only grows. When it has grown by some kilobytes it is replaced by a fresh
 * one, which is told what still holds as one text:
 *
 *     fn f(x: f32[N]) -> f32[N] = ...          the last declaration of each name
 *     let w[i: 512, j: 64] = f32(0)            variables, by their types alone: their values stay where they are
 *
 * So ten thousand redefinitions take the memory of one.
 */
#include <inttypes.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "driver/repl_int.h"
#include "driver/script_int.h"

enum { RENEW_AT = 96 << 10 };

/* ---- texts -------------------------------------------------------------------------------------------------------------- */

typedef struct Look { Mem mem; const char *text; ReplText result; } Look;

static void look(void *arg)
{
    Look *l = arg;
    Arena *a = arena_new(&l->mem);
    Sources *ss = sources_new(a);
    Parse p = { .arena = a, .names = names_new(a), .diags = diags_new(a, ss), .repl = true };
    parse_source(&p, source_add(ss, "", l->text, strlen(l->text)));
    l->result = p.incomplete ? REPL_incomplete : p.diags->errors ? REPL_wrong : REPL_complete;
}

ReplText repl_text(Repl *r, const char *text)
{
    Look l = { .text = text, .result = REPL_wrong };
    mem_init(&l.mem, r->own.hooks, 0);
    mem_try(&l.mem, look, &l);
    mem_drop(&l.mem);
    return l.result;
}

/* Where a variable is declared after a renewal nobody has written. */
static void forget_renewed_places(const Repl *r, Diag *d)
{
    int kept = 0;
    for (int i = 0; i < d->parts.n; i++) {
        const DiagPart *p = &d->parts.p[i];
        const Source *s = p->span.file ? r->u->sources->files.p[p->span.file - 1] : NULL;
        if (!s || strcmp(s->name, "session") || (int)p->span.lo < r->variables_at)
            d->parts.p[kept++] = *p;
    }
    d->parts.n = kept;
}

void repl_report(Repl *r)
{
    Diags *d = r->u->diags;
    for (int i = 0; i < d->list.n; i++)
        forget_renewed_places(r, d->list.p[i]);
    if (d->list.n)
        r->failed |= cmd_report(r->o, r->u) != 0;
    unit_forget_messages(r->u);
}

void repl_print_tree(Repl *r, const char *text)
{
    Arena *a = arena_new(&r->own);
    Sources *ss = sources_new(a);
    Parse p = { .arena = a, .names = names_new(a), .diags = diags_new(a, ss), .repl = true };
    Buf out = buf_new(a);
    tree_print(parse_source(&p, source_add(ss, "input", text, strlen(text))), &out);
    diags_render(p.diags, &out, false);
    r->failed |= p.diags->errors > 0;
    fputs(buf_text(&out), stdout);
    arena_drop(a);
}

/* ---- declarations --------------------------------------------------------------------------------------------------------- */

static bool is_declaration(const Tree *t)
{
    switch (t->kind) {
    case T_fn: return t->name != NULL;
    case T_extern_fn:
    case T_op:
    case T_model:
    case T_struct_:
    case T_adapter:
    case T_tree:
    case T_import: return true;
    default: return false;
    }
}

static void keep_item(Repl *r, const char *name, const char *text, size_t len)
{
    ReplItem *item = NULL;
    for (int i = 0; i < r->items.n; i++)
        if (*name ? !strcmp(r->items.p[i].name, name) : !strncmp(r->items.p[i].text, text, len) && !r->items.p[i].text[len])
            item = &r->items.p[i];
    if (!item) {
        ReplItem one = { NULL, "", "" };
        vec_push(r->arena, &r->items, one);
        item = &vec_last(&r->items);
    }
    arena_drop(item->arena);
    *item = (ReplItem){ NULL, "", "" }; /* should memory end now */
    item->arena = arena_new(&r->own);
    item->name = arena_text(item->arena, name, strlen(name));
    item->text = arena_text(item->arena, text, len);
}

/* A function that was given a name is known to the checker only. */
static bool is_static(const Repl *r, const Tree *t)
{
    if (t->kind != T_let || t->kids[0]->kind != T_name)
        return false;
    for (int i = 0; i < r->u->core->script_vars.n; i++)
        if (r->u->core->script_vars.p[i]->name == t->kids[0]->name)
            return false;
    return true;
}

static void keep_items(Repl *r, const Tree *file, const char *text)
{
    const Tree *list = file->kids[0];
    for (int i = 0; list && i < list->nkids; i++) {
        const Tree *t = list->kids[i];
        if (is_declaration(t) || is_static(r, t))
            keep_item(r, t->kind == T_let ? t->kids[0]->name : t->name && t->kind != T_import ? t->name : "", text + t->span.lo, t->span.hi - t->span.lo);
    }
}

/* ---- one input --------------------------------------------------------------------------------------------------------------- */

typedef struct Input { Repl *r; const char *name, *text; size_t len; bool ok; Tree *tree; int first; } Input;

static void check(void *arg)
{
    Input *in = arg;
    in->first = in->r->u->core ? in->r->u->core->script.n : 0;
    frontend_seed(in->r->u->fe, in->r->o->seed, in->r->statements);
    in->ok = unit_more(in->r->u, in->name, in->text, in->len, &in->tree);
}

static bool try_check(Repl *r, Input *in)
{
    if (mem_try(r->mem, check, in))
        return in->ok;
    fputs("out of memory\n", stderr);
    r->failed = true;
    return false;
}

static void show(Repl *r, const CoreStmt *st)
{
    Arena *a = arena_new(&r->own);
    Buf b = buf_new(a);
    script_show(r->script, st, &b);
    fputs(buf_text(&b), stdout);
    fflush(stdout);
    arena_drop(a);
}

static bool run_new(Repl *r, const Input *in, bool shown)
{
    for (int i = in->first; i < r->u->core->script.n; i++) {
        CoreStmt st = r->u->core->script.p[i];
        r->statements++;
        if (!script_run(r->script, &st)) {
            frontend_forget(r->u->fe, i);
            return false;
        }
        if (shown)
            show(r, &st);
    }
    return true;
}

bool repl_input(Repl *r, const char *name, const char *text, size_t len, bool shown)
{
    Input in = { .r = r, .name = name, .text = text, .len = len };
    bool ok = try_check(r, &in);
    if (ok) {
        keep_items(r, in.tree, text);
        repl_report(r); /* warnings */
        ok = run_new(r, &in, shown);
    }
    repl_report(r);
    if (r->mem->used > r->after_renewal + r->after_renewal / 64 + RENEW_AT)
        repl_renew(r);
    return ok;
}

const CoreStmt *repl_check(Repl *r, const char *text)
{
    Input in = { .r = r, .name = "input", .text = text, .len = strlen(text) };
    if (!try_check(r, &in) || in.first >= r->u->core->script.n)
        return NULL;
    return &r->u->core->script.p[in.first];
}

/* ---- renewing ------------------------------------------------------------------------------------------------------------------ */

static void put_text(Buf *b, const char *s)
{
    buf_putc(b, '"');
    for (; *s; s++)
        if (*s == '"' || *s == '\\')
            buf_printf(b, "\\%c", *s);
        else if (*s == '\n')
            buf_puts(b, "\\n");
        else if (*s == '\t')
            buf_puts(b, "\\t");
        else if ((unsigned char)*s < 0x20)
            buf_printf(b, "\\u{%x}", (unsigned char)*s);
        else
            buf_putc(b, *s);
    buf_putc(b, '"');
}

static void put_number(Buf *b, IrDtype t, const void *p)
{
    int64_t i;
    double x = value_float(t, p, 0);
    InterpTensor v = { .dtype = t, .data = (void *)(uintptr_t)p };
    memcpy(&i, p, 8);
    if (t == DT_f16 || t == DT_bf16 || t == DT_f32 || t == DT_f64)
        buf_printf(b, isnan(x) ? "(inf - inf)" : isinf(x) ? x < 0 ? "(-inf)" : "inf" : "(%.17g + 0.0)", x);
    else if (t == DT_i64 && i == INT64_MIN)
        buf_printf(b, "(-%" PRId64 " - 1)", INT64_MAX);
    else
        value_show(b, &v, 0);
}

/* An expression of the type; of a scalar also the value. false: there is none. */
static bool put_expression(Buf *b, const CoreSty *s, const InterpTensor **leaf)
{
    const InterpTensor *t = *leaf;
    int64_t n = 0;
    if (s->kind == STY_list && !s->elem)
        return false;
    if (s->kind == STY_list || s->kind == STY_tuple) {
        bool list = s->kind == STY_list;
        const CoreSty *first = list ? s->elem : NULL;
        buf_putc(b, list ? '[' : '(');
        if (list && (first->kind != STY_value || !dim_is_const(s->count, &n)))
            return false;
        for (int i = 0; i < (list ? 1 : s->n); i++) {
            buf_puts(b, i ? ", " : "");
            if (!put_expression(b, list ? first : s->parts[i], leaf))
                return false;
        }
        if (list)
            buf_printf(b, " for _ in 0..%" PRId64, n);
        buf_puts(b, list ? "]" : s->n == 1 ? ",)" : ")");
        return true;
    }
    if (s->kind != STY_value || (t->dtype == DT_key && t->rank))
        return false;
    (*leaf)++;
    for (int i = 0; i < s->type.rank; i++) /* of a list's element, the first axes are the list's */
        buf_printf(b, "%si%d: %" PRId64, i ? ", " : "map[", i, t->shape[t->rank - s->type.rank + i]);
    if (s->type.rank)
        buf_printf(b, t->dtype == DT_bool ? "](false)" : "](%s(0))", dtype_name(t->dtype));
    else if (t->dtype == DT_key)
        buf_puts(b, "fold(key(0), 0)");
    else if (t->dtype == DT_str)
        put_text(b, *(const char *const *)t->data);
    else
        put_number(b, t->dtype, t->data);
    return true;
}

static const char *last_part(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

/* A value of the input's type; the first leaf of that name that has elements tells its sizes. */
static void put_input(Buf *b, const RtBox *box, const char *name)
{
    const RtBoxLeaf *l = NULL;
    for (int i = 0; i < box->nleaves; i++)
        if (box->leaves[i].role == RT_ROLE_INPUT && !strcmp(last_part(box->leaves[i].path), name) && (!l || !l->bytes))
            l = &box->leaves[i];
    if (!l)
        return;
    buf_printf(b, ", %s: ", name);
    for (int i = l->nstack; i < l->rank; i++)
        buf_printf(b, "%si%d: %" PRId64, i > l->nstack ? ", " : "map[", i, l->shape[i]);
    buf_printf(b, "%s%s(0)%s", l->rank > l->nstack ? "](" : "", dtype_name((IrDtype)l->dtype), l->rank > l->nstack ? ")" : "");
}

/* What is written: definitions of variables, and imports before them. */
typedef struct Session { Frontend *fe; Buf *text, *imports; } Session;

/* A model or struct with its header numbers; inputs that are set (a number `name?` is 1) are bound. */
static bool put_box(Session *w, const CoreStruct *s, const RtBox *box)
{
    Buf *b = w->text, inputs = buf_new(b->arena);
    for (int i = 0; i < box->nnumbers; i++) {
        const char *name = s->numbers.p[i]->name, *last = last_part(name);
        size_t len = strlen(last);
        if (!s->numbers.p[i]->bound || last[len - 1] != '?' || !box->numbers[i])
            continue;
        char *input = arena_text(b->arena, last, len - 1);
        if (!inputs.n || !strstr(buf_text(&inputs), arena_printf(b->arena, ", %s: ", input)))
            put_input(&inputs, box, input);
    }
    buf_puts(b, inputs.n ? "bind(" : "");
    if (!frontend_load_text(w->fe, s, box->numbers, b, w->imports))
        return false;
    buf_printf(b, "%s%s", inputs.n ? buf_text(&inputs) : "", inputs.n ? ")" : "");
    return true;
}

/* A definition that makes the variable known again. */
static bool put_variable(Session *w, const CoreScriptVar *v, const ScriptValue *x)
{
    Buf *b = w->text;
    const RtBox *box = x->handle ? x->handle->slot.contents : NULL;
    const InterpTensor *leaf = x->leaf;
    int64_t n = 0;
    bool typed = !box && v->sty->kind == STY_value && !v->sty->weak && !leaf->rank && leaf->dtype != DT_str && leaf->dtype != DT_key;
    if (v->grows) { /* checked only: its value stays the list's number */
        buf_printf(b, "var %s = []\n", v->name);
        if (*v->grows != DT_none)
            buf_printf(b, "append(var %s, %s)\n", v->name, *v->grows == DT_bool ? "false" : arena_printf(b->arena, "%s(0)", dtype_name(*v->grows)));
        return true;
    }
    buf_printf(b, "%s %s", v->mut ? "var" : "let", v->name);
    if (typed)
        buf_printf(b, ": %s", dtype_name(leaf->dtype));
    buf_puts(b, " = ");
    if (box && v->sty->kind == STY_struct && v->sty->strct->numbers.n == box->nnumbers) {
        if (!put_box(w, v->sty->strct, box))
            return false;
    } else if (box && v->sty->kind == STY_list && v->sty->elem->kind == STY_struct && dim_is_const(v->sty->count, &n) &&
               v->sty->elem->strct->numbers.n == box->nnumbers) {
        buf_putc(b, '[');
        if (!put_box(w, v->sty->elem->strct, box))
            return false;
        buf_printf(b, " for _ in 0..%" PRId64 "]", n);
    } else if (box) {
        return false;
    } else if (!put_expression(b, v->sty, &leaf)) {
        return false;
    }
    buf_putc(b, '\n');
    return true;
}

static bool session_text(Repl *r, Buf *b)
{
    Buf text = buf_new(b->arena), imports = buf_new(b->arena);
    Session w = { r->u->fe, &text, &imports };
    for (int i = 0; i < r->items.n; i++)
        buf_printf(b, "%s\n", r->items.p[i].text);
    for (int i = 0; i < r->script->vars.n; i++)
        if (!r->script->vars.p[i].core->of && !put_variable(&w, r->script->vars.p[i].core, &r->script->vars.p[i].value))
            return false;
    r->variables_at = (int)b->n;
    buf_printf(b, "%s%s", buf_text(&imports), buf_text(&text));
    return true;
}

typedef struct Renewal { Repl *r; Unit *u; const Buf *text; bool ok; } Renewal;

/* Their definitions make no value that may be absent: what was kept about that is told apart. */
static void keep_absent(Renewal *n)
{
    const Script *s = n->r->script;
    for (int i = 0; i < s->vars.n && n->ok; i++)
        if (s->vars.p[i].core->of)
            n->ok = frontend_keep_absent(n->u->fe, s->vars.p[i].core);
}

static void make_unit(void *arg)
{
    Renewal *n = arg;
    n->u = unit_new(n->r->mem, &n->r->uo, n->r->codegen, n->r->context);
    n->ok = !n->text || unit_more(n->u, "session", n->text->p, n->text->n, NULL);
    if (n->text)
        keep_absent(n);
}

static bool start_unit(Repl *r, const Buf *text, Unit **u)
{
    Mem *mem = r->mem == &r->mems[0] ? &r->mems[1] : &r->mems[0], *old = r->mem;
    Renewal n = { r, NULL, text, false };
    mem_init(mem, r->own.hooks, 0);
    r->mem = mem;
    if (!mem_try(mem, make_unit, &n)) {
        mem_drop(mem);
        r->mem = old;
        return false;
    }
    if (!n.ok) { /* it cannot be said in words: the old unit goes on */
        unit_drop(n.u);
        mem_drop(mem);
        r->mem = old;
        return false;
    }
    *u = n.u;
    n.u->diags->werror = r->o->werror;
    return true;
}

bool repl_unit(Repl *r)
{
    if (!start_unit(r, NULL, &r->u))
        return false;
    r->after_renewal = r->mem->used;
    return true;
}

/* A struct that was declared again may have other fields than a value that was made before. */
static bool is_of(const ScriptValue *x, const CoreSty *s)
{
    const RtBox *b = x->handle ? x->handle->slot.contents : NULL;
    if (!b)
        return true;
    if (s->kind != STY_struct || s->strct->leaves.n != b->nleaves || s->strct->numbers.n != b->nnumbers)
        return s->kind == STY_list;
    int64_t n;
    for (int i = 0; i < b->nnumbers; i++)
        if ((dim_is_const(s->args[i], &n) && n != b->numbers[i]) || strcmp(s->strct->numbers.p[i]->name, b->number_names[i]))
            return false;
    for (int i = 0; i < b->nleaves; i++) {
        const CoreLeaf *l = &s->strct->leaves.p[i];
        if (strcmp(l->path, b->leaves[i].path) || (int)l->type.dtype != b->leaves[i].dtype || l->type.rank != b->leaves[i].rank)
            return false;
    }
    return true;
}

/* Types made by the checker (adapted models) are numbered as they come, which may be in another order now: the type keeps the name that its
 * values have, and another one of that name takes what it was called. */
static void keep_name(const Unit *u, CoreStruct *s, const char *name)
{
    for (int i = 0; i < u->core->structs.n; i++)
        if (u->core->structs.p[i] != s && !strcmp(u->core->structs.p[i]->name, name))
            u->core->structs.p[i]->name = s->name;
    s->name = name_of(u->core->names, name);
}

static const RtBox *box_of(const ScriptValue *x, const CoreSty *s, CoreStruct **of)
{
    const RtBox *b = x->handle ? x->handle->slot.contents : NULL;
    const CoreSty *e = s->kind == STY_list && s->elem ? s->elem : s;
    *of = e->kind == STY_struct ? e->strct : NULL;
    return *of ? b : NULL;
}

static bool all_fit(const Script *s, const Unit *u)
{
    const CoreScriptVar *v;
    CoreStruct *of;
    const RtBox *b;
    for (int i = 0; i < s->vars.n; i++) {
        v = script_newest(u, s->vars.p[i].core->name);
        if (v && !is_of(&s->vars.p[i].value, v->sty))
            return false;
        if (v && (b = box_of(&s->vars.p[i].value, v->sty, &of)) && strcmp(b->name, of->name))
            keep_name(u, of, b->name);
    }
    for (int i = 0; i < s->vars.n; i++) /* two names for one type cannot be kept */
        if ((v = script_newest(u, s->vars.p[i].core->name)) && (b = box_of(&s->vars.p[i].value, v->sty, &of)) && strcmp(b->name, of->name))
            return false;
    return true;
}

bool repl_renew(Repl *r)
{
    Arena *a = arena_new(&r->own);
    Buf text = buf_new(a);
    Unit *u = NULL, *old = r->u;
    Mem *mem = r->mem;
    int variables_at = r->variables_at;
    r->after_renewal = mem->used; /* if it cannot be done now, it is tried again later */
    if (session_text(r, &text) && start_unit(r, &text, &u) && !all_fit(r->script, u)) {
        unit_drop(u);
        mem_drop(r->mem);
        r->mem = mem;
        u = NULL;
    } else if (u) {
        script_rebind(r->script, u);
        unit_drop(old);
        mem_drop(mem);
        malloc_trim(0); /* the old unit and the new one lay there together: what the old one had goes back to the system */
        r->u = u;
        unit_forget_messages(u);
        r->after_renewal = r->mem->used;
    }
    if (!u)
        r->variables_at = variables_at; /* of the session that goes on */
    arena_drop(a);
    return u != NULL;
}
