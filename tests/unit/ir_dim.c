/* Normal forms of dims: what is equal is one, texts, values, structure, solving, substitution, limits. */
#include "ir_dim_random.h"

#include <limits.h>

/* ---- texts ---- */

static const struct { const char *given, *text; } texts[] = {
    { "0", "0" }, { "-3", "-3" }, { "T - T", "0" }, { "1 + 2 * R", "2 * R + 1" }, { "i + S - T", "i + S - T" },
    { "0 - T + S", "S - T" }, { "1 - T", "1 - T" }, { "-T - S", "-T - S" }, { "-T", "-T" }, { "3 * T * -1", "-3 * T" },
    { "T * T * T", "T ^ 3" }, { "(T + 1) ^ 2", "T ^ 2 + 2 * T + 1" }, { "(T + S) * (T - S)", "T ^ 2 - S ^ 2" },
    { "h * K + d", "h * K + d" },
    /* exact division */
    { "D / H", "D / H" }, { "H * (D / H)", "D" }, { "D / H * H", "D" }, { "2 * (K / 2)", "K" }, { "K - K / 2", "K / 2" },
    { "D / H / 2", "D / (2 * H)" }, { "D / (H / G)", "D * G / H" }, { "(D / H) * (E / F)", "D * E / (H * F)" },
    { "H * (D / H) * (E / H)", "D * E / H" }, { "(D * E) / (H * E)", "D / H" }, { "-(D / H)", "-(D / H)" },
    { "T - D / H", "T - D / H" }, { "(N / P) ^ 2 + 1", "(N / P) ^ 2 + 1" }, { "P * (N / P) ^ 2", "N ^ 2 / P" },
    { "P ^ 2 * (N / P) ^ 2", "N ^ 2" }, { "(D + E) / 2", "(D + E) / 2" }, { "(2 * D + 4 * E) / 2", "D + 2 * E" },
    { "(D * H + H) / H", "D + 1" }, { "(D + H) / H", "D / H + 1" }, { "3 * K / 4", "3 * K / 4" }, { "6 / 3", "2" },
    { "D / (H + 1)", "D / (H + 1)" }, { "D / (H + 1) * (H + 1)", "D" }, { "(H ^ 2 - 1) / (H + 1)", "H - 1" },
    { "D / (2 * H + 2) * (H + 1)", "D / 2" }, { "D * H / (H + 1) + D / (H + 1)", "D" }, { "D / -2", "-(D / 2)" },
    { "D / (H * E + H)", "D / (H * E + H)" }, { "D / (H * E + H) * H", "D / (E + 1)" }, { "D / (H / G + 1)", "D * G / (H + G)" },
    { "D / (E / (H + 1) + 1)", "(D * H + D) / (E + H + 1)" }, { "D / H + K / 2", "(H * K + 2 * D) / (2 * H)" },
    /* floor division */
    { "h // (H / G)", "h // (H / G)" }, { "7 // 2", "3" }, { "-7 // 2", "-4" }, { "7 // -2", "-4" }, { "x // 1", "x" },
    { "x // -1", "-x" }, { "(h * K + d) // K", "h + d // K" }, { "(4 * x + y) // 2", "2 * x + y // 2" },
    { "(x + 5) // 2", "(x + 1) // 2 + 2" }, { "(x - 1) // 2", "(x + 1) // 2 - 1" }, { "x // 2 // 3", "x // 6" },
    { "(x // 2 + y) // 3", "(x + 2 * y) // 6" }, { "(H * x) // (H * y)", "x // y" }, { "(2 * x) // 4", "x // 2" },
    { "x // -y", "(-x) // y" }, { "H // G * T", "T * (H // G)" }, { "-(H // G)", "-(H // G)" }, { "(-H) // G", "(-H) // G" },
    { "D // (D / H)", "H" }, { "x // (y // z)", "x // (y // z)" }, { "x * y // z", "x * y // z" }, { "x // y // z", "x // y // z" },
    { "(x + y) // z", "(x + y) // z" }, { "x // y ^ 2", "x // y ^ 2" }, { "(x // y) ^ 2", "(x // y) ^ 2" }, { "1 // T", "1 // T" },
    /* remainders */
    { "7 % 2", "1" }, { "-7 % 2", "1" }, { "7 % -2", "-1" }, { "x % 1", "0" }, { "(h * K + d) % K", "d % K" },
    { "(x + 5) % 2", "(x + 1) % 2" }, { "(2 * x) % 4", "2 * (x % 2)" }, { "(H * x) % (H * y)", "H * (x % y)" }, { "x % -y", "-((-x) % y)" },
    { "K % 2", "K % 2" }, { "(D / H) % 2", "D / H % 2" }, { "x % y % z", "x % y % z" }, { "(T * K) % K", "0" },
    /* least and greatest */
    { "min(3, 5)", "3" }, { "max(3, 5)", "5" }, { "min(T, T)", "T" }, { "min(T, T + 1)", "T" }, { "max(T, T + 1)", "T + 1" },
    { "min(min(T, S), min(S, 4))", "min(T, min(S, 4))" }, { "max(T, 0) + 1", "max(T, 0) + 1" },
    { "min(T + 2, min(S, T))", "min(T, S)" }, { "2 * min(T, S)", "2 * min(T, S)" }, { "min(T - 1, S) // 2", "min(T - 1, S) // 2" },
    { "0 * x + clip(x, -R, R) + R", "R + max(-R, min(x, R))" },
};

START_TEST(normal_forms_have_stable_texts)
{
    Dim d = dim(texts[_i].given);
    ck_assert_str_eq(dim_text(cx, d), texts[_i].text);
    ck_assert_ptr_eq(dim(texts[_i].text), d);
}
END_TEST

static const struct { const char *a, *b; } equals[] = {
    { "min(T, S)", "min(S, T)" }, { "min(T, min(S, N))", "min(min(N, T), S)" }, { "(a + b) + c", "c + (b + a)" },
    { "(a + b) * (c + d)", "a * c + a * d + b * c + b * d" }, { "G * (H / G)", "H" }, { "H / G * (D / H)", "D / G" },
    { "(T + S) / H", "S / H + T / H" }, { "x % y + y * (x // y) - x % y", "y * (x // y)" },
};

START_TEST(equal_forms_are_one)
{
    ck_assert_ptr_eq(dim(equals[_i].a), dim(equals[_i].b));
}
END_TEST

/* The text depends on the order of symbols, not on what else was made before. */
START_TEST(texts_do_not_depend_on_history)
{
    static const char *const made[] = { "min(B // A, A % B)", "B % A + A // B + B", "max(A * B, B // 2) - A" };
    char first[3][80];
    for (int turn = 0; turn < 2; turn++) {
        teardown();
        setup();
        dim("A + B");
        if (turn)
            dim("B // 2 + A % B * (A // B) - max(B // 2, A * B) + B // A");
        for (int i = 0; i < 3; i++) {
            const char *t = dim_text(cx, dim(made[turn ? 2 - i : i]));
            if (turn)
                ck_assert_str_eq(t, first[2 - i]);
            else
                snprintf(first[i], sizeof first[i], "%s", t);
        }
    }
}
END_TEST

/* ---- random expressions ---- */

/* The value of a Dim by its structure, as code is emitted from it. */
static bool value_of_terms(Dim d, int64_t *v);

static bool value_of_atom(const DimAtom *a, int64_t *v)
{
    static const char ops[] = { [DA_FLOORDIV] = 'f', [DA_MOD] = '%', [DA_EXACTDIV] = '/', [DA_MIN] = 'm', [DA_MAX] = 'M' };
    int64_t x, y;
    if (a->kind == DA_SYM)
        return value_of(NULL, a->sym, v);
    if (!value_of_terms(a->a, &x) || !value_of_terms(a->b, &y))
        return false;
    return eval_expr(expr(ops[a->kind], number(x), number(y)), v);
}

static bool value_of_terms(Dim d, int64_t *v)
{
    const DimTerm *t;
    int n = dim_terms(d, &t);
    *v = 0;
    for (int i = 0; i < n; i++) {
        int64_t x = t[i].coef, y;
        ck_assert(x != 0 && (t[i].nfactors || i == n - 1));
        for (int k = 0; k < t[i].nfactors; k++) {
            ck_assert_int_gt(t[i].factors[k].power, 0);
            if (!value_of_atom(t[i].factors[k].atom, &y))
                return false;
            for (int p = 0; p < t[i].factors[k].power; p++)
                x *= y;
        }
        *v += x;
    }
    return true;
}

static void check_values(const Expr *e, Dim d, const Expr *back)
{
    int64_t want, got = 0;
    for (int point = 0; point < 12; point++) {
        random_point(-3, 9);
        if (!eval_expr(e, &want))
            continue;
        ck_assert_msg(dim_eval(d, value_of, NULL, &got) && got == want, "%s = %s: %" PRId64 ", not %" PRId64,
                      expr_text(e), dim_text(cx, d), got, want);
        ck_assert_msg(eval_expr(back, &got) && got == want, "%s as text", dim_text(cx, d));
        ck_assert_msg(value_of_terms(d, &got) && got == want, "%s as terms", dim_text(cx, d));
    }
}

/* Products of divisors with several terms have several forms: their factors are not looked for. */
static bool divides_by_sum(const char *text)
{
    for (const char *p = text; (p = strstr(p, "/ (")) != NULL;) {
        int depth = 0;
        for (p += 2; *p && (depth += (*p == '(') - (*p == ')')) > 0; p++)
            if (*p == '+' || *p == '-')
                return true;
    }
    return false;
}

static const char *const mixes[] = { "+-*", "+-*f%", "+-*/", "+-*mM", "+-*^f%/mM", "+*ff%%", "+-//^*" };

START_TEST(random_expressions_keep_their_values)
{
    seed = 88172645463325252u + (uint64_t)_i;
    some_syms(4);
    int poison = 0;
    for (int n = 0; n < 1500; n++) {
        Expr *e = random_expr(mixes[_i], 2 + (int)rnd(3));
        Dim d = dim_of(e);
        if (dim_is_poison(d)) { /* 3 / 2, x // 0: no value anywhere */
            int64_t v;
            for (int point = 0; point < 5; point++) {
                random_point(-3, 9);
                ck_assert_msg(!eval_expr(e, &v), "%s is poison", expr_text(e));
            }
            poison++;
            continue;
        }
        const Expr *back = expr_of(dim_text(cx, d));
        ck_assert_msg(dim_of(back) == d || divides_by_sum(dim_text(cx, d)), "%s is read back as %s", dim_text(cx, d), dim_text(cx, dim_of(back)));
        check_values(e, d, back);
    }
    ck_assert_int_lt(poison, 700);
}
END_TEST

/* Sums of products, added up in another order and association, are the same pointer. */
START_TEST(order_of_operations_does_not_matter)
{
    seed = 4101842887655102017u;
    some_syms(4);
    for (int n = 0; n < 300; n++) {
        Dim p[6], a = dim_const(cx, 0), b = a;
        int count = 2 + (int)rnd(5);
        for (int i = 0; i < count; i++)
            p[i] = dim_of(random_expr("+-*/f%m", 2));
        for (int i = 0; i < count; i++)
            a = dim_add(cx, a, dim_mul(cx, p[i], p[(i + 1) % count]));
        for (int i = count - 1; i >= 0; i--)
            b = dim_add(cx, dim_mul(cx, p[(i + 1) % count], p[i]), b);
        ck_assert(a == b || dim_is_poison(a));
        ck_assert(dim_is_poison(a) || dim_sub(cx, a, b) == dim_const(cx, 0));
    }
}
END_TEST

static Dim by_sum(void *user, DimSym *s)
{
    (void)user;
    return s == syms[0] ? dim("2 * B + C") : s == syms[1] ? dim("C + 3") : NULL; /* A, B; C stays */
}

START_TEST(substitution_is_evaluation_elsewhere)
{
    seed = 1234567890123u;
    some_syms(4);
    for (int n = 0; n < 1500; n++) {
        Dim d = dim_of(random_expr("+-*f%/mM", 3)), e = dim_subst(cx, d, by_sum, NULL);
        int64_t want, got, *v = values;
        random_point(1, 9);
        int64_t a = 2 * v[1] + v[2], b = v[2] + 3, old[] = { v[0], v[1] };
        v[0] = a, v[1] = b;
        bool has = dim_eval(d, value_of, NULL, &want);
        v[0] = old[0], v[1] = old[1];
        if (has)
            ck_assert_msg(dim_eval(e, value_of, NULL, &got) && got == want, "%s -> %s", dim_text(cx, d), dim_text(cx, e));
        if (!dim_is_poison(e))
            ck_assert_msg(!dim_mentions(e, syms[0]), "%s", dim_text(cx, e));
    }
}
END_TEST

/* ---- solving ---- */

static const struct { const char *lhs, *rhs, *sym, *out, *divisor; } solved[] = {
    { "2 * R + 1", "N", "R", "(N - 1) / 2", "2" }, { "H * K", "D", "K", "D / H", "H" }, { "D / H", "K", "D", "H * K", NULL },
    { "D / H", "K", "H", "D / K", "K" }, { "T + S", "N", "S", "N - T", NULL }, { "H * K", "3 * H", "K", "3", NULL },
    { "2 * R", "4 * M", "R", "2 * M", NULL }, { "T", "T", "T", NULL, NULL }, { "T * T", "N", "T", NULL, NULL },
    { "T // 2", "N", "T", NULL, NULL }, { "T + T % 2", "N", "T", NULL, NULL }, { "N - T", "S", "T", "N - S", NULL },
    { "H * K + K", "D", "K", "D / (H + 1)", "H + 1" }, { "S", "0", "S", "0", NULL }, { "S * T", "3 * S", "S", "0", "T - 3" }, { "T / 2 + 1", "S", "T", "2 * S - 2", NULL },
    { "(Y - K) // 2", "N", "Y", NULL, NULL }, { "-T", "S", "T", "-S", NULL }, { "5", "N", "T", NULL, NULL },
    { "4 * D", "V + 2", "D", "(V + 2) / 4", "4" }, { "min(T, S)", "4", "T", NULL, NULL },
};

START_TEST(linear_equations_are_solved)
{
    Dim out, divisor;
    Dim lhs = dim(solved[_i].lhs), rhs = dim(solved[_i].rhs);
    bool yes = dim_solve(cx, lhs, rhs, sym(solved[_i].sym, 1), &out, &divisor);
    ck_assert_int_eq(yes, solved[_i].out != NULL);
    if (!yes)
        return;
    ck_assert_ptr_eq(out, dim(solved[_i].out));
    ck_assert_ptr_eq(divisor, solved[_i].divisor ? dim(solved[_i].divisor) : NULL);
}
END_TEST

/* ---- limits ---- */

static const char *const overflows[] = {
    "9223372036854775807 + 1", "4611686018427387904 * 2", "9223372036854775807 * T + T", "T // 0", "T % 0", "T / 0", "T / (S - S)",
    "3 / 2", "(T + 9223372036854775807) + 1", "(4611686018427387904 * T) * (2 * S)", "(T + S + N + M + 1) ^ 40", "T ^ 100",
};

/* x = max(x + a, x + b - x // 3): twice as many symbols each time, though few of its parts are new. */
START_TEST(what_would_be_written_with_too_many_symbols_is_poison)
{
    Dim x = dim("a"), y = dim("b"), three = dim_const(cx, 3);
    int steps = 0;
    for (; !dim_is_poison(x) && steps < 100; steps++)
        x = dim_max(cx, dim_add(cx, x, y), dim_mul(cx, three, dim_floordiv(cx, x, three)));
    ck_assert_msg(steps > 5 && steps < 20, "%d steps", steps);
}
END_TEST

START_TEST(what_does_not_fit_is_poison)
{
    Dim d = dim(overflows[_i]), one = dim_const(cx, 1);
    int64_t v;
    random_point(2, 2);
    ck_assert(dim_is_poison(d));
    ck_assert(!dim_is_const(d, &v) && !dim_eval(d, value_of, NULL, &v));
    ck_assert(dim_is_poison(dim_add(cx, d, one)) && dim_is_poison(dim_mul(cx, one, d)) && dim_is_poison(dim_min(cx, d, one)));
    ck_assert(dim_is_poison(dim_sub(cx, d, d)) && dim(overflows[_i]) != d);
    ck_assert_str_eq(dim_text(cx, d), "1 / 0");
    Facts *f = facts_new(cx, NULL);
    facts_le(f, d, one);
    facts_eq(f, one, d);
    ck_assert_int_eq(facts_prove_eq(f, d, d), UNKNOWN);
    ck_assert_int_eq(facts_prove_le(f, d, one), UNKNOWN);
}
END_TEST

START_TEST(values_that_do_not_fit_are_no_values)
{
    int64_t v;
    Dim d = dim("T * T");
    values[0] = INT64_C(1) << 40;
    ck_assert(!dim_eval(d, value_of, NULL, &v));
    values[0] = INT64_C(1) << 31;
    ck_assert(dim_eval(d, value_of, NULL, &v) && v == INT64_C(1) << 62);
    d = dim("T / 3");
    ck_assert(!dim_eval(d, value_of, NULL, &v));
    d = dim("5 // (T - 2147483648)");
    ck_assert(!dim_eval(d, value_of, NULL, &v));
}
END_TEST

START_TEST(the_least_number_does_no_harm)
{
    Dim least = dim_const(cx, INT64_MIN), t = dim("T");
    Dim made[] = { dim_neg(cx, least), dim_mul(cx, least, t), dim_floordiv(cx, least, dim_const(cx, -1)), dim_mod(cx, t, least),
                   dim_exactdiv(cx, t, least), dim_floordiv(cx, dim_mul(cx, least, t), least), dim_min(cx, least, t),
                   dim_exactdiv(cx, dim_mul(cx, least, t), dim_const(cx, 6)), dim_sub(cx, dim_mul(cx, least, t), dim("3 * T")) };
    Facts *f = facts_new(cx, NULL);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        facts_le(f, made[i], t);
        facts_prove_le(f, t, made[i]);
        ck_assert_ptr_ne(dim_text(cx, made[i]), NULL);
    }
}
END_TEST

static Expr *large(const Expr *e) /* the same with numbers near the limits in place of small ones */
{
    static const int64_t numbers[] = { INT64_MAX, INT64_MAX / 2, INT64_C(1) << 62, INT64_MAX - 7, 3037000499, 6148914691236517205 };
    if (e->op == 'n' && e->number > 1)
        return number(numbers[rnd(6)]);
    return e->a ? expr(e->op, large(e->a), large(e->b)) : (Expr *)e;
}

START_TEST(large_numbers_give_the_right_value_or_none)
{
    seed = 362436069;
    some_syms(3);
    int compared = 0;
    for (int n = 0; n < 4000; n++) {
        Expr *e = large(random_expr("+-*f%/mM", 3));
        Dim d = dim_of(e);
        int64_t want, got;
        random_point(-2, 2);
        if (!dim_is_poison(d) && eval_expr(e, &want) && dim_eval(d, value_of, NULL, &got)) {
            compared++;
            ck_assert_msg(want == got, "%s = %s", expr_text(e), dim_text(cx, d));
        }
        Facts *f = facts_new(cx, NULL);
        facts_le(f, dim_of(large(random_expr("+-*f%", 2))), dim_sym(cx, syms[0]));
        Truth t = facts_prove_le(f, d, dim_of(large(random_expr("+-*f%", 2))));
        ck_assert(t == YES || t == NO || t == UNKNOWN);
    }
    ck_assert_int_gt(compared, 1000);
}
END_TEST

START_TEST(deep_nesting_is_given_up)
{
    Dim d = dim("T"), s = dim("S");
    for (int i = 0; i < 5000; i++)
        d = dim_add(cx, dim_floordiv(cx, d, s), dim_const(cx, i));
    ck_assert(dim_is_poison(d));
}
END_TEST

static void count(void *user, DimSym *s)
{
    (void)s;
    ++*(int *)user;
}

START_TEST(symbols_are_found_wherever_they_stand)
{
    int n = 0;
    Dim d = dim("min(T // S, N % (T + 1)) + D / H - S");
    dim_syms(d, count, &n);
    ck_assert_int_eq(n, 5);
    ck_assert(dim_mentions(d, sym("H", 1)) && !dim_mentions(d, sym("K", 1)));
    ck_assert(!dim_mentions(dim("T * (D / T)"), sym("T", 1)));
    DimSym *s;
    int64_t v;
    ck_assert(dim_is_sym(dim("T + 0 * S"), &s) && s == sym("T", 1));
    ck_assert(!dim_is_sym(dim("2 * T"), &s) && !dim_is_sym(dim("T // S"), &s) && !dim_is_sym(dim("4"), &s));
    ck_assert(dim_is_const(dim("T - T + 4"), &v) && v == 4 && !dim_is_const(d, &v));
}
END_TEST

#define ROWS(t) (int)(sizeof t / sizeof *t)

int main(void)
{
    TCase *t = tcase_create("dims");
    tcase_add_loop_test(t, normal_forms_have_stable_texts, 0, ROWS(texts));
    tcase_add_loop_test(t, equal_forms_are_one, 0, ROWS(equals));
    tcase_add_test(t, texts_do_not_depend_on_history);
    tcase_add_loop_test(t, random_expressions_keep_their_values, 0, ROWS(mixes));
    tcase_add_test(t, order_of_operations_does_not_matter);
    tcase_add_test(t, substitution_is_evaluation_elsewhere);
    tcase_add_loop_test(t, linear_equations_are_solved, 0, ROWS(solved));
    tcase_add_test(t, what_would_be_written_with_too_many_symbols_is_poison);
    tcase_add_loop_test(t, what_does_not_fit_is_poison, 0, ROWS(overflows));
    tcase_add_test(t, values_that_do_not_fit_are_no_values);
    tcase_add_test(t, the_least_number_does_no_harm);
    tcase_add_test(t, large_numbers_give_the_right_value_or_none);
    tcase_add_test(t, deep_nesting_is_given_up);
    tcase_add_test(t, symbols_are_found_wherever_they_stand);
    return run(t, "dims");
}
