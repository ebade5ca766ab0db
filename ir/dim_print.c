/* dim_print.c - Dims as expressions of the language, with few parentheses: "S - T + i", "h // (H / G)", "(N / P) ^ 2 + 1". */
#include "ir/dim_int.h"

#include <inttypes.h>

/* How tight a text binds: what stands beside it needs parentheses if it binds less. */
typedef enum Tight { T_SUM, T_PRODUCT, T_POWER, T_PRIMARY } Tight;

static void print_sum(Dim d, Buf *out);

/* A single product without a sign in front, as it would be printed. */
static bool is_product(Dim d)
{
    return d->npub == 1 && d->pub->coef > 0;
}

static Tight tight_of(Dim d)
{
    if (d->npub == 0)
        return T_PRIMARY;
    if (!is_product(d))
        return T_SUM;
    const DimTerm *t = d->pub;
    if (t->nfactors == 0)
        return T_PRIMARY;
    if (t->nfactors > 1 || t->coef != 1)
        return T_PRODUCT;
    DimAtomKind k = t->factors->atom->kind;
    if (t->factors->power > 1)
        return T_POWER;
    return k == DA_SYM || k == DA_MIN || k == DA_MAX ? T_PRIMARY : T_PRODUCT;
}

static void print_within(Dim d, Tight least, Buf *out)
{
    bool paren = tight_of(d) < least;
    if (paren)
        buf_putc(out, '(');
    print_sum(d, out);
    if (paren)
        buf_putc(out, ')');
}

static const char *infix(DimAtomKind k)
{
    return k == DA_FLOORDIV ? " // " : k == DA_MOD ? " % " : " / ";
}

static void print_atom(const DimAtom *a, Buf *out)
{
    if (a->kind == DA_SYM) {
        buf_puts(out, a->sym->name ? a->sym->name : "_");
    } else if (a->kind == DA_MIN || a->kind == DA_MAX) {
        buf_puts(out, a->kind == DA_MIN ? "min(" : "max(");
        print_sum(a->a, out);
        buf_puts(out, ", ");
        print_sum(a->b, out);
        buf_putc(out, ')');
    } else {
        print_within(a->a, T_PRODUCT, out);
        buf_puts(out, infix(a->kind));
        print_within(a->b, T_POWER, out);
    }
}

static bool is_infix(const DimAtom *a)
{
    return a->kind == DA_FLOORDIV || a->kind == DA_MOD || a->kind == DA_EXACTDIV;
}

static void print_factor(DimFactor f, bool paren, Buf *out)
{
    paren = is_infix(f.atom) && (paren || f.power > 1);
    if (paren)
        buf_putc(out, '(');
    print_atom(f.atom, out);
    if (paren)
        buf_putc(out, ')');
    if (f.power > 1)
        buf_printf(out, " ^ %d", f.power);
}

/* The magnitude of a term. `led`: a minus stands right before it, where -a // b would be (-a) // b. */
static void print_term(const DimTerm *t, bool led, Buf *out)
{
    uint64_t c = t->coef < 0 ? -(uint64_t)t->coef : (uint64_t)t->coef;
    bool number = c != 1 || t->nfactors == 0;
    if (number)
        buf_printf(out, "%" PRIu64, c);
    for (int i = 0; i < t->nfactors; i++) {
        if (number || i)
            buf_puts(out, " * ");
        print_factor(t->factors[i], number || t->nfactors > 1 || led, out);
    }
}

/* The first positive term leads, so that nothing but a sum without one begins with a minus. */
static int leader(Dim d)
{
    for (int i = 0; i < d->npub; i++)
        if (d->pub[i].coef > 0)
            return i;
    return 0;
}

static void print_sum(Dim d, Buf *out)
{
    int first = leader(d);
    if (d->npub == 0) {
        buf_putc(out, '0');
        return;
    }
    if (d->pub[first].coef < 0)
        buf_putc(out, '-');
    print_term(&d->pub[first], d->pub[first].coef < 0, out);
    for (int i = 0; i < d->npub; i++)
        if (i != first) {
            buf_puts(out, d->pub[i].coef < 0 ? " - " : " + ");
            print_term(&d->pub[i], false, out);
        }
}

void dim_print(Dim d, Buf *out)
{
    print_sum(d, out);
}

const char *dim_text(DimCx *cx, Dim d)
{
    Buf b = buf_new(cx->arena);
    print_sum(d, &b);
    return buf_text(&b);
}
