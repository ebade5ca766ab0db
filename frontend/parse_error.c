/* parse_error.c - what a syntax error says: what was expected, in words for whole groups of tokens, and what was found.
 *
 *     expected an expression after '+', found ')'
 *
 * The parser names every token that could stand there; a dozen of them that can all begin an expression become
 * "an expression". Operators that could go on with what stands before are not listed beside a closer or a line end.
 */
#include "frontend/parse_int.h"
#include "frontend/grammar.h"

#include <ctype.h>
#include <string.h>

typedef struct Expected { const char **names; int n; } Expected;

/* A group is recognised by its marks and swallows its words. */
typedef struct Group { const char *text; const char *marks[3]; const char *words[32]; } Group;

static const Group groups[] = {
    { "a statement", { "'let'", "'while'", NULL },
      { "'let'", "'var'", "'rec'", "'while'", "'for'", "'return'", "'break'", "'continue'", "'fn'", "'op'", "'model'",
        "'adapter'", "'struct'", "'tree'", "'import'", "'export'", "'extern'", "'@'", "a whole number", "a number",
        "a string", "a name", "'('", "'['", "'-'", "'not'", "'if'", "a new line", "'}'", NULL } },
    { "a declaration", { "'op'", "'export'", NULL },
      { "'fn'", "'op'", "'model'", "'adapter'", "'struct'", "'tree'", "'import'", "'export'", "'extern'", "'@'", NULL } },
    { "a member", { "'param'", NULL }, { "'param'", "a name", "'fn'", "'@'", "a new line", NULL } },
    { "an expression", { "a whole number", "'if'", NULL },
      { "a whole number", "a number", "a string", "a name", "'('", "'['", "'-'", "'not'", "'fn'", "'if'", "'tree'",
        "'var'", "'..'", "':'", NULL } },
    { "a type", { "a name", "'model'", NULL }, { "a name", "'('", "'['", "'fn'", "'model'", "'tree'", NULL } },
};

static const char *const operators[] = { "'+'", "'-'", "'*'", "'/'", "'//'", "'%'", "'@'", "'^'", "'<'", "'<='", "'>'",
                                         "'>='", "'=='", "'!='", "'and'", "'or'", "'as'", "'..'", "'?\?'", "'('", "'['",
                                         "'.'", NULL };

static int find(const Expected *e, const char *name)
{
    for (int i = 0; i < e->n; i++)
        if (strcmp(e->names[i], name) == 0)
            return i;
    return -1;
}

static void drop(Expected *e, const char *const *names)
{
    for (; *names; names++) {
        int i = find(e, *names);
        if (i >= 0)
            e->names[i] = e->names[--e->n];
    }
}

static bool has_marks(const Expected *e, const Group *g)
{
    for (int i = 0; g->marks[i]; i++)
        if (find(e, g->marks[i]) < 0)
            return false;
    return true;
}

/* "a, b or c" of at most four; the rest is left out. */
static const char *join(Arena *a, const char *const *names, int n)
{
    Buf b = buf_new(a);
    int shown = n < 4 ? n : 4;
    for (int i = 0; i < shown; i++) {
        buf_puts(&b, i == 0 ? "" : i + 1 < shown ? ", " : " or ");
        buf_puts(&b, names[i]);
    }
    return buf_text(&b);
}

static int rank(const char *name) /* separators first, the ends of lines and of the file last */
{
    static const char *const last[] = { "a new line", "'}'", "the end of the file" };
    for (int i = 0; i < 3; i++)
        if (strcmp(name, last[i]) == 0)
            return i + 1;
    return strcmp(name, "','") == 0 ? -1 : 0;
}

static void sort_by_rank(Expected *e)
{
    for (int i = 1; i < e->n; i++) {
        const char *x = e->names[i];
        int j = i;
        for (; j > 0 && rank(e->names[j - 1]) > rank(x); j--)
            e->names[j] = e->names[j - 1];
        e->names[j] = x;
    }
}

static const char *expected_text(ParseCx *cx, Expected e)
{
    const char *found[4] = { 0 };
    int n = 0;
    for (size_t i = 0; i < sizeof groups / sizeof *groups && n < 2; i++)
        if (has_marks(&e, &groups[i])) {
            drop(&e, groups[i].words);
            found[n++] = groups[i].text;
        }
    Expected all = e;
    drop(&e, operators);
    if (n == 0 && e.n == 0)
        e = (Expected){ all.names, all.n };
    sort_by_rank(&e);
    if (n + e.n > 1 && rank(e.n ? e.names[e.n - 1] : "") == 3)
        e.n--; /* the end of the file goes without saying */
    else if (n == 0 && e.n == 1 && rank(e.names[0]) == 3)
        e.names[0] = "a new line"; /* so does what may follow a statement of a file */
    for (int i = 0; i < e.n && n < 4; i++)
        found[n++] = e.names[i];
    return join(cx->p->arena, found, n);
}

/* The token at s as the text has it, in quotes; `name` where that says more. */
static const char *token_text(ParseCx *cx, Span s, int kind, const char *name)
{
    int len = (int)(s.hi - s.lo);
    const char *text = cx->src->text + s.lo;
    if (kind == K_YYEOF)
        return cx->p->repl ? "the end of the input" : name;
    if (kind == K_SEP)
        return len ? "';'" : "the end of the line";
    if (kind == K_STRING)
        return "a string";
    if (len == 0)
        return name;
    return len > 40 ? name : arena_printf(cx->p->arena, "'%.*s'", len, text);
}

/* Words of other languages in the place of ours. */
static const char *foreign_word(const ParseCx *cx, Span s)
{
    static const struct { const char *word, *help; } words[] = {
        { "def", "a function begins with 'fn': fn f(x: f32[N]) -> f32[N] { .. }" }, { "class", "write 'model' or 'struct'" },
        { "lambda", "a function without a name is fn(x) = e" }, { "elif", "write 'else if'" },
        { "mut", "what changes is a 'var': var y = .." }, { "const", "what keeps its value is a 'let': let y = .." },
        { "is", "two values are compared with '=='" }, { "pass", "an empty block is { }" },
        { "from", "names are brought in with import std.nn: Linear, Dense" },
        { "where", "a choice for each element: let y[i] = if m[i] { a[i] } else { b[i] }" },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (s.hi - s.lo == strlen(words[i].word) && !memcmp(cx->src->text + s.lo, words[i].word, s.hi - s.lo))
            return words[i].help;
    return NULL;
}

/* Does the line begin as a comment of C does? */
static bool in_comment(const ParseCx *cx, Span s)
{
    const char *text = cx->src->text, *p = text + s.lo;
    while (p > text && p[-1] != '\n')
        p--;
    while (*p == ' ' || *p == '\t')
        p++;
    return p[0] == '/' && (p[1] == '/' || p[1] == '*');
}

/* Signs of other languages in the place of ours. */
static const char *foreign_sign(ParseCx *cx, Span s, int kind, const Expected *e)
{
    const char *text = cx->src->text;
    char before = cx->before.hi > cx->before.lo ? text[cx->before.lo] : 0;
    if (kind == K_FOR && find(e, "')'") >= 0)
        return "an operator runs over an index: sum[i](x[i]); a list is [e for i in 0..n]";
    if (kind == K_STRING && (isalpha((unsigned char)before) && cx->before.hi == s.lo))
        return "texts hold no values: print(\"x =\", x)";
    if ((kind == '+' || kind == '-') && cx->before.hi == s.lo && before == kind)
        return "what is counted is a 'var': x += 1";
    if (before == '.' && cx->before.lo > 0 && isdigit((unsigned char)text[cx->before.lo - 1]))
        return "a dot in a number has digits on both sides: 1.0";
    if (kind == '*' && before == ':')
        return "names are written one by one; or import std.nn, and then nn.Linear";
    return NULL;
}

static void add_parts(ParseCx *cx, Span s, int kind, const char *found, const Expected *e)
{
    Diags *d = cx->p->diags;
    bool brace = find(e, "'{'") >= 0, name = find(e, "a name") >= 0, expr = find(e, "a whole number") >= 0;
    if (cx->prev_newline && cx->depth > 0 && cx->stack[cx->depth - 1].kind != '{')
        diag_note(d, cx->stack[cx->depth - 1].span, "'%c' is opened here", cx->stack[cx->depth - 1].kind);
    const char *word = in_comment(cx, s) ? "a comment begins with '#'" : foreign_word(cx, s);
    if (!word && cx->before.hi > cx->before.lo)
        word = foreign_word(cx, cx->before);
    if (!word)
        word = foreign_sign(cx, s, kind, e);
    if (word)
        diag_help(d, "%s", word);
    else if (kind == K_IF && !name)
        diag_help(d, "a choice is written if c { a } else { b }");
    else if (kind == ':' && brace)
        diag_help(d, "a block stands in braces: if c { .. }");
    else if ((kind == ')' || kind == ']') && expr && cx->before.hi > cx->before.lo && cx->src->text[cx->before.lo] == ',')
        diag_help(d, "nothing stands between the last comma and '%c': leave the comma out", kind);
    else if (kind == '|')
        diag_help(d, "a guard stands in an operator, sum[i | c](x[i]); elements are chosen with if c { a } else { b }, truths joined with 'or'");
    else if (kind == '~')
        diag_help(d, "a draw names its indices: let x[i: N] ~ normal(0, 1, key: k)");
    else if ((kind == K_SEP || kind == '}' || kind == K_YYEOF) && find(e, "'='") >= 0 && find(e, "'~'") >= 0)
        diag_help(d, "a value is given, = 0, or drawn, ~ normal(0, 1)");
    else if (kind == '=' && brace)
        diag_help(d, "two values are compared with '=='");
    else if (kind == '=' && find(e, "')'") >= 0 && find(e, "','") >= 0)
        diag_help(d, "an argument is given by name as 'name: value'");
    else if (name && !expr && find(e, "'param'") < 0 && kind >= K_LET && kind <= K_EXTERN)
        diag_help(d, "%s is a keyword; choose another name", found);
}

void syntax_error(ParseCx *cx, Span s, int kind, const char *found, const char **expected, int n)
{
    Arena *a = cx->p->arena;
    Expected e = { expected, n }, all = { arena_copy(a, expected, (size_t)n * sizeof *expected), n };
    const char *after = "";
    if (cx->before.hi > cx->before.lo && cx->before.hi - cx->before.lo <= 40)
        after = arena_printf(a, " after '%.*s'", (int)(cx->before.hi - cx->before.lo), cx->src->text + cx->before.lo);
    diag_error(cx->p->diags, E0101, s, "expected %s%s, found %s", expected_text(cx, e), after,
               token_text(cx, s, kind, found));
    add_parts(cx, s, kind, found, &all);
}

/* ---- left sides ---- */

static const char *what_it_is(const Tree *t)
{
    switch (t->kind) {
    case T_call: return "a call";
    case T_bigop: return "an operator's value";
    case T_int_: case T_float_: return "a number";
    case T_string: return "a string";
    case T_chain: return "a comparison";
    case T_listlit: case T_comp: return "a list";
    case T_tuple: return "a tuple here";
    case T_fn: return "a function";
    default: return "the value of an expression";
    }
}

/* A name, field path, index, or tuple of these. */
bool check_assignable(ParseCx *cx, const Tree *left, bool compound)
{
    if (left->kind == T_tuple && !compound) {
        const Tree *list = left->kids[0];
        for (int i = 0; i < list->nkids; i++)
            if (!check_assignable(cx, list->kids[i], compound))
                return false;
        return true;
    }
    const Tree *t = left;
    while (t->kind == T_member || t->kind == T_index)
        t = t->kids[0];
    if (t->kind == T_name || t->kind == T_error)
        return true;
    diag_error(cx->p->diags, E0103, t->span, "cannot assign to %s", what_it_is(t));
    return false;
}
