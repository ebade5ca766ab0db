/* naming.c - names of values and symbols in printed IR, and dims as text.
 *
 * Values with a name print as %x, %x.1, ...; others are numbered in the order of the text. Symbols of dims are made unique the
 * same way, in the order in which they are introduced. Since a dim's normal form may order its terms by symbol ids, which a
 * parser cannot restore, terms and factors are ordered by their text here: what is printed depends on names alone.
 */
#include "ir/ir_int.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- unique names ---- */

static bool is_plain(const char *s)
{
    if (!isalpha((unsigned char)s[0]) && s[0] != '_')
        return false;
    for (int i = 1; s[i]; i++) {
        bool dot = s[i] == '.' && (isalnum((unsigned char)s[i + 1]) || s[i + 1] == '_');
        if (!dot && !isalnum((unsigned char)s[i]) && s[i] != '_')
            return false;
    }
    return true;
}

static const char *plain(Arena *a, const char *s)
{
    if (is_plain(s))
        return s;
    char *t = arena_printf(a, isalpha((unsigned char)s[0]) ? "%s" : "_%s", s);
    for (char *c = t; *c; c++) /* "layers.*.norm" keeps its dots */
        if (!isalnum((unsigned char)*c) && *c != '.')
            *c = '_';
    for (char *c = t; *c && !is_plain(t); c++)
        if (*c == '.')
            *c = '_';
    return t;
}

static const char *unique(IrNaming *nm, Map *used, Map *next, const char *hint)
{
    Names *ns = nm->fn->module->names;
    Name base = name_of(ns, plain(nm->arena, hint)), name = base;
    while (map_find(used, name)) {
        uintptr_t k = (uintptr_t)map_find(next, base) + 1;
        map_put(next, base, (void *)k);
        name = name_of(ns, arena_printf(nm->arena, "%s.%d", base, (int)k));
    }
    map_put(used, name, (void *)(uintptr_t)name);
    return name;
}

/* Words that may stand where a symbol does. */
static bool is_keyword(const char *s)
{
    static const char *const words[] = { "min", "max", "in", "at", "row", "sym", "else", "do", "inf", "nan", "true", "false" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(s, words[i]) == 0)
            return true;
    return false;
}

const char *ir_naming_sym(IrNaming *nm, DimSym *s)
{
    const char *t = map_find(&nm->syms, s);
    if (!t) {
        const char *hint = s->name && s->name[0] ? s->name : "n";
        if (is_keyword(hint))
            hint = arena_printf(nm->arena, "_%s", hint);
        t = unique(nm, &nm->used_syms, &nm->next_sym, hint);
        map_put(&nm->syms, s, (void *)(uintptr_t)t);
    }
    return t;
}

bool ir_has_name(const IrNode *n)
{
    return n->type.dtype != DT_none || n->uses;
}

static void name_value(IrNaming *nm, const IrNode *n)
{
    const char *t = n->name && n->name[0] ? unique(nm, &nm->used_values, &nm->next_value, n->name)
                                          : arena_printf(nm->arena, "%d", nm->number++);
    map_put(&nm->values, n, arena_printf(nm->arena, "%%%s", t));
}

const char *ir_naming_value(IrNaming *nm, const IrNode *n)
{
    if (!n)
        return "%null";
    if (n->op == OP_index && n->sym)
        return ir_naming_sym(nm, n->sym);
    if (!map_find(&nm->values, n))
        name_value(nm, n); /* out of place: only broken IR, and the verifier's messages about it */
    return map_find(&nm->values, n);
}

static void name_region(IrNaming *nm, const IrRegion *r)
{
    for (int i = 0; i < r->params.n; i++)
        if (r->params.p[i]->op == OP_arg)
            name_value(nm, r->params.p[i]);
    for (int i = 0; i < r->params.n; i++)
        if (r->params.p[i]->sym)
            ir_naming_sym(nm, r->params.p[i]->sym);
    for (const IrNode *n = r->first; n; n = n->next) {
        if (ir_has_name(n))
            name_value(nm, n);
        for (int k = 0; k < n->nregions; k++)
            name_region(nm, n->regions[k]);
        if (n->sym)
            ir_naming_sym(nm, n->sym);
    }
}

void ir_naming_init(IrNaming *nm, const IrFn *fn, Arena *a)
{
    *nm = (IrNaming){ .fn = fn, .arena = a, .values = map_new(a), .syms = map_new(a), .used_values = map_new(a),
                      .used_syms = map_new(a), .next_value = map_new(a), .next_sym = map_new(a), .dims = map_new(a) };
    for (int i = 0; i < fn->dims.n; i++)
        ir_naming_sym(nm, fn->dims.p[i]);
    for (int i = 0; i < fn->params.n; i++) {
        name_value(nm, fn->params.p[i]);
        if (fn->params.p[i]->sym)
            ir_naming_sym(nm, fn->params.p[i]->sym);
    }
    name_region(nm, fn->body);
}

/* ---- dims ---- */

static bool is_simple(const char *s)
{
    for (; *s; s++)
        if (!isalnum((unsigned char)*s) && *s != '_' && *s != '.')
            return false;
    return true;
}

static const char *wrapped(IrNaming *nm, Dim d)
{
    const char *t = ir_naming_dim(nm, d);
    return is_simple(t) ? t : arena_printf(nm->arena, "(%s)", t);
}

/* tight: something binds as strongly around it. */
static const char *atom_text(IrNaming *nm, const DimAtom *x, bool tight)
{
    static const char *const infix[] = { [DA_FLOORDIV] = "//", [DA_MOD] = "%", [DA_EXACTDIV] = "/" };
    if (x->kind == DA_SYM)
        return ir_naming_sym(nm, x->sym);
    if (x->kind == DA_MIN || x->kind == DA_MAX) { /* they commute: the smaller text first */
        const char *a = ir_naming_dim(nm, x->a), *b = ir_naming_dim(nm, x->b);
        bool swap = strcmp(a, b) > 0;
        return arena_printf(nm->arena, "%s(%s, %s)", x->kind == DA_MIN ? "min" : "max", swap ? b : a, swap ? a : b);
    }
    return arena_printf(nm->arena, tight ? "(%s %s %s)" : "%s %s %s", wrapped(nm, x->a), infix[x->kind], wrapped(nm, x->b));
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

typedef struct TermText { const char *text; int64_t coef; int degree; } TermText;

/* Without the sign; `alone` says that nothing binds tighter around it. */
static TermText term_text(IrNaming *nm, const DimTerm *t, bool alone)
{
    VEC(const char *) parts = { 0 };
    uint64_t size = t->coef < 0 ? 0 - (uint64_t)t->coef : (uint64_t)t->coef;
    bool bare = alone && size == 1 && t->nfactors == 1 && t->factors[0].power == 1;
    for (int i = 0; i < t->nfactors; i++)
        for (int k = 0; k < t->factors[i].power; k++)
            vec_push(nm->arena, &parts, atom_text(nm, t->factors[i].atom, !bare));
    if (parts.n)
        qsort(parts.p, (size_t)parts.n, sizeof parts.p[0], by_text);
    Buf b = buf_new(nm->arena);
    if (parts.n == 0 || size != 1)
        buf_printf(&b, "%llu", (unsigned long long)size);
    for (int i = 0; i < parts.n; i++)
        buf_printf(&b, "%s%s", b.n ? " * " : "", parts.p[i]);
    return (TermText){ buf_text(&b), t->coef, parts.n };
}

static int term_order(const void *a, const void *b)
{
    const TermText *x = a, *y = b;
    if ((x->degree == 0) != (y->degree == 0))
        return x->degree == 0 ? 1 : -1;
    if ((x->coef < 0) != (y->coef < 0))
        return x->coef < 0 ? 1 : -1;
    if (x->degree != y->degree)
        return x->degree > y->degree ? -1 : 1;
    return strcmp(x->text, y->text);
}

static const char *sum_text(IrNaming *nm, Dim d)
{
    const DimTerm *terms;
    int n = dim_terms(d, &terms);
    if (n == 0)
        return "0";
    TermText *t = NEWN(nm->arena, TermText, n);
    for (int i = 0; i < n; i++)
        t[i] = term_text(nm, &terms[i], terms[i].coef > 0);
    qsort(t, (size_t)n, sizeof *t, term_order);
    Buf b = buf_new(nm->arena);
    for (int i = 0; i < n; i++)
        buf_printf(&b, "%s%s", t[i].coef < 0 ? (i ? " - " : "-") : (i ? " + " : ""), t[i].text);
    return buf_text(&b);
}

const char *ir_naming_dim(IrNaming *nm, Dim d)
{
    if (!d)
        return "?";
    const char *t = map_find(&nm->dims, d);
    if (!t) {
        t = sum_text(nm, d);
        map_put(&nm->dims, d, (void *)(uintptr_t)t);
    }
    return t;
}

void ir_naming_type(IrNaming *nm, IrType t, Buf *out)
{
    buf_puts(out, dtype_name(t.dtype));
    for (int i = 0; i < t.rank; i++)
        buf_printf(out, "%s%s", i ? ", " : "[", ir_naming_dim(nm, t.dims[i]));
    if (t.rank)
        buf_putc(out, ']');
}
