/* gen_expr.c - expressions. Every index over a dim may subscript any axis of that dim. Denominators, logarithms and roots are kept away
 * from their poles and sums from growing, so that nearly all values are finite. */
#include "gen_int.h"

bool chance(Gen *g, int percent) { return rng_below(&g->r, 100) < percent; }
const char *pick(Gen *g, const char *const *list, int n) { return list[rng_below(&g->r, n)]; }

const char *fresh(Gen *g, const char *stem)
{
    while (g->serial == 8 || g->serial == 16 || g->serial == 32 || g->serial == 64) /* i8, u16, f32 are types */
        g->serial++;
    return arena_printf(g->a, "%s%d", stem, g->serial++);
}

int some_dim(Gen *g) { return g->first_dim + rng_below(&g->r, g->ndims); }

/* A dim over which an index may run inside the others, so that there are not too many places; else the smallest. */
int dim_within(Gen *g, const Scope *s, int64_t most)
{
    const int64_t *size = g->p->dims;
    int d = some_dim(g), least = d;
    if (d >= GEN_DIMS) /* inside a function of rows */
        return d;
    for (int i = 0; i < s->n; i++)
        most /= s->dim[i] < GEN_DIMS && size[s->dim[i]] > 1 ? size[s->dim[i]] : 1;
    for (int tries = 0; size[d] > most && tries < 9; tries++) {
        d = some_dim(g);
        least = size[d] < size[least] ? d : least;
    }
    return size[d] > most ? least : d;
}

const char *say(Gen *g, const char *format, ...)
{
    char text[800];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    return arena_printf(g->a, "%s", text);
}

Node *piece(Gen *g, char sort, const char *text, ...)
{
    Node *n = NEW(g->a, Node);
    *n = (Node){ .sort = sort, .text = text };
    va_list ap;
    va_start(ap, text);
    for (Node *k; (k = va_arg(ap, Node *)) && n->nkids < GEN_KIDS;)
        n->kid[n->nkids++] = k;
    va_end(ap);
    return n;
}

Node *number(Gen *g)
{
    static const char *const some[] = { "0.5", "1.25", "2.0", "-1.0", "0.1", "3.0", "-0.75", "1.0" };
    return piece(g, '-', pick(g, some, 8), NULL);
}

const char *index_of_dim(Gen *g, const Scope *s, int dim)
{
    int found[12], n = 0;
    for (int i = 0; i < s->n; i++)
        if (s->dim[i] == dim)
            found[n++] = i;
    return n ? s->name[found[rng_below(&g->r, n)]] : NULL;
}

static bool fits(const Scope *s, const Var *v)
{
    for (int i = 0; i < v->rank; i++) {
        bool ok = false;
        for (int k = 0; k < s->n; k++)
            ok = ok || s->dim[k] == v->dims[i];
        if (!ok)
            return false;
    }
    return true;
}

const Var *some_var(Gen *g, const Scope *s, const char *kinds)
{
    const Var *found[160];
    int n = 0;
    for (int i = 0; i < g->nvars; i++)
        if (strchr(kinds, g->vars[i].kind) && fits(s, &g->vars[i]))
            found[n++] = &g->vars[i];
    return n ? found[rng_below(&g->r, n)] : NULL;
}

Scope inside(Gen *g, const Scope *s, int dim)
{
    Scope in = *s;
    in.name[in.n] = fresh(g, "k");
    in.dim[in.n++] = dim;
    return in;
}

/* ---- reads ----------------------------------------------------------------------------------------------------------- */

/* A place that comes from data: clamped, or left to the check at run time. */
static Node *gathered(Gen *g, const Scope *s, int dim)
{
    const Var *n = some_var(g, s, "n");
    if (!n)
        return NULL;
    Node *at = read_of(g, s, n);
    at->sort = '-';
    return chance(g, 80) ? piece(g, 'i', say(g, "clip($0, 0, %s - 1)", dim_names[dim]), at, NULL) : piece(g, 'i', "$0", at, NULL);
}

/* One subscript of an axis of `dim`: mostly an index that runs over it, sometimes a place from data or arithmetic on an index. */
Node *place(Gen *g, const Scope *s, int dim)
{
    Node *x = piece(g, '-', index_of_dim(g, s, dim), NULL);
    if (!chance(g, g->p->policy == POLICY_gather ? 40 : 8))
        return x;
    const char *d = dim_names[dim];
    Node *from_data = chance(g, 40) ? gathered(g, s, dim) : NULL;
    if (from_data)
        return from_data;
    switch (rng_below(&g->r, 4)) {
    case 0: return piece(g, 'i', say(g, "%s - 1 - $0", d), x, NULL);
    case 1: return piece(g, 'i', "$0 // 2", x, NULL);
    case 2: return piece(g, 'i', say(g, "($0 + %d) %% %s", rng_below(&g->r, 4), d), x, NULL);
    default: return piece(g, 'i', say(g, "clip($0 %s %d, 0, %s - 1)", chance(g, 50) ? "+" : "-", rng_below(&g->r, 3), d), x, NULL);
    }
}

Node *read_of(Gen *g, const Scope *s, const Var *v)
{
    static const char *const forms[] = { "%s", "%s[$0]", "%s[$0, $1]", "%s[$0, $1, $2]" };
    static const char *const outside[] = { "%s", "(%s[$0] ?? $3)", "(%s[$0, $1] ?? $3)", "(%s[$0, $1, $2] ?? $3)" };
    Node *k[3] = { number(g), number(g), number(g) };
    bool other = v->kind == 'o', default_outside = v->rank && v->kind == 'f' && chance(g, 8);
    for (int i = 0; i < v->rank; i++)
        k[i] = default_outside ? piece(g, '-', say(g, "%s %s %d", index_of_dim(g, s, v->dims[i]), chance(g, 50) ? "+" : "-", rng_below(&g->r, 3)), NULL)
                               : place(g, s, v->dims[i]);
    const char *text = say(g, default_outside ? outside[v->rank] : forms[v->rank], v->name);
    Node *n = piece(g, 'f', text, k[0], k[1], k[2], number(g), NULL);
    return other ? piece(g, 'f', say(g, "%s($0)", g->type), n, NULL) : n;
}

static Node *leaf(Gen *g, const Scope *s)
{
    const Var *v = some_var(g, s, g->p->policy == POLICY_low || chance(g, 15) ? "fmo" : "fm");
    if (v && chance(g, 80))
        return read_of(g, s, v);
    v = some_var(g, s, "n");
    if (v && chance(g, 10))
        return piece(g, 'f', say(g, "%s($0)", g->type), read_of(g, s, v), NULL);
    return s->n && chance(g, 30) ? piece(g, 'f', say(g, "%s(%s) * 0.1", g->type, s->name[rng_below(&g->r, s->n)]), NULL) : number(g);
}

/* ---- conditions -------------------------------------------------------------------------------------------------------- */

Node *random_guard(Gen *g, const Scope *s, int depth)
{
    static const char *const cmp[] = { "<=", "<", ">=", "!=" };
    const char *i = s->n ? s->name[s->n - 1] : "3", *j = s->n > 1 ? s->name[rng_below(&g->r, s->n - 1)] : "2", *c = pick(g, cmp, 4);
    const Var *v;
    switch (rng_below(&g->r, 10)) {
    case 0: return piece(g, 'b', say(g, "%s %s %s", i, c, j), NULL);
    case 1: return piece(g, 'b', say(g, "%s <= %s + %d and %s >= %s - 3", i, j, rng_below(&g->r, 4), i, j), NULL);
    case 2: return piece(g, 'b', say(g, "(%s + %d) %% 3 != 0", i, rng_below(&g->r, 4)), NULL);
    case 3:
        v = some_var(g, s, "b");
        return v ? piece(g, 'b', "$0", read_of(g, s, v), NULL) : piece(g, 'b', say(g, "%s // 2 <= %s", i, j), NULL);
    case 4: return piece(g, 'b', say(g, "%s < %s or %s == 0", i, j, i), NULL);
    case 5: return piece(g, 'b', say(g, "1 <= %s < %s + 4", i, j), NULL);
    case 6:
        v = some_var(g, s, "n");
        return v && s->n ? piece(g, 'b', say(g, "$0 == %s", j), read_of(g, s, v), NULL) : piece(g, 'b', say(g, "not %s == 1", i), NULL);
    case 7: return depth > 1 ? piece(g, 'b', "$0 and $1", random_guard(g, s, depth - 1), random_guard(g, s, depth - 1), NULL) : piece(g, 'b', say(g, "%s > 0", i), NULL);
    default: return depth > 1 ? piece(g, 'b', "$0 > 0.25", random_expr(g, s, 1), NULL) : piece(g, 'b', say(g, "%s %s 3", i, c), NULL);
    }
}

Node *bar(Gen *g, const Scope *s, int depth, int percent)
{
    return chance(g, percent) ? piece(g, 'g', " | $0", random_guard(g, s, depth), NULL) : piece(g, '-', "", NULL);
}

/* ---- reductions -------------------------------------------------------------------------------------------------------- */

/* The range of a binder: its whole dim, a part of it, or what another index leaves. */
static const char *binder(Gen *g, const Scope *in, int outside)
{
    const char *k = in->name[in->n - 1], *d = dim_names[in->dim[in->n - 1]];
    const char *outer = outside > 0 && in->dim[0] == in->dim[in->n - 1] ? in->name[0] : NULL;
    if (outer && chance(g, 20))
        return say(g, "%s: 0..%s + 1", k, outer);
    return chance(g, 8) ? say(g, "%s: min(1, %s)..%s", k, d, d) : say(g, "%s: %s", k, d);
}

static Node *product_of(Gen *g, const Scope *s, int depth)
{
    const Var *x = some_var(g, s, "fmo"), *y = some_var(g, s, "fmo");
    return x && y ? piece(g, 'f', "$0 * $1", read_of(g, s, x), read_of(g, s, y), NULL) : random_expr(g, s, depth - 1);
}

Node *reduction(Gen *g, const Scope *s, int depth)
{
    static const struct { const char *op; bool clip, number; } ops[] = {
        { "sum", 0, 0 }, { "sum", 0, 0 }, { "sum", 0, 0 }, { "max", 1, 0 }, { "min", 1, 0 }, { "mean", 0, 0 }, { "logsumexp", 1, 0 },
        { "variance", 0, 0 }, { "prod", 0, 0 }, { "count", 0, 1 }, { "argmax", 0, 1 }, { "argmin", 0, 1 }, { "norm", 0, 0 },
    };
    if (s->n > 8 || !g->ndims)
        return number(g);
    Scope in = inside(g, s, dim_within(g, s, 60000));
    const char *binders = binder(g, &in, s->n);
    bool two = chance(g, 12);
    if (two) {
        in = inside(g, &in, dim_within(g, &in, 60000));
        binders = say(g, "%s, %s", binders, binder(g, &in, s->n));
    }
    int k = rng_below(&g->r, g->p->policy == POLICY_product ? 3 : 13), own = g->nop && chance(g, 10);
    Node *body = g->p->policy == POLICY_product ? product_of(g, &in, depth) : random_expr(g, &in, depth - 1), *when = bar(g, &in, depth - 1, 40);
    if (two && (k == 10 || k == 11)) /* argmax has one index */
        k = 9;
    const char *op = own ? say(g, "o%d", rng_below(&g->r, g->nop)) : ops[k].op;
    if (!own && k == 9)
        body = random_guard(g, &in, 1);
    if (!own && (k == 10 || k == 11)) /* equal values that only rounding tells apart are equal afterwards */
        body = piece(g, '-', "floor($0 * 8)", body, NULL);
    if (!own && k == 8)
        body = piece(g, '-', "(1 + 0.1 * tanh($0))", body, NULL);
    Node *n = piece(g, 'f', say(g, "%s[%s$1]($0)", op, binders), body, when, NULL);
    if (own || ops[k].clip)
        return piece(g, 'f', "clip($0, -50, 50)", n, NULL);
    return ops[k].number ? piece(g, 'f', say(g, "%s($0) * 0.25", g->type), n, NULL) : n;
}

/* ---- calls and operations ------------------------------------------------------------------------------------------------ */

/* A function of a row goes over it, perhaps for each of its elements: not at too many places. */
static bool too_long(const Gen *g, const Scope *s, int row)
{
    int64_t n = 1;
    for (int i = 0; i < s->n; i++)
        n *= s->dim[i] < GEN_DIMS ? g->p->dims[s->dim[i]] : 1;
    return row < GEN_DIMS && n * g->p->dims[row] * g->p->dims[row] > 1000000;
}

/* A function of scalars, of a row of a tensor at indices, or a function given as an argument. */
Node *scalar_call(Gen *g, const Scope *s, int depth)
{
    int k = rng_below(&g->r, 4);
    if (k == 0 && g->nscalar)
        return piece(g, 'f', say(g, "h%d($0, $1)", rng_below(&g->r, g->nscalar)), random_expr(g, s, depth - 1), random_expr(g, s, depth - 1), NULL);
    if (k == 1 && g->nscalar && g->first_dim == 0)
        return piece(g, 'f', "twice(bend, $0)", random_expr(g, s, depth - 1), NULL);
    if (!g->nrow || g->first_dim)
        return NULL;
    for (int i = 0; i < g->nvars; i++) { /* some tensor whose last axis is free */
        const Var *v = &g->vars[rng_below(&g->r, g->nvars)];
        Var row = *v;
        if (!strchr("fm", v->kind) || v->rank < 1 || too_long(g, s, v->dims[v->rank - 1]))
            continue;
        row.rank--;
        if (!fits(s, &row))
            continue;
        Node *x = row.rank ? read_of(g, s, &(Var){ v->name, 'x', row.rank, { row.dims[0], row.dims[1] } }) : piece(g, '-', v->name, NULL);
        const char *last = index_of_dim(g, s, v->dims[v->rank - 1]);
        x->sort = '-';
        if (k == 2 && last && g->nrows)
            return piece(g, 'f', say(g, "u%d($0, $1)[%s]", rng_below(&g->r, g->nrows), last), x, random_expr(g, s, 0), NULL);
        return piece(g, 'f', say(g, "row%d($0, $1)", rng_below(&g->r, g->nrow)), x, random_expr(g, s, 0), NULL);
    }
    return NULL;
}

static Node *unary(Gen *g, const Scope *s, int depth)
{
    static const char *const forms[] = {
        "exp(min($0, 2))", "tanh($0)", "sigmoid($0)", "sqrt(abs($0) + 0.5)", "log(abs($0) + 0.5)", "relu($0)", "(-$0)", "abs($0)", "sin($0)",
        "cos($0)", "clip($0, -2, 2) ^ 2", "silu($0)", "gelu($0)", "softplus($0)", "erf($0)", "expm1(min($0, 1))", "log1p(abs($0))",
        "stop($0)", "elu($0)", "gelu_tanh($0)", "(abs($0) + 0.5) ^ 0.5", "floor($0)", "round($0)", "sign($0)",
    };
    return piece(g, 'f', forms[rng_below(&g->r, chance(g, 8) ? 24 : 21)], random_expr(g, s, depth - 1), NULL);
}

static Node *binary(Gen *g, const Scope *s, int depth)
{
    static const char *const forms[] = { "($0 + $1)", "($0 - $1)", "$0 / (abs($1) + 1)", "min($0, $1)", "max($0, $1)", "$0 * clip($1, -2, 2)",
                                         "$0 * clip($1, -2, 2)", "($0 + $1)" };
    return piece(g, 'f', forms[rng_below(&g->r, 8)], random_expr(g, s, depth - 1), random_expr(g, s, depth - 1), NULL);
}

static Node *choice(Gen *g, const Scope *s, int depth)
{
    if (chance(g, 75))
        return piece(g, 'f', "(if $0 { $1 } else { $2 })", random_guard(g, s, 1), random_expr(g, s, depth - 1), random_expr(g, s, depth - 1), NULL);
    const char *b = fresh(g, "b");
    int vars = g->nvars;
    Node *e = random_expr(g, s, depth - 1), *c = random_guard(g, s, 1), *other = random_expr(g, s, depth - 1);
    declare(g, b, 'f', 0, NULL);
    Node *n = piece(g, 'f', say(g, "(if $0 { let %s = $1; $2 + %s } else { $3 })", b, b), c, e, random_expr(g, s, depth - 1), other, NULL);
    g->nvars = vars;
    return n;
}

Node *random_expr(Gen *g, const Scope *s, int depth)
{
    static const char *const casts[] = { "f16", "bf16", "f32", "f64" };
    int reduce = g->p->policy == POLICY_cascade || g->p->policy == POLICY_product ? 35 : 15, k = rng_below(&g->r, 100);
    if (depth <= 0)
        return leaf(g, s);
    if (k < reduce)
        return reduction(g, s, depth);
    if (k < reduce + 22)
        return unary(g, s, depth);
    if (k < reduce + 48)
        return binary(g, s, depth);
    if (k < reduce + 55)
        return choice(g, s, depth);
    if (k < reduce + 60) {
        Node *n = scalar_call(g, s, depth);
        return n ? n : binary(g, s, depth);
    }
    if (g->p->policy == POLICY_low && k < reduce + 64)
        return piece(g, 'f', say(g, "%s(%s($0))", g->type, pick(g, casts, 4)), random_expr(g, s, depth - 1), NULL);
    return leaf(g, s);
}
