/* driver_strips.c - what no stream can do, for a strip of rows at a time (passes/strip.c): largest scores, sums along the keys, scores that all heads share, sorted
 * ones, those that a loop reads turn after turn. The interpreter agrees, and the bits are the same for any number of threads, for AVX2 and AVX-512, and for rows alone or among others: with one strip,
 * a whole one, and several of which the last begins early. What fails is what fails first among all rows, not in the first strip. */
#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stream_room.h"
#include "test_main.h"

#define ARGUMENTS "(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], b: f32[H, W], at: i32[T, S]) -> f32[H, T, D] where S >= 5 "

static const char program[] =
    "export fn largest" ARGUMENTS "{\n"
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])\n"
    "    let (top, _) = topk(s, 5)\n"
    "    let p[h, i, j] = softmax[j | s[h, i, j] >= top[h, i, 4]](s[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])\n"
    "}\n"
    "export fn broken" ARGUMENTS "{\n" /* stick-breaking */
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])\n"
    "    let l[h, i, j] = log_sigmoid(-s[h, i, j])\n"
    "    rec c[h, i, j] = (c[h, i, j - 1] ?? 0.0) + l[h, i, j]\n"
    "    let w[h, i, j] = if j <= i { exp(log_sigmoid(s[h, i, j]) + c[h, i, S - 1] - c[h, i, j]) } else { 0.0 }\n"
    "    out[h, i, d] = sum[j](w[h, i, j] * v[h, j, d])\n"
    "}\n"
    "export fn shared" ARGUMENTS "{\n" /* one head's scores for the values of all */
    "    let s[i: T, j: S] = sum[d](q[0, i, d] * k[0, j, d]) + b[0, 0]\n"
    "    let p[i, j] = softmax[j | j <= i + S - T](s[i, j])\n"
    "    out[h, i, d] = sum[j](p[i, j] * v[h, j, d])\n"
    "}\n"
    "export fn halves" ARGUMENTS "{\n" /* sorted scores, in layers of a loop */
    "    var y = q\n"
    "    for l in 0..2 {\n"
    "        let x[h, i, j] = sum[d](y[h, i, d] * k[h, j, d]) + f32(l)\n"
    "        let (t, _) = sort(x)\n"
    "        let z[h, i, d] = tanh(sum[j: S // 2](t[h, i, j] * v[h, j, d]))\n"
    "        y = z\n"
    "    }\n"
    "    y\n"
    "}\n"
    "export fn ordered" ARGUMENTS "{\n" /* subscripts that the scores give: stored for all rows */
    "    let x[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])\n"
    "    let (t, o) = sort(x)\n"
    "    out[h, i, d] = sum[j: S // 2](t[h, i, j] * v[h, o[h, i, j], d])\n"
    "}\n"
    "export fn routed" ARGUMENTS "{\n" /* what is sorted is all that is read of a strip: its values, and its places */
    "    let p[h, i, j] = softmax[j](sum[d](q[h, i, d] * k[h, j, d]))\n"
    "    let (g, to) = topk(p, 2)\n"
    "    out[h, i, d] = sum[n](g[h, i, n] * v[h, to[h, i, n], d])\n"
    "}\n"
    "export fn looked_up" ARGUMENTS "{\n"
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) + b[h, at[i, j]]\n"
    "    let (top, _) = topk(s, 5)\n"
    "    let p[h, i, j] = softmax[j | s[h, i, j] >= top[h, i, 4]](s[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])\n"
    "}\n"
    "export fn bisected" ARGUMENTS "{\n" /* sparsemax: bounds of each row, which a loop brings closer */
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])\n"
    "    let m[h, i] = max[j](s[h, i, j])\n"
    "    var lo: f32[H, T] = m - 1.0\n"
    "    var hi: f32[H, T] = m\n"
    "    for n in 0..12 {\n"
    "        let t[h, i] = (lo[h, i] + hi[h, i]) / 2 + f32(n) * 1e-6\n"
    "        let f[h, i] = sum[j](max(s[h, i, j] - t[h, i], 0.0)) - 1.0\n"
    "        let l[h, i] = if f[h, i] > 0.0 { t[h, i] } else { lo[h, i] }\n"
    "        let u[h, i] = if f[h, i] > 0.0 { hi[h, i] } else { t[h, i] }\n"
    "        lo = l\n"
    "        hi = u\n"
    "    }\n"
    "    out[h, i, d] = sum[j](max(s[h, i, j] - lo[h, i], 0.0) * v[h, j, d])\n"
    "}\n"
    "export fn stepped" ARGUMENTS "{\n" /* rows and a count of turns; weights that are kept from turn to turn */
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])\n"
    "    var n = 0\n"
    "    var w[h, i, j] = tanh(s[h, i, j])\n"
    "    var t[h, i] = max[j](s[h, i, j]) - 1.0\n"
    "    while n < 4 {\n"
    "        let x[h, i, j] = w[h, i, j] * 0.5 + max(s[h, i, j] - t[h, i], 0.0)\n"
    "        let z[h, i] = t[h, i] + 0.1 * (sum[j](x[h, i, j] ^ 2) - 1.0) / (1.0 + sum[j](abs(x[h, i, j])))\n"
    "        w = x\n"
    "        t = z\n"
    "        n += 1\n"
    "    }\n"
    "    out[h, i, d] = sum[j](w[h, i, j] * v[h, j, d]) + t[h, i]\n"
    "}\n"
    "fn threshold(s: f32[S]) -> f32 {\n" /* of one row */
    "    var lo = max[j](s[j]) - 1.0\n"
    "    var hi = max[j](s[j])\n"
    "    while hi - lo > 1e-3 {\n"
    "        let t = (lo + hi) / 2\n"
    "        if sum[j](max(s[j] - t, 0.0)) > 1.0 { lo = t } else { hi = t }\n"
    "    }\n"
    "    lo\n"
    "}\n"
    "export fn searched" ARGUMENTS "{\n"
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])\n"
    "    let t[h, i] = threshold(s[h, i])\n"
    "    out[h, i, d] = sum[j](max(s[h, i, j] - t[h, i], 0.0) * v[h, j, d])\n"
    "}\n"
    "export fn recurred" ARGUMENTS "{\n"
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])\n"
    "    rec {\n"
    "        f[n: 6, h, i] = sum[j](max(s[h, i, j] - (t[n - 1, h, i] ?? 0.5), 0.0)) - 1.0\n"
    "        t[n: 6, h, i] = (t[n - 1, h, i] ?? 0.5) + 0.01 * f[n, h, i]\n"
    "    }\n"
    "    out[h, i, d] = sum[j](max(s[h, i, j] - t[5, h, i], 0.0) * v[h, j, d])\n"
    "}\n"
    "export fn classes" ARGUMENTS "{\n" /* what places of one class have, by key */
    "    let w[h, i, j] = softmax[j](sum[d](q[h, i, d] * k[h, j, d]))\n"
    "    let c[j: S] = i32((j * 5 + j // 7) % 11)\n"
    "    out[h, i, d] = sum[j | i64(c[j]) == d](w[h, i, j]) + v[h, 0, d]\n"
    "}\n"
    "fn nucleus(s: f32[S], share: f32) -> f32[S] where S >= 1 {\n" /* of a row; a subscript that a count gives is inside */
    "    let (o, _) = sort(s, descending: true)\n"
    "    let e[j] = exp(o[j] - o[0])\n"
    "    let z = sum[j](e[j])\n"
    "    rec c[j] = (c[j - 1] ?? 0.0) + e[j] / z\n"
    "    let n = count[j](c[j] < share)\n"
    "    let t = o[min(n, S - 1)]\n"
    "    let w[j] = if s[j] >= t { exp(s[j] - o[0]) } else { 0.0 }\n"
    "    w\n"
    "}\n"
    "export fn sampled" ARGUMENTS "{\n"
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])\n"
    "    let w[h, i] = nucleus(s[h, i], 0.8)\n"
    "    out[h, i, d] = sum[j](w[h, i, j] * v[h, j, d])\n"
    "}\n"
    "export fn counted" ARGUMENTS "{\n" /* how often each key has been seen by a row */
    "    let a[i: T, d: D] = if q[0, i, d] > 0.1 { d } else { if q[0, i, d] > -0.2 { 2 * d + 3 } else { 5 } }\n"
    "    let c[i: T, j: S] = count[d | a[i, d] == j](true)\n"
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) - 0.25 * f32(c[i, j])\n"
    "    let p[h, i, j] = softmax[j](s[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])\n"
    "}\n"
    "export fn crossed" ARGUMENTS "{\n" /* rows that read others: stored for all of them */
    "    let s[h, i: T, j: T] = sum[d](q[h, i, d] * q[h, j, d])\n"
    "    let (top, _) = topk(s, 1)\n"
    "    let x[h, i, j] = if s[h, i, j] > top[h, j, 0] - 0.5 { s[h, i, j] } else { 0.0 }\n"
    "    out[h, i, d] = sum[j](x[h, i, j] * q[h, j, d]) + top[h, i, 0] + v[h, 0, d] + k[h, 0, d]\n"
    "}\n";

static const char *const names[] = { "largest", "shared", "halves", "ordered", "routed", "looked_up", "bisected", "stepped", "searched", "recurred", "classes", "sampled", "counted", "broken", "crossed" };
enum { APART = 2 }; /* the last ones know other rows: `broken` counts keys from the first, `crossed` has rows for keys */
static const int rows_of[] = { 1, 63, 64, 65, 129 };
enum { H = 2, D = 18, S = 77, T = 150, W = 9, COUNT = sizeof names / sizeof *names, FEWER = sizeof rows_of / sizeof *rows_of };

typedef struct Data { float q[H * T * D], k[H * S * D], v[H * S * D], b[H * W]; int32_t at[T * S]; } Data;
static const RoomRows shape = { H, T, D };

/* The last `rows` of the T rows. */
static MlcrtStatus try_to_attend(Room *r, Way *way, const char *name, int rows, const Data *x, float *out)
{
    static float q[H * T * D];
    int64_t qs[] = { H, rows, D }, ks[] = { H, S, D }, bs[] = { H, W }, as[] = { rows, S };
    const RoomArg of[] = { { q, qs, 3, 2 }, { x->k, ks, 3, 2 }, { x->v, ks, 3, 2 }, { x->b, bs, 2, 2 }, { x->at + (T - rows) * S, as, 2, 0 }, { out, qs, 3, 2 } };
    room_take_rows(shape, rows, x->q, q);
    return room_call(r, way, name, of, 6);
}

static void attend(Room *r, Way *way, const char *name, int rows, const Data *x, float *out)
{
    ck_assert_msg(try_to_attend(r, way, name, rows, x, out) == 0, "%s: %s", name, mlcrt_error(r->s)->sentence);
}

static Data *new_data(void)
{
    Data *x = malloc(sizeof *x);
    ck_assert_ptr_nonnull(x);
    room_fill(x->q, H * T * D, 1);
    room_fill(x->k, H * S * D, 2);
    room_fill(x->v, H * S * D, 3);
    room_fill(x->b, H * W, 4);
    for (int i = 0; i < T * S; i++)
        x->at[i] = (i * 7 + i / S) % W;
    return x;
}

static Rooms rooms;
static void open_rooms(void) { rooms_open(&rooms, "strips.ml", program); }
static void stop_rooms(void) { rooms_stop(&rooms); }

START_TEST(the_interpreter_agrees)
{
    static float want[H * T * D], got[H * T * D];
    Room *r = &rooms.of[0];
    Data *x = new_data();
    attend(r, mlc_interpret, names[_i], T, x, want);
    attend(r, mlc_call, names[_i], T, x, got);
    room_agree(want, got, H * T * D, 1e-5f, names[_i]);
    free(x);
}
END_TEST

START_TEST(bits_are_the_same_everywhere)
{
    static float want[H * T * D], got[H * T * D];
    if (!room_fuses())
        return;
    Data *x = new_data();
    for (int f = 0; f < COUNT; f++) {
        attend(&rooms.one, mlc_call, names[f], T, x, want);
        for (int m = 0; m < ROOM_MACHINES; m++) {
            attend(&rooms.of[m], mlc_call, names[f], T, x, got);
            room_same(want, got, sizeof want, names[f], m);
            for (int i = 0; i < FEWER && f < COUNT - APART; i++) {
                attend(&rooms.of[m], mlc_call, names[f], rows_of[i], x, got);
                room_same_rows(shape, rows_of[i], got, want, names[f], S);
            }
        }
    }
    free(x);
}
END_TEST

/* Rows of the first and the last strip fail. */
START_TEST(the_first_fault_is_the_first_of_all)
{
    static float out[H * T * D];
    Way *const ways[] = { mlc_interpret, mlc_call };
    Room *r = &rooms.of[0];
    Data *x = new_data();
    x->at[(T - 2) * S + 3] = -4;
    for (int k = 0; k < 2; k++) {
        for (int w = 0; w < 2; w++) {
            ck_assert_int_ne(try_to_attend(r, ways[w], "looked_up", T, x, out), 0);
            ck_assert_str_eq(mlcrt_error(r->s)->sentence, k ? "subscript 9 is outside an axis of size 9" : "subscript -4 is outside an axis of size 9");
        }
        x->at[2 * S + 5] = W;
    }
    free(x);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("driver: strips of rows");
    TCase *t = tcase_create("strips");
    tcase_set_timeout(t, 120);
    tcase_add_unchecked_fixture(t, open_rooms, stop_rooms);
    tcase_add_loop_test(t, the_interpreter_agrees, 0, COUNT);
    tcase_add_test(t, bits_are_the_same_everywhere);
    tcase_add_test(t, the_first_fault_is_the_first_of_all);
    suite_add_tcase(s, t);
    return test_main_together(s);
}
