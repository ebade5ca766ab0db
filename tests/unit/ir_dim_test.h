/* ir_dim_test.h - what the tests of dims share: a context, expressions and facts as text.
 *
 * An expression is read into a tree, which is then either made into a Dim or evaluated directly, so that the two can be
 * compared. A fact is "a <= b", "a < b", "a >= b", "a == b" or "i: a..b" ("i: b" begins at 0); facts are separated by ';'.
 */
#ifndef IR_DIM_TEST_H
#define IR_DIM_TEST_H

#include <check.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/dim.h"
#include "test_main.h"

enum { TEST_SYMS = 64 };

static Mem mem;
static Arena *arena;
static Names *names;
static DimCx *cx;
static DimSym *syms[TEST_SYMS];
static int64_t values[TEST_SYMS]; /* by DimSym.id - 1 */
static int nsyms;

static inline void setup_in(Mem *m)
{
    arena = arena_new(m);
    names = names_new(arena);
    cx = dims_new(arena);
    nsyms = 0;
}

static inline void setup(void)
{
    mem_init(&mem, mem_malloc_hooks(), 0);
    setup_in(&mem);
}

static inline void teardown(void)
{
    mem_drop(&mem);
}

static inline DimSym *sym(const char *name, size_t len)
{
    Name n = name_len(names, name, len);
    for (int i = 0; i < nsyms; i++)
        if (syms[i]->name == n)
            return syms[i];
    ck_assert_int_lt(nsyms, TEST_SYMS);
    return syms[nsyms++] = dim_sym_new(cx, n, (Span){ 0, 0, 0 });
}

static inline bool value_of(void *user, DimSym *s, int64_t *v)
{
    (void)user;
    *v = values[s->id - 1];
    return true;
}

/* ---- expressions ---- */

typedef struct Expr { char op; /* number, symbol, + - * / f(loor) % ^ m(in) M(ax) */
                      int64_t number; DimSym *sym; struct Expr *a, *b; } Expr;

typedef struct Reader { const char *at; } Reader;

static inline Expr *read_sum(Reader *r);

static inline bool take(Reader *r, const char *word)
{
    while (*r->at == ' ')
        r->at++;
    if (strncmp(r->at, word, strlen(word)) != 0 || (word[0] == '/' && !word[1] && r->at[1] == '/'))
        return false;
    r->at += strlen(word);
    return true;
}

static inline Expr *expr(char op, Expr *a, Expr *b)
{
    Expr *e = NEW(arena, Expr);
    *e = (Expr){ .op = op, .a = a, .b = b };
    return e;
}

static inline Expr *read_call(Reader *r, char op) /* clip(x, lo, hi) is max(min(x, hi), lo) */
{
    Expr *a = read_sum(r);
    ck_assert_msg(take(r, ","), "no comma at '%s'", r->at);
    Expr *b = read_sum(r), *c = op == 'c' && take(r, ",") ? read_sum(r) : NULL;
    ck_assert_msg(take(r, ")"), "no ) at '%s'", r->at);
    return op == 'c' ? expr('M', expr('m', a, c), b) : expr(op, a, b);
}

static inline Expr *read_primary(Reader *r)
{
    if (take(r, "(")) {
        Expr *e = read_sum(r);
        ck_assert_msg(take(r, ")"), "no ) at '%s'", r->at);
        return e;
    }
    if (take(r, "min("))
        return read_call(r, 'm');
    if (take(r, "max("))
        return read_call(r, 'M');
    if (take(r, "clip("))
        return read_call(r, 'c');
    Expr *e = expr('n', NULL, NULL);
    char *end;
    if (isdigit((unsigned char)*r->at)) {
        e->number = strtoll(r->at, &end, 10);
        r->at = end;
        return e;
    }
    const char *begin = r->at;
    while (isalnum((unsigned char)*r->at) || *r->at == '_' || (*r->at == '.' && r->at[1] != '.'))
        r->at++;
    ck_assert_msg(r->at > begin, "no expression at '%s'", begin);
    e->op = 's';
    e->sym = sym(begin, (size_t)(r->at - begin));
    return e;
}

static inline Expr *read_unary(Reader *r)
{
    if (take(r, "-"))
        return expr('-', expr('n', NULL, NULL), read_unary(r));
    Expr *e = read_primary(r);
    return take(r, "^") ? expr('^', e, read_unary(r)) : e;
}

static inline Expr *read_product(Reader *r)
{
    Expr *e = read_unary(r);
    for (;;)
        if (take(r, "*"))
            e = expr('*', e, read_unary(r));
        else if (take(r, "//"))
            e = expr('f', e, read_unary(r));
        else if (take(r, "/"))
            e = expr('/', e, read_unary(r));
        else if (take(r, "%"))
            e = expr('%', e, read_unary(r));
        else
            return e;
}

static inline Expr *read_sum(Reader *r)
{
    Expr *e = read_product(r);
    for (;;)
        if (take(r, "+"))
            e = expr('+', e, read_product(r));
        else if (take(r, "-"))
            e = expr('-', e, read_product(r));
        else
            return e;
}

static inline Expr *expr_of(const char *text)
{
    Reader r = { text };
    Expr *e = read_sum(&r);
    while (*r.at == ' ')
        r.at++;
    ck_assert_msg(!*r.at, "'%s' is left of '%s'", r.at, text);
    return e;
}

static inline Dim dim_of(const Expr *e)
{
    if (e->op == 'n')
        return dim_const(cx, e->number);
    if (e->op == 's')
        return dim_sym(cx, e->sym);
    Dim a = dim_of(e->a), b = dim_of(e->b), p = dim_const(cx, 1);
    int64_t n = 0;
    switch (e->op) {
    case '+': return dim_add(cx, a, b);
    case '-': return dim_sub(cx, a, b);
    case '*': return dim_mul(cx, a, b);
    case '/': return dim_exactdiv(cx, a, b);
    case 'f': return dim_floordiv(cx, a, b);
    case '%': return dim_mod(cx, a, b);
    case 'm': return dim_min(cx, a, b);
    case 'M': return dim_max(cx, a, b);
    default:
        ck_assert(dim_is_const(b, &n));
        while (n-- > 0)
            p = dim_mul(cx, p, a);
        return p;
    }
}

static inline Dim dim(const char *text)
{
    return dim_of(expr_of(text));
}

static inline int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* What the expression says, worked out without Dims; false: no value. */
static inline bool eval_expr(const Expr *e, int64_t *v)
{
    int64_t a, b;
    if (e->op == 'n' || e->op == 's') {
        *v = e->op == 'n' ? e->number : values[e->sym->id - 1];
        return true;
    }
    if (!eval_expr(e->a, &a) || !eval_expr(e->b, &b) || (strchr("/f%", e->op) && (b == 0 || (b == -1 && a == INT64_MIN))))
        return false;
    switch (e->op) {
    case '+': return !__builtin_add_overflow(a, b, v);
    case '-': return !__builtin_sub_overflow(a, b, v);
    case '*': return !__builtin_mul_overflow(a, b, v);
    case 'f': *v = floor_div(a, b); return true;
    case '%': *v = a % b + (a % b != 0 && (a < 0) != (b < 0) ? b : 0); return true;
    case 'm': *v = a < b ? a : b; return true;
    case 'M': *v = a > b ? a : b; return true;
    case '/': *v = a % b ? 0 : a / b; return a % b == 0;
    default:
        *v = 1;
        for (; b > 0; b--)
            if (__builtin_mul_overflow(*v, a, v))
                return false;
        return true;
    }
}

/* ---- facts ---- */

static inline void fact(Facts *f, Reader *r)
{
    Expr *e = read_sum(r);
    Dim a = dim_of(e), one = dim_const(cx, 1);
    if (take(r, ":")) {
        Dim lo = dim_const(cx, 0), hi = dim_of(read_sum(r));
        if (take(r, ".."))
            lo = hi, hi = dim_of(read_sum(r));
        facts_range(f, e->sym, lo, hi);
    } else if (take(r, "<=")) {
        facts_le(f, a, dim_of(read_sum(r)));
    } else if (take(r, "<")) {
        facts_le(f, dim_add(cx, a, one), dim_of(read_sum(r)));
    } else if (take(r, ">=")) {
        facts_le(f, dim_of(read_sum(r)), a);
    } else {
        ck_assert_msg(take(r, "=="), "no fact at '%s'", r->at);
        facts_eq(f, a, dim_of(read_sum(r)));
    }
}

static inline void facts_text(Facts *f, const char *text)
{
    Reader r = { text };
    for (bool more = *text != 0; more; more = take(&r, ";"))
        fact(f, &r);
    ck_assert_msg(!*r.at, "'%s' is left of facts", r.at);
}

static inline Truth ask(Facts *f, const char *text)
{
    Reader r = { text };
    Dim a = dim_of(read_sum(&r));
    if (take(&r, "<="))
        return facts_prove_le(f, a, dim_of(read_sum(&r)));
    if (take(&r, "<"))
        return facts_prove_lt(f, cx, a, dim_of(read_sum(&r)));
    if (take(&r, ">="))
        return facts_prove_le(f, dim_of(read_sum(&r)), a);
    ck_assert_msg(take(&r, "=="), "no question at '%s'", r.at);
    return facts_prove_eq(f, a, dim_of(read_sum(&r)));
}

static inline int run(TCase *t, const char *name)
{
    Suite *s = suite_create(name);
    tcase_add_checked_fixture(t, setup, teardown);
    suite_add_tcase(s, t);
    return test_main(s);
}

#endif
