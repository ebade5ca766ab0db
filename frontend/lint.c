/* lint.c - warnings that the tree alone shows: names that nobody uses (W0001) and code that is never reached (W0002).
 *
 *     let mask[i, j] = j <= i        # W0001: nobody reads `mask`
 *     return x
 *     let y = x + 1                  # W0002
 *
 * Walks a file, or an input of the REPL, once, with the scopes of the language. What another file, C or the REPL may use counts as used: what stands at the
 * top of a file, members, header numbers; and parameters of a function value or an adapter's method, which have the shape that
 * their caller wants. A parameter whose type alone tells a size that the function uses is used by that. `_x` is never reported.
 */
#include "frontend/check/check_int.h"

#include <string.h>

typedef enum NameKind { NAME_let, NAME_var, NAME_param, NAME_loop, NAME_import } NameKind;

typedef struct Known { /* a name in scope */
    NameKind kind;
    Name name;
    Span span;
    const Tree *param;
    bool read, set;
    struct Known *next;
} Known;

typedef struct Level { Known *names; Map by_name; struct Level *outer; } Level;

typedef struct Lint {
    Cx *cx;
    Level *level;
    const Known *defining; /* a recurrence that reads itself is not used by that */
    bool adapter;
} Lint;

static void walk(Lint *l, const Tree *t);

/* ---- names ---- */

static Known *known_find(const Lint *l, Name n)
{
    Known *k = NULL;
    for (const Level *v = l->level; v && !k; v = v->outer)
        k = map_find(&v->by_name, n);
    return k;
}

static void use(Lint *l, Name n)
{
    Known *k = known_find(l, n);
    if (k && k != l->defining)
        k->read = true;
}

static Known *declare(Lint *l, NameKind kind, Name n, Span s)
{
    Known *k = NEW(l->cx->a, Known);
    *k = (Known){ .kind = kind, .name = n, .span = s, .next = l->level->names };
    l->level->names = k;
    map_put(&l->level->by_name, n, k);
    return k;
}

static void declare_pattern(Lint *l, NameKind kind, const Tree *t)
{
    if (t->kind == T_name)
        declare(l, kind, t->name, t->span);
    for (int i = 0; t->kind == T_ptuple && i < t->kids[0]->nkids; i++)
        declare_pattern(l, kind, t->kids[0]->kids[i]);
}

static bool is_word(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Where the name itself stands in a declaration. */
static Span name_in(const Lint *l, Name n, Span s)
{
    const Source *src = l->cx->sources->files.p[s.file - 1];
    uint32_t len = (uint32_t)strlen(n);
    for (uint32_t i = s.lo; i + len <= s.hi; i++) {
        const char *p = src->text + i;
        bool begins = i == s.lo || !(is_word(p[-1])), finishes = !is_word(p[len]);
        if (begins && finishes && !memcmp(p, n, len))
            return (Span){ s.file, i, i + len };
    }
    return s;
}

static void unused(Lint *l, const Known *k)
{
    static const char *const what[] = { "variable", "variable", "parameter", "loop variable", "import" };
    if (k->read || k->name[0] == '_' || (k->kind == NAME_param && k->set))
        return;
    const char *help = k->kind == NAME_import ? NULL : "a name that begins with '_' may stay unused";
    if (k->set)
        warning(l->cx, W0001, name_in(l, k->name, k->span), help, "'%s' is set, but nothing reads it", k->name);
    else
        warning(l->cx, W0001, name_in(l, k->name, k->span), help, "the %s '%s' is never used", what[k->kind], k->name);
}

static void level_push(Lint *l)
{
    Level *v = NEW(l->cx->a, Level);
    v->outer = l->level;
    v->by_name = map_new(l->cx->a);
    l->level = v;
}

static void level_pop(Lint *l)
{
    for (const Known *k = l->level->names; k; k = k->next)
        unused(l, k);
    l->level = l->level->outer;
}

/* ---- parameters ---- */

static bool mentions(const Tree *t, Name n)
{
    if (!t)
        return false;
    if ((t->kind == T_name || t->kind == T_path) && t->name == n)
        return true;
    for (int i = 0; i < t->nkids; i++)
        if (mentions(t->kids[i], n))
            return true;
    return false;
}

/* A size in `type` that `fn` uses and no other parameter tells. */
static bool tells_size(const Tree *type, const Tree *fn, const Tree *own)
{
    if (!type)
        return false;
    if (type->kind == T_name) {
        const Tree *params = fn->kids[2];
        for (int i = 0; i < params->nkids; i++)
            if (params->kids[i] != own && mentions(params->kids[i]->kids[0], type->name))
                return false;
        for (int i = 3; i < fn->nkids; i++) /* result, where, body */
            if (mentions(fn->kids[i], type->name))
                return true;
    }
    for (int i = 0; i < type->nkids; i++)
        if (tells_size(type->kids[i], fn, own))
            return true;
    return false;
}

static void declare_params(Lint *l, const Tree *params, bool free)
{
    for (int i = 0; params && i < params->nkids; i++) {
        const Tree *p = params->kids[i];
        walk(l, p->kids[0]);
        walk(l, p->kids[1]);
        Known *k = declare(l, NAME_param, p->name, p->span);
        k->param = p;
        k->read = !free;
    }
}

static void function(Lint *l, const Tree *t)
{
    bool free = t->name && !l->adapter; /* its parameters are its own choice */
    level_push(l);
    declare_params(l, t->kids[1], free);
    declare_params(l, t->kids[2], free);
    for (int i = 3; i < t->nkids; i++)
        walk(l, t->kids[i]);
    for (Known *k = l->level->names; k; k = k->next)
        k->read = k->read || (k->param && tells_size(k->param->kids[0], t, k->param));
    level_pop(l);
}

static void operator_decl(Lint *l, const Tree *t)
{
    level_push(l);
    declare_params(l, t->kids[2], true);
    for (int i = 3; i < t->nkids; i++)
        walk(l, t->kids[i]);
    level_pop(l);
}

/* ---- statements ---- */

static void assign_to(Lint *l, const Tree *t)
{
    switch (t->kind) {
    case T_name: {
        Known *k = known_find(l, t->name);
        if (k)
            k->set = true;
        break;
    }
    case T_member:
        assign_to(l, t->kids[0]);
        break;
    case T_index:
        assign_to(l, t->kids[0]);
        walk(l, t->kids[1]);
        break;
    case T_tuple:
        for (int i = 0; i < t->kids[0]->nkids; i++)
            assign_to(l, t->kids[0]->kids[i]);
        break;
    default:
        walk(l, t);
    }
}

static void recurrence(Lint *l, const Tree *list)
{
    const Known *outer = l->defining;
    Known **k = NEWN(l->cx->a, Known *, list->nkids + 1);
    for (int i = 0; i < list->nkids; i++)
        k[i] = list->kids[i]->kind == T_equation ? declare(l, NAME_let, list->kids[i]->name, list->kids[i]->span) : NULL;
    for (int i = 0; i < list->nkids; i++) {
        l->defining = k[i];
        walk(l, list->kids[i]);
    }
    l->defining = outer;
}

static void binding(Lint *l, const Tree *t, const Tree *pattern)
{
    NameKind kind = t->flags & TF_VAR ? NAME_var : NAME_let;
    for (int i = pattern ? 1 : 0; i < t->nkids; i++)
        walk(l, t->kids[i]);
    if (pattern)
        declare_pattern(l, kind, pattern);
    else
        declare(l, kind, t->name, t->span);
}

static void import(Lint *l, const Tree *t)
{
    const Tree *path = t->kids[0], *names = t->kids[2];
    for (int i = 0; names && i < names->nkids; i++)
        declare(l, NAME_import, names->kids[i]->name, names->kids[i]->span);
    if (names || !path)
        return;
    const Tree *last = t->kids[1] ? t->kids[1] : path->kids[0]->nkids ? path->kids[0]->kids[path->kids[0]->nkids - 1] : path;
    declare(l, NAME_import, last->name, t->span);
}

/* ---- code that is never reached ---- */

static bool has_break(const Tree *t)
{
    if (!t || t->kind == T_while_ || t->kind == T_for_ || t->kind == T_fn)
        return false;
    if (t->kind == T_break_)
        return true;
    for (int i = 0; i < t->nkids; i++)
        if (has_break(t->kids[i]))
            return true;
    return false;
}

static bool ends(const Lint *l, const Tree *t)
{
    switch (t->kind) {
    case T_return_: case T_break_: case T_continue_:
        return true;
    case T_if_:
        return t->kids[2] && ends(l, t->kids[1]) && ends(l, t->kids[2]);
    case T_while_: /* for ever */
        return t->kids[0]->kind == T_name && t->kids[0]->name == l->cx->w->true_ && !has_break(t->kids[1]);
    case T_block:
        for (int i = 0; i < t->kids[0]->nkids; i++)
            if (ends(l, t->kids[0]->kids[i]))
                return true;
        return false;
    default:
        return false;
    }
}

static void block(Lint *l, const Tree *t)
{
    bool ended = false, said = false;
    const Tree *items = t->kids[0];
    level_push(l);
    for (int i = 0; i < items->nkids; i++) {
        if (ended && !said)
            warning(l->cx, W0002, items->kids[i]->span, NULL, "this is never reached");
        said = ended;
        walk(l, items->kids[i]);
        ended |= ends(l, items->kids[i]);
    }
    level_pop(l);
}

/* ---- everything ---- */

static void loop(Lint *l, const Tree *pattern, const Tree *source, const Tree *body)
{
    walk(l, source);
    level_push(l);
    declare_pattern(l, NAME_loop, pattern);
    walk(l, body);
    level_pop(l);
}

static void kids(Lint *l, const Tree *t)
{
    for (int i = 0; i < t->nkids; i++)
        walk(l, t->kids[i]);
}

static void adapter(Lint *l, const Tree *t)
{
    l->adapter = true;
    kids(l, t);
    l->adapter = false;
}

static void walk(Lint *l, const Tree *t)
{
    if (!t)
        return;
    switch (t->kind) {
    case T_name: use(l, t->name); break;
    case T_path: use(l, t->name); break; /* further names are members */
    case T_fn: function(l, t); break;
    case T_op: operator_decl(l, t); break;
    case T_adapter: adapter(l, t); break;
    case T_extern_fn: walk(l, t->kids[1]); break;
    case T_import: break; /* declared before everything else */
    case T_let: binding(l, t, t->kids[0]); break;
    case T_draw: case T_let_index: binding(l, t, NULL); break;
    case T_rec: recurrence(l, t->kids[0]); break;
    case T_assign:
        walk(l, t->kids[1]);
        assign_to(l, t->kids[0]);
        break;
    case T_for_: loop(l, t->kids[0], t->kids[1], t->kids[2]); break;
    case T_comp: loop(l, t->kids[1], t->kids[2], t->kids[0]); break;
    case T_block: block(l, t); break;
    default: kids(l, t); break;
    }
}

void lint(Cx *cx, const Tree *file, bool session)
{
    Lint l = { .cx = cx };
    const Tree *items = file->kids[0];
    level_push(&l);
    for (int i = 0; i < items->nkids; i++)
        if (items->kids[i]->kind == T_import)
            import(&l, items->kids[i]);
    level_push(&l); /* what the file declares itself may be used from elsewhere */
    kids(&l, items);
    l.level = l.level->outer;
    if (!session) /* the next input may use what this one imports */
        level_pop(&l);
}
