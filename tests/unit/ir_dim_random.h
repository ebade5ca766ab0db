/* ir_dim_random.h - random expressions over a few symbols, the same ones in every run. */
#ifndef IR_DIM_RANDOM_H
#define IR_DIM_RANDOM_H

#include "ir_dim_test.h"

static uint64_t seed;

static inline uint32_t rnd(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % n;
}

static inline Expr *number(int64_t v)
{
    Expr *e = expr('n', NULL, NULL);
    e->number = v;
    return e;
}

static inline Expr *symbol(int i)
{
    Expr *e = expr('s', NULL, NULL);
    e->sym = syms[i];
    return e;
}

/* `ops` lists the operators to draw from, more often those that stand more often. */
static inline Expr *random_expr(const char *ops, int depth)
{
    if (depth == 0 || rnd(5) == 0)
        return rnd(3) == 0 ? number((int64_t)rnd(7) - 2) : symbol((int)rnd((uint32_t)nsyms));
    char op = ops[rnd((uint32_t)strlen(ops))];
    return expr(op, random_expr(ops, depth - 1), op == '^' ? number(2) : random_expr(ops, depth - 1));
}

static inline void print_expr(const Expr *e, Buf *b)
{
    static const char *const words[] = { ['+'] = " + ", ['-'] = " - ", ['*'] = " * ", ['/'] = " / ",
                                         ['f'] = " // ", ['%'] = " % ", ['^'] = " ^ ", ['m'] = " min ", ['M'] = " max " };
    if (e->op == 'n') {
        buf_printf(b, "%" PRId64, e->number);
    } else if (e->op == 's') {
        buf_puts(b, e->sym->name);
    } else {
        buf_putc(b, '(');
        print_expr(e->a, b);
        buf_puts(b, words[(int)e->op]);
        print_expr(e->b, b);
        buf_putc(b, ')');
    }
}

static inline const char *expr_text(const Expr *e)
{
    Buf b = buf_new(arena);
    print_expr(e, &b);
    return buf_text(&b);
}

static inline void random_point(int64_t lo, int64_t hi)
{
    for (int i = 0; i < nsyms; i++)
        values[i] = lo + rnd((uint32_t)(hi - lo + 1));
}

static inline void some_syms(int n)
{
    static const char *const all[] = { "A", "B", "C", "i", "j", "k" };
    for (int i = 0; i < n; i++)
        sym(all[i], 1);
}

#endif
