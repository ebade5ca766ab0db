/* What facts prove: the subscripts of the programs, and the arithmetic behind them. Upper-case names are sizes, >= 0. */
#include "ir_dim_test.h"

typedef struct Row { const char *facts, *question; Truth answer; } Row;

static const Row rows[] = {
    /* llama, gpt2: heads are slices of a row */
    { "b: B; t: T; h: H; d: K", "h * K + d < H * K", YES },
    { "b: B; t: T; h: H; d: K", "0 <= h * K + d", YES },
    { "h: H; d: D / H", "h * (D / H) + d < D", YES },
    { "h: H; d: D / H", "D <= h * (D / H) + d", NO },
    { "H * K == D; h: H; d: K", "h * K + d < D", YES },
    { "D == H * K; h: H; d: K", "h * K + d < D", YES },
    { "H * K == G * M; h: H; d: K", "h * K + d < G * M", YES },
    { "n: 3 * D", "n // D < 3", YES },
    { "n: 3 * D", "n % D < D", YES },
    { "n: 3 * D", "0 <= n % D", YES },
    /* groups of heads */
    { "h: H", "h // (H / G) < G", YES },
    { "h: H", "0 <= h // (H / G)", YES },
    { "h: H", "h // (H // G) < G", UNKNOWN }, /* H = 3, G = 2, h = 2 */
    { "h: H; H % G == 0", "h // (H // G) < G", YES },
    { "h: H; g: G", "g * (H / G) < H", YES },
    { "g: G; r: H / G", "g * (H / G) + r < H", YES },
    { "h: H; H == 8; G == 4", "h // (H / G) < G", YES },
    /* rope: halves and pairs of a head */
    { "d: K / 2", "K / 2 + d < K", YES },
    { "d: K - K / 2", "K / 2 + d < K", YES },
    { "", "K - K / 2 == K / 2", YES },
    { "d: K / 2", "2 * d + 1 < K", YES },
    { "d: K", "d // 2 < K / 2", YES },
    { "d: K", "d // 2 < K // 2", UNKNOWN }, /* K = 1 */
    { "d: K", "d // 2 < (K + 1) // 2", YES },
    /* the cache */
    { "c.len + T <= S; c.len >= 0; t: T", "c.len + t < S", YES },
    { "c.len + T <= S; c.len >= 0; t: T", "0 <= c.len + t", YES },
    { "c.len + T <= S; c.len >= 0; t: T", "S <= c.len + t", NO },
    { "c.len + T <= S; t: T", "0 <= c.len + t", UNKNOWN },
    { "c.len + T <= S; i: T; j: S; j <= c.len + i", "j < c.len + T", YES },
    { "T >= 1", "T - 1 < T", YES },
    { "T >= 1", "0 <= T - 1", YES },
    { "", "0 <= T - 1", UNKNOWN },
    { "t: T", "0 <= T - 1", YES },
    { "i: n * T", "1 <= T", YES },
    { "i: n * T", "1 <= n", YES }, /* T >= 1 then */
    { "i: n * T + 1", "1 <= T", UNKNOWN },
    { "", "0 <= K / 2", YES },
    { "", "K / 2 <= K", YES },
    { "", "K / 2 + (K - K / 2) == K", YES },
    { "D == H * K", "H * (D / H) == D", YES },
    { "", "B * T * H * (D / H) == B * T * D", YES },
    { "D == H * K", "D / H == K", YES },
    { "c.len + T <= S; c.len >= 0", "c.len + T <= S", YES },
    { "c.len + T <= S; c.len >= 0", "c.len <= c.len + T", YES },
    { "c.len + T <= S; c.len >= 0", "T <= S", YES },
    { "c.len + T <= S; T >= 1; c.len >= 0", "c.len < S", YES },
    { "c.len + T <= S", "c.len < S", UNKNOWN }, /* T = 0 */
    { "s: S - T; t: T; T <= S", "s + t < S", YES },
    { "j: S; c.len <= j; j < c.len + T; c.len >= 0", "0 <= j - c.len", YES },
    { "T <= P; t: T", "t < P", YES },
    { "", "0 < (N / P) ^ 2 + 1", YES },
    { "", "1 + (N / P) ^ 2 == (N / P) ^ 2 + 1", YES },
    /* shifted tokens */
    { "t: T - 1", "t + 1 < T", YES },
    { "t: T - 1", "T >= 2", YES },
    { "t: T; k: K; t + k + 1 < T", "t + k + 1 < T", YES },
    { "t: T; ahead >= 1; ahead < T; t + ahead < T", "0 <= t + ahead", YES },
    { "t: T; K < T; k: K; t + k + 1 < T", "1 <= k + 1", YES },
    { "K < T; k: K", "k + 1 < T", YES },
    { "K + 1 < T; k: K", "k + 2 < T", YES },
    /* windows and masks */
    { "i: T; j: S", "clip(j - i - S + T, -R, R) + R < 2 * R + 1", YES },
    { "i: T; j: S", "0 <= clip(j - i - S + T, -R, R) + R", YES },
    { "i: T; j: S", "2 * R + 1 <= clip(j - i - S + T, -R, R) + R", NO },
    { "i: T; j: T; j <= i", "0 <= i - j", YES },
    { "i: T; j: T; j <= i", "i - j < T", YES },
    { "i: T; j: T", "0 <= i - j", UNKNOWN },
    { "i: T; j: T; i < j", "0 <= i - j", NO },
    { "i: T; j: S; i + S - T - w < j; j <= i + S - T", "i + S - T - j < w", YES },
    { "i: T; j: S; T <= S; j <= i + S - T", "j < S", YES },
    { "j: S; c.len <= j; c.len + N <= S; j < c.len + N", "j - c.len < N", YES },
    /* patches, pooling, convolution */
    { "y: N / P; i: P", "P * y + i < N", YES },
    { "y: N / P; i: P", "0 <= P * y + i", YES },
    { "i: Y // size; u: size; size >= 1", "size * i + u < Y", YES },
    { "i: Y // 2; u: 2", "2 * i + u < Y", YES },
    { "y: (Y + 2 * pad - K) // stride + 1; i: K; stride >= 1; pad >= 0", "stride * y + i - pad < Y + pad", YES },
    { "y: (Y + 2 * pad - K) // stride + 1; i: K; stride >= 1; pad >= 0", "stride * y + i - pad < Y", UNKNOWN },
    { "y: (Y - K) // stride + 1; i: K; stride >= 1", "stride * y + i < Y", YES },
    { "y: Y - 2; i: 3", "y + i < Y", YES },
    { "y: Y; i: 3", "y + i - 1 < Y", UNKNOWN },
    { "p: (N / P) ^ 2; N >= 0", "p // (N / P) < N / P", YES },
    { "p: (N / P) ^ 2; N >= 0", "p % (N / P) < N / P", YES },
    { "z: (N / P) ^ 2 + 1; 1 <= z", "z - 1 < (N / P) ^ 2", YES },
    /* blocks of quantised weights */
    { "b: In / 64; i: 64", "64 * b + i < In", YES },
    { "i: In", "i // 64 < In / 64", YES },
    { "i: In / 2", "2 * i + 1 < In", YES },
    { "i: In; i % 2 == 0", "i + 1 < In", UNKNOWN },
    { "i: In; In % 2 == 0; i % 2 == 0", "i + 1 < In", YES },
    { "c: 16", "c // 2 < 8", YES },
    /* beams, experts, sorting networks: flat indices taken apart */
    { "a: W * V", "a // V < W", YES },
    { "a: W * V", "a % V < V", YES },
    { "a: W * V", "a // V * V + a % V < W * V", YES },
    { "a: W * V", "a // V * V + a % V == a", YES },
    { "n: N; r: R; R <= E", "r < E", YES },
    { "a: A * B * C", "a // (B * C) < A", YES },
    { "a: A * B * C", "a // C % B < B", YES },
    /* pictures cut in patches */
    { "t: H * W; i: P", "t // W * P + i < H * P", YES },
    { "t: H * W; i: P; s: S; S >= 1", "t // W * S + i < (H - 1) * S + P", YES },
    { "t: N * H * W; i: P", "t // (H * W) * P + i < N * P", YES },
    { "t: N * H * W; i: P", "t // W % H * P + i < H * P", YES },
    { "t: (H // P) * (W // P); i: P; P >= 1", "t // (W // P) * P + i < H", YES },
    { "t: (H // P) * (W // P); i: P; P >= 1", "t % (W // P) * P + i < W", YES },
    { "H % P == 0; W % P == 0; t: (H // P) * (W // P); i: P", "t // (W // P) * P + i < H", YES },
    { "t: (H / P) ^ 2; i: P", "t // (H / P) * P + i < H", YES },
    { "t: (H / P) ^ 2; i: P", "t % (H / P) * P + i < H", YES },
    { "t: H * W / P ^ 2; i: P", "t // (W / P) * P + i < H", UNKNOWN }, /* H = 2, W = 8, P = 4 */
    /* reflected edges */
    { "y: H + 2; H >= 3", "H - 1 - max(H - 1 - max(y - 1, 1 - y), max(y - 1, 1 - y) - H + 1) < H", YES },
    { "y: H + 2; H >= 3", "0 <= H - 1 - max(H - 1 - max(y - 1, 1 - y), max(y - 1, 1 - y) - H + 1)", YES },
    { "y: H + 2; H >= 1", "0 <= H - 1 - max(H - 1 - max(y - 1, 1 - y), max(y - 1, 1 - y) - H + 1)", UNKNOWN },
    { "t: H * W + 1; i: P", "t // W * P + i < H * P", UNKNOWN },
    { "t: H * W; i: P + 1", "t // W * P + i < H * P", UNKNOWN },
    { "a: A; b: B; c: C", "(a * B + b) * C + c < A * B * C", YES },
    { "a: A; b: B; c: C; d: D", "((a * B + b) * C + c) * D + d < A * B * C * D", YES },
    { "s: S; L >= 1", "S - 1 - s < S", YES },
    { "i: n; T >= 1; n >= 0", "T + i < T + n", YES },
    { "e: E * C; E >= 1", "e // C * C <= e", YES },
    { "e: E * C", "e - e // C * C < C", YES },
    { "i: N", "(N - 1 - i) // 2 <= N - 1", YES },
    { "i: N; w >= 1", "i // w <= i", YES },
    { "i: N; w >= 1", "i % w <= i", YES },
    { "i: N; N <= w", "i % w == i", YES },
    { "i: N; N <= w", "i // w == 0", YES },
    { "h: H; d: K", "(h * K + d) // K == h", YES },
    { "h: H; d: K", "(h * K + d) % K == d", YES },
    { "t: T; T % 4 == 0", "t // 4 < T / 4", YES },
    { "T % 4 == 0", "T // 4 * 4 == T", YES },
    { "T % 4 == 0; t: T // 4; l: 4", "4 * t + l < T", YES },
    { "t: T // 4; l: 4", "4 * t + l < T", YES },
    { "t: (T + 3) // 4; l: 4", "4 * t + l < T", UNKNOWN },
    { "t: (T + 3) // 4; l: 4", "4 * t + l < T + 3", YES },
    { "t: (T + 3) // 4; l: 4; 4 * t + l < T", "4 * t + l < T", YES },
    { "", "T // 4 <= (T + 3) // 4", YES },
    { "", "(T + 3) // 4 <= T", YES },
    { "T >= 1", "(T + 3) // 4 >= 1", YES },
    { "A <= B", "A // 8 <= B // 8", YES },
    { "A <= B; C >= 1", "A // C <= B // C", YES },
    { "A <= B; C >= 1", "A * C <= B * C", YES },
    { "x <= y", "x * c <= y * c", UNKNOWN }, /* c < 0 */
    { "x <= y; c <= 0", "y * c <= x * c", UNKNOWN }, /* true: nobody looks for factors <= 0 */
    /* min, max */
    { "i: min(T, S)", "i < T", YES },
    { "i: min(T, S)", "i < S", YES },
    { "i: min(T, S)", "i < min(T, S)", YES },
    { "i: min(T, S)", "i < max(T, S)", YES },
    { "i: T", "i < max(T, S)", YES },
    { "i: T; i < S", "i < min(T, S)", YES },
    { "i: max(T, S); T <= D; S <= D", "i < D", YES },
    { "i: max(T, S)", "i < T", UNKNOWN },
    { "", "min(T, S) + max(T, S) == T + S", YES },
    { "", "max(T, S) - min(T, S) < 0", NO },
    { "i: T; w >= 0", "max(i - w, 0) <= i", YES },
    { "i: T; w >= 1", "min(i + w, T) - 1 < T", YES },
    { "t: T; b >= 1", "min(b, T - t // b * b) <= b", YES },
    { "k: (T + 15) // 16; l: 16; l < min(16, T - 16 * k)", "16 * k + l < T", YES },
    /* what divides what */
    { "T % 4 == 0", "T % 2 == 0", YES },
    { "T % 2 == 0", "T % 4 == 0", UNKNOWN },
    { "T % 4 == 0", "T * S % 4 == 0", YES },
    { "T % 4 == 0; S % 4 == 0", "(T + S) % 4 == 0", YES },
    { "T % 4 == 0; S % 4 == 1", "(T + S) % 4 == 0", NO },
    { "T % 2 == 0; T % 4 == 0", "T % 4 == 0", YES },
    { "D % H == 0; D / H % 2 == 0", "D % 2 == 0", YES },
    { "D % (2 * H) == 0", "D / H % 2 == 0", YES },
    { "D % H == 0; H % G == 0", "D % G == 0", YES },
    { "H % G == 0; h: H", "h // (H / G) < G", YES },
    { "H % G == 0; g: G; r: H // G", "g * (H // G) + r < H", YES },
    { "N % P == 0; y: N // P; i: P", "P * y + i < N", YES },
    { "In % 64 == 0; i: In", "i // 64 < In // 64", YES },
    { "H % G == 0", "H // G == H / G", YES },
    /* sizes alone */
    { "", "0 <= T * S", YES },
    { "T >= 1; S >= 1", "1 <= T * S", YES },
    { "T >= 2; S >= 3", "6 <= T * S", YES },
    { "T >= 1; S >= 1", "T <= T * S", YES },
    { "", "T < T", NO },
    { "", "T == T + 1", NO },
    { "", "2 * T == 2 * S + 1", NO },
    { "", "T == S", UNKNOWN },
    { "T == S", "T == S", YES },
    { "T == S; S == N", "T * D == N * D", YES },
    { "T <= S; S <= T", "T == S", YES },
    { "T < S", "T == S", NO },
    { "N == 2 * R + 1", "N // 2 == R", YES },
    { "N == 2 * R + 1; j: N", "j - R <= R", YES },
    { "H >= 1; G >= 1", "1 <= H / G", YES },
    { "H >= 1; G >= 1", "H / G <= H", YES },
    { "T >= 5; T <= 3", "T == T", YES },
    { "", "x * x < 0", NO },
    { "n >= 0; i: n", "2 * i <= 2 * n - 1", YES },
    { "", "(D / H) * H == D", YES },
    { "", "D / H / 2 == D / (2 * H)", YES },
};

START_TEST(questions_have_their_answers)
{
    Row r = rows[_i];
    Facts *outer = facts_new(cx, NULL), *f = facts_new(cx, outer);
    facts_text(f, r.facts);
    Truth got = UNKNOWN;
    for (int again = 0; again < 2; again++) { /* the second time sizes are known that only the question names */
        for (int i = 0; i < nsyms; i++)
            if (isupper((unsigned char)syms[i]->name[0]))
                facts_le(outer, dim_const(cx, 0), dim_sym(cx, syms[i]));
        got = ask(f, r.question);
    }
    ck_assert_msg(got == r.answer, "{%s} %s: %d, not %d", r.facts, r.question, (int)got, (int)r.answer);
}
END_TEST

/* ---- scopes ---- */

START_TEST(inner_facts_stay_inside)
{
    Facts *outer = facts_new(cx, NULL), *one = facts_new(cx, outer), *two = facts_new(cx, outer);
    facts_text(outer, "0 <= T");
    facts_text(one, "i: T");
    facts_text(two, "i: T + 1; S == T + 1");
    ck_assert_int_eq(ask(one, "i < T"), YES);
    ck_assert_int_eq(ask(two, "i < T"), UNKNOWN);
    ck_assert_int_eq(ask(two, "i < S"), YES);
    ck_assert_int_eq(ask(outer, "1 <= T"), UNKNOWN);
    ck_assert_int_eq(ask(one, "1 <= T"), YES);
    ck_assert_ptr_eq(facts_normal(two, dim("S + 1")), facts_normal(two, dim("T + 2")));
    ck_assert_ptr_eq(facts_normal(one, dim("S + 1")), dim("S + 1"));
}
END_TEST

START_TEST(what_is_said_later_counts)
{
    Facts *a = facts_new(cx, NULL), *b = facts_new(cx, a), *c = facts_new(cx, b);
    facts_text(c, "i: T");
    ck_assert_int_eq(ask(c, "i < S"), UNKNOWN);
    facts_text(a, "T <= S");
    ck_assert_int_eq(ask(c, "i < S"), YES);
    facts_text(b, "S == N");
    ck_assert_int_eq(ask(c, "i < N"), YES);
    facts_text(a, "N == 2 * M");
    ck_assert_int_eq(ask(c, "i < 2 * M"), YES);
    facts_text(c, "M == 3");
    ck_assert_int_eq(ask(c, "i < 6"), YES);
    ck_assert_int_eq(ask(b, "S < 7"), UNKNOWN);
}
END_TEST

/* Equations that name one another, contradict one another, or have no single term to stand for. */
START_TEST(equations_never_run_in_circles)
{
    static const char *const systems[] = {
        "A == B; B == C; C == A", "A == B + 1; B == A + 1", "A == B // 2; B == A + A // 2", "A * B == C * D; C == A; D == B",
        "A == min(A, B); B == max(A, B)", "A // 2 == B; B // 2 == A; A == 7", "A % 2 == 0; A == 2 * B + 1", "A == A * A", "0 == 1",
        "A / B == C; C / A == B", "A == B / 2; B == A / 2", "A * A == 4; A == 2",
    };
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
        Facts *outer = facts_new(cx, NULL), *f = facts_new(cx, outer);
        facts_text(outer, "0 <= B");
        facts_text(f, systems[i]);
        ck_assert_ptr_ne(facts_normal(f, dim("A // 2 + B % C + min(A, B)")), NULL);
        ask(f, "A + B <= C");
        facts_text(outer, "B == A; A == B // 2");
        ask(f, "A // C <= B % A");
    }
}
END_TEST

/* ---- cost ---- */

static void crowd(Facts *f)
{
    char text[120];
    for (int i = 0; i < 50; i++) {
        snprintf(text, sizeof text, "0 <= Z%d; z%d: Z%d; z%d <= Z%d + z%d", i % 20, i % 20, i % 20, i % 20, (i + 1) % 20, (i + 7) % 20);
        facts_text(f, text);
    }
}

/* Questions in a scope with hundreds of facts end, and leave no more memory behind than the terms they name. */
START_TEST(questions_are_bounded)
{
    static const char *const hard[] = { "h: H", "K: L; d: K // 2", "x % (A + 1) <= y * A; y <= x * B" };
    static const char *const asked[] = { "h // (H // G) < G", "d * z1 // 2 + z2 * z3 < K * Z4 // 2", "y * x * A % (B + 1) < z1 * z2 - Z1 * Z2" };
    for (int i = 0; i < 3; i++) {
        Facts *f = facts_new(cx, NULL);
        crowd(f);
        facts_text(f, hard[i]);
        ck_assert_int_eq(ask(f, asked[i]), UNKNOWN);
        size_t bytes = arena_bytes(arena);
        for (int n = 0; n < 30; n++)
            ask(f, asked[i]);
        ck_assert_uint_le(arena_bytes(arena), bytes + (2 << 20));
    }
}
END_TEST

/* ---- memory that runs out ---- */

static void work(void *user)
{
    (void)user;
    setup_in(&mem);
    Facts *f = facts_new(cx, facts_new(cx, NULL));
    facts_text(f, "h: H; 0 <= G; D == H * K; d: K; i: max(T, S); T <= N; S <= N; (D + E) / (H + 1) <= T");
    ask(f, "h // (H / G) < G");
    ask(f, "h * K + d < D");
    ask(f, "i < N");
    dim_text(cx, dim("(D + E) / (H + 1) + min(h // (H / G), d % K)"));
}

START_TEST(memory_that_runs_out_unwinds)
{
    teardown();
    bool done = false;
    int failed = 0;
    for (size_t limit = 1024; !done; limit += 1531, failed += !done) {
        mem_init(&mem, mem_malloc_hooks(), limit);
        done = mem_try(&mem, work, NULL);
        mem_drop(&mem);
    }
    ck_assert_int_gt(failed, 20);
    setup();
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("facts");
    tcase_add_loop_test(t, questions_have_their_answers, 0, sizeof rows / sizeof *rows);
    tcase_add_test(t, inner_facts_stay_inside);
    tcase_add_test(t, what_is_said_later_counts);
    tcase_add_test(t, equations_never_run_in_circles);
    tcase_add_test(t, questions_are_bounded);
    tcase_add_test(t, memory_that_runs_out_unwinds);
    return run(t, "dim facts");
}
