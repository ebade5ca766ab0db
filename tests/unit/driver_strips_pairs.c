/* driver_strips_pairs.c - weights of heads that are compared, recurrences over pairs of rows and places, rows of log-probabilities that are read alone, products of
 * the weights of layers: what passes/online/online_compare.c, strip_scan.c, gather_row.c and regroup.c make of them is what the interpreter makes, with one strip and several,
 * of which the last begins early, and its bits are the same for any number of threads. */
#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stream_room.h"
#include "test_main.h"

#define ARGUMENTS "(q: f32[H, T, D], k: f32[H, S, D], y: i32[M]) -> f32[T, D] where T >= 1, S >= 1, M >= 1, H >= 2, D >= 2 "
#define WEIGHTS "    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])\n    let p[h, i, j] = softmax[j](s[h, i, j])\n"
#define CAUSAL "    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])\n    let p[h, i, j] = softmax[j | j <= i](s[h, i, j])\n"

static const char program[] =
    "import std.special: logaddexp\n"
    "export fn products" ARGUMENTS "{\n" WEIGHTS
    "    let n[h] = sqrt(sum[i, j](p[h, i, j] ^ 2))\n"
    "    let c[h, g] = sum[i, j](p[h, i, j] * p[g, i, j]) / (n[h] * n[g])\n"
    "    out[i: T, d: D] = sum[h, g](c[h, g] * f32(h + d * g))\n"
    "}\n"
    "export fn beside" ARGUMENTS "{\n" CAUSAL /* a result that needs the weights, too */
    "    let o[h, i, d] = sum[j](p[h, i, j] * k[h, j, d])\n"
    "    let c = mean[i](sum[h, g, j | h != g](p[h, i, j] * p[g, i, j]))\n"
    "    out[i, d] = o[1, i, d] + c\n"
    "}\n"
    "export fn apart" ARGUMENTS "{\n" WEIGHTS
    "    let m[i, j] = mean[h](p[h, i, j])\n"
    "    let far = max[h, g, i, j](abs(p[h, i, j] - p[g, i, j]))\n"
    "    let wide = sum[h, i, j]((p[h, i, j] - m[i, j]) ^ 2)\n"
    "    let l[h, i, j] = log_softmax[j](s[h, i, j])\n"
    "    let kl = sum[h, g, i, j](exp(l[h, i, j]) * (l[h, i, j] - l[g, i, j]))\n"
    "    out[i: T, d: D] = if d == 0 { far } else { if d == 1 { wide } else { kl } }\n"
    "}\n"
    "export fn taught" ARGUMENTS "{\n" WEIGHTS /* logarithms beside weights, of both */
    "    let r[h, i, j] = softmax[j](sum[d](q[h, i, d] * k[H - 1 - h, j, d]))\n"
    "    let c[h, g] = sum[i, j](r[g, i, j] * (log(r[g, i, j]) - log(p[h, i, j])))\n"
    "    out[i: T, d: D] = c[d % 2, d // 2 % 2]\n"
    "}\n"
    "export fn triplets" ARGUMENTS "{\n"
    "    let c[i, j] = sum[d]((q[0, i, d] - k[0, j, d]) ^ 2)\n"
    "    let hard = sum[i, j | (i + j) % 3 == 0](max(c[i, j] - min[n | c[i, n] > c[i, j]](c[i, n]), -1.0))\n"
    "    let all = sum[i, j, l | l % 7 == 3](max(c[i, j] - c[i, l], 0.0))\n"
    "    out[i: T, d: D] = if d == 0 { hard } else { all }\n"
    "}\n"
    "export fn warped" ARGUMENTS "{\n"
    "    let c[i, j] = sum[d]((q[0, i, d] - k[0, j, d]) ^ 2)\n"
    "    rec r[i: T, j: S] = if i == 0 and j == 0 { c[0, 0] } else { c[i, j] - 0.3 * logaddexp(logaddexp(-(r[i - 1, j] ?? 1e30) / 0.3, -(r[i, j - 1] ?? 1e30) / 0.3), -(r[i - 1, j - 1] ?? 1e30) / 0.3) }\n"
    "    let e[i, j] = abs(q[1, i, 0] - k[1, j, 1])\n"
    "    rec w[i: T, j: S] = e[i, j] + min(min(w[i - 1, j] ?? f32(j), w[i, j - 1] ?? f32(i)), w[i - 1, j - 1] ?? f32(i + j))\n"
    "    out[i: T, d: D] = if d < 2 { r[T - 1, S - 1] } else { w[T - 1, S - 1] }\n"
    "}\n"
    "export fn carried" ARGUMENTS "{\n" WEIGHTS /* what is no row goes on from strip to strip, from the second row on */
    "    var best: f32[S] = 0\n"
    "    var total: f32 = 0.0\n"
    "    for i in 1..T {\n"
    "        total = total + max[j](p[0, i, j] - best[j]) * p[1, i, 0]\n"
    "        let b[j] = max(p[0, i, j], best[j] * 0.5)\n"
    "        best = b\n"
    "    }\n"
    "    out[i: T, d: D] = if d < 2 { total } else { sum(best) }\n"
    "}\n"
    "export fn monotonic" ARGUMENTS "{\n" /* rows that are filled place by place, and read behind the loop */
    "    let e[i, j] = sigmoid(sum[d](q[0, i, d] * k[0, j, d]))\n"
    "    rec a[i: T, j: S] = e[i, j] * (if j == 0 { if i == 0 { 1.0 } else { 0.0 } } else { (1.0 - e[i, j - 1]) * (a[i, j - 1] ?? 0.0) / max(e[i, j - 1], 1e-3) } + (a[i - 1, j] ?? 0.0))\n"
    "    out[i, d] = sum[j](a[i, j] * k[0, j, d])\n"
    "}\n"
    "export fn aligned" ARGUMENTS "{\n" /* the first turn's row apart */
    "    let lp[t, v] = log_softmax[v](sum[d](q[0, t, d] * k[0, v, d]))\n"
    "    rec a[t: T, m: M] = if t == 0 { if m < 2 { lp[0, y[m]] } else { -1e30 } } else { logaddexp(a[t - 1, m], a[t - 1, m - 1] ?? -1e30) + lp[t, y[m]] }\n"
    "    let b0[m: M] = if m < 2 { lp[0, y[m]] } else { -1e30 }\n"
    "    var b = b0\n"
    "    for t in 1..T {\n"
    "        let c[m: M] = logaddexp(b[m], b[m - 1] ?? -1e30) + lp[t, y[m]]\n"
    "        b = c\n"
    "    }\n"
    "    out[i: T, d: D] = if d < 2 { a[T - 1, M - 1] } else { b[M - 1] }\n"
    "}\n"
    "export fn transduced" ARGUMENTS "{\n" /* a lattice of rows, of which a strip has few of each turn */
    "    let h[t, u: M, d] = tanh(q[0, t, d] + k[0, y[u], d])\n"
    "    let lp[t, u, v] = log_softmax[v](sum[d](h[t, u, d] * k[1, v, d]))\n"
    "    rec a[t: T, u: M] = if t == 0 and u == 0 { 0.0 } else if u == 0 { (a[t - 1, u] ?? -1e30) + lp[max(t - 1, 0), u, 0] } else { logaddexp((a[t - 1, u] ?? -1e30) + lp[max(t - 1, 0), u, 0], (a[t, u - 1] ?? -1e30) + lp[t, u - 1, y[u - 1]]) }\n"
    "    out[i: T, d: D] = a[T - 1, M - 1] + lp[T - 1, M - 1, 0]\n"
    "}\n"
    "export fn covered" ARGUMENTS "{\n" WEIGHTS
    "    let c[i: T, j] = sum[m | m < i](p[0, m, j])\n"
    "    let a = sum[i](sum[j](min(p[0, i, j], c[i, j])))\n"
    "    let b = sum[i, j](min(p[0, i, j], c[i, j]))\n"
    "    out[i: T, d: D] = if d < 2 { a } else { b }\n"
    "}\n"
    "export fn rolled" ARGUMENTS "{\n" /* products of two layers' weights */
    "    let p[h, i: T, j: T] = softmax[j | j <= i](sum[d](q[h, i, d] * q[h, T - 1 - j, d]))\n"
    "    let r = p[1] @ p[0]\n"
    "    let o[i, d] = sum[j](r[i, j] * q[0, j, d])\n"
    "    let c[j] = mean[i](r[i, j])\n"
    "    out[i, d] = o[i, d] + c[i] + k[0, 0, 0]\n"
    "}\n"
    "export fn scaled" ARGUMENTS "{\n" /* points in two dimensions, rows and columns in turn */
    "    let c[i, j] = sum[d: 2]((q[0, i, d] - k[0, j, d]) ^ 2)\n"
    "    var u: f32[T] = 0\n"
    "    var v: f32[S] = 0\n"
    "    for _n in 0..3 {\n"
    "        let a[i] = -logsumexp[j](v[j] - c[i, j])\n"
    "        let b[j] = -logsumexp[i](a[i] - c[i, j])\n"
    "        u = a\n"
    "        v = b\n"
    "    }\n"
    "    let z = sum[i, j](exp(u[i] + v[j] - c[i, j]) * c[i, j])\n"
    "    out[i: T, d: D] = z\n"
    "}\n";

static const char *const names[] = { "products", "beside", "apart", "taught", "triplets", "warped", "carried", "monotonic", "aligned", "transduced", "covered", "rolled", "scaled" };
static const int rows_of[] = { 1, 64, 100 };
enum { H = 2, D = 6, S = 23, T = 100, M = 5, COUNT = sizeof names / sizeof *names, ROWS = sizeof rows_of / sizeof *rows_of };

typedef struct Data { float q[H * T * D], k[H * S * D]; int32_t y[M]; } Data;

/* Of so many rows for each head, whatever numbers these are. */
static void call(Room *r, Way *way, const char *name, int rows, const Data *x, float *out)
{
    int64_t qs[] = { H, rows, D }, ks[] = { H, S, D }, ys[] = { M }, os[] = { rows, D };
    const RoomArg of[] = { { x->q, qs, 3, 2 }, { x->k, ks, 3, 2 }, { x->y, ys, 1, 0 }, { out, os, 2, 2 } };
    ck_assert_msg(room_call(r, way, name, of, 4) == 0, "%s: %s", name, mlcrt_error(r->s)->sentence);
}

static Data *new_data(void)
{
    Data *x = malloc(sizeof *x);
    ck_assert_ptr_nonnull(x);
    room_fill(x->q, H * T * D, 1);
    room_fill(x->k, H * S * D, 2);
    for (int i = 0; i < M; i++)
        x->y[i] = (i * 17 + 3) % S;
    return x;
}

static Room one, two; /* threads */

static void open_rooms(void)
{
    MlcrtOptions threads = { .size = sizeof threads, .threads = 2 };
    room_open(&one, "pairs.ml", program, "native", 1);
    room_beside(&two, &one, &threads);
}

static void stop_rooms(void)
{
    mlcrt_context_free(two.context);
    room_stop(&one);
}

START_TEST(the_interpreter_agrees)
{
    static float want[T * D], got[T * D];
    Data *x = new_data();
    for (int i = 0; i < ROWS; i++) {
        call(&two, mlc_interpret, names[_i], rows_of[i], x, want);
        call(&two, mlc_call, names[_i], rows_of[i], x, got);
        for (int k = 0; k < rows_of[i] * D; k++)
            ck_assert_msg(fabsf(want[k] - got[k]) <= 2e-5f * (1 + fabsf(want[k])), "%s of %d rows: %g, not %g", names[_i], rows_of[i], (double)got[k], (double)want[k]);
        call(&one, mlc_call, names[_i], rows_of[i], x, want);
        room_same(want, got, sizeof *want * (size_t)(rows_of[i] * D), names[_i], 0);
    }
    free(x);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("driver: strips of pairs");
    TCase *t = tcase_create("pairs");
    tcase_set_timeout(t, 120);
    tcase_add_unchecked_fixture(t, open_rooms, stop_rooms);
    tcase_add_loop_test(t, the_interpreter_agrees, 0, COUNT);
    suite_add_tcase(s, t);
    return test_main_together(s);
}
