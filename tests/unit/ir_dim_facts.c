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
    { "i: In; In % 2 == 0; i % 2 == 0", "i + 1 < In", UNKNOWN },
    { "c: 16", "c // 2 < 8", YES },
    /* beams, experts, sorting networks: flat indices taken apart */
    { "a: W * V", "a // V < W", YES },
    { "a: W * V", "a % V < V", YES },
    { "a: W * V", "a // V * V + a % V < W * V", YES },
    { "a: W * V", "a // V * V + a % V == a", YES },
    { "n: N; r: R; R <= E", "r < E", YES },
    { "a: A * B * C", "a // (B * C) < A", YES },
    { "a: A * B * C", "a // C % B < B", YES },
    { "a: A; b: B; c: C", "(a * B + b) * C + c < A * B * C", YES },
    { "a: A; b: B; c: C; d: D", "((a * B + b) * C + c) * D + d < A * B * C * D", YES },
    { "s: S; L >= 1", "S - 1 - s < S", YES },
    { "i: n; T >= 1; n >= 0", "T + i < T + n", YES },
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

int main(void)
{
    TCase *t = tcase_create("facts");
    tcase_add_loop_test(t, questions_have_their_answers, 0, sizeof rows / sizeof *rows);
    return run(t, "dim facts");
}
