/* driver_stream.c - attention written naively, as one pass over its keys: the interpreter agrees, and the bits are the same for any number
 * of threads, for AVX2 and AVX-512, and for rows alone or among others: few rows have their blocks of keys shared among threads, many do not. */
#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stream_room.h"
#include "test_main.h"

static const char program[] =
    "export fn causal(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n"
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h // (H / G), j, d]) / sqrt(D)\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h // (H / G), j, d])\n"
    "}\n"
    "export fn window(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n"
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h // (H / G), j, d]) / sqrt(D)\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T and j > i + S - T - 9](s[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h // (H / G), j, d])\n"
    "}\n"
    "export fn capped(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n"
    "    let s[h, i, j] = 3.0 * tanh(sum[d](q[h, i, d] * k[h // (H / G), j, d]) / 3.0) - 0.01 * f32(i + S - T - j)\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h // (H / G), j, d])\n"
    "}\n"
    "export fn sunk(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n"
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h // (H / G), j, d]) / sqrt(D)\n"
    "    let m[h, i] = max(max[j | j <= i + S - T](s[h, i, j]), 0.5)\n"
    "    let e[h, i, j] = exp(s[h, i, j] - m[h, i])\n"
    "    let l[h, i] = sum[j | j <= i + S - T](e[h, i, j]) + exp(0.5 - m[h, i])\n"
    "    out[h, i, d] = sum[j | j <= i + S - T](e[h, i, j] / l[h, i] * v[h // (H / G), j, d])\n"
    "}\n"
    "export fn documents(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n"
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h // (H / G), j, d]) / sqrt(D)\n"
    "    let a[i: T] = (i + S - T) // 130\n"
    "    let b[j: S] = j // 130\n"
    "    let p[h, i, j] = softmax[j | a[i] == b[j] and j <= i + S - T](s[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h // (H / G), j, d])\n"
    "}\n"
    "export fn chosen(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n" /* a loss over a vocabulary */
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h // (H / G), j, d])\n"
    "    let lp[h, i, j] = log_softmax[j](s[h, i, j])\n"
    "    let n[h, i] = -lp[h, i, (i + S - T) * 7 % S]\n"
    "    out[h, i, d] = n[h, i] * v[h // (H / G), 0, d] / 8.0\n"
    "}\n"
    "export fn certain(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n" /* two readers of one tensor of scores */
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h // (H / G), j, d])\n"
    "    let lp[h, i, j] = log_softmax[j | j <= i + S - T](s[h, i, j])\n"
    "    let e[h, i] = -sum[j | j <= i + S - T](exp(lp[h, i, j]) * lp[h, i, j])\n"
    "    let n[h, i] = lp[h, i, (i + S - T) // 2]\n"
    "    out[h, i, d] = (e[h, i] + n[h, i]) * v[h // (H / G), 0, d] / 8.0\n"
    "}\n"
    "export fn apart(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n" /* a divergence of two distributions */
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h // (H / G), j, d])\n"
    "    let t[h, i, j: S] = sum[d](q[h, i, d] * v[h // (H / G), (j + 9) % S, d])\n"
    "    let a[h, i, j] = log_softmax[j](s[h, i, j])\n"
    "    let b[h, i, j] = log_softmax[j](t[h, i, j])\n"
    "    let e[h, i] = sum[j](exp(a[h, i, j]) * (a[h, i, j] - b[h, i, j]))\n"
    "    out[h, i, d] = e[h, i] * q[h, i, d] / 8.0\n"
    "}\n"
    "export fn thirds(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n" /* the last group is smaller */
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h // 3, j, d]) / sqrt(D)\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h // 3, j, d])\n"
    "}\n"
    "export fn selected(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n" /* the guard reads the scores themselves */
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h // (H / G), j, d]) / sqrt(D)\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T and s[h, i, j] >= 0.2 * q[h, i, 0]](s[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h // (H / G), j, d])\n"
    "}\n"
    "export fn biased(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n" /* looks up what may lie outside */
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h // (H / G), j, d]) / sqrt(D)\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T and j >= i32(S) - 2000](s[h, i, j] + k[h // (H / G), i64(abs(k[h // (H / G), j, 0]) * 17), 1])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h // (H / G), j, d])\n"
    "}\n"
    "export fn best(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n" /* where the extreme is */
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h // (H / G), j, d])\n"
    "    let a[h, i] = argmax[j | j <= i + S - T](s[h, i, j])\n"
    "    out[h, i, d] = v[h // (H / G), max(a[h, i], 0), d]\n"
    "}\n"
    "export fn lacking(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n" /* rows lack places everywhere */
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h // (H / G), j, d]) / sqrt(D)\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T and (i - T + 3 * j) % 5 != 0 and j % 3 != (i - T) % 3](s[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h // (H / G), j, d])\n"
    "}\n"
    "export fn mixed(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n" /* scores of all heads in each */
    "    let m[h: H, g: H] = cos(f32(3 * h + g))\n"
    "    let a[g: H, i, j: S] = sum[d](q[g, i, d] * k[g // (H / G), j, d]) / sqrt(D)\n"
    "    let s[h: H, i, j] = sum[g](m[h, g] * a[g, i, j]) - 0.01 * f32(h + 1) * f32(i + S - T - j)\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h // (H / G), j, d])\n"
    "}\n"
    "export fn remixed(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n" /* weights, too; rows before heads */
    "    let m[h: H, g: H] = cos(f32(3 * h + g))\n"
    "    let a[g: H, i, j: S] = sum[d](q[g, i, d] * k[g // (H / G), j, d]) / sqrt(D)\n"
    "    let s[h: H, i, j] = sum[g](m[h, g] * a[g, i, j])\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j])\n"
    "    let w[h: H, i, j] = sum[g: H](m[g, h] * p[g, i, j])\n"
    "    let o[i, h, d] = sum[j | j <= i + S - T](w[h, i, j] * v[h // (H / G), j, d])\n"
    "    out[h, i, d] = o[i, h, d] / 2.0\n"
    "}\n"
    "export fn indexed(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n" /* all heads make one score */
    "    let a[g: H, i, j: S] = sum[d](q[g, i, d] * k[g // (H / G), j, d])\n"
    "    let w[g: H, i] = sum[d](q[g, i, d])\n"
    "    let s[i, j] = sum[g: H](w[g, i] * max(a[g, i, j], 0.0))\n"
    "    let p[i, j] = softmax[j | j // 40 <= i + S - T](s[i, j])\n"
    "    let o[i, d] = sum[j](p[i, j] * v[0, j, d])\n"
    "    out[h: H, i, d] = o[i, d] / f32(h + 1)\n"
    "}\n"
    "export fn joined(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n" /* keys of two tensors, values of the place before */
    "    let a[g: G, j: S, d: D] = if j < S // 3 { k[g, j, d] } else { v[g, j - S // 3, d] * 0.5 }\n"
    "    let b[g: G, j: S, d: D] = v[g, j - 1, d] ?? 0.25\n"
    "    let s[h, i, j] = sum[d](q[h, i, d] * a[h // (H / G), j, d]) / sqrt(D)\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * b[h // (H / G), j, d])\n"
    "}\n"
    "export fn distant(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n" /* vectors of distances, which end somewhere */
    "    let r[h, i, j: S] = sum[d](q[h, i, d] * (v[h // (H / G), i + S - T - j - 3, d] ?? 0.5))\n"
    "    let s[h, i, j] = (sum[d](q[h, i, d] * k[h // (H / G), j, d]) + r[h, i, j]) / sqrt(D)\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * k[h // (H / G), j, d])\n"
    "}\n"
    "export fn half(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n"
    "    let a[h, i, d] = f16(q[h, i, d])\n"
    "    let b[g: G, j: S, d: D] = f16(k[g, j, d])\n"
    "    let c[g: G, j: S, d: D] = f16(v[g, j, d])\n"
    "    let s[h, i, j] = sum[d](a[h, i, d] * b[h // (H / G), j, d])\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j])\n"
    "    let o[h, i, d] = sum[j](p[h, i, j] * c[h // (H / G), j, d])\n"
    "    out[h, i, d] = f32(o[h, i, d])\n"
    "}\n"
    "export fn low(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {\n"
    "    let a[h, i, d] = bf16(q[h, i, d])\n"
    "    let b[g: G, j: S, d: D] = bf16(k[g, j, d])\n"
    "    let c[g: G, j: S, d: D] = bf16(v[g, j, d])\n"
    "    let s[h, i, j] = sum[d](a[h, i, d] * b[h // (H / G), j, d])\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j])\n"
    "    let o[h, i, d] = sum[j](p[h, i, j] * c[h // (H / G), j, d])\n"
    "    out[h, i, d] = f32(o[h, i, d])\n"
    "}\n";

static const char *const names[] = { "causal", "window", "capped", "sunk", "documents", "chosen", "certain", "apart", "thirds", "selected", "biased", "best", "lacking", "mixed", "remixed", "indexed", "joined", "distant", "half", "low" }; /* half: in f16, the last but one; low: in bf16, the last */
enum { H = 2, G = 1, D = 18, S = 530, LONG = 2100, T = 67, FEW = 20, ONE = H * D, /* keys: three blocks, or more than are left together */
       LOW = sizeof names / sizeof *names - 1 };

#if defined(__SANITIZE_ADDRESS__) /* takes several times as long */
enum { INTERPRETED = 4 };
#else
enum { INTERPRETED = sizeof names / sizeof *names };
#endif

static int64_t tasks; /* most that one loop was cut into */

static void in_turn(void *user, int64_t n, MlcrtTask *task, void *job)
{
    (void)user;
    tasks = n > tasks ? n : tasks;
    for (int64_t i = n - 1; i >= 0; i--)
        task(job, i);
}

typedef struct Data { float q[H * T * D], k[G * LONG * D], v[G * LONG * D]; } Data;
static const RoomRows shape = { H, T, D };

static void attend(Room *r, Way *way, const char *name, const float *q, int rows, int keys, const Data *x, float *out)
{
    int64_t qs[] = { H, rows, D }, ks[] = { G, keys, D };
    const RoomArg of[] = { { q, qs, 3, 2 }, { x->k, ks, 3, 2 }, { x->v, ks, 3, 2 }, { out, qs, 3, 2 } };
    ck_assert_msg(room_call(r, way, name, of, 4) == 0, "%s: %s", name, mlcrt_error(r->s)->sentence);
}

static Data *new_data(void)
{
    Data *x = malloc(sizeof *x);
    ck_assert_ptr_nonnull(x);
    room_fill(x->q, H * T * D, 1);
    room_fill(x->k, G * LONG * D, 2);
    room_fill(x->v, G * LONG * D, 3);
    return x;
}

static Rooms rooms;
static void open_rooms(void) { rooms_open(&rooms, "streams.ml", program); }
static void stop_rooms(void) { rooms_stop(&rooms); }

START_TEST(the_interpreter_agrees)
{
    static float want[H * T * D], got[H * T * D];
    Room *r = &rooms.of[0];
    Data *x = new_data();
    x->v[5 * D] = NAN; /* seen by few or many rows, as the guard says */
    attend(r, mlc_interpret, names[_i], x->q, T, S, x, want);
    attend(r, mlc_call, names[_i], x->q, T, S, x, got);
    room_agree(want, got, H * T * D, _i == LOW ? 8e-3f : _i == LOW - 1 ? 1e-3f : 4e-6f, names[_i]);
    free(x);
}
END_TEST

/* The last rows alone give what they give among all: computed by r, found in want. */
static void last_rows(Room *r, const char *name, int rows, int keys, const Data *x, const float *want)
{
    float q[FEW * ONE], out[FEW * ONE];
    room_take_rows(shape, rows, x->q, q);
    attend(r, mlc_call, name, q, rows, keys, x, out);
    room_same_rows(shape, rows, out, want, name, keys);
}

START_TEST(bits_are_the_same_everywhere)
{
    static float want[H * T * D], got[H * T * D];
    static const int keys[] = { S, LONG };
    if (!room_fuses())
        return;
    Data *x = new_data();
    for (size_t f = 0; f < 2 * sizeof names / sizeof *names; f++) {
        const char *name = names[f / 2];
        attend(&rooms.one, mlc_call, name, x->q, T, keys[f % 2], x, want);
        for (int m = 0; m < ROOM_MACHINES; m++) {
            attend(&rooms.of[m], mlc_call, name, x->q, T, keys[f % 2], x, got);
            room_same(want, got, sizeof want, name, m);
            last_rows(&rooms.of[m], name, 1, keys[f % 2], x, want);
            last_rows(&rooms.of[m], name, FEW, keys[f % 2], x, want);
        }
    }
    free(x);
}
END_TEST

/* One query and many keys: the keys are cut into tasks, though a tile of rows is far from full. */
START_TEST(one_row_is_shared_by_its_keys)
{
    static float all[H * T * D];
    Room r = { 0 };
    Data *x = new_data();
    MlcrtOptions co = { .size = sizeof co, .threads = 4, .parallel = in_turn };
    room_beside(&r, &rooms.one, &co);
    attend(&r, mlc_call, "causal", x->q, T, LONG, x, all);
    tasks = 0;
    last_rows(&r, "causal", 1, LONG, x, all);
    ck_assert_int_ge(tasks, 4);
    room_stop(&r);
    free(x);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("driver: streams");
    TCase *t = tcase_create("streams");
    tcase_set_timeout(t, 120);
    tcase_add_unchecked_fixture(t, open_rooms, stop_rooms);
    tcase_add_loop_test(t, the_interpreter_agrees, 0, INTERPRETED);
    tcase_add_test(t, bits_are_the_same_everywhere);
    tcase_add_test(t, one_row_is_shared_by_its_keys);
    suite_add_tcase(s, t);
    return test_main_together(s);
}
