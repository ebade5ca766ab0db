/* gen_block.c - statements over many elements: products with many rows, and attention whose keys are read in blocks, under odd masks. */
#include "gen_int.h"

static void add(Gen *g, Node *n)
{
    n->sort = 's';
    if (g->p->nstmts < GEN_STMTS)
        g->p->stmts[g->p->nstmts++] = n;
}

static const char *dim_name(const int *dims, int k) { return dim_names[dims[k]]; }

/* ---- products --------------------------------------------------------------------------------------------------------------- */

/* A factor: a read at indices of the scope, mostly of a tensor with two axes. */
static Node *factor(Gen *g, const Scope *s)
{
    for (int tries = 0; tries < 4; tries++) {
        const Var *v = some_var(g, s, "fmo");
        if (v && (v->rank == 2 || tries == 3))
            return read_of(g, s, v);
    }
    return number(g);
}

static const char *const sums[] = {
    "sum[%s: %s$4]($0 * $1)", "sum[%s: %s$4]($0 * $1)", "sum[%s: %s$4]($0 * $1)", "relu(sum[%s: %s$4]($0 * $1) * 0.25 + $2)", "sum[%s: %s$4](bf16($0) * bf16($1))",
    "sum[%s: %s$4](f32(f16($0)) * f32(bf16($1)))", "sum[%s: %s$4](i32(i8($0 * 16)) * i32(i8($1 * 16))) * 0.01", "mean[%s: %s$4]($0 * $1) - $3", "sum[%s: %s$4]($0 * $1 * $2)",
    "sum[%s: %s$4](($0 + $2) * $1)", "sum[%s: %s$4]($0 * $1) / sqrt(1 + sum[%s: %s]($2 ^ 2))", "silu(sum[%s: %s$4]($0 * $1) * 0.25) * sum[%s: %s]($2 * $3)",
};

static const char *const guards[] = { "", "", "", "", " | %s <= %s", " | %s + 3 > %s", " | (%s + %s) %% 3 != 0", " | %s >= %s // 2" };

void block(Gen *g)
{
    int dims[3] = { some_dim(g), some_dim(g), some_dim(g) };
    const char *i = fresh(g, "i"), *j = fresh(g, "i"), *k = fresh(g, "k"), *t = fresh(g, "t"), *guard = guards[rng_below(&g->r, 8)];
    Scope rows = { 2, { dims[0], dims[2] }, { i, k } }, columns = { 2, { dims[2], dims[1] }, { k, j } }, both = { 2, { dims[0], dims[1] }, { i, j } };
    Scope third = chance(g, 50) ? rows : columns;
    char text[300], when[80];
    snprintf(text, sizeof text, sums[rng_below(&g->r, sizeof sums / sizeof *sums)], k, dim_name(dims, 2), k, dim_name(dims, 2));
    snprintf(when, sizeof when, guard, k, chance(g, 50) ? i : j);
    bool outside = strstr(text, "] * 0.25 + $2") || strstr(text, "- $3"); /* read beside the sum */
    Node *more = outside || strstr(text, "+ $2)") ? factor(g, &both) : factor(g, &third);
    Node *last = strstr(text, "- $3") ? factor(g, &both) : factor(g, &third);
    if (strstr(text, "($0 + $2)"))
        more = factor(g, &rows);
    Node *n = piece(g, 'f', arena_printf(g->a, "%s", text), factor(g, &rows), factor(g, &columns), more, last, piece(g, *when ? 'g' : '-', arena_printf(g->a, "%s", when), NULL), NULL);
    add(g, piece(g, 's', say(g, "let %s[%s: %s, %s: %s] = %s(clip($0, -30, 30))", t, i, dim_name(dims, 0), j, dim_name(dims, 1), g->type), n, NULL));
    declare(g, t, 'f', 2, dims);
    if (chance(g, 30)) { /* what follows a product in a network */
        static const char *const after[] = { "rsqrt(mean[%s: %s](%s[%s, %s] ^ 2) + 0.25)", "clip(logsumexp[%s: %s](%s[%s, %s]), -40, 40)", "max[%s: %s](%s[%s, %s] + 0.0)" };
        const char *y = fresh(g, "y");
        snprintf(text, sizeof text, after[rng_below(&g->r, 3)], j, dim_name(dims, 1), t, i, j);
        add(g, piece(g, 's', say(g, "let %s[%s: %s] = clip(%s, -50, 50)", y, i, dim_name(dims, 0), text), NULL));
        declare(g, y, 'f', 1, dims);
    }
}

/* ---- attention over streams ---------------------------------------------------------------------------------------------------- */

/* with the names of a query and a key, twice */
static const char *const masks[] = {
    "", "", " | %2$s <= %1$s", " | %2$s <= %1$s + 2 and %2$s > %1$s - 3", " | %2$s < 2 or %2$s + 3 > %1$s", " | (%1$s + %2$s) %% 3 != 1", " | %2$s != %1$s", " | %2$s // 4 == %1$s // 2",
    " | %2$s < at", " | %2$s < at or %2$s <= %1$s", " | %2$s >= at + %1$s", " | %2$s %% 2 == 0 and %2$s <= %1$s * 2", " | not (%2$s > %1$s)", " | %2$s > 1000",
};
static const char *const changes[] = { "%s", "%s", "3 * tanh(%s / 3)", "%s - 0.125 * abs(%s - %s)", "%s + 0.25 * (%s - %s)" };

typedef struct Stream { const char *t, *i, *j, *d, *e, *A, *B, *C, *E, *mask; bool heads; } Stream;

/* A tensor let over two indices (and, of heads, one before them). */
static void part(Gen *g, const Stream *w, const char *name, const char *head, const char *x, int dx, const char *y, int dy)
{
    Scope s = { 2, { dx, dy }, { x, y } };
    const char *before = w->heads ? say(g, "%s: %d, ", head, *head == 'q' ? 4 : 2) : "", *by = w->heads ? say(g, " * (0.5 + %s(%s))", g->type, head) : "";
    add(g, piece(g, 's', say(g, "let %s%s[%s%s: %s, %s: %s] = %s(clip($0, -3, 3)%s)", w->t, name, before, x, dim_names[dx], y, dim_names[dy], g->type, by),
                 chance(g, 60) ? factor(g, &s) : random_expr(g, &s, 1), NULL));
}

static const char *uses[] = { /* what is made of the scores {t}s and the weights {t}p beside the mean */
    "", "", "let %1$su[%2$s: %6$s] = clip(logsumexp[%3$s: %7$s%8$s](%1$ss[%9$s%2$s, %3$s]), -40, 40)", "let %1$su[%2$s: %6$s] = sum[%3$s: %7$s](%1$sp[%9$s%2$s, %3$s] * log(%1$sp[%9$s%2$s, %3$s] + 0.001))",
    "let %1$su[%2$s: %6$s] = sum[%3$s: %7$s](%1$sp[%9$s%2$s, %3$s] * %5$s(%3$s)) * 0.125", "let %1$su[%2$s: %6$s] = clip(max[%3$s: %7$s%8$s](%1$ss[%9$s%2$s, %3$s]), -40, 40)",
    "let %1$su[%2$s: %6$s] = sum[%3$s: %7$s](%1$sp[%9$s%2$s, %3$s] * (if (%2$s + %3$s) %% 4 == 0 { 0.0 } else { 1.25 }) * %1$sv[%10$s%3$s, 0])",
    "let %1$su[%2$s: %6$s] = %5$s(count[%3$s: %7$s%8$s](%1$ss[%9$s%2$s, %3$s] > 0.5)) * 0.125",
    "let %1$su[%2$s: %6$s] = clip(max[%3$s: %7$s%8$s](%1$sp[%9$s%2$s, %3$s]), -40, 40)",
    "let %1$su[%2$s: %6$s] = sum[%3$s: %7$s | (%2$s + %3$s) %% 3 != 0](%1$sp[%9$s%2$s, %3$s] * %5$s(%3$s)) * 0.125",
    "let %1$su[%2$s: %6$s] = sum[%3$s: %7$s | %1$ss[%9$s%2$s, %3$s] + 1.5 > max[q9: %7$s](%1$ss[%9$s%2$s, q9])](%1$sp[%9$s%2$s, %3$s])",
    "let %1$sw = sum[q8: %6$s, q9: %7$s](softplus(%1$ss[%9$sq8, q9])) * 0.001\n    let %1$su[%2$s: %6$s] = clip(min[%3$s: %7$s%8$s](%1$ss[%9$s%2$s, %3$s]), -40, 40) + %1$sw",
    "let %1$sr[%3$s: %7$s] = sum[%2$s: %6$s](%1$sp[%9$s%2$s, %3$s])\n    let %1$su[%2$s: %6$s] = sum[%3$s: %7$s](%1$sp[%9$s%2$s, %3$s] * %1$sr[%3$s])",
    "let %1$sm[%2$s: %6$s] = clip(max[%3$s: %7$s%8$s](%1$sp[%9$s%2$s, %3$s]), 0, 1)\n    let %1$su[%2$s: %6$s] = clip(sum[%3$s: %7$s | %1$sp[%9$s%2$s, %3$s] >= 0.3 * %1$sm[%2$s]](%1$sp[%9$s%2$s, %3$s] * log(%1$sp[%9$s%2$s, %3$s] + 0.001)), -40, 40)",
    "let %1$su[%2$s: %6$s] = clip(logsumexp[%3$s: %7$s](4 * %1$sp[%9$s%2$s, %3$s]), -40, 40) - sum[%3$s: %7$s](%1$sp[%9$s%2$s, %3$s] ^ 2)",
    "let %1$su[%2$s: %6$s] = clip(logsumexp[%3$s: %7$s](%1$ss[%9$s%2$s, %3$s]) - (%1$ss[%9$s%2$s, %2$s * 7 %% 5] ?? 0.5), -40, 40) + (if argmax[%3$s: %7$s](floor(%1$ss[%9$s%2$s, %3$s] * 8)) == %2$s * 7 %% 5 { 0.5 } else { 0.0 })",
    "let %1$su[%2$s: %6$s] = clip(sum[%3$s: %7$s](%1$sp[%9$s%2$s, %3$s] * %1$sv[%10$s%3$s * 3 %% %7$s, 0]), -40, 40)",
    "let %1$su[%2$s: %6$s] = rsqrt(mean[q9: %11$s](%1$so[%9$s%2$s, q9] ^ 2) + 0.25)",
    "let %1$sx[%2$s: %6$s, q9: %11$s] = %1$so[%9$s%2$s, q9] * rsqrt(mean[q8: %11$s](%1$so[%9$s%2$s, q8] ^ 2) + 0.25)\n    let %1$su[%2$s: %6$s] = clip(max[q9: %11$s](%1$sx[%2$s, q9]), -40, 40)",
};

static void scores(Gen *g, const Stream *w)
{
    char sum[200], text[400];
    const char *h = w->heads ? "qh, " : "", *from = w->heads ? "qh // 2, " : "", *t = w->t;
    snprintf(sum, sizeof sum, "sum[%s: %s](%sq[%s%s, %s] * %sk[%s%s, %s]) * 0.5", w->d, w->C, t, h, w->i, w->d, t, from, w->j, w->d);
    snprintf(text, sizeof text, changes[rng_below(&g->r, 5)], sum, w->i, w->j);
    add(g, piece(g, 's', say(g, "let %ss[%s%s: %s, %s: %s] = %s(clip(%s, -20, 20))", t, w->heads ? "qh: 4, " : "", w->i, w->A, w->j, w->B, g->type, text), NULL));
    add(g, piece(g, 's', say(g, "let %sp[%s%s: %s, %s: %s] = softmax[%s%s](%ss[%s%s, %s])", t, w->heads ? "qh: 4, " : "", w->i, w->A, w->j, w->B, w->j, w->mask, t, h, w->i, w->j), NULL));
}

void stream(Gen *g)
{
    const int64_t *size = g->p->dims;
    int A = some_dim(g), B = some_dim(g), C = some_dim(g), E = some_dim(g);
    for (int tries = 0; size[A] * size[B] * (size[C] + size[E]) > 20000; tries++) {
        if (tries == 20)
            return;
        A = some_dim(g), B = some_dim(g), C = some_dim(g), E = some_dim(g);
    }
    int dims[2] = { A, E };
    Stream w = { .t = fresh(g, "t"), .i = fresh(g, "i"), .j = fresh(g, "j"), .d = fresh(g, "k"), .e = fresh(g, "i"), .A = dim_names[A], .B = dim_names[B], .C = dim_names[C], .E = dim_names[E],
                 .heads = chance(g, 30) };
    char text[800];
    Scope s = { 2, { A, B }, { w.i, w.j } };
    snprintf(text, sizeof text, masks[rng_below(&g->r, sizeof masks / sizeof *masks)], w.i, w.j);
    w.mask = arena_printf(g->a, "%s", text);
    part(g, &w, "q", "qh", w.i, A, w.d, C);
    part(g, &w, "k", "kh", w.j, B, w.d, C);
    part(g, &w, "v", "kh", w.j, B, w.e, E);
    scores(g, &w);
    const char *h = w.heads ? "qh, " : "", *t = w.t;
    add(g, piece(g, 's', say(g, "let %so[%s%s: %s, %s: %s] = sum[%s: %s$0](%sp[%s%s, %s] * %sv[%s%s, %s])", t, w.heads ? "qh: 4, " : "", w.i, w.A, w.e, w.E, w.j, w.B, t, h, w.i, w.j, t,
                             w.heads ? "qh // 2, " : "", w.j, w.e),
                 bar(g, &s, 1, 15), NULL));
    if (w.heads)
        add(g, piece(g, 's', say(g, "let %sf[%s: %s, %s: %s] = sum[qh: 4](%so[qh, %s, %s]) * 0.25", t, w.i, w.A, w.e, w.E, t, w.i, w.e), NULL));
    declare(g, arena_printf(g->a, "%s%c", t, w.heads ? 'f' : 'o'), 'f', 2, dims);
    snprintf(text, sizeof text, uses[rng_below(&g->r, sizeof uses / sizeof *uses)], t, w.i, w.j, w.d, g->type, w.A, w.B, w.mask, w.heads ? "1, " : "", w.heads ? "0, " : "", w.E);
    if (*text) {
        add(g, piece(g, 's', arena_printf(g->a, "%s", text), NULL));
        declare(g, arena_printf(g->a, "%su", t), 'f', 1, dims);
    }
}
