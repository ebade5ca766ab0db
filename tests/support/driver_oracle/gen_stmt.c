/* gen_stmt.c - statements of a program. */
#include "gen_int.h"

static void statement(Gen *g, Node *n)
{
    n->sort = 's';
    if (g->p->nstmts < GEN_STMTS)
        g->p->stmts[g->p->nstmts++] = n;
}

Var *declare(Gen *g, const char *name, char kind, int rank, const int *dims)
{
    Var *v = &g->vars[g->nvars++];
    *v = (Var){ .name = name, .kind = kind, .rank = rank };
    if (rank)
        memcpy(v->dims, dims, sizeof(int) * (size_t)rank);
    return v;
}

/* New indices over some dims; `subs` is how they stand in brackets. */
static Scope axes(Gen *g, int rank, int *dims, Buf *subs)
{
    Scope s = { 0 };
    for (int i = 0; i < rank; i++) {
        dims[i] = dim_within(g, &s, 5000);
        s.dim[i] = dims[i];
        s.name[i] = fresh(g, "i");
        s.n = i + 1;
        buf_printf(subs, "%s%s: %s", i ? ", " : "", s.name[i], dim_names[dims[i]]);
    }
    s.n = rank;
    return s;
}

static Node *typed(Gen *g, Node *e)
{
    return g->p->dtype == DT_f32 ? e : piece(g, '-', say(g, "%s($0)", g->type), e, NULL);
}

/* softmax and its like along one of the axes */
static Node *pointwise(Gen *g, const Scope *s, int depth)
{
    static const char *const ops[] = { "softmax", "softmax", "log_softmax", "cumsum", "cummax", "cumprod", "softmax" };
    int k = rng_below(&g->r, s->n), op = rng_below(&g->r, 7);
    Scope last = *s; /* the guard prefers the last index */
    last.name[s->n - 1] = s->name[k], last.dim[s->n - 1] = s->dim[k];
    last.name[k] = s->name[s->n - 1], last.dim[k] = s->dim[s->n - 1];
    Node *body = random_expr(g, s, depth - 1), *when = bar(g, &last, 1, 60);
    const char *name = g->npoint && chance(g, 30) ? say(g, "q%d", rng_below(&g->r, g->npoint)) : ops[op];
    const char *arg = op == 5 ? "(1 + 0.1 * tanh($0))" : "clip($0, -20, 20)";
    Node *n = piece(g, '-', say(g, "%s[%s$1](%s)", name, s->name[k], arg), body, when, NULL);
    if (op == 2 && *name == 'l')
        return piece(g, 'f', "max($0, -60)", n, NULL);
    return chance(g, 20) ? piece(g, 'f', "$0 + $1", n, random_expr(g, s, 1), NULL) : n;
}

static void tensor_let(Gen *g)
{
    int dims[3], rank = 1 + rng_below(&g->r, 3);
    Buf subs = buf_new(g->a);
    Scope s = axes(g, rank, dims, &subs);
    Node *e = chance(g, 20) ? pointwise(g, &s, 3) : random_expr(g, &s, 3);
    const char *name = fresh(g, "t");
    statement(g, piece(g, 's', say(g, "let %s[%s] = $0", name, buf_text(&subs)), typed(g, e), NULL));
    declare(g, name, 'f', rank, dims);
}

/* scores, a masked softmax over their last axis, and the weighted mean: attention with whatever comes to mind. */
static void attention(Gen *g)
{
    int dims[3];
    Buf subs = buf_new(g->a);
    Scope s = axes(g, 2, dims, &subs);
    const char *scores = fresh(g, "s"), *weights = fresh(g, "p"), *out = fresh(g, "o"), *i = s.name[0], *j = s.name[1], *b = buf_text(&subs);
    statement(g, piece(g, 's', say(g, "let %s[%s] = $0", scores, b), typed(g, random_expr(g, &s, 2)), NULL));
    statement(g, piece(g, 's', say(g, "let %s[%s] = softmax[%s$0](clip(%s[%s, %s], -20, 20))", weights, b, j, scores, i, j), bar(g, &s, 1, 70), NULL));
    declare(g, scores, 'f', 2, dims);
    declare(g, weights, 'f', 2, dims);
    const Var *v = some_var(g, &s, "f");
    statement(g, piece(g, 's', say(g, "let %s[%s: %s] = sum[%s: %s](%s[%s, %s] * $0)", out, i, dim_names[dims[0]], j, dim_names[dims[1]], weights, i, j),
                       read_of(g, &s, v), NULL));
    declare(g, out, 'f', 1, dims);
}

/* The same by hand: reductions that read one another. */
static void cascade(Gen *g)
{
    int dims[3];
    Buf subs = buf_new(g->a);
    Scope s = axes(g, 2, dims, &subs);
    const char *x = fresh(g, "x"), *m = fresh(g, "m"), *e = fresh(g, "e"), *z = fresh(g, "z"), *y = fresh(g, "y"), *i = s.name[0], *j = s.name[1];
    const char *di = dim_names[dims[0]], *dj = dim_names[dims[1]], *b = buf_text(&subs);
    Node *when = bar(g, &s, 1, 50);
    statement(g, piece(g, 's', say(g, "let %s[%s] = $0", x, b), typed(g, random_expr(g, &s, 2)), NULL));
    statement(g, piece(g, 's', say(g, "let %s[%s: %s] = clip(max[%s: %s$0](%s[%s, %s]), -30, 30)", m, i, di, j, dj, x, i, j), when, NULL));
    statement(g, piece(g, 's', say(g, "let %s[%s] = exp(min(%s[%s, %s] - %s[%s], 1))", e, b, x, i, j, m, i), NULL));
    statement(g, piece(g, 's', say(g, "let %s[%s: %s] = sum[%s: %s$0](%s[%s, %s])", z, i, di, j, dj, e, i, j), when, NULL));
    declare(g, x, 'f', 2, dims);
    statement(g, piece(g, 's', say(g, "let %s[%s: %s] = sum[%s: %s$1](%s[%s, %s] * $0) / (%s[%s] + 0.125)", y, i, di, j, dj, e, i, j, z, i),
                       read_of(g, &s, some_var(g, &s, "f")), when, NULL));
    declare(g, y, 'f', 1, dims);
}

static void scalar_let(Gen *g)
{
    Scope none = { 0 };
    const char *name = fresh(g, "c");
    Node *e = chance(g, 70) ? reduction(g, &none, 3) : random_expr(g, &none, 2);
    statement(g, piece(g, 's', say(g, "let %s: %s = $0", name, g->type), e, NULL));
    declare(g, name, 'f', 0, NULL);
}

/* ---- loops ------------------------------------------------------------------------------------------------------------ */

/* One statement about tensor `w` and scalar `u` with the loop's index in scope. */
static Node *change(Gen *g, const Scope *s, const Var *w, const char *u, int depth)
{
    const char *t = s->name[s->n - 1];
    Node *at = place(g, s, w->dims[0]);
    switch (rng_below(&g->r, depth > 0 ? 9 : 5)) {
    case 0: return piece(g, 's', say(g, "%s[$0] = $1", w->name), at, random_expr(g, s, 2), NULL);
    case 1: return piece(g, 's', say(g, "%s[$0] += $1", w->name), at, random_expr(g, s, 1), NULL);
    case 2: return piece(g, 's', say(g, "%s = %s * 0.5 + $0", u, u), random_expr(g, s, 2), NULL);
    case 3: return piece(g, 's', say(g, "%s = tanh(%s * 0.5 + $0)", w->name, w->name), number(g), NULL);
    case 4: return piece(g, 's', "if $0 { continue }", random_guard(g, s, 2), NULL);
    case 5: return piece(g, 's', "if $0 { break }", random_guard(g, s, 2), NULL);
    case 6: return piece(g, 's', "if $0 { $1 } else { $2 }", random_guard(g, s, 2), change(g, s, w, u, depth - 1), change(g, s, w, u, depth - 1), NULL);
    case 7: {
        Scope in = inside(g, s, dim_within(g, s, 5000));
        return piece(g, 's', say(g, "for %s in 0..%s { $0 }", in.name[in.n - 1], dim_names[in.dim[in.n - 1]]), change(g, &in, w, u, depth - 1), NULL);
    }
    default: {
        int d = dim_within(g, s, 5000), vars = g->nvars;
        Scope in = inside(g, s, d);
        const char *q = fresh(g, "y");
        Node *e = random_expr(g, &in, 2);
        declare(g, q, 'f', 1, &d);
        Node *n = piece(g, 's', say(g, "let %s[%s: %s] = $0; %s[$1] = %s($2)", q, in.name[in.n - 1], dim_names[d], w->name, g->type), typed(g, e), at,
                        reduction(g, s, 2), NULL);
        g->nvars = vars;
        (void)t;
        return n;
    }
    }
}

/* A variable that a loop changes: whole, by element, or under a condition. */
static void loop(Gen *g)
{
    int dims[3];
    Buf subs = buf_new(g->a);
    Scope s = axes(g, 1, dims, &subs), in = { 0 };
    const char *name = fresh(g, "w"), *u = fresh(g, "u"), *t = fresh(g, "n");
    statement(g, piece(g, 's', say(g, "var %s[%s] = $0", name, buf_text(&subs)), typed(g, random_expr(g, &s, 2)), NULL));
    Var w = *declare(g, name, 'm', 1, dims);
    statement(g, piece(g, 's', say(g, "var %s: %s = $0", u, g->type), number(g), NULL));
    declare(g, u, 'm', 0, NULL);
    in.n = 1;
    in.name[0] = t;
    in.dim[0] = dims[0];
    bool is_while = chance(g, 35);
    Node *body[3];
    for (int i = 0; i < 3; i++) {
        body[i] = i == 0 || chance(g, 60) ? change(g, &in, &w, u, 2) : piece(g, '-', "", NULL);
        if (is_while && !strncmp(body[i]->text, "if $0 { continue", 16)) /* it would not end */
            body[i] = piece(g, '-', "", NULL);
    }
    const char *d = dim_names[dims[0]];
    if (is_while)
        statement(g, piece(g, 's', say(g, "var %s_ = 0\n    while %s_ < %s {\n        let %s = %s_\n        %s_ += 1\n        $0\n        $1\n        $2\n    }", t, t, d, t, t, t),
                           body[0], body[1], body[2], NULL));
    else
        statement(g, piece(g, 's', say(g, "for %s in 0..%s {\n        $0\n        $1\n        $2\n    }", t, d), body[0], body[1], body[2], NULL));
}

static void condition(Gen *g)
{
    Scope none = { 0 };
    const char *u = fresh(g, "u");
    const char *y = fresh(g, "l"); /* a function value that reads what is around it */
    statement(g, piece(g, 's', say(g, "let %s = fn(y: %s) = tanh(y + $0)", y, g->type), random_expr(g, &none, 1), NULL));
    statement(g, piece(g, 's', say(g, "var %s: %s = %s(%s($0))", u, g->type, y, g->type), random_expr(g, &none, 1), NULL));
    statement(g, piece(g, 's', say(g, "if $0 { %s = $1 } else { %s += $2 }", u, u), random_guard(g, &none, 2), random_expr(g, &none, 2), random_expr(g, &none, 2), NULL));
    declare(g, u, 'm', 0, NULL);
}

/* ---- recurrences --------------------------------------------------------------------------------------------------------- */

/* Of a recurrence only its last place (or one near it) is read. */
static void only_last(Gen *g, const char *a, int rank, const int *dims, bool backwards)
{
    const char *l = fresh(g, "l"), *j = fresh(g, "i"), *d = dim_names[dims[0]];
    int near = rng_below(&g->r, 3);
    const char *at = backwards ? say(g, "%d", near) : say(g, "%s - %d", d, 1 + near);
    if (rank == 1)
        statement(g, piece(g, 's', say(g, "let %s = (%s[%s] ?? 0.0)", l, a, at), NULL));
    else
        statement(g, piece(g, 's', say(g, "let %s[%s: %s] = (%s[%s, %s] ?? 0.0)", l, j, dim_names[dims[1]], a, at, j), NULL));
    declare(g, l, 'f', rank - 1, dims + 1);
}

static void recurrence(Gen *g)
{
    int dims[3];
    Buf subs = buf_new(g->a);
    int rank = 1 + rng_below(&g->r, 2);
    Scope s = axes(g, rank, dims, &subs);
    const char *a = fresh(g, "ra"), *b = fresh(g, "rb"), *i = s.name[0], *j = rank > 1 ? s.name[1] : NULL, *sub = buf_text(&subs);
    bool ahead = chance(g, 40), last = chance(g, 40);
    const char *at = ahead ? say(g, "%s + 1", i) : say(g, "%s - %d", i, 1 + rng_below(&g->r, 2)), *before = j ? say(g, "%s, %s", at, j) : at;
    switch (rng_below(&g->r, rank == 2 ? 4 : 3)) {
    case 0:
    case 1:
        statement(g, piece(g, 's', say(g, "rec %s[%s] = %s(0.5 * (%s[%s] ?? %s($0)) + $1)", a, sub, g->type, a, before, g->type), number(g), random_expr(g, &s, 2), NULL));
        break;
    case 2:
        statement(g, piece(g, 's', say(g, "rec {\n        %s[%s] = %s(0.5 * (%s[%s] ?? %s($0)) + $1)\n        %s[%s] = %s(tanh((%s[%s] ?? %s(0)) - 0.25 * (%s[%s] ?? %s(1))))\n    }", a, sub,
                                       g->type, b, before, g->type, b, sub, g->type, a, before, g->type, b, before, g->type),
                           number(g), random_expr(g, &s, 2), NULL));
        if (last)
            only_last(g, b, rank, dims, ahead);
        else
            declare(g, b, 'f', rank, dims);
        break;
    default:
        statement(g, piece(g, 's', say(g, "rec %s[%s] = if %s == 0 or %s == 0 { %s($0) } else { %s(0.4 * %s[%s - 1, %s] - 0.3 * %s[%s, %s - 1]) }", a, sub, i, j, g->type, g->type, a, i, j,
                                       a, i, j),
                           random_expr(g, &s, 1), NULL));
        ahead = false;
    }
    if (last)
        only_last(g, a, rank, dims, ahead);
    else
        declare(g, a, 'f', rank, dims);
}

/* ---- whole tensors --------------------------------------------------------------------------------------------------------- */

bool random_tensor(Gen *g, int rank, Var *copy)
{
    const Var *found[160];
    int n = 0;
    for (int i = 0; i < g->nvars; i++)
        if (strchr("fm", g->vars[i].kind) && g->vars[i].rank == rank)
            found[n++] = &g->vars[i];
    if (n)
        *copy = *found[rng_below(&g->r, n)];
    return n > 0;
}

static void whole_of_two(Gen *g, const Var *v)
{
    static const char *const forms[] = { "softmax(clip(%s, -9, 9), axis: 1)", "%s * 0.5 + 1", "tanh(%s)", "%s - mean(%s, axis: 0)", "cumsum(%s, axis: 0)",
                                         "cummax(%s, axis: 1)", "clip(%s, -1, 1) * %s", "%s[::-1 + 2]", "max(%s, 0.25)" };
    static const char *const along[] = { "sum(%s, axis: 0)", "max(%s, axis: 0)", "mean(%s, axis: 0)", "%s[0]", "%s[-1]" };
    const char *t = fresh(g, "t"), *x = v->name;
    int swapped[2] = { v->dims[1], v->dims[0] };
    switch (rng_below(&g->r, 6)) {
    case 0:
        statement(g, piece(g, 's', say(g, "let %s = %s", t, chance(g, 50) ? say(g, "%s.T", x) : say(g, "permute(%s, 1, 0)", x)), NULL));
        declare(g, t, 'f', 2, swapped);
        break;
    case 1:
        statement(g, piece(g, 's', say(g, "let %s = %s @ %s.T", t, x, x), NULL));
        declare(g, t, 'f', 2, (int[]){ v->dims[0], v->dims[0] });
        break;
    case 2: {
        const char *form = along[rng_below(&g->r, 5)];
        statement(g, piece(g, 's', say(g, "let %s: %s[%s] = %s", t, g->type, dim_names[v->dims[1]], arena_printf(g->a, form, x)), NULL));
        declare(g, t, 'f', 1, v->dims + 1);
        break;
    }
    case 3:
        statement(g, piece(g, 's', say(g, "let %s = concat(%s[:, 1:], %s[:, :1], axis: 1)", t, x, x), NULL));
        statement(g, piece(g, 's', say(g, "let %s_ = reshape(%s, %s, %s)", t, t, dim_names[v->dims[0]], dim_names[v->dims[1]]), NULL));
        declare(g, arena_printf(g->a, "%s_", t), 'f', 2, v->dims);
        break;
    case 4:
        statement(g, piece(g, 's', say(g, "let (%s, %s_) = sort(%s, axis: -1)", t, t, x), NULL));
        declare(g, t, 'f', 2, v->dims);
        break;
    default: {
        const char *form = forms[rng_below(&g->r, 9)];
        if (strchr(form, ':') && strstr(form, "-1 + 2"))
            form = "%s[:, :]";
        statement(g, piece(g, 's', say(g, "let %s = %s(%s)", t, g->type, arena_printf(g->a, form, x, x)), NULL));
        declare(g, t, 'f', 2, v->dims);
    }
    }
}

static void whole_of_one(Gen *g, const Var *v)
{
    const char *t = fresh(g, "t"), *x = v->name, *d = dim_names[v->dims[0]];
    switch (rng_below(&g->r, 5)) {
    case 0:
        statement(g, piece(g, 's', say(g, "let %s = concat(%s[%s // 2 :], %s[: %s // 2], axis: 0)", t, x, d, x, d), NULL));
        statement(g, piece(g, 's', say(g, "let %s_ = reshape(%s, %s)", t, t, d), NULL));
        declare(g, arena_printf(g->a, "%s_", t), 'f', 1, v->dims);
        return;
    case 1:
        statement(g, piece(g, 's', say(g, "let %s = Pair(%s, u: %s, s: $0)", t, d, x), number(g), NULL));
        statement(g, piece(g, 's', say(g, "let %s_ = %s.u * %s.s", t, t, t), NULL));
        declare(g, arena_printf(g->a, "%s_", t), 'f', 1, v->dims);
        return;
    case 2: statement(g, piece(g, 's', say(g, "let %s[i: %s] = %s([%s[i], $0, $1][i %% 3])", t, d, g->type, x), number(g), number(g), NULL)); break;
    case 3: statement(g, piece(g, 's', say(g, "let %s[i: %s] ~ normal(0, 1, key: fold(key(7), i))", t, d), NULL)); break;
    default: statement(g, piece(g, 's', say(g, "let %s[i: %s] = %s(sum[j: %s | j // 2 == i %% 4](%s[j]))", t, d, g->type, d, x), NULL)); break;
    }
    if (g->p->dtype == DT_f32 || strstr(g->p->stmts[g->p->nstmts - 1]->text, "~") == NULL)
        declare(g, t, 'f', 1, v->dims);
    else
        declare(g, t, 'o', 1, v->dims);
}

static void whole(Gen *g)
{
    int rank = 1 + rng_below(&g->r, 2);
    Var copy;
    if (!random_tensor(g, rank, &copy))
        return;
    if (rank == 2)
        whole_of_two(g, &copy);
    else
        whole_of_one(g, &copy);
}

/* ---- segments, calls with `var` ---------------------------------------------------------------------------------------------- */

static void segment(Gen *g)
{
    const Var *n = NULL;
    for (int i = 0; i < g->nvars; i++)
        if (g->vars[i].kind == 'n' && g->vars[i].rank == 1)
            n = &g->vars[i];
    if (!n)
        return;
    int d[2] = { some_dim(g), dim_within(g, &(Scope){ 0 }, 300) }, from = n->dims[0];
    bool two = chance(g, 40); /* an axis beside that of the segments */
    const char *t = fresh(g, "t"), *i = fresh(g, "i"), *l = fresh(g, "i"), *j = fresh(g, "k"), *ops[] = { "sum", "sum", "max", "count", "min", "mean", "argmax" };
    const char *op = ops[rng_below(&g->r, 7)], *other = two ? say(g, ", %s: %s", l, dim_names[d[1]]) : "";
    Scope s = { 2 + two, { d[0], two ? d[1] : from, from }, { i, two ? l : j, j } };
    Node *e = *op == 'c' ? random_guard(g, &s, 1) : random_expr(g, &s, 2);
    Node *more = chance(g, 30) ? piece(g, 'g', " and $0", random_guard(g, &s, 1), NULL) : piece(g, '-', "", NULL);
    statement(g, piece(g, 's', say(g, "let %s[%s: %s%s] = %s(clip(%s[%s: %s | %s[%s] == %s$1]($0), -40, 40))", t, i, dim_names[d[0]], other, g->type, op, j,
                                   dim_names[from], n->name, j, i),
                       e, more, NULL));
    declare(g, t, 'f', 1 + two, d);
}

static void inout_call(Gen *g)
{
    const Var *found = NULL;
    for (int i = 0; i < g->nvars; i++)
        if (g->vars[i].kind == 'm' && g->vars[i].rank == 1)
            found = &g->vars[i];
    if (!found || !g->ninout)
        return;
    const char *c = fresh(g, "c"), *name = found->name;
    Scope none = { 0 };
    Node *e = random_expr(g, &none, 1);
    statement(g, piece(g, 's', say(g, "let %s = clip(p%d(var %s, $0), -9, 9)", c, rng_below(&g->r, g->ninout), name), e, NULL));
    declare(g, c, 'f', 0, NULL);
}

void some_statement(Gen *g)
{
    static void (*const makers[])(Gen *) = { attention, cascade, loop, recurrence, whole, segment, inout_call, condition, form, scalar_let, tensor_let, tensor_let, tensor_let, stream };
    static void (*const of_policy[POLICY_all])(Gen *) = {
        [POLICY_attention] = attention, [POLICY_cascade] = cascade, [POLICY_loop] = loop, [POLICY_recurrence] = recurrence, [POLICY_whole] = whole, [POLICY_gather] = segment, [POLICY_form] = form, [POLICY_block] = block, [POLICY_stream] = stream, [POLICY_fault] = fault,
    };
    void (*own)(Gen *) = of_policy[g->p->policy];
    if (g->nvars > 120)
        return;
    (own && chance(g, g->p->policy == POLICY_block || g->p->policy == POLICY_fault ? 100 : 55) ? own : makers[rng_below(&g->r, 14)])(g);
}
