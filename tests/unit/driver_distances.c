/* driver_distances.c - scores that are read at rows beside the row, as far from it as an `int` of the call says (passes/strip_halo.c), for a strip of rows at
 * a time; and at rows that a table or a quotient tells, which are computed there (passes/fuse_apart.c). The interpreter agrees, in what fails as well, and the bits are the same for any number of threads, for AVX2 and AVX-512: with distances of nothing, to either side, of a
 * strip, of more rows than there are, and of what passes 2^63 on the way. */
#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stream_room.h"
#include "test_main.h"

#define HEAD(name) "export fn " #name "(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], w: f32[A], n: int, off: i32[A], at: i32[T, A]) -> f32[H, T, D] where T >= 1, S >= 1 {\n" \
                   "    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)\n"
#define OUT(p)     "    out[h, i, d] = sum[j](" p "[h, i, j] * v[h, j, d])\n}\n"
#define SOFT(c)    "    let p[h, i, j] = softmax[j](" c "[h, i, j])\n" OUT("p")

static const char program[] =
    HEAD(dilated) /* as far as the product of an index and the int, of either sign */
    "    let c[h, i: T, j] = sum[a](w[a] * (s[h, i - a * n, j] ?? 0.0))\n" SOFT("c")
    HEAD(causal)
    "    let c[h, i: T, j] = sum[a](w[a] * (s[h, i - a * n, j] ?? 0.0))\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T](c[h, i, j])\n" OUT("p")
    HEAD(both) /* before and behind, and places as well */
    "    let c[h, i: T, j: S] = sum[a](w[a] * ((s[h, i - a * n, j - a] ?? 0.0) + (s[h, i + n, j + n] ?? 0.25)))\n" SOFT("c")
    HEAD(behind) /* the softmax */
    "    let p[h, i, j] = softmax[j](s[h, i, j])\n"
    "    let c[h, i: T, j] = sum[a](w[a] * (p[h, i - a * n, j] ?? 0.0))\n" OUT("c")
    HEAD(windows) /* a guard keeps rows near the row */
    "    let c[h, i: T, j] = sum[m | m <= i and i - m < n](s[h, m, j]) - 0.125 * max[m | abs(m - i) <= n](s[h, m, j])\n"
    "    let p[h, i, j] = if n >= 0 { sigmoid(c[h, i, j]) } else { 0.0 }\n" OUT("p")
    HEAD(sorted) /* of a row of what has others beside it, twice */
    "    let c[h, i: T, j] = sum[a](w[a] * (s[h, i - a * n, j] ?? 0.0))\n"
    "    let (top, _) = sort(c)\n"
    "    let x[h, i: T, j] = c[h, i, j] - (top[h, i - n // 2, 0] ?? 0.0) + s[h, clip(i + n, 0, T - 1), j]\n" SOFT("x")
    HEAD(summed) /* rows that go on from strip to strip */
    "    let f[h, i: T, j] = cumsum[i](tanh(s[h, i, j]) + (s[h, i - n, j] ?? 0.0))\n"
    "    let x[h, i: T, j] = s[h, i, j] - 0.125 * f[h, i, j] - 0.125 * (f[h, i - n, j] ?? 0.0)\n" SOFT("x")
    HEAD(strided) /* a size is as far as a number */
    "    let c[h, i: T, j] = sum[a](w[a] * (s[h, i - a * D, j] ?? 0.0)) + sum[a](w[a] * (s[h, i + (a + n) * 3, j] ?? 0.0))\n" SOFT("c")
    HEAD(tabled)
    "    let c[h, i: T, j] = sum[a](w[a] * (s[h, i - i64(off[a]), j] ?? 0.0))\n" SOFT("c")
    HEAD(looked_up) /* rows that are none fail, whether they are read or not; beside its own row */
    "    let c[h, i: T, j] = s[h, i, j] + sum[a](w[a] * s[h, i64(at[i, a]), j])\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T](c[h, i, j])\n" OUT("p")
    HEAD(rolled) /* rows that go round, and those of a group */
    "    let c[h, i: T, j] = sum[a](w[a] * s[h, (i + a * (n % 1000)) % T, j]) + max[m: 3](s[h, i // 3 * 3 + m, j] ?? 0.0)\n" SOFT("c")
    HEAD(ranked) /* and sorted, of a strip of rows */
    "    let c[h, i: T, j] = max[a](w[a] * (s[h, i64(at[i, a]) - n, j] ?? 0.5))\n"
    "    let (top, _) = topk(c, 1)\n"
    "    let p[h, i, j] = if c[h, i, j] > top[h, i, 0] - 0.5 { sigmoid(c[h, i, j]) } else { 0.0 }\n" OUT("p")
    HEAD(chosen) /* weights of one other row, and of two */
    "    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j])\n"
    "    let o[h, i: T, d] = sum[j](p[h, clip(i64(at[T - 1 - i, 0]) + n, 0, T - 1), j] * v[h, j, d])\n"
    "    out[h, i, d] = o[h, i, d] + sum[j](p[h, i, j] * p[h, i64(at[i, 0]), j] * v[h, j, d])\n}\n"
    HEAD(mixed) /* weights of several rows, which may be none */
    "    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j])\n"
    "    let c[h, i: T, j] = 0.5 * p[h, i, j] + sum[a](w[a] * p[h, i64(at[i, a]), j])\n" OUT("c")
    HEAD(gone_round) /* of fewer rows than there are */
    "    let p[h, i, j] = softmax[j](s[h, i, j] * 2.0)\n"
    "    let c[h, m: (T + 1) // 2, j] = max[a: A](p[h, (m * 3 + a * (n % 1000)) % T, j])\n"
    "    let o[h, m: (T + 1) // 2, d] = sum[j](c[h, m, j] * v[h, j, d])\n"
    "    out[h, i: T, d] = o[h, i // 2, d]\n}\n";

static const char *const names[] = { "dilated", "causal", "both", "behind", "windows", "sorted", "summed", "strided", "tabled", "looked_up", "rolled", "ranked", "chosen", "mixed", "gone_round" };
static const struct { int rows, places, window; } sizes[] = { { 1, 3, 2 }, { 150, 17, 4 }, { 65, 5, 3 }, { 130, 9, 0 } };
static const int64_t distances[] = { 0, 1, -1, 7, -64, 63, 1000000, -((int64_t)1 << 61), INT64_MAX, INT64_MIN };
enum { H = 2, D = 4, T = 150, S = 17, A = 4, N = sizeof distances / sizeof *distances, COUNT = sizeof names / sizeof *names };
#if defined(__SANITIZE_ADDRESS__)
enum { SIZES = 2 }; /* they take several times as long */
#else
enum { SIZES = sizeof sizes / sizeof *sizes };
#endif

typedef struct Data { float q[H * T * D], k[H * S * D], v[H * S * D], w[A]; int32_t off[A], at[T * A]; } Data;

static MlcrtStatus attend(Room *r, Way *way, const char *name, int size, int64_t n, const Data *x, float *out)
{
    int64_t qs[] = { H, sizes[size].rows, D }, ks[] = { H, sizes[size].places, D }, ws[] = { sizes[size].window }, as[] = { sizes[size].rows, sizes[size].window };
    const RoomArg of[] = { { x->q, qs, 3, 2 }, { x->k, ks, 3, 2 }, { x->v, ks, 3, 2 }, { x->w, ws, 1, 2 }, { &n, NULL, 0, 0 }, { x->off, ws, 1, 0 }, { x->at, as, 2, 0 }, { out, qs, 3, 2 } };
    return room_call(r, way, name, of, 8);
}

static Data *new_data(void)
{
    Data *x = malloc(sizeof *x);
    ck_assert_ptr_nonnull(x);
    room_fill(x->q, H * T * D, 1);
    room_fill(x->k, H * S * D, 2);
    room_fill(x->v, H * S * D, 3);
    room_fill(x->w, A, 4);
    for (int a = 0; a < A; a++)
        x->off[a] = (int32_t[]){ 0, 70, -3, 1000 }[a];
    for (int i = 0; i < T * A; i++)
        x->at[i] = i % 7 == 1 ? i % 65 : 0; /* of one row the second one is none: there it fails */
    return x;
}

static Rooms rooms;
static void open_rooms(void) { rooms_open(&rooms, "distances.ml", program); }
static void stop_rooms(void) { rooms_stop(&rooms); }

START_TEST(the_interpreter_agrees)
{
    static float want[H * T * D], got[H * T * D];
    Room *r = &rooms.of[0];
    Data *x = new_data();
    int well = 0, ill = 0;
    for (int f = 0; f < COUNT; f++)
        for (int i = 0; i < SIZES * N; i++) {
            MlcrtStatus status = attend(r, mlc_interpret, names[f], i / N, distances[i % N], x, want);
            ck_assert_int_eq(attend(r, mlc_call, names[f], i / N, distances[i % N], x, got), status);
            well += !status;
            ill += status != 0;
            if (!status)
                room_agree(want, got, H * sizes[i / N].rows * D, 2e-5f, names[f]);
        }
    ck_assert_int_gt(well, 3 * ill);
    ck_assert_int_gt(ill, 0);
    free(x);
}
END_TEST

START_TEST(bits_are_the_same_everywhere)
{
    static float want[H * T * D], got[H * T * D];
    if (!room_fuses())
        return;
    Data *x = new_data();
    for (int f = 0; f < COUNT; f++)
        for (int i = 0; i < SIZES * N; i++)
            for (int m = attend(&rooms.one, mlc_call, names[f], i / N, distances[i % N], x, want) ? ROOM_MACHINES : 0; m < ROOM_MACHINES; m++) {
                ck_assert_int_eq(attend(&rooms.of[m], mlc_call, names[f], i / N, distances[i % N], x, got), 0);
                room_same(want, got, sizeof(float) * (size_t)(H * sizes[i / N].rows * D), names[f], m);
            }
    free(x);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("driver: rows at distances of the call");
    TCase *t = tcase_create("distances");
    tcase_set_timeout(t, 600);
    tcase_add_unchecked_fixture(t, open_rooms, stop_rooms);
    tcase_add_test(t, the_interpreter_agrees);
    tcase_add_test(t, bits_are_the_same_everywhere);
    suite_add_tcase(s, t);
    return test_main_together(s);
}
