/* Proofs are never wrong: random systems of facts over small numbers, every point looked at.
 *
 * A point counts if all facts hold there and all expressions have a value. YES: no such point is a counterexample.
 * NO: every such point is one. The share of decided questions is checked too, so that "unknown" everywhere would fail.
 */
#include "ir_dim_random.h"

enum { SYMS = 4, FACTS = 6, CASES = 1500, LEAST = -2, MOST = 5 };

typedef struct Claim { char op; /* l(e) e(q) */ Expr *a, *b; } Claim;

typedef struct System {
    Claim facts[FACTS];
    int n;
    Claim goal;
    Facts *known;
} System;

static bool holds(const Claim *c, bool *has)
{
    int64_t a, b;
    *has = eval_expr(c->a, &a) && eval_expr(c->b, &b);
    return *has && (c->op == 'e' ? a == b : a <= b);
}

static Expr *plus(Expr *e, int64_t v)
{
    return expr('+', e, number(v));
}

static void add_fact(System *s, char op, Expr *a, Expr *b)
{
    s->facts[s->n++] = (Claim){ op, a, b };
    if (op == 'e')
        facts_eq(s->known, dim_of(a), dim_of(b));
    else
        facts_le(s->known, dim_of(a), dim_of(b));
}

static void add_range(System *s, int i, Expr *lo, Expr *hi)
{
    s->facts[s->n++] = (Claim){ 'l', lo, symbol(i) };
    s->facts[s->n++] = (Claim){ 'l', plus(symbol(i), 1), hi };
    facts_range(s->known, syms[i], dim_of(lo), dim_of(hi));
}

static void random_fact(System *s, const char *ops)
{
    switch (rnd(6)) {
    case 0: add_range(s, (int)rnd(SYMS), number(rnd(2)), random_expr(ops, 2)); break;
    case 1: add_fact(s, 'e', random_expr(ops, 1), random_expr(ops, 1)); break;
    case 2: add_fact(s, 'l', number(rnd(3)), symbol((int)rnd(SYMS))); break;
    case 3: add_fact(s, 'e', expr('%', random_expr(ops, 1), random_expr(ops, 0)), number(rnd(2))); break;
    default: add_fact(s, 'l', random_expr(ops, 1), random_expr(ops, 2)); break;
    }
}

/* Half of the goals follow up on a fact, so that there is something to find. */
static Claim random_goal(const System *s, const char *ops)
{
    Claim g = { rnd(4) ? 'l' : 'e', random_expr(ops, 2), random_expr(ops, 2) };
    if (s->n && rnd(2)) {
        Claim f = s->facts[rnd((uint32_t)s->n)];
        char op = "+*fmM%"[rnd(6)];
        Expr *x = random_expr(ops, 1);
        g.a = rnd(2) ? expr(op, f.a, x) : f.a;
        g.b = expr(op, f.b, rnd(4) ? x : random_expr(ops, 1));
    }
    return g;
}

static const char *system_text(const System *s)
{
    Buf b = buf_new(arena);
    for (int i = 0; i < s->n; i++)
        buf_printf(&b, "%s %s %s; ", expr_text(s->facts[i].a), s->facts[i].op == 'e' ? "==" : "<=", expr_text(s->facts[i].b));
    buf_printf(&b, "|- %s %s %s", expr_text(s->goal.a), s->goal.op == 'e' ? "==" : "<=", expr_text(s->goal.b));
    return buf_text(&b);
}

static bool next_point(void)
{
    for (int i = 0; i < SYMS; i++) {
        if (++values[i] <= MOST)
            return true;
        values[i] = LEAST;
    }
    return false;
}

static int check_points(const System *s, Truth t)
{
    int points = 0;
    for (int i = 0; i < SYMS; i++)
        values[i] = LEAST;
    do {
        bool has, good = true;
        for (int i = 0; i < s->n && good; i++)
            good = holds(&s->facts[i], &has);
        if (!good)
            continue;
        bool goal = holds(&s->goal, &has);
        if (!has)
            continue;
        points++;
        ck_assert_msg(goal == (t == YES), "%s: %s, but A=%d B=%d C=%d i=%d", system_text(s), t == YES ? "YES" : "NO",
                      (int)values[0], (int)values[1], (int)values[2], (int)values[3]);
    } while (next_point());
    return points;
}

static const char *const mixes[] = { "+-*", "+-*f", "+-*%", "+*mM-", "+-*/", "+-*f%mM/", "+*f/" };

START_TEST(proofs_are_sound)
{
    int decided = 0, told = 0; /* told: decided, and some point counts */
    seed = 2463534242u + 7919 * (uint64_t)_i;
    some_syms(SYMS);
    for (int n = 0; n < CASES; n++) {
        System s = { .known = facts_new(cx, NULL) };
        for (int i = 0; i < 3 && rnd(8); i++) /* sizes */
            add_fact(&s, 'l', number(0), symbol(i));
        while (s.n < FACTS - 1 && rnd(4))
            random_fact(&s, mixes[_i]);
        s.goal = random_goal(&s, mixes[_i]);
        Dim a = dim_of(s.goal.a), b = dim_of(s.goal.b);
        Truth t = s.goal.op == 'e' ? facts_prove_eq(s.known, a, b) : facts_prove_le(s.known, a, b);
        if (t == UNKNOWN)
            continue;
        decided++;
        told += check_points(&s, t) > 0;
    }
    ck_assert_msg(told > CASES / 12, "only %d of %d decided questions", told, decided);
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("sound");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, proofs_are_sound, 0, (int)(sizeof mixes / sizeof *mixes));
    return run(t, "dim proofs");
}
