/* tree_read.c - reads what tree_print writes. Every node must have the kids that tree.def says; spans are places in the
 * printed text. */
#include "frontend/parse_int.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef VEC(Name) Words;

typedef struct Reader { ParseCx cx; const char *s; uint32_t at, len; int depth; bool failed; } Reader;

static Tree *fail(Reader *r, uint32_t lo, const char *text)
{
    if (!r->failed)
        diag_error(r->cx.p->diags, E0101, (Span){ r->cx.src->id, lo, r->at > lo ? r->at : lo }, "%s", text);
    r->failed = true;
    return NULL;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static char next_char(Reader *r)
{
    while (r->at < r->len && is_blank(r->s[r->at]))
        r->at++;
    return r->at < r->len ? r->s[r->at] : '\0';
}

static const char *read_word(Reader *r)
{
    uint32_t lo = r->at;
    while (r->at < r->len && !is_blank(r->s[r->at]) && !strchr("()\"", r->s[r->at]))
        r->at++;
    return name_len(r->cx.p->names, r->s + lo, r->at - lo);
}

static Tree *read_string(Reader *r)
{
    uint32_t lo = r->at++;
    while (r->at < r->len && r->s[r->at] != '"')
        r->at += r->s[r->at] == '\\' ? 2 : 1;
    if (r->at >= r->len) {
        r->at = r->len;
        return fail(r, lo, "the string is not closed");
    }
    r->at++;
    return literal_string(&r->cx, (Span){ r->cx.src->id, lo, r->at }, r->s + lo + 1, r->at - lo - 2);
}

static bool set_text(Reader *r, Tree *t)
{
    Tree *s = read_string(r);
    if (!s)
        return false;
    if (t->kind != T_string && t->kind != T_extern_fn && t->kind != T_minput)
        return fail(r, s->span.lo, "a node of this kind has no text") != NULL;
    t->text = s->text;
    t->text_len = s->text_len;
    return true;
}

static bool set_doc(Reader *r, Tree *t)
{
    Tree *s = next_char(r) == '"' ? read_string(r) : fail(r, r->at, "expected a string after ':doc'");
    t->doc = s ? s->text : NULL;
    return s != NULL;
}

static bool set_number(Reader *r, Tree *t, const char *word, uint32_t lo)
{
    char *end;
    if (strspn(word, "0123456789.e+-_") != strlen(word))
        return fail(r, lo, "expected a number") != NULL;
    if (t->kind == T_float_)
        return float_value(r->cx.p->arena, word, strlen(word), &t->fval) || fail(r, lo, "expected a number");
    t->ival = (int64_t)strtoumax(word, &end, 10);
    return *end == '\0' || fail(r, lo, "expected a whole number");
}

/* One thing between the kind and the kids. */
static bool read_attribute(Reader *r, Tree *t, Words *ops)
{
    if (next_char(r) == '"')
        return set_text(r, t);
    uint32_t lo = r->at;
    const char *word = read_word(r);
    if (strcmp(word, ":doc") == 0)
        return set_doc(r, t);
    if (word[0] == ':' && word[1]) {
        t->flags = (uint16_t)(t->flags | tree_flag(word));
        return tree_flag(word) || fail(r, lo, "there is no such flag");
    }
    if (t->kind == T_int_ || t->kind == T_float_ || t->kind == T_treeitem)
        return set_number(r, t, word, lo);
    if (t->kind == T_chain)
        vec_push(r->cx.p->arena, ops, word);
    else if (!*word || t->name)
        return fail(r, lo, "expected a kid or ')'") != NULL;
    else
        t->name = word;
    return true;
}

static int kind_of(const char *word)
{
    for (int k = 0; k < T_count; k++)
        if (strcmp(tree_kind_name((TreeKind)k), word) == 0)
            return k;
    return -1;
}

static bool is_complete(Reader *r, Tree *t, const Words *ops, uint32_t lo)
{
    int n = tree_kids_of((TreeKind)t->kind);
    if (n >= 0 && t->nkids != n)
        return fail(r, lo, arena_printf(r->cx.p->arena, "'%s' has %d kids, not %d", tree_kind_name((TreeKind)t->kind), n,
                                        t->nkids)) != NULL;
    if (t->kind == T_chain && (ops->n == 0 || t->nkids != ops->n + 1))
        return fail(r, lo, "'chain' has one operator between two kids") != NULL;
    if (t->kind == T_chain)
        t->ops = ops->p;
    return true;
}

static Tree *read_node(Reader *r);

static bool read_kids(Reader *r, Tree *t)
{
    while (next_char(r) == '(') {
        uint32_t lo = r->at;
        r->at++;
        bool none = next_char(r) == ')';
        Tree *kid = NULL;
        if (none)
            r->at++;
        else {
            r->at = lo;
            kid = read_node(r);
        }
        if (r->failed)
            return false;
        tree_add(&r->cx, t, (Span){ r->cx.src->id, lo, r->at }, kid);
    }
    return true;
}

static Tree *read_node(Reader *r)
{
    Words ops = { 0 };
    if (next_char(r) != '(')
        return fail(r, r->at, "expected '('");
    uint32_t lo = r->at++;
    next_char(r);
    int kind = kind_of(read_word(r));
    if (kind < 0)
        return fail(r, lo + 1, "there is no such kind of node");
    if (++r->depth > TREE_DEPTH_MOST)
        return fail(r, lo, "nested too deeply");
    Tree *t = tree_new(&r->cx, (TreeKind)kind, (Span){ 0, 0, 0 }, NULL, 0, NULL);
    for (char c = next_char(r); c && c != '(' && c != ')'; c = next_char(r))
        if (!read_attribute(r, t, &ops))
            return NULL;
    if (!read_kids(r, t))
        return NULL;
    if (next_char(r) != ')')
        return fail(r, r->at, "expected a kid or ')'");
    r->at++;
    r->depth--;
    t->span = (Span){ r->cx.src->id, lo, r->at };
    return is_complete(r, t, &ops, lo) ? t : NULL;
}

Tree *tree_read(Parse *p, const Source *src)
{
    Reader *r = NEW(p->arena, Reader);
    r->cx.p = p;
    r->cx.src = src;
    r->s = src->text;
    r->len = src->len;
    if (!parse_readable(p, src))
        return NULL;
    Tree *t = read_node(r);
    if (t && next_char(r) != '\0')
        t = fail(r, r->at, "expected the end of the text");
    return t;
}
