/* lines.c - the line rule, and brackets that always come in pairs: a filter between scanner and parser.
 *
 *     f(a,            no SEP inside ( and [
 *       b)            SEP: `)` can end a statement, `x` does not go on with one
 *     x = a +         no SEP: `+` cannot end a statement
 *         b
 *       - c           no SEP: `-` and a blank go on
 *     -d              SEP
 *
 * Looks one token ahead (two to tell `fn name` from `fn(`) and keeps a stack of open brackets. The parser gets every
 * bracket in pairs: a missing closer is supplied, a surplus one dropped, each with one E0102, after which messages are
 * off up to the next SEP, since they would only follow from it. After a syntax error the tokens up to the end of the
 * item are skipped here, whole brackets at a time.
 */
#include "frontend/parse_int.h"
#include "frontend/grammar.h"

static Raw *look(ParseCx *cx, int i)
{
    while (cx->nahead <= i) {
        Raw r = scanner_next(cx);
        cx->ahead[cx->nahead++] = r;
    }
    if (cx->stopped)
        cx->ahead[i].kind = K_YYEOF;
    return &cx->ahead[i];
}

static Raw take(ParseCx *cx)
{
    Raw r = *look(cx, 0);
    cx->ahead[0] = cx->ahead[1];
    cx->nahead--;
    cx->last_span = r.span;
    return r;
}

static int top(const ParseCx *cx)
{
    return cx->depth ? cx->stack[cx->depth - 1].kind : 0;
}

static bool in_round(const ParseCx *cx)
{
    return top(cx) == '(' || top(cx) == '[';
}

/* Just behind the last token of the text: where something is missing. */
static Span behind(const ParseCx *cx)
{
    if (cx->last_span.file)
        return (Span){ cx->src->id, cx->last_span.hi, cx->last_span.hi };
    return (Span){ cx->src->id, 0, 0 };
}

/* ---- kinds of tokens ---- */

static bool can_end(int kind)
{
    switch (kind) {
    case K_NAME: case K_INT: case K_FLOAT: case K_STRING: case ')': case ']': case '}':
    case K_BREAK: case K_CONTINUE: case K_RETURN:
    case K_FN: case K_MODEL: case K_TREE: /* as types */
    case K_MLC_error:
        return true;
    default:
        return false;
    }
}

static bool blank_follows(const ParseCx *cx, Span s)
{
    char c = s.hi < cx->src->len ? cx->src->text[s.hi] : '\n';
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool goes_on(const ParseCx *cx, const Raw *r)
{
    switch (r->kind) {
    case ')': case ']': case '}': case '.': case K_ARROW: case K_WHERE: case K_ELSE: case K_AS:
    case '+': case '*': case '/': case K_FLOORDIV: case '%': case '^': case '<': case K_LE: case '>': case K_GE:
    case K_EQ: case K_NE: case K_AND: case K_OR: case K_DOTS: case K_COALESCE:
        return true;
    case '-': case '@':
        return blank_follows(cx, r->span);
    default:
        return false;
    }
}

static bool begins_nothing(int kind)
{
    switch (kind) {
    case '{': case '=': case '~': case ':': case ',': case '|': case K_IN: case K_ADDTO: case K_SUBTO: case K_MULTO:
    case K_DIVTO:
        return true;
    default:
        return false;
    }
}

/* Whether a line that begins with r cannot lie inside ( or [, so that these were left open. */
static bool ends_round(ParseCx *cx)
{
    switch (look(cx, 0)->kind) {
    case K_LET: case K_PARAM: case K_REC: case K_WHILE: case K_RETURN: case K_BREAK: case K_CONTINUE: case K_STRUCT:
    case K_ADAPTER: case K_OP: case K_IMPORT: case K_EXPORT: case K_EXTERN:
        return true;
    case K_FN: case K_TREE: /* `fn(x) = e` and `tree { }` are expressions */
        return look(cx, 1)->kind == K_NAME;
    case K_VAR: case K_MODEL: /* a parameter or argument, a type */
        return can_end(cx->prev);
    case K_FOR: /* [e for x in xs] */
        return top(cx) == '(';
    default:
        return false;
    }
}

/* A statement begins there although the last one is not complete: that is an error, which should end with its line. */
static bool breaks_off(ParseCx *cx)
{
    int kind = look(cx, 0)->kind;
    if (cx->prev == K_SEP || cx->prev == '{' || cx->prev == K_EXPORT)
        return false;
    return kind == K_FOR || kind == K_VAR || (kind != K_MODEL && ends_round(cx));
}

static bool line_ends(ParseCx *cx)
{
    const Raw *r = look(cx, 0);
    if (!r->newline || r->kind == K_YYEOF || in_round(cx))
        return false;
    if (!can_end(cx->prev))
        return breaks_off(cx);
    if (begins_nothing(r->kind))
        return false; /* lone_token */
    bool joins = !cx->p->repl || cx->depth > 0;
    return !(joins && goes_on(cx, r));
}

/* ---- brackets ---- */

static int closer_of(int open)
{
    return open == '(' ? ')' : open == '[' ? ']' : '}';
}

static int opener_of(int close)
{
    return close == ')' ? '(' : close == ']' ? '[' : '{';
}

static int *owed(ParseCx *cx, int open)
{
    return &cx->owed[open == '(' ? 0 : open == '[' ? 1 : 2];
}

static void not_closed(ParseCx *cx, Span noticed, const char *why)
{
    const Bracket *b = &cx->stack[cx->depth - 1];
    if (!cx->quiet && !b->blamed) {
        diag_error(cx->p->diags, E0102, b->span, "'%c' is not closed", b->kind);
        if (why)
            diag_note(cx->p->diags, noticed, "%s", why);
    }
    cx->quiet = true;
}

static bool open_bracket(ParseCx *cx, const Raw *r)
{
    if (cx->depth == NESTING_MOST) {
        diag_error(cx->p->diags, E0003, r->span, "brackets are nested more than %d deep", NESTING_MOST);
        cx->stopped = cx->quiet = true;
        return false;
    }
    cx->stack[cx->depth++] = (Bracket){ r->kind, r->span, false };
    return true;
}

static int partner(const ParseCx *cx, int open)
{
    int i = cx->depth - 1;
    while (i >= 0 && cx->stack[i].kind != open)
        i--;
    return i;
}

static void drop_closer(ParseCx *cx)
{
    take(cx);
    cx->prev = ')'; /* for the line rule: what stands before must not go on in the next line */
}

/* A closer that nothing waits for: one that was supplied earlier, a slip for the right one, or too much. */
static void stray_closer(ParseCx *cx, Raw *r)
{
    int open = opener_of(r->kind);
    bool is_slip = in_round(cx) && look(cx, 1)->kind != closer_of(top(cx));
    r = look(cx, 0); /* looking further may move it */
    if (*owed(cx, open) > 0) {
        --*owed(cx, open);
        drop_closer(cx);
    } else if (is_slip) {
        if (!cx->quiet) {
            diag_error(cx->p->diags, E0102, r->span, "'%c' is closed by '%c'", top(cx), r->kind);
            diag_note(cx->p->diags, cx->stack[cx->depth - 1].span, "'%c' is opened here", top(cx));
        }
        cx->quiet = true;
        r->kind = closer_of(top(cx));
    } else {
        if (!cx->quiet)
            diag_error(cx->p->diags, E0102, r->span, "'%c' closes nothing", r->kind);
        cx->quiet = true;
        drop_closer(cx);
    }
}

/* True if the closer ahead closes the innermost bracket; else something was done about it and the filter looks again. */
static bool close_bracket(ParseCx *cx)
{
    Raw *r = look(cx, 0);
    int open = opener_of(r->kind), at = partner(cx, open);
    if (at < 0) {
        stray_closer(cx, r);
        return false;
    }
    if (at == cx->depth - 1) {
        cx->depth--;
        return true;
    }
    not_closed(cx, r->span, arena_printf(cx->p->arena, "'%c' closes the '%c' around it here", r->kind, open));
    for (int i = at + 1; i < cx->depth; i++)
        ++*owed(cx, cx->stack[i].kind);
    cx->close_to = at + 1;
    return false;
}

/* ---- the filter ---- */

/* Behind a SEP, and behind a '{' that ends its line, nothing follows from earlier errors any more. */
static void new_start(ParseCx *cx)
{
    if (!cx->stopped)
        cx->quiet = false;
    cx->owed[0] = cx->owed[1] = cx->owed[2] = 0;
}

static int give(ParseCx *cx, int kind, Span s, Span *span)
{
    cx->before = cx->prev == K_SEP ? (Span){ 0, 0, 0 } : cx->prev_span;
    cx->prev = kind;
    cx->prev_newline = false;
    cx->prev_span = s;
    *span = s;
    return kind;
}

static int supply_closer(ParseCx *cx, Span *span)
{
    int kind = closer_of(top(cx));
    cx->depth--;
    return give(cx, kind, behind(cx), span);
}

/* More text could make it right, unless something was wrong before. */
static void text_ends_early(ParseCx *cx)
{
    if (cx->p->diags->errors == cx->errors_before)
        cx->p->incomplete = true;
}

static int end_of_text(ParseCx *cx, Span *span)
{
    if (cx->prev != K_SEP && !can_end(cx->prev))
        text_ends_early(cx);
    return give(cx, K_YYEOF, behind(cx), span);
}

/* A token that neither begins a statement nor goes on with one belongs to the line before: an error, but a clear one. */
static void lone_token(ParseCx *cx)
{
    const Raw *r = look(cx, 0);
    if (!r->newline || in_round(cx) || !can_end(cx->prev) || !begins_nothing(r->kind) || cx->quiet)
        return;
    int len = (int)(r->span.hi - r->span.lo);
    diag_error(cx->p->diags, E0101, r->span, "a line cannot begin with '%.*s'", len, cx->src->text + r->span.lo);
    diag_help(cx->p->diags, "write it at the end of the line before");
    cx->quiet = true;
}

/* What must happen before the token ahead may go on; true if the filter has to look again. */
static bool settle_brackets(ParseCx *cx)
{
    Raw *r = look(cx, 0);
    if (r->kind == K_YYEOF && cx->depth > 0) {
        text_ends_early(cx);
        not_closed(cx, r->span, NULL);
        cx->close_to = 0;
        return true;
    }
    if (r->newline && in_round(cx) && ends_round(cx)) {
        not_closed(cx, look(cx, 0)->span, "a new statement begins here");
        cx->close_to = cx->depth;
        while (cx->close_to > 0 && cx->stack[cx->close_to - 1].kind != '{')
            cx->close_to--;
        return true;
    }
    return false;
}

static int next_token(ParseCx *cx, TokenValue *value, Span *span)
{
    for (;;) {
        if (cx->close_to >= 0 && cx->depth > cx->close_to)
            return supply_closer(cx, span);
        cx->close_to = -1;
        if (settle_brackets(cx))
            continue;
        lone_token(cx);
        if (line_ends(cx)) {
            look(cx, 0)->newline = false;
            return give(cx, K_SEP, behind(cx), span);
        }
        Raw *r = look(cx, 0);
        if (r->kind == K_YYEOF)
            return end_of_text(cx, span);
        if ((r->kind == ')' || r->kind == ']' || r->kind == '}') && !close_bracket(cx))
            continue;
        if ((r->kind == '(' || r->kind == '[' || r->kind == '{') && !open_bracket(cx, r))
            continue;
        Raw t = take(cx);
        if (t.newline && cx->prev == '{')
            new_start(cx);
        if (t.kind == ';' && !in_round(cx)) {
            if (cx->prev == K_SEP)
                continue;
            t.kind = K_SEP;
        }
        *value = t.value;
        give(cx, t.kind, t.span, span);
        cx->prev_newline = t.newline;
        return t.kind;
    }
}

/* ---- recovery ---- */

/* The item with the error lies directly in the innermost brace whose '{' the parser has taken: one that it has just
 * choked on is inside the item, one whose '}' it has choked on is around it. */
void lines_recover(ParseCx *cx, bool reported)
{
    int d = cx->depth - (cx->prev == '{') + (cx->prev == '}');
    if (cx->prev == '{')
        cx->stack[cx->depth - 1].blamed = reported;
    for (; d > 0 && cx->stack[d - 1].kind != '{'; d--)
        cx->stack[d - 1].blamed |= reported;
    cx->recovering = true;
    cx->recover_depth = d;
}

void lines_settled(ParseCx *cx, bool at_sep)
{
    cx->recovering = false;
    if (at_sep)
        new_start(cx);
}

static bool is_skipped(ParseCx *cx, int kind)
{
    if (!cx->recovering || kind == K_YYEOF)
        return false;
    if (kind == '}' && cx->depth < cx->recover_depth) {
        cx->recover_depth = cx->depth;
        return false;
    }
    return !(kind == K_SEP && cx->depth == cx->recover_depth);
}

int lines_lex(TokenValue *value, Span *span, ParseCx *cx)
{
    int kind;
    do
        kind = next_token(cx, value, span);
    while (is_skipped(cx, kind));
    if (kind == K_MLC_error) /* the scanner has said what is wrong */
        lines_recover(cx, true);
    return kind;
}
