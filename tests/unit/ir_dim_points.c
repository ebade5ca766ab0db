/* Points satisfy what was said, and there are several for what programs say. */
#include "ir_dim_test.h"

#include "ir/dim_facts_int.h"

enum { MOST_SAID = 16 };

typedef struct Sayings { Said all[MOST_SAID]; const Said *p[MOST_SAID]; int n; } Sayings;

/* "d == e" or "d >= e", separated by ';'. */
static void say_text(Sayings *s, const char *text)
{
    char part[80];
    for (int used; sscanf(text, " %79[^;]%n", part, &used) == 1; text += used + (text[used] == ';')) {
        char *op = strpbrk(part, "=>");
        ck_assert_ptr_nonnull(op);
        s->all[s->n] = (Said){ .eq = *op == '=' };
        *op = 0;
        s->all[s->n].ge0 = dim_sub(cx, dim(part), dim(op + 2));
        s->p[s->n] = &s->all[s->n];
        s->n++;
    }
}

static const struct { const char *outer, *inner; int least; } rows[] = {
    { "N >= 0", "", 8 },
    { "N >= 0", "i >= 0; N - 1 - i >= 0; N - 1 >= 0", 4 },
    { "N >= 0; D >= 0; H >= 0; D % H == 0", "", 4 },
    { "N >= 0; D >= 0; H >= 0; D % H == 0; (D / H) % 2 == 0", "h >= 0; H - 1 - h >= 0; d >= 0; D / H - 1 - d >= 0", 3 },
    { "S >= 0; T >= 0; S - T - n >= 0", "n >= 0; i >= 0; T - 1 - i >= 0", 2 },
    { "A >= 0; B >= 0; C >= 0; A == B * C; A - 1 >= 0", "", 3 },
    { "N >= 0; 4 * ((2 - N) // 4) - 1 >= 0", "", 0 }, /* contradict one another */
    { "x == 2 * y + 1; x - 7 >= 0", "y - x >= 0", 0 },
};

static void check_row(const Points *p, const Sayings *s)
{
    for (int i = 0; i < s->n && points_count(p); i++) {
        PointSigns at = points_signs(p, s->all[i].ge0);
        ck_assert_msg(!at.below && (!s->all[i].eq || !at.above) && (at.zero || at.above), "%s", dim_text(cx, s->all[i].ge0));
    }
}

START_TEST(points_satisfy_what_was_said)
{
    Sayings outer = { 0 }, inner = { 0 };
    say_text(&outer, rows[_i].outer);
    say_text(&inner, rows[_i].inner);
    const Points *p = points_with(cx, NULL, outer.p, outer.n), *q = points_with(cx, p, inner.p, inner.n);
    check_row(p, &outer);
    check_row(q, &outer);
    check_row(q, &inner);
    ck_assert_int_ge(points_count(q), rows[_i].least);
    ck_assert(rows[_i].least || !points_count(q));
}
END_TEST

/* Signs at the ends of ranges, beyond them, and of numbers of which nothing is said. */
START_TEST(points_refute_what_may_fail)
{
    static const char *const asked[] = { "N - 2 - i", "i - 1", "N - 1", "1000 - N", "1 - i", "x", "-x - 1", "0 - N % M" };
    Sayings s = { 0 };
    say_text(&s, "N >= 0; M - 1 >= 0");
    const Points *p = points_with(cx, NULL, s.p, s.n);
    s.n = 0;
    say_text(&s, "i >= 0; N - 1 - i >= 0");
    sym("i", 1)->index = true;
    const Points *q = points_with(cx, p, s.p, s.n);
    for (size_t k = 0; k < sizeof asked / sizeof *asked; k++)
        ck_assert_msg(points_signs(k == 2 ? p : q, dim(asked[k])).below, "%s", asked[k]);
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("points");
    tcase_add_loop_test(t, points_satisfy_what_was_said, 0, sizeof rows / sizeof *rows);
    tcase_add_test(t, points_refute_what_may_fail);
    return run(t, "dim points");
}
