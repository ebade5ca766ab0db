/* eval.c - rule expressions: read and computed in one go. They choose axes, count dims and put text together; numbers of the
 * case itself are computed by the program that is made.
 *
 *     expr    = or ['if' or 'else' expr]
 *     or      = and {'or' and}      and = not {'and' not}       not = 'not' not | compare    (values, as in Python)
 *     compare = sum [('==' | '!=' | '<' | '<=' | '>' | '>=' | 'in') sum]
 *     sum     = product {('+' | '-') product}                   product = unary {('*' | '/' | '//' | '%') unary}
 *     unary   = '-' unary | inside ['??' unary]                 null ?? x is x
 *     inside  = primary {'[' expr ']' | '[' [expr] ':' [expr] ']' | '.' NAME}
 *     primary = NUMBER | 'text' | "text {expr}" | NAME | NAME '(' [expr {',' expr}] ')' | '(' expr ')'
 *             | '[' [expr {',' expr}] ']' | '[' expr 'for' NAME 'in' or ['if' or] ']'
 *
 * What is not chosen (a branch, the right side of 'or', the body of a comprehension while its end is looked for) is read with
 * `skip` set: nothing is computed and nothing fails but the form.
 */
#include "runner.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct Reader { Eval *e; const char *p; int skip; } Reader;

static const Value *expr(Reader *r);
static const Value *or_(Reader *r);
static const Value *unary(Reader *r);

void eval_fail(Eval *e, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    e->error = arena_vprintf(e->arena, format, ap);
    va_end(ap);
    longjmp(e->fail, 1);
}

void eval_bind(Eval *e, const char *name, const Value *v)
{
    Env *env = NEW(e->arena, Env);
    *env = (Env){ name, v, e->env };
    e->env = env;
}

const Value *eval_find(Eval *e, const char *name)
{
    for (const Env *v = e->env; v; v = v->next)
        if (!strcmp(v->name, name))
            return v->value;
    return value_null();
}

/* ---- words ----------------------------------------------------------------------------------------------------- */

static void blanks(Reader *r)
{
    while (*r->p == ' ' || *r->p == '\n')
        r->p++;
}

static bool in_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool take(Reader *r, const char *word)
{
    size_t n = strlen(word);
    blanks(r);
    if (strncmp(r->p, word, n) || (in_name(*word) && in_name(r->p[n])))
        return false;
    r->p += n;
    return true;
}

static void expect(Reader *r, const char *word)
{
    if (!take(r, word))
        eval_fail(r->e, "'%s' is missing before '%.20s'", word, r->p);
}

static const char *name(Reader *r)
{
    blanks(r);
    const char *start = r->p;
    while (in_name(*r->p))
        r->p++;
    return arena_text(r->e->arena, start, (size_t)(r->p - start));
}

/* ---- operators -------------------------------------------------------------------------------------------------- */

static bool is_number(const Value *v)
{
    return v->kind == V_int || v->kind == V_real || v->kind == V_bool;
}

static double real_of(const Value *v)
{
    return v->kind == V_real ? v->d : (double)v->i;
}

static const Value *joined(Eval *e, const Value *x, const Value *y)
{
    Value *list = value_list(e->arena);
    for (int i = 0; i < x->items.n; i++)
        vec_push(e->arena, &list->items, x->items.p[i]);
    for (int i = 0; i < y->items.n; i++)
        vec_push(e->arena, &list->items, y->items.p[i]);
    return list;
}

static int64_t floor_div(int64_t x, int64_t y)
{
    int64_t q = x / y;
    return q - ((x % y != 0) & ((x < 0) != (y < 0)));
}

static const Value *arithmetic(Eval *e, char op, const Value *x, const Value *y)
{
    if (op == '+' && x->kind == V_list && y->kind == V_list)
        return joined(e, x, y);
    if (op == '+' && (x->kind == V_text || y->kind == V_text))
        return value_text(e->arena, arena_printf(e->arena, "%s%s", eval_render(e, x), eval_render(e, y)));
    if (op == '*' && x->kind == V_list && y->kind == V_int) {
        const Value *list = value_list(e->arena);
        for (int64_t i = 0; i < y->i; i++)
            list = joined(e, list, x);
        return list;
    }
    if (!is_number(x) || !is_number(y))
        eval_fail(e, "'%c' of what are no numbers", op);
    if (x->kind != V_real && y->kind != V_real && op != '/') {
        if ((op == 'd' || op == '%') && !y->i)
            eval_fail(e, "division by 0");
        int64_t a = x->i, b = y->i;
        return value_int(e->arena, op == '+' ? a + b : op == '-' ? a - b : op == '*' ? a * b
                                   : op == 'd' ? floor_div(a, b) : a - b * floor_div(a, b));
    }
    double a = real_of(x), b = real_of(y);
    return value_real(e->arena, op == '+' ? a + b : op == '-' ? a - b : op == '*' ? a * b : op == '/' ? a / b
                                : op == 'd' ? floor(a / b) : a - b * floor(a / b));
}

static bool contains(const Value *list, const Value *x)
{
    if (list->kind == V_text && x->kind == V_text)
        return strstr(list->text, x->text) != NULL;
    if (list->kind == V_dict && x->kind == V_text)
        return value_get(list, x->text) != NULL;
    for (int i = 0; list->kind == V_list && i < list->items.n; i++)
        if (value_equal(list->items.p[i], x))
            return true;
    return false;
}

static bool compared(Eval *e, const char *op, const Value *x, const Value *y)
{
    if (!strcmp(op, "in"))
        return contains(y, x);
    if (!strcmp(op, "=="))
        return value_equal(x, y);
    if (!strcmp(op, "!="))
        return !value_equal(x, y);
    if (!is_number(x) || !is_number(y))
        eval_fail(e, "'%s' of what are no numbers", op);
    double a = real_of(x), b = real_of(y);
    bool strict = op[1] == 0;
    return *op == '<' ? (strict ? a < b : a <= b) : (strict ? a > b : a >= b);
}

/* ---- primaries ---------------------------------------------------------------------------------------------------- */

/* A text in '..' stands as it is; in ".." braces hold expressions, {{ and }} are braces. */
static const Value *text(Reader *r)
{
    char quote = *r->p++;
    Buf b = buf_new(r->e->arena);
    while (*r->p != quote) {
        if (!*r->p)
            eval_fail(r->e, "a text does not end");
        if (quote == '"' && (*r->p == '{' || *r->p == '}') && r->p[1] == *r->p)
            r->p++;
        else if (quote == '"' && *r->p == '{') {
            r->p++;
            const Value *v = expr(r);
            expect(r, "}");
            if (!r->skip)
                buf_puts(&b, eval_render(r->e, v));
            continue;
        }
        buf_putc(&b, *r->p++);
    }
    r->p++;
    return value_text(r->e->arena, buf_text(&b));
}

static const Value *number(Reader *r)
{
    const char *start = r->p;
    char *stop;
    int64_t i = strtoll(start, &stop, 10);
    if (*stop == '.' || *stop == 'e') {
        double d = strtod(start, &stop);
        r->p = stop;
        return value_real(r->e->arena, d);
    }
    r->p = stop;
    return value_int(r->e->arena, i);
}

/* [body for x in list if condition]: the body is read again for each element. */
static const Value *comprehension(Reader *r, const char *body)
{
    Value *list = value_list(r->e->arena);
    const Env *outside = r->e->env;
    const char *variable = name(r);
    expect(r, "in");
    const Value *source = or_(r);
    const char *condition = take(r, "if") ? r->p : NULL;
    if (condition) {
        r->skip++;
        or_(r);
        r->skip--;
    }
    const char *end = r->p;
    for (int i = 0; !r->skip && i < source->items.n; i++) {
        eval_bind(r->e, variable, source->items.p[i]);
        r->p = condition ? condition : body;
        if (!condition || value_true(or_(r))) {
            r->p = body;
            vec_push(r->e->arena, &list->items, expr(r));
        }
        r->e->env = outside;
    }
    r->p = end;
    expect(r, "]");
    return list;
}

static const Value *list(Reader *r)
{
    Value *v = value_list(r->e->arena);
    if (take(r, "]"))
        return v;
    const char *start = r->p;
    r->skip++; /* only to see what follows the first element */
    expr(r);
    r->skip--;
    if (take(r, "for"))
        return comprehension(r, start);
    if (!r->skip) {
        r->p = start;
        vec_push(r->e->arena, &v->items, expr(r));
    }
    while (take(r, ","))
        vec_push(r->e->arena, &v->items, expr(r));
    expect(r, "]");
    return v;
}

static const Value *call(Reader *r, const char *function)
{
    Value *args = value_list(r->e->arena);
    if (!take(r, ")")) {
        do
            vec_push(r->e->arena, &args->items, expr(r));
        while (take(r, ","));
        expect(r, ")");
    }
    return r->skip ? value_null() : eval_call(r->e, function, args);
}

static const Value *primary(Reader *r)
{
    blanks(r);
    if (*r->p == '\'' || *r->p == '"')
        return text(r);
    if (isdigit((unsigned char)*r->p))
        return number(r);
    if (take(r, "(")) {
        const Value *v = expr(r);
        expect(r, ")");
        return v;
    }
    if (take(r, "["))
        return list(r);
    if (!in_name(*r->p))
        eval_fail(r->e, "an expression is missing before '%.20s'", r->p);
    const char *n = name(r);
    if (*r->p == '(') {
        r->p++;
        return call(r, n);
    }
    return !strcmp(n, "true")    ? value_bool(r->e->arena, true)
           : !strcmp(n, "false") ? value_bool(r->e->arena, false)
           : !strcmp(n, "null")  ? value_null()
           : !strcmp(n, "inf")   ? value_real(r->e->arena, INFINITY)
           : r->skip             ? value_null()
                                 : eval_find(r->e, n);
}

/* ---- subscripts ------------------------------------------------------------------------------------------------------ */

static int64_t length(const Value *v)
{
    return v->kind == V_text ? (int64_t)strlen(v->text) : v->items.n;
}

static int64_t place(Reader *r, const Value *at, int64_t n)
{
    if (at->kind != V_int)
        eval_fail(r->e, "a subscript is no whole number");
    return at->i < 0 ? at->i + n : at->i;
}

static const Value *element(Reader *r, const Value *v, const Value *at)
{
    if (v->kind == V_dict) {
        const Value *x = at->kind == V_text ? value_get(v, at->text) : NULL;
        return x ? x : value_null();
    }
    if (v->kind != V_list && v->kind != V_text)
        eval_fail(r->e, "a subscript of what is no list or text");
    int64_t n = length(v), i = place(r, at, n);
    if (i < 0 || i >= n)
        return value_null();
    return v->kind == V_text ? value_text(r->e->arena, arena_text(r->e->arena, v->text + i, 1)) : v->items.p[i];
}

static const Value *part(Reader *r, const Value *v, const Value *from, const Value *to)
{
    int64_t n = length(v), lo = from ? place(r, from, n) : 0, hi = to ? place(r, to, n) : n;
    lo = lo < 0 ? 0 : lo > n ? n : lo;
    hi = hi < lo ? lo : hi > n ? n : hi;
    if (v->kind == V_text)
        return value_text(r->e->arena, arena_text(r->e->arena, v->text + lo, (size_t)(hi - lo)));
    Value *list = value_list(r->e->arena);
    for (int64_t i = lo; i < hi; i++)
        vec_push(r->e->arena, &list->items, v->items.p[i]);
    return list;
}

static const Value *subscript(Reader *r, const Value *v)
{
    const Value *from = NULL, *to = NULL;
    blanks(r);
    if (*r->p != ':')
        from = expr(r);
    if (take(r, ":")) {
        blanks(r);
        if (*r->p != ']')
            to = expr(r);
        expect(r, "]");
        return r->skip ? value_null() : part(r, v, from, to);
    }
    expect(r, "]");
    return r->skip ? value_null() : element(r, v, from);
}

static const Value *inside(Reader *r)
{
    const Value *v = primary(r);
    for (;;) {
        if (*r->p == '[') {
            r->p++;
            v = subscript(r, v);
        } else if (*r->p == '.' && isalpha((unsigned char)r->p[1])) {
            r->p++;
            const Value *at = value_text(r->e->arena, name(r));
            v = r->skip ? value_null() : v->kind == V_dict ? element(r, v, at) : value_null();
        } else
            return v;
    }
}

/* ---- expressions ------------------------------------------------------------------------------------------------------- */

static const Value *unary(Reader *r)
{
    if (take(r, "-")) {
        const Value *v = unary(r);
        return r->skip ? v : arithmetic(r->e, '-', v->kind == V_real ? value_real(r->e->arena, -0.0) : value_int(r->e->arena, 0), v);
    }
    const Value *v = inside(r);
    if (take(r, "??")) {
        bool have = v->kind != V_null;
        r->skip += have;
        const Value *other = unary(r);
        r->skip -= have;
        return have ? v : other;
    }
    return v;
}

static const Value *product(Reader *r)
{
    const Value *v = unary(r);
    for (;;) {
        char op = take(r, "//") ? 'd' : take(r, "*") ? '*' : take(r, "/") ? '/' : take(r, "%") ? '%' : 0;
        if (!op)
            return v;
        const Value *w = unary(r);
        v = r->skip ? v : arithmetic(r->e, op, v, w);
    }
}

static const Value *sum(Reader *r)
{
    const Value *v = product(r);
    for (;;) {
        char op = take(r, "+") ? '+' : take(r, "-") ? '-' : 0;
        if (!op)
            return v;
        const Value *w = product(r);
        v = r->skip ? v : arithmetic(r->e, op, v, w);
    }
}

static const Value *compare_(Reader *r)
{
    static const char *const ops[] = { "==", "!=", "<=", ">=", "<", ">", "in" };
    const Value *v = sum(r);
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (take(r, ops[i])) {
            const Value *w = sum(r);
            return r->skip ? v : value_bool(r->e->arena, compared(r->e, ops[i], v, w));
        }
    return v;
}

static const Value *not_(Reader *r)
{
    if (!take(r, "not"))
        return compare_(r);
    return value_bool(r->e->arena, !value_true(not_(r)));
}

static const Value *and_(Reader *r)
{
    const Value *v = not_(r);
    while (take(r, "and")) {
        bool decided = !value_true(v);
        r->skip += decided;
        const Value *w = not_(r);
        r->skip -= decided;
        v = decided ? v : w;
    }
    return v;
}

static const Value *or_(Reader *r)
{
    const Value *v = and_(r);
    while (take(r, "or")) {
        bool decided = value_true(v);
        r->skip += decided;
        const Value *w = and_(r);
        r->skip -= decided;
        v = decided ? v : w;
    }
    return v;
}

/* "x if c else y" computes c first: x is read without being computed, and read again if it is wanted. */
static const Value *expr(Reader *r)
{
    const char *start = r->p;
    if (++r->e->depth > 200)
        eval_fail(r->e, "too deep");
    r->skip++;
    const Value *v = or_(r);
    bool choice = take(r, "if");
    r->skip--;
    if (choice) {
        bool holds = value_true(or_(r));
        expect(r, "else");
        r->skip += holds;
        v = expr(r);
        r->skip -= holds;
        if (holds) {
            const char *end = r->p;
            r->p = start;
            v = or_(r);
            r->p = end;
        }
    } else if (!r->skip) {
        r->p = start;
        v = or_(r);
    }
    r->e->depth--;
    return v;
}

const Value *eval_prefix(Eval *e, const char **text)
{
    Reader r = { e, *text, 0 };
    const Value *v = expr(&r);
    *text = r.p;
    return v;
}

const Value *eval_text(Eval *e, const char *text)
{
    const char *p = text;
    const Value *v = eval_prefix(e, &p);
    while (*p == ' ' || *p == '\n')
        p++;
    if (*p)
        eval_fail(e, "what is '%.30s'?", p);
    return v;
}
