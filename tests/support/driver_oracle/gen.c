/* gen.c - random well-typed programs.
 *
 *     export fn f(a: f32[M, N], ..., n: i32[K]) -> f32[M, N] {
 *         let t0[i: M, j: N] = exp(min(a[i, j], 2)) * sum[k: K | k <= i](b[j, k])
 *         ...
 *         out[i, j] = t3[i, j] + t0[i, j]
 *     }
 *
 * Every tensor has its axes among M, N, K, so an index over a dim may subscript any axis of that dim. Denominators, logarithms and
 * roots are kept away from their poles, so that nearly all values are finite; policies shift the weights of what is generated.
 */
#include "gen.h"

#include <stdio.h>
#include <string.h>

uint64_t rng_next(Rng *r)
{
    uint64_t z = (r->s += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int rng_below(Rng *r, int n) { return (int)(rng_next(r) % (uint64_t)n); }
double rng_unit(Rng *r) { return (double)(rng_next(r) >> 11) * 0x1p-53; }

typedef struct Var { const char *name; char kind; int rank, dims[3]; } Var; /* kinds as GenParam; m: a mutable f32 tensor */
typedef struct Scope { int n, dim[12]; const char *name[12]; } Scope; /* indices in scope */

typedef struct Gen { Arena *a; Rng r; Program *p; Var vars[64]; int nvars, serial; } Gen;

static const char *const dim_names[] = { "M", "N", "K" };
static const int sizes[] = { 0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 129 };

static bool chance(Gen *g, int percent) { return rng_below(&g->r, 100) < percent; }
static const char *pick(Gen *g, const char *const *list, int n) { return list[rng_below(&g->r, n)]; }

static const char *number(Gen *g)
{
    static const char *const some[] = { "0.5", "1.25", "2.0", "-1.0", "0.1", "3.0", "-0.75", "1.0" };
    return pick(g, some, 8);
}

static const char *index_of_dim(Gen *g, const Scope *s, int dim)
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

static const Var *some_var(Gen *g, const Scope *s, char kind)
{
    const Var *found[64];
    int n = 0;
    for (int i = 0; i < g->nvars; i++)
        if ((g->vars[i].kind == kind || (kind == 'f' && (g->vars[i].kind == 'm' || g->vars[i].kind == 's'))) && fits(s, &g->vars[i]))
            found[n++] = &g->vars[i];
    return n ? found[rng_below(&g->r, n)] : NULL;
}

/* One subscript of an axis of `dim`: mostly an index that runs over it, sometimes a place from data or arithmetic on an index. */
static const char *subscript(Gen *g, const Scope *s, int dim)
{
    const char *x = index_of_dim(g, s, dim);
    if (chance(g, g->p->policy == POLICY_gather ? 40 : 8)) {
        const char *d = dim_names[dim];
        if (chance(g, 50))
            return arena_printf(g->a, "%s - 1 - %s", d, x);
        return arena_printf(g->a, "clip(%s %s %d, 0, %s - 1)", x, chance(g, 50) ? "+" : "-", rng_below(&g->r, 3), d);
    }
    return x;
}

static const char *read_of(Gen *g, const Scope *s, const Var *v)
{
    Buf b = buf_new(g->a);
    buf_puts(&b, v->name);
    for (int i = 0; i < v->rank; i++)
        buf_printf(&b, "%s%s", i ? ", " : "[", subscript(g, s, v->dims[i]));
    if (v->rank)
        buf_putc(&b, ']');
    return buf_text(&b);
}

static const char *fresh(Gen *g, const char *stem) { return arena_printf(g->a, "%s%d", stem, g->serial++); }

static const char *expr(Gen *g, const Scope *s, int depth);

static const char *guard(Gen *g, const Scope *s, int depth)
{
    const char *i = s->name[s->n - 1], *j = s->n > 1 ? s->name[rng_below(&g->r, s->n - 1)] : "2";
    static const char *const cmp[] = { "<=", "<", ">=", "!=" };
    switch (rng_below(&g->r, 6)) {
    case 0: return arena_printf(g->a, "%s %s %s", i, pick(g, cmp, 4), j);
    case 1: return arena_printf(g->a, "%s <= %s + %d and %s >= %s - 3", i, j, rng_below(&g->r, 4), i, j);
    case 2: return arena_printf(g->a, "(%s + %d) %% 3 != 0", i, rng_below(&g->r, 4));
    case 3: {
        const Var *v = some_var(g, s, 'b');
        return v ? read_of(g, s, v) : arena_printf(g->a, "%s // 2 <= %s", i, j);
    }
    case 4: return arena_printf(g->a, "%s < %s or %s == 0", i, j, i);
    default: return depth > 1 ? arena_printf(g->a, "%s > 0.25", expr(g, s, 1)) : arena_printf(g->a, "%s %s 3", i, pick(g, cmp, 4));
    }
}

static Scope inside(Gen *g, const Scope *s, int dim)
{
    Scope in = *s;
    in.name[in.n] = fresh(g, "k");
    in.dim[in.n++] = dim;
    return in;
}

static const char *reduction(Gen *g, const Scope *s, int depth)
{
    static const char *const ops[] = { "sum", "sum", "sum", "max", "min", "mean", "logsumexp" };
    if (s->n > 8)
        return number(g);
    Scope in = inside(g, s, rng_below(&g->r, GEN_DIMS));
    const char *binder = in.name[in.n - 1], *dim = dim_names[in.dim[in.n - 1]];
    const char *op = pick(g, ops, g->p->policy == POLICY_product ? 3 : 7);
    const char *body = g->p->policy == POLICY_product && some_var(g, &in, 'f')
                           ? arena_printf(g->a, "%s * %s", read_of(g, &in, some_var(g, &in, 'f')), read_of(g, &in, some_var(g, &in, 'f')))
                           : expr(g, &in, depth - 1);
    const char *when = chance(g, 40) ? arena_printf(g->a, " | %s", guard(g, &in, depth - 1)) : "";
    const char *text = arena_printf(g->a, "%s[%s: %s%s](%s)", op, binder, dim, when, body);
    bool may_be_infinite = !strcmp(op, "max") || !strcmp(op, "min") || !strcmp(op, "logsumexp");
    return may_be_infinite ? arena_printf(g->a, "clip(%s, -50, 50)", text) : text;
}

static const char *unary(Gen *g, const Scope *s, int depth)
{
    const char *x = expr(g, s, depth - 1);
    switch (rng_below(&g->r, 12)) {
    case 0: return arena_printf(g->a, "exp(min(%s, 2))", x);
    case 1: return arena_printf(g->a, "tanh(%s)", x);
    case 2: return arena_printf(g->a, "sigmoid(%s)", x);
    case 3: return arena_printf(g->a, "sqrt(abs(%s) + 0.5)", x);
    case 4: return arena_printf(g->a, "log(abs(%s) + 0.5)", x);
    case 5: return arena_printf(g->a, "relu(%s)", x);
    case 6: return arena_printf(g->a, "(-%s)", x);
    case 7: return arena_printf(g->a, "abs(%s)", x);
    case 8: return arena_printf(g->a, "sin(%s)", x);
    case 9: return arena_printf(g->a, "cos(%s)", x);
    case 10: return arena_printf(g->a, "clip(%s, -2, 2) ^ 2", x);
    default: return arena_printf(g->a, "silu(%s)", x);
    }
}

static const char *binary(Gen *g, const Scope *s, int depth)
{
    const char *x = expr(g, s, depth - 1), *y = expr(g, s, depth - 1);
    switch (rng_below(&g->r, 7)) {
    case 0: return arena_printf(g->a, "(%s + %s)", x, y);
    case 1: return arena_printf(g->a, "(%s - %s)", x, y);
    case 2: return arena_printf(g->a, "%s / (abs(%s) + 1)", x, y);
    case 3: return arena_printf(g->a, "min(%s, %s)", x, y);
    case 4: return arena_printf(g->a, "max(%s, %s)", x, y);
    default: return arena_printf(g->a, "%s * clip(%s, -2, 2)", x, y);
    }
}

static const char *leaf(Gen *g, const Scope *s)
{
    const Var *v = some_var(g, s, 'f');
    if (v && chance(g, 80))
        return read_of(g, s, v);
    return s->n && chance(g, 30) ? arena_printf(g->a, "f32(%s) * 0.1", s->name[rng_below(&g->r, s->n)]) : number(g);
}

static const char *expr(Gen *g, const Scope *s, int depth)
{
    int reduce = g->p->policy == POLICY_cascade || g->p->policy == POLICY_product ? 35 : 15, k = rng_below(&g->r, 100);
    if (depth <= 0)
        return leaf(g, s);
    if (k < reduce)
        return reduction(g, s, depth);
    if (k < reduce + 25)
        return unary(g, s, depth);
    if (k < reduce + 55)
        return binary(g, s, depth);
    if (k < reduce + 62 && s->n)
        return arena_printf(g->a, "(if %s { %s } else { %s })", guard(g, s, 1), expr(g, s, depth - 1), expr(g, s, depth - 1));
    return leaf(g, s);
}

/* ---- statements --------------------------------------------------------------------------------------------------- */

static Var *declare(Gen *g, const char *name, char kind, int rank, const int *dims)
{
    Var *v = &g->vars[g->nvars++];
    *v = (Var){ .name = name, .kind = kind, .rank = rank };
    memcpy(v->dims, dims, sizeof(int) * (size_t)rank);
    return v;
}

static void statement(Gen *g, const char *text)
{
    if (g->p->nstmts < GEN_STMTS)
        g->p->stmts[g->p->nstmts++] = text;
}

static Scope axes(Gen *g, int rank, int *dims, Buf *subs)
{
    Scope s = { 0 };
    for (int i = 0; i < rank; i++) {
        dims[i] = rng_below(&g->r, GEN_DIMS);
        s.dim[i] = dims[i];
        s.name[i] = fresh(g, "i");
        buf_printf(subs, "%s%s: %s", i ? ", " : "", s.name[i], dim_names[dims[i]]);
    }
    s.n = rank;
    return s;
}

static void tensor_let(Gen *g)
{
    int dims[3], rank = 1 + rng_below(&g->r, 3);
    Buf subs = buf_new(g->a);
    Scope s = axes(g, rank, dims, &subs);
    const char *e = expr(g, &s, 3), *name = fresh(g, "t");
    statement(g, arena_printf(g->a, "let %s[%s] = %s", name, buf_text(&subs), e));
    declare(g, name, 'f', rank, dims);
}

/* scores, a masked softmax over their last axis, and the weighted mean: attention with whatever comes to mind. */
static void attention(Gen *g)
{
    int dims[3], rank = 2;
    Buf subs = buf_new(g->a);
    Scope s = axes(g, rank, dims, &subs);
    const char *scores = fresh(g, "s"), *weights = fresh(g, "p"), *out = fresh(g, "o"), *i = s.name[0], *j = s.name[1];
    statement(g, arena_printf(g->a, "let %s[%s] = %s", scores, buf_text(&subs), expr(g, &s, 2)));
    const char *when = chance(g, 70) ? arena_printf(g->a, " | %s", guard(g, &s, 1)) : "";
    statement(g, arena_printf(g->a, "let %s[%s] = softmax[%s%s](clip(%s[%s, %s], -20, 20))", weights, buf_text(&subs), j, when, scores, i, j));
    declare(g, scores, 'f', 2, dims);
    declare(g, weights, 'f', 2, dims);
    const Var *v = some_var(g, &s, 'f');
    statement(g, arena_printf(g->a, "let %s[%s: %s] = sum[%s: %s](%s[%s, %s] * %s)", out, i, dim_names[dims[0]], j, dim_names[dims[1]], weights,
                              i, j, read_of(g, &s, v)));
    declare(g, out, 'f', 1, dims);
}

static void scalar_let(Gen *g)
{
    Scope none = { 0 };
    const char *name = fresh(g, "c");
    statement(g, arena_printf(g->a, "let %s = %s", name, reduction(g, &none, 3)));
    declare(g, name, 's', 0, (int[]){ 0 });
}

/* A variable that a loop changes: whole, by element, or under a condition. */
static void loop(Gen *g)
{
    int dims[3];
    Buf subs = buf_new(g->a), b = buf_new(g->a);
    Scope s = axes(g, 1, dims, &subs);
    const char *name = fresh(g, "w"), *t = fresh(g, "n"), *d = dim_names[dims[0]];
    statement(g, arena_printf(g->a, "var %s[%s] = %s", name, buf_text(&subs), expr(g, &s, 2)));
    declare(g, name, 'm', 1, dims);
    switch (rng_below(&g->r, 3)) {
    case 0:
        buf_printf(&b, "for %s in 0..3 { %s = tanh(%s * 0.5 + %s) }", t, name, name, number(g));
        break;
    case 1:
        buf_printf(&b, "for %s in 0..%s { %s[%s] = %s[%s - 1 - %s] * 0.5 + f32(%s) * 0.1 }", t, d, name, t, name, d, t, t);
        break;
    default:
        buf_printf(&b, "var %s = 0\n    while %s < %s {\n        if %s[%s] > 1 { break }\n        %s[%s] = %s[%s] + 1\n        %s += 1\n    }", t, t, d,
                   name, t, name, t, name, t, t);
    }
    statement(g, buf_text(&b));
}

static void some_statement(Gen *g)
{
    int k = rng_below(&g->r, 100);
    if (g->p->policy == POLICY_attention ? k < 60 : k < 12)
        attention(g);
    else if (g->p->policy == POLICY_loop ? k < 60 : k < 22)
        loop(g);
    else if (k < 80)
        tensor_let(g);
    else
        scalar_let(g);
}

static void parameters(Gen *g)
{
    static const struct { const char *name; char kind; int rank; } shapes[] = {
        { "a", 'f', 2 }, { "b", 'f', 2 }, { "c", 'f', 1 }, { "d", 'f', 3 }, { "mask", 'b', 2 }, { "z", 's', 0 }, { "e", 'f', 3 }
    };
    for (int i = 0; i < 7; i++) {
        int dims[3] = { i % 3, (i + 1) % 3, (i + 2) % 3 };
        if (i == 1)
            dims[0] = 2, dims[1] = 0;
        GenParam *q = &g->p->params[g->p->nparams++];
        *q = (GenParam){ .name = shapes[i].name, .kind = shapes[i].kind, .rank = shapes[i].rank };
        memcpy(q->dims, dims, sizeof dims);
        declare(g, q->name, q->kind, q->rank, dims);
    }
}

static void choose_dims(Gen *g)
{
    for (int i = 0; i < GEN_DIMS; i++)
        g->p->dims[i] = sizes[rng_below(&g->r, chance(g, 25) ? 16 : 10)];
    if (g->p->dims[0] * g->p->dims[1] * g->p->dims[2] > 5000)
        g->p->dims[rng_below(&g->r, 3)] = 3;
}

void gen_program(Arena *a, uint64_t seed, Program *p)
{
    Gen g = { .a = a, .r = { seed * 0x2545f4914f6cdd1du + 1 }, .p = p };
    *p = (Program){ .seed = seed };
    p->policy = (Policy)rng_below(&g.r, POLICY_count);
    choose_dims(&g);
    parameters(&g);
    int n = 1 + rng_below(&g.r, 5);
    for (int i = 0; i < n; i++)
        some_statement(&g);
    p->rank = 1 + rng_below(&g.r, 2);
    Scope s = { .n = p->rank };
    Buf b = buf_new(a);
    for (int i = 0; i < p->rank; i++) {
        s.dim[i] = p->result_dims[i] = rng_below(&g.r, GEN_DIMS);
        s.name[i] = fresh(&g, "r");
        buf_printf(&b, "%s%s", i ? ", " : "out[", s.name[i]);
    }
    buf_printf(&b, "] = %s", expr(&g, &s, 2));
    p->result = buf_text(&b);
}

char *gen_text(Arena *a, const Program *p)
{
    Buf b = buf_new(a);
    buf_puts(&b, "export fn f(");
    for (int i = 0; i < p->nparams; i++) {
        const GenParam *q = &p->params[i];
        buf_printf(&b, "%s%s: %s", i ? ", " : "", q->name, q->kind == 'b' ? "bool" : "f32");
        for (int k = 0; k < q->rank; k++)
            buf_printf(&b, "%s%s", k ? ", " : "[", dim_names[q->dims[k]]);
        buf_puts(&b, q->rank ? "]" : "");
    }
    buf_puts(&b, ") -> f32[");
    for (int i = 0; i < p->rank; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", dim_names[p->result_dims[i]]);
    buf_puts(&b, "] {\n");
    for (int i = 0; i < p->nstmts; i++)
        if (!p->dropped[i])
            buf_printf(&b, "    %s\n", p->stmts[i]);
    buf_printf(&b, "    %s\n}\n", p->result);
    return buf_text(&b);
}
