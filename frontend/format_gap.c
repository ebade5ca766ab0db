/* format_gap.c - how many blanks stand between two tokens on a line: none or one.
 *
 *     f(x, y[i, ..] + 1)       a * -b ^ 2       0..n       x[1:n]   x[a : a + n]   [i: N]   { 0 { 1 } }
 *
 * Where the text has a choice that a reader may want (around the ':' of a slice), the choice of the text is kept.
 */
#include "frontend/format_int.h"
#include "frontend/grammar.h"

static bool is_operand_end(int kind)
{
    switch (kind) {
    case K_NAME: case K_INT: case K_FLOAT: case K_STRING: case ')': case ']': case '}': case K_TREE: case K_MODEL:
        return true;
    default:
        return false;
    }
}

static bool is_opening(int kind)
{
    return kind == '(' || kind == '[';
}

static bool closes(int kind)
{
    return kind == ')' || kind == ']' || kind == ',' || kind == ';';
}

/* `-` of one operand, `@` before an annotation. */
static bool is_unary(const Tok *prev, const Tok *t, const Tok *next)
{
    bool tight = next && next->blanks == 0 && !next->first;
    if (t->kind == '@')
        return t->starts || (tight && (t->blanks || t->first));
    if (t->kind != '-')
        return false;
    return t->starts || !prev || prev->kind == COMMENT || !is_operand_end(prev->kind);
}

static int around_dots(const Tok *prev, const Tok *t) /* 0..n */
{
    return t->kind == K_DOTS && !is_operand_end(prev->kind);
}

/* The ':' of a slice or binder inside [ ]: what the text has; elsewhere it follows its name. */
static int before_colon(const Tok *prev, const Tok *t, int bracket)
{
    if (is_opening(prev->kind))
        return 0;
    if (prev->kind == ',' || prev->kind == ';' || prev->kind == ':')
        return prev->kind != ':';
    return bracket == '[' && t->blanks ? 1 : 0;
}

static int after_colon(const Tok *t, int bracket)
{
    if (closes(t->kind))
        return 0;
    return bracket == '[' ? t->blanks > 0 : 1;
}

static int before_bracket(const Tok *prev, const Tok *t)
{
    bool call = prev->kind == K_NAME || prev->kind == ')' || prev->kind == ']';
    if (t->kind == '(')
        call |= prev->kind == K_FN;
    return !call;
}

static int gap(const Tok *prev, const Tok *t, int bracket)
{
    if (t->kind == COMMENT)
        return t->blanks ? t->blanks : 2;
    if (prev->unary || is_opening(prev->kind) || closes(t->kind))
        return 0;
    if (prev->kind == '{' && t->kind == '}')
        return 0;
    if (prev->kind == '.' || t->kind == '.')
        return 0;
    if (t->kind == ':')
        return before_colon(prev, t, bracket);
    if (prev->kind == ':')
        return after_colon(t, bracket);
    if (prev->kind == ',' || prev->kind == ';')
        return 1;
    if (prev->kind == K_DOTS || t->kind == K_DOTS)
        return around_dots(prev, t);
    if (is_opening(t->kind))
        return before_bracket(prev, t);
    return 1;
}

void format_gaps(Format *f)
{
    int stack[NESTING_MOST + 1] = { 0 }, depth = 0;
    Tok *prev = NULL; /* that is no comment */
    for (int i = 0; i < f->toks.n; i++) {
        Tok *t = &f->toks.p[i], *next = i + 1 < f->toks.n ? t + 1 : NULL;
        t->unary = is_unary(prev, t, next);
        if (t->first) /* `-x` at the start of a line begins a statement, `- x` goes on with one: both stay what they are */
            t->unary = (t->kind == '-' || t->kind == '@') && next && !next->first && next->blanks == 0;
        else
            t->gap = gap(t->kind == COMMENT ? t - 1 : prev, t, stack[depth]);
        if ((is_opening(t->kind) || t->kind == '{') && depth < NESTING_MOST)
            stack[++depth] = t->kind;
        else if ((t->kind == ')' || t->kind == ']' || t->kind == '}') && depth > 0)
            depth--;
        if (t->kind != COMMENT)
            prev = t;
    }
}
