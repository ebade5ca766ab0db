/* gen_decl.c - functions and operators that a program calls: of scalars, of rows, with `var` parameters, written with operators. */
#include "gen_int.h"

static void add(Gen *g, Node *n)
{
    if (g->p->ndecls < GEN_STMTS)
        g->p->decls[g->p->ndecls++] = n;
}

/* Runs with an empty scope of variables and the dims from `first` on. */
typedef struct Kept { int nvars, first_dim, ndims; } Kept;

static Kept enter(Gen *g, int first, int ndims)
{
    Kept k = { g->nvars, g->first_dim, g->ndims };
    for (int i = 0; i < g->nvars; i++)
        g->vars[i].kind = (char)-g->vars[i].kind; /* hidden */
    g->first_dim = first;
    g->ndims = ndims;
    return k;
}

static void leave(Gen *g, Kept k)
{
    g->nvars = k.nvars;
    g->first_dim = k.first_dim;
    g->ndims = k.ndims;
    for (int i = 0; i < g->nvars; i++)
        g->vars[i].kind = (char)-g->vars[i].kind;
}

static void scalar_function(Gen *g)
{
    Kept k = enter(g, 0, 0);
    Scope none = { 0 };
    declare(g, "x", 'f', 0, NULL);
    declare(g, "y", 'f', 0, NULL);
    const char *t = g->type;
    if (chance(g, 40))
        add(g, piece(g, '-', say(g, "fn h%d(x: %s, y: %s) -> %s {\n    if $0 { return $1 }\n    var u: %s = $2\n    for i in 0..3 {\n        if $3 { break }\n        u = $4 + tanh(u)\n    }\n    u * 0.5\n}",
                                 g->nscalar, t, t, t, t),
                     random_guard(g, &none, 2), random_expr(g, &none, 2), random_expr(g, &none, 2), random_guard(g, &none, 2), random_expr(g, &none, 1), NULL));
    else
        add(g, piece(g, '-', say(g, "fn h%d(x: %s, y: %s) -> %s = $0", g->nscalar, t, t, t), random_expr(g, &none, 3), NULL));
    leave(g, k);
    g->nscalar++;
}

static void row_variables(Gen *g)
{
    declare(g, "x", 'f', 1, (int[]){ 3 });
    declare(g, "s", 'f', 0, NULL);
}

/* A function of a row: a reduction, or a loop that may leave early. */
static void row_function(Gen *g)
{
    Kept k = enter(g, 3, 1);
    Scope none = { 0 }, i = { 1, { 3 }, { "i" } };
    const char *t = g->type;
    row_variables(g);
    if (chance(g, 50))
        add(g, piece(g, '-', say(g, "fn row%d(x: %s[P], s: %s) -> %s {\n    let m = $0\n    clip(m, -9, 9) + $1\n}", g->nrow, t, t, t),
                     reduction(g, &none, 2), reduction(g, &none, 2), NULL));
    else
        add(g, piece(g, '-', say(g, "fn row%d(x: %s[P], s: %s) -> %s {\n    var u: %s = s\n    for i in 0..P {\n        if $0 { continue }\n        if $1 { return u }\n        u = u * 0.5 + $2\n    }\n    u\n}",
                                 g->nrow, t, t, t, t),
                     random_guard(g, &i, 2), random_guard(g, &i, 2), random_expr(g, &i, 1), NULL));
    leave(g, k);
    g->nrow++;
}

/* A function from rows to rows. */
static void rows_function(Gen *g)
{
    Kept k = enter(g, 3, 1);
    Scope i = { 1, { 3 }, { "i" } };
    row_variables(g);
    Node *e = random_expr(g, &i, 2);
    declare(g, "v", 'f', 1, (int[]){ 3 });
    add(g, piece(g, '-', say(g, "fn u%d(x: %s[P], s: %s) -> %s[P] {\n    let v[i: P] = %s($0)\n    out[i] = $1\n}", g->nrows, g->type, g->type, g->type, g->type),
                 e, random_expr(g, &i, 2), NULL));
    leave(g, k);
    g->nrows++;
}

/* A function that changes a row: element by element, as a whole by its neighbours, or part by part. */
static void inout_function(Gen *g)
{
    static const char *const bodies[] = {
        "let old = x\n    for i in 0..P { x[i] = old[P - 1 - i] * 0.5 + $0 }",
        "let y[i: P] = %s((x[i - 1] ?? s) * 0.5 + (x[i + 1] ?? 0.25) * 0.25 + $0)\n    x = y",
        "x = cumsum(tanh(x), axis: 0) * 0.125 - x\n    for i in 0..P { x[i] += $0 }",
        "let first = x[: P // 2]\n    x[: P // 2] = x[P - P // 2 :]\n    x[P - P // 2 :] = first * 0.5\n    for i in 0..P { x[i] += $0 }",
    };
    Kept k = enter(g, 3, 1);
    Scope none = { 0 }, i = { 1, { 3 }, { "i" } };
    row_variables(g);
    const char *body = arena_printf(g->a, pick(g, bodies, 4), g->type);
    add(g, piece(g, '-', say(g, "fn p%d(var x: %s[P], s: %s) -> %s {\n    %s\n    $1\n}", g->ninout, g->type, g->type, g->type, body),
                 random_expr(g, &i, 1), reduction(g, &none, 2), NULL));
    leave(g, k);
    g->ninout++;
}

static void own_operator(Gen *g)
{
    static const char *const reduce[] = { "sum[j](x * x) / (1 + count[j](true))", "max[j](x) - min[j](x)", "mean[j](abs(x - mean[j](x)))", "logsumexp[j](x) * 0.5" };
    static const char *const point[] = { "x - mean[j](x)", "x / (1 + max[j](abs(x)))", "exp(min(x, 3)) / (1 + sum[j](exp(min(x, 3))))" };
    if (chance(g, 50))
        add(g, piece(g, '-', say(g, "op o%d[j](x: float) -> float = %s", g->nop++, pick(g, reduce, 4)), NULL));
    else
        add(g, piece(g, '-', say(g, "op q%d[j](x: float) -> float[j]%s = %s", g->npoint++, chance(g, 50) ? " else -1" : "", pick(g, point, 3)), NULL));
}

void declarations(Gen *g)
{
    static void (*const makers[])(Gen *) = { scalar_function, row_function, rows_function, inout_function, own_operator };
    add(g, piece(g, '-', say(g, "fn twice(f: fn(%s) -> %s, x: %s) -> %s = f(f(x))", g->type, g->type, g->type, g->type), NULL));
    add(g, piece(g, '-', say(g, "fn bend(x: %s) -> %s = tanh(x * 0.75) + 0.125", g->type, g->type), NULL));
    add(g, piece(g, '-', say(g, "struct Pair(N) {\n    u: %s[N] = 0\n    s: %s = 0.5\n}", g->type, g->type), NULL));
    form_declarations(g);
    for (int n = rng_below(&g->r, 4); n > 0; n--)
        makers[rng_below(&g->r, 5)](g);
}
