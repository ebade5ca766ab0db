/* format.c - `mlc fmt`: the same program in the common layout.
 *
 *     fn f( x:f32[N] )->f32{          fn f(x: f32[N]) -> f32 {
 *       let y=x*2    # twice              let y = x * 2    # twice
 *
 *         sum( y )                        sum(y)
 *     }                               }
 *
 * Lines stay lines: where a statement is broken is the author's choice, and so is how far its further lines are indented.
 * What changes: statements are indented by 4 blanks for each brace around them, blanks between tokens (format_gap.c), empty lines
 * (one at most, none beside a brace), blanks at the ends of lines. Columns stay columns: tokens that begin at the same place in
 * neighbouring lines, at least one of them with two blanks before it, do so afterwards.
 *
 * Works on tokens, not on the tree, so comments need no rules of their own. Linear in the text, but for columns (lines times
 * tokens of a line).
 */
#include "frontend/format_int.h"
#include "frontend/grammar.h"

#include <string.h>

enum { STEP = 4, ROUNDS_MOST = 4, ALIGNED_MOST = 256 }; /* tokens of a line that takes part in columns */

/* ---- tokens and lines ---- */

static int width(const Format *f, const Tok *t) /* in code points */
{
    int n = 0;
    for (uint32_t i = t->lo; i < t->hi; i++)
        n += ((unsigned char)f->src->text[i] & 0xc0) != 0x80;
    return n;
}

typedef struct Cursor { uint32_t at; int column, blanks, breaks; } Cursor; /* breaks: since the last token */

static void add_token(Format *f, Cursor *c, int kind, uint32_t hi, bool starts)
{
    bool first = f->toks.n == 0 || c->breaks > 0;
    Tok t = { .kind = kind, .lo = c->at, .hi = hi, .column = c->column, .blanks = c->blanks, .first = first, .starts = starts };
    if (first) {
        Line l = { .first = f->toks.n, .blank_before = c->breaks > 1 };
        vec_push(f->arena, &f->lines, l);
    }
    vec_push(f->arena, &f->toks, t);
    f->lines.p[f->lines.n - 1].n++;
    c->column += width(f, &t);
    c->at = hi;
    c->blanks = c->breaks = 0;
}

/* Blanks, line breaks and comments up to `end`. */
static void skip_to(Format *f, Cursor *c, uint32_t end)
{
    const char *s = f->src->text;
    while (c->at < end) {
        char k = s[c->at];
        if (k == '#') {
            uint32_t hi = c->at;
            while (hi < end && s[hi] != '\n')
                hi++;
            uint32_t stop = hi;
            while (stop > c->at && (s[stop - 1] == ' ' || s[stop - 1] == '\t' || s[stop - 1] == '\r'))
                stop--;
            add_token(f, c, COMMENT, stop, false);
            c->at = hi;
            continue;
        }
        c->at++;
        if (k == '\n') {
            c->breaks++;
            c->column = c->blanks = 0;
        } else if (k == ' ' || k == '\t') {
            int n = k == '\t' ? STEP - c->column % STEP : 1;
            c->column += n;
            c->blanks += n;
        }
    }
}

static void read_tokens(Format *f, Parse *p)
{
    ParseCx *cx = NEW(f->arena, ParseCx);
    Cursor c = { 0 };
    bool starts = true;
    cx->p = p;
    cx->src = f->src;
    cx->prev = K_SEP;
    cx->close_to = -1;
    scanner_open(cx);
    c.at = cx->offset; /* behind a byte order mark */
    for (;;) {
        TokenValue value;
        Span s;
        int kind = lines_lex(&value, &s, cx);
        if (kind == K_YYEOF)
            break;
        if (kind == K_SEP && !(s.hi > s.lo && f->src->text[s.lo] == ';')) {
            starts = true;
            continue;
        }
        skip_to(f, &c, s.lo);
        add_token(f, &c, kind == K_SEP ? ';' : kind, s.hi, starts);
        starts = kind == K_SEP || kind == '{';
    }
    skip_to(f, &c, f->src->len);
}

/* ---- columns ---- */

static int column_of(const Format *f, const Line *l, int tok) /* in the result */
{
    int n = l->indent;
    for (int i = l->first; i < tok; i++)
        n += width(f, &f->toks.p[i]) + f->toks.p[i + 1].gap;
    return n;
}

static int token_at(const Format *f, const Line *l, int column, bool comment) /* that begins there in the source behind a blank; -1: none */
{
    for (int i = l->first + 1; i < l->first + l->n && l->n <= ALIGNED_MOST; i++)
        if (f->toks.p[i].column == column && f->toks.p[i].blanks > 0 && f->toks.p[i].gap > 0 && (f->toks.p[i].kind == COMMENT) == comment)
            return i;
    return -1;
}

/* The lines from `line` down that have a token at the same column. */
static void align(Format *f, int line, int tok)
{
    int column = f->toks.p[tok].column, n = 0, target = 0;
    bool wide = false, comment = f->toks.p[tok].kind == COMMENT;
    for (int i = line; i < f->lines.n && (i == line || !f->lines.p[i].blank_before); i++, n++) {
        int t = token_at(f, &f->lines.p[i], column, comment);
        if (t < 0)
            break;
        wide |= f->toks.p[t].blanks > 1;
        if (f->toks.p[t].kind != COMMENT)
            f->toks.p[t].gap = 1;
        int at = column_of(f, &f->lines.p[i], t);
        target = at > target ? at : target;
    }
    for (int i = line; wide && n > 1 && i < line + n; i++) {
        int t = token_at(f, &f->lines.p[i], column, comment);
        f->toks.p[t].gap += target - column_of(f, &f->lines.p[i], t);
    }
}

static bool is_continued(const Format *f, int line, const Tok *t) /* its column begins in the line above */
{
    return line > 0 && !f->lines.p[line].blank_before && token_at(f, &f->lines.p[line - 1], t->column, t->kind == COMMENT) >= 0;
}

/* From left to right, since what stands further right moves with what stands left of it. */
static void align_all(Format *f)
{
    int widest = 0;
    for (int i = 0; i < f->toks.n; i++)
        widest = f->toks.p[i].column > widest ? f->toks.p[i].column : widest;
    int *starts = NEWN(f->arena, int, widest + 2), *order = NEWN(f->arena, int, f->toks.n + 1), *line_of = NEWN(f->arena, int, f->toks.n + 1);
    for (int i = 0; i < f->lines.n; i++)
        for (int t = f->lines.p[i].first; t < f->lines.p[i].first + f->lines.p[i].n; t++)
            line_of[t] = i;
    for (int i = 0; i < f->toks.n; i++)
        starts[f->toks.p[i].column + 1]++;
    for (int k = 0; k <= widest; k++)
        starts[k + 1] += starts[k];
    for (int i = 0; i < f->toks.n; i++)
        order[starts[f->toks.p[i].column]++] = i;
    for (int k = 0; k < f->toks.n; k++) {
        const Tok *t = &f->toks.p[order[k]];
        if (!t->first && t->blanks > 0 && t->gap > 0 && f->lines.p[line_of[order[k]]].n <= ALIGNED_MOST && !is_continued(f, line_of[order[k]], t))
            align(f, line_of[order[k]], order[k]);
    }
}

/* ---- indentation ---- */

typedef struct Open { int kind, tok, line, base; } Open; /* base: of the line that closes it */

typedef struct Indent {
    Format *f;
    Open stack[NESTING_MOST + 1];
    int depth;
    int base, from; /* of the statement: in the result, in the source */
} Indent;

static int level(const Indent *in) /* of statements here */
{
    for (int d = in->depth; d > 0; d--)
        if (in->stack[d].kind == '{')
            return in->stack[d].base + STEP;
    return 0;
}

static bool in_round(const Indent *in)
{
    return in->depth && in->stack[in->depth].kind != '{';
}

/* A further line of a statement: below what follows the bracket it lies in, or as far in as it was. */
static int further(const Indent *in, const Tok *t)
{
    const Format *f = in->f;
    const Open *o = &in->stack[in->depth];
    if (in_round(in) && o->tok + 1 < f->toks.n && !f->toks.p[o->tok + 1].first && f->toks.p[o->tok + 1].column == t->column)
        return column_of(f, &f->lines.p[o->line], o->tok + 1);
    int more = t->column - in->from;
    bool closer = t->kind == ')' || t->kind == ']';
    return in->base + (more > 0 || closer ? (more > 0 ? more : 0) : STEP);
}

static const Tok *next_token(const Format *f, int i) /* that is no comment */
{
    while (i < f->toks.n && f->toks.p[i].kind == COMMENT)
        i++;
    return i < f->toks.n ? &f->toks.p[i] : NULL;
}

static bool hangs(const Format *f, int line)
{
    const Line *l = &f->lines.p[line], *above = l - 1;
    if (line == 0 || l->blank_before || f->toks.p[l->first].kind != COMMENT)
        return false;
    const Tok *t = &f->toks.p[above->first + above->n - 1];
    return t->kind == COMMENT && t->column == f->toks.p[l->first].column && (above->n > 1 || above->hangs);
}

static int indent_of(Indent *in, int line)
{
    const Format *f = in->f;
    Line *l = &f->lines.p[line];
    const Tok *t = &f->toks.p[l->first], *next = next_token(f, l->first);
    l->hangs = hangs(f, line);
    if (l->hangs)
        return column_of(f, l - 1, (l - 1)->first + (l - 1)->n - 1);
    if (t->kind == '}')
        return in->depth ? in->stack[in->depth].base : 0;
    bool statement = t->kind == COMMENT ? !next || next->starts || next->kind == '}' : t->starts;
    return statement && !in_round(in) ? level(in) : further(in, t);
}

/* The brackets and statements of a line that has its place. */
static void pass_line(Indent *in, int line)
{
    const Format *f = in->f;
    const Line *l = &f->lines.p[line];
    int indent = l->indent, from = f->toks.p[l->first].column;
    for (int i = l->first; i < l->first + l->n; i++) {
        const Tok *t = &f->toks.p[i];
        if (t->starts && !in_round(in)) {
            in->base = indent;
            in->from = from;
        }
        if ((t->kind == '(' || t->kind == '[' || t->kind == '{') && in->depth < NESTING_MOST) {
            int base = t->kind == '{' && !in_round(in) ? in->base : indent;
            in->stack[++in->depth] = (Open){ t->kind, i, line, base };
        } else if ((t->kind == ')' || t->kind == ']' || t->kind == '}') && in->depth) {
            if (t->kind == '}') { /* what goes on behind it belongs to the statement that it closes */
                in->base = in->stack[in->depth].base;
                in->from = from - (indent - in->base);
            }
            in->depth--;
        }
    }
}

static void indent_all(Format *f)
{
    Indent in = { .f = f };
    for (int i = 0; i < f->lines.n; i++) {
        f->lines.p[i].indent = indent_of(&in, i);
        pass_line(&in, i);
    }
}

/* ---- text ---- */

static bool ends_with_brace(const Format *f, const Line *l)
{
    int i = l->first + l->n - 1;
    if (f->toks.p[i].kind == COMMENT && l->n > 1)
        i--;
    return f->toks.p[i].kind == '{';
}

static void write_lines(const Format *f, Buf *out)
{
    for (int i = 0; i < f->lines.n; i++) {
        const Line *l = &f->lines.p[i];
        if (i > 0 && l->blank_before && !ends_with_brace(f, l - 1) && f->toks.p[l->first].kind != '}')
            buf_putc(out, '\n');
        buf_printf(out, "%*s", l->indent, "");
        for (int t = l->first; t < l->first + l->n; t++) {
            const Tok *k = &f->toks.p[t];
            buf_printf(out, "%*s", t > l->first ? k->gap : 0, "");
            buf_add(out, f->src->text + k->lo, k->hi - k->lo);
        }
        buf_putc(out, '\n');
    }
}

static void format_once(Parse *p, const Source *src, Buf *out)
{
    Format f = { .arena = p->arena, .src = src };
    read_tokens(&f, p);
    format_gaps(&f);
    for (int i = 0; i < 2; i++) { /* lines below a bracket need the place of what follows it */
        indent_all(&f);
        align_all(&f);
    }
    indent_all(&f);
    write_lines(&f, out);
}

/* A column that moves may meet another; until nothing moves. */
void format_source(Parse *p, const Source *src, Buf *out)
{
    Source now = *src;
    for (int i = 0; i < ROUNDS_MOST; i++) {
        Buf b = buf_new(p->arena);
        format_once(p, &now, &b);
        char *text = buf_text(&b);
        bool same = b.n == now.len && memcmp(text, now.text, b.n) == 0;
        now.text = text;
        now.len = (uint32_t)b.n;
        if (same)
            break;
    }
    buf_add(out, now.text, now.len);
}
