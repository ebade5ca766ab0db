/* rules.c - rule files, and which rule is for an operator with its arguments. README.md describes the format.
 *
 *     Softmax(x): softmax($x, axis: $(axis ?? -1))
 */
#include "runner.h"

#include <stdlib.h>
#include <string.h>

/* ---- reading --------------------------------------------------------------------------------------------------- */

typedef struct Reading { Rules *r; const char *file; int line; bool in_macro; } Reading;

static bool wrong(Reading *g, const char *what)
{
    if (!g->r->error)
        g->r->error = arena_printf(g->r->arena, "%s:%d: %s", g->file, g->line, what);
    return false;
}

static char *trimmed(Arena *a, const char *s, const char *end)
{
    while (s < end && *s == ' ')
        s++;
    while (end > s && end[-1] == ' ')
        end--;
    return arena_text(a, s, (size_t)(end - s));
}

typedef VEC(const char *) Words;

static void words(Arena *a, const char *s, const char *end, Words *out)
{
    while (s < end) {
        const char *comma = memchr(s, ',', (size_t)(end - s)), *stop = comma ? comma : end;
        const char *word = trimmed(a, s, stop);
        if (*word)
            vec_push(a, out, word);
        s = stop + 1;
    }
}

static bool read_head(Reading *g, const char *text)
{
    Arena *a = g->r->arena;
    const char *open = strchr(text, '('), *close = open ? strchr(open, ')') : NULL;
    Rule rule = { .file = g->file, .line = g->line, .body = "" };
    Words names = { 0 }, params = { 0 };
    if (!close)
        return wrong(g, "a rule begins with 'Operator(parameters)'");
    words(a, text, open, &names);
    words(a, open + 1, close, &params);
    for (int i = 0; i < names.n; i++)
        vec_push(a, &rule.names, names.p[i]);
    for (int i = 0; i < params.n; i++) {
        const char *p = params.p[i];
        bool rest = *p == '*', optional = p[strlen(p) - 1] == '?';
        Param param = { trimmed(a, p + rest, p + strlen(p) - optional), optional, rest };
        vec_push(a, &rule.params, param);
    }
    const char *end = close + 1 + strspn(close + 1, " ");
    if (*end && *end != ':')
        return wrong(g, "':' is missing behind the parameters");
    if (*end)
        rule.body = trimmed(a, end + 1, end + strlen(end));
    vec_push(a, &g->r->rules, rule);
    g->in_macro = false;
    return true;
}

static bool read_macro(Reading *g, const char *text)
{
    Arena *a = g->r->arena;
    const char *open = strchr(text, '('), *close = open ? strchr(open, ')') : NULL, *equal = close ? strchr(close, '=') : NULL;
    if (!equal)
        return wrong(g, "a definition is 'def name(parameters) = expression'");
    Macro m = { .name = trimmed(a, text, open), .body = trimmed(a, equal + 1, equal + strlen(equal)) };
    Words params = { 0 };
    words(a, open + 1, close, &params);
    for (int i = 0; i < params.n; i++)
        vec_push(a, &m.params, params.p[i]);
    vec_push(a, &g->r->macros, m);
    g->in_macro = true;
    return true;
}

static bool read_tolerances(Reading *g, const char *text)
{
    char *p = arena_text(g->r->arena, text, strlen(text)), *rest = NULL;
    for (char *dtype = strtok_r(p, " ", &rest), *number; dtype; dtype = strtok_r(NULL, " ", &rest)) {
        if (!(number = strtok_r(NULL, " ", &rest)))
            return wrong(g, "a tolerance is 'dtype number'");
        Tolerance t = { dtype, g->file, strtod(number, NULL) };
        vec_push(g->r->arena, &g->r->tolerances, t);
    }
    return true;
}

static bool read_inside(Reading *g, const char *text)
{
    static const char *const steps[] = { "$let ", "$when ", "$results ", "$tolerance ", "$skip " };
    Arena *a = g->r->arena;
    if (g->in_macro) {
        Macro *m = &vec_last(&g->r->macros);
        m->body = arena_printf(a, "%s %s", m->body, text);
        return true;
    }
    if (!g->r->rules.n)
        return wrong(g, "an indented line belongs to a rule");
    Rule *rule = &vec_last(&g->r->rules);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (!strncmp(text, steps[i], strlen(steps[i]))) {
            vec_push(a, &rule->steps, text + 1);
            return true;
        }
    rule->body = *rule->body ? arena_printf(a, "%s\n    %s", rule->body, text) : text;
    return true;
}

static bool read_line(Reading *g, const char *start, const char *end)
{
    char *text = trimmed(g->r->arena, start, end);
    if (!*text || *text == '#')
        return true;
    if (*start == ' ')
        return read_inside(g, text);
    return !strncmp(text, "def ", 4)          ? read_macro(g, text + 4)
           : !strncmp(text, "tolerance ", 10) ? read_tolerances(g, text + 10)
                                              : read_head(g, text);
}

bool rules_read(Rules *r, const char *dir)
{
    Paths files = { 0 };
    folder_files(r->arena, dir, ".rules", 0, &files);
    for (int i = 0; i < files.n; i++) {
        Reading g = { .r = r, .file = files.p[i] };
        int before = r->rules.n;
        const char *text = file_text(r->arena, g.file, NULL);
        if (!text)
            return wrong(&g, "cannot be read");
        for (const char *end; *text; text = *end ? end + 1 : end) {
            end = text + strcspn(text, "\n");
            g.line++;
            if (!read_line(&g, text, end))
                return false;
        }
        if (r->rules.n == before)
            r->shared = g.file;
    }
    if (!files.n)
        r->error = arena_printf(r->arena, "'%s' has no rules", dir);
    return !r->error;
}

/* ---- choosing -------------------------------------------------------------------------------------------------------- */

/* Each * of a pattern stands for any text. */
static bool matches(const char *pattern, const char *text)
{
    for (; *pattern; pattern++, text++) {
        if (*pattern == '*') {
            for (size_t i = 0; i <= strlen(text); i++)
                if (matches(pattern + 1, text + i))
                    return true;
            return false;
        }
        if (*pattern != *text)
            return false;
    }
    return !*text;
}

/* How near the folder of a case must be to that of a rule's pattern: cases of golden and rl are named for the folder or file that they
 * come in, which may have another name elsewhere. */
typedef enum Near { SAME_FOLDER, LIKE_FOLDER, ANY_FOLDER, ANY_FOLDER_ANY_NAME, NEAR_MOST } Near;

/* The operator as the pattern would name it ("cases/rope_half_b" for layers/rope_half*: "layers/rope_half_b"); NULL: it is not meant. */
static const char *named_for(Arena *a, const char *pattern, const char *op, Near near)
{
    if (near == SAME_FOLDER)
        return matches(pattern, op) ? op : NULL;
    const char *p = strrchr(pattern, '/'), *o = strrchr(op, '/'), *star = strchr(pattern, '*');
    if (!p || !o || (star && star < p) || !matches(p + 1, o + 1))
        return NULL;
    const char *own = arena_text(a, pattern, (size_t)(p - pattern)), *given = arena_text(a, op, (size_t)(o - op));
    bool like = *given && (strstr(given, own) || strstr(own, given)), any_name = !strcmp(p + 1, "*");
    if (like ? near != LIKE_FOLDER : near != (any_name ? ANY_FOLDER_ANY_NAME : ANY_FOLDER))
        return NULL;
    return arena_printf(a, "%s%s", own, o);
}

static const char *is_for(Arena *a, const Rule *rule, const char *op, Near near)
{
    const char *name = NULL;
    for (int i = 0; i < rule->names.n && !name; i++)
        name = named_for(a, rule->names.p[i], op, near);
    return name;
}

/* Arguments by place, then by name; false if one is missing or too many are given. */
static bool bind(Eval *e, const Rule *rule, const Value *positional, const Value *named)
{
    int given = positional->items.n, taken = 0;
    while (given > 0 && positional->items.p[given - 1]->kind == V_null)
        given--; /* absent at the end: not given */
    for (int i = 0; i < named->items.n; i++)
        eval_bind(e, named->keys.p[i], named->items.p[i]);
    eval_bind(e, "args", named);
    for (int i = 0; i < rule->params.n; i++) {
        const Param *p = &rule->params.p[i];
        if (p->rest) {
            Value *list = value_list(e->arena);
            for (; taken < given; taken++)
                vec_push(e->arena, &list->items, positional->items.p[taken]);
            eval_bind(e, p->name, list);
            continue;
        }
        const Value *v = taken < given ? positional->items.p[taken++] : value_get(named, p->name);
        if (!p->optional && (!v || v->kind == V_null))
            return false;
        eval_bind(e, p->name, v ? v : value_null());
    }
    return taken == given;
}

/* False: the rule is not for these arguments after all. */
static bool steps(Eval *e, const Rule *rule, Chosen *c)
{
    for (int i = 0; i < rule->steps.n; i++) {
        const char *s = rule->steps.p[i], *rest = strchr(s, ' ') + 1;
        if (!strncmp(s, "when ", 5)) {
            if (!value_true(eval_text(e, rest)))
                return false;
        } else if (!strncmp(s, "results ", 8))
            c->results = rest;
        else if (!strncmp(s, "skip ", 5))
            c->skip = rest;
        else if (!strncmp(s, "tolerance ", 10))
            c->tolerance = eval_text(e, rest);
        else {
            const char *equal = strchr(rest, '=');
            if (!equal)
                eval_fail(e, "'$let' without '='");
            eval_bind(e, trimmed(e->arena, rest, equal), eval_text(e, equal + 1));
        }
    }
    return true;
}

/* The first rule that is for these arguments. What a whole folder of ours leaves out says nothing of cases of another. */
static Chosen choose(Eval *e, const char *op, const Value *positional, const Value *named, Near near)
{
    int used = e->used.n;
    for (int i = 0; i < e->rules->rules.n; i++) {
        const Rule *rule = &e->rules->rules.p[i];
        Chosen c = { .rule = rule };
        const char *own = is_for(e->arena, rule, op, near);
        if (!own)
            continue;
        e->env = NULL;
        eval_bind(e, "op", value_text(e->arena, own));
        eval_bind(e, "name", value_text(e->arena, near == SAME_FOLDER ? e->c->name : own));
        eval_bind(e, "outputs", e->c->outputs);
        eval_bind(e, "results", e->c->results);
        if (bind(e, rule, positional, named) && steps(e, rule, &c) && !(c.skip && near == ANY_FOLDER_ANY_NAME)) {
            c.body = c.skip ? "" : eval_template(e, rule->body);
            return c;
        }
        e->used.n = used;
    }
    return (Chosen){ 0 };
}

Chosen rules_choose(Eval *e, const char *op, const Value *positional, const Value *named)
{
    const Env *outside = e->env;
    Chosen c = { 0 };
    for (Near near = SAME_FOLDER; near < NEAR_MOST && !c.rule; near++)
        c = choose(e, op, positional, named, near);
    e->env = outside;
    return c;
}
