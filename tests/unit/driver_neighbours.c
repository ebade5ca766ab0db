/* driver_neighbours.c - scores that are read at rows beside the row, for a strip of rows at a time (passes/strip_halo.c): multi-token attention, convolutions
 * before and behind a softmax, rows that add up along a chain, maxima of rows beside the row; sums and recurrences along the rows, which go on from strip
 * to strip (strip_scan.c). The interpreter agrees, and the bits are the same for any number
 * of threads, for AVX2 and AVX-512: of no rows, one, one strip, and several; with a window of nothing, of a row, and of more than there are. What fails fails
 * as in the interpreter. */
#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stream_room.h"
#include "test_main.h"

#define HEAD(name) "export fn " #name "(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], w: f32[H, A, B]) -> f32[H, T, D] where H >= 1, B >= 3 {\n" \
                   "    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)\n"
#define OUT(p)     "    out[h, i, d] = sum[j](" p "[h, i, j] * v[h, j, d])\n}\n"
#define FEW        "    let e = if A > 0 { w[0, A - 1, 0] } else { 0.5 }\n" /* one number of the window */

static const char program[] =
    HEAD(before)
    "    let c[h, i: T, j: T] = sum[a: A, b: B | i - a >= 0 and j - b >= 0](w[h, a, b] * s[h, i - a, j - b])\n"
    "    let p[h, i, j] = softmax[j | j <= i](c[h, i, j])\n" OUT("p")
    HEAD(after) /* the row: so many before it */
    "    let c[h, i: T, j: T] = sum[a, b](w[h, a, b] * (s[h, i + a, j + b - 1] ?? 0.25))\n"
    "    let p[h, i, j] = softmax[j | j <= i](c[h, i, j])\n" OUT("p")
    HEAD(masked)
    "    let m[h, i: T, j: T] = if j <= i { s[h, i, j] } else { 0.0 }\n"
    "    let c[h, i: T, j: T] = sum[a, b](w[h, a, b] * (m[h, i - a, j - b + 2] ?? 0.0))\n"
    "    let p[h, i, j] = softmax[j | j <= i](c[h, i, j])\n" OUT("p")
    HEAD(behind)
    "    let p[h, i, j] = softmax[j | j <= i](s[h, i, j])\n"
    "    let c[h, i: T, j: T] = if j <= i { sum[a, b | i - a >= 0 and j - b >= 0](w[h, a, b] * p[h, i - a, j - b]) } else { 0.0 }\n" OUT("c")
    HEAD(mixed)
    "    let c[h, i: T, j: T] = sum[a, b](w[h, a, b] * (s[h, i - a, j - b] ?? 0.0))\n"
    "    let x[h: H, i: T, j] = sum[g](f32(1 + (h + g) % 2) * c[g, i, j])\n"
    "    let p[h, i, j] = softmax[j | j <= i](x[h, i, j])\n" OUT("p")
    HEAD(twice) FEW /* rows on both sides, which add up; those outside are the last ones inside */
    "    let c[h, i: T, j: T] = tanh(sum[a: 3, b: 3](e * (s[h, i + a - 1, j + b - 1] ?? 0.0)))\n"
    "    let x[h, i: T, j: T] = sum[a: 3, b: 2](f32(a + b) * c[h, clip(i + 2 * a - 3, 0, T - 1), clip(j - b, 0, T - 1)])\n"
    "    let p[h, i, j] = softmax[j](x[h, i, j])\n" OUT("p")
    HEAD(ranked) FEW /* of what is sorted all rows are those that others read of it */
    "    let c[h, i: T, j: T] = s[h, i, j] + e * (s[h, i - 1, j] ?? 0.0)\n"
    "    let (top, at) = sort(c, descending: true)\n"
    "    let x[h, i: T, j: T] = c[h, i, j] - (top[h, i - 2, 0] ?? 0.0) + f32(at[h, i + 3, 0] ?? 1)\n"
    "    let p[h, i, j] = softmax[j](x[h, i, j] - top[h, i, 0])\n" OUT("p")
    HEAD(looped) /* in the turns of a loop */
    "    let m[h, i] = max[j](s[h, i, j])\n"
    "    var lo: f32[H, T] = m - 1.0\n"
    "    for n in 0..5 {\n"
    "        let f[h, i] = sum[j](max(s[h, i, j] + 0.5 * (s[h, i - 1, j] ?? 0.0) - lo[h, i], 0.0)) - 1.0\n"
    "        let l[h, i] = lo[h, i] + 0.01 * f[h, i]\n"
    "        lo = l\n"
    "    }\n"
    "    let p[h, i: T, j: T] = max(s[h, i, j] - (lo[h, i - 1] ?? 0.0), 0.0)\n" OUT("p")
    HEAD(columns) /* summed by rows and by columns */
    "    let c[h, i: T, j: T] = sum[a, b](w[h, a, b] * (s[h, i - a, j - b] ?? 0.0))\n"
    "    let (top, _) = sort(c)\n"
    "    let x[h, i: T, j: T] = if c[h, i, j] > (top[h, i - 1, 0] ?? 0.0) { c[h, i, j] } else { 0.0 }\n"
    "    let y[h: H, j: T, d: D] = sum[i](x[h, i, j] * q[h, i, d])\n"
    "    let z[h: H, i: T, d: D] = sum[j](x[h, i, j] * v[h, j, d])\n"
    "    let (t, _) = sort(y)\n"
    "    let (u, _) = sort(z)\n"
    "    out[h, i, d] = t[h, i, d] + u[h, i, d]\n}\n"
    HEAD(kept) FEW /* a number of each row that others read is a result, too */
    "    let m[h, i] = max[j](s[h, i, j])\n"
    "    let x[h, i: T, j: T] = exp(s[h, i, j] - (m[h, i - 1] ?? 0.0)) * e\n"
    "    let (top, _) = sort(x)\n"
    "    let y[h, i, d] = sum[j](top[h, i, j] * v[h, j, d])\n"
    "    out[h, i, d] = y[h, i, d] + m[h, i]\n}\n"
    HEAD(selective) /* sums of the rows before: a loop over rows that goes on from strip to strip */
    "    let f[i: T, j: T] = sum[m | m < i](relu(s[0, m, j]))\n"
    "    let p[h, i: T, j: T] = softmax[j | j <= i](s[h, i, j] - f[i, j])\n" OUT("p")
    HEAD(summed) FEW /* each head its own; of scores that are convolved */
    "    let c[h, i: T, j: T] = sum[a, b](w[h, a, b] * (s[h, i - a, j - b] ?? 0.0))\n"
    "    let f[h, i, j] = cumsum[i](e * c[h, i, j])\n"
    "    let p[h, i: T, j: T] = softmax[j | j <= i](s[h, i, j] - 0.1 * f[h, i, j])\n" OUT("p")
    HEAD(recurred) FEW /* two rows back, and the row behind; two tensors that read one another */
    "    rec {\n"
    "        f[i: T, j: T] = 0.5 * (f[i - 2, j] ?? 0.25) + tanh(s[0, i, j]) + (g[i - 1, j] ?? 0.0)\n"
    "        g[i: T, j: T] = 0.25 * f[i, j] + e * (g[i - 3, j] ?? 1.0)\n"
    "    }\n"
    "    let x[h, i: T, j: T] = s[h, i, j] - f[i, j] + (g[i + 1, j] ?? 0.0) + (g[i - 1, j] ?? 0.0)\n"
    "    let p[h, i: T, j: T] = softmax[j](x[h, i, j])\n" OUT("p")
    HEAD(smoothed) FEW /* what is read of rows that go on is convolved in turn, sorted, and read at other rows again */
    "    rec f[h, i, j] = 0.75 * (f[h, i - 1, j] ?? 0.0) + s[h, i, j]\n"
    "    let c[h, i: T, j: T] = tanh(sum[a: 3, b: 3](e * (f[h, i + a - 1, j + b - 1] ?? 0.0)))\n"
    "    let (top, _) = sort(f)\n"
    "    let x[h, i: T, j: T] = c[h, i, j] + (c[h, i - 5, j] ?? 0.0) - (top[h, i - 1, 0] ?? 0.0)\n"
    "    let p[h, i, j] = softmax[j | j <= i](x[h, i, j])\n" OUT("p")
    HEAD(windows) FEW /* rows that a guard keeps near the row */
    "    let c[h, i: T, j: T] = sum[m: T | m <= i and i - m < A](w[h, i - m, 0] * s[h, m, j])\n"
    "    let x[h, i: T, j: T] = max[m: T | abs(m - i) <= 2](c[h, m, j]) - e * sum[m: T | m > i - 4 and m < i + A](s[h, m, j])\n"
    "    let p[h, i, j] = softmax[j | j <= i](x[h, i, j])\n" OUT("p")
    HEAD(ringed) /* of what others do not read a turn has the last rows alone: they go on as they are */
    "    rec {\n"
    "        f[i: T, j: T] = tanh(s[0, i, j]) + (g[i - 1, j] ?? 0.0)\n"
    "        g[i: T, j: T] = 0.25 * f[i, j] + 0.5 * (g[i - 1, j] ?? 1.0)\n"
    "    }\n"
    "    let p[h, i, j] = softmax[j](s[h, i, j] - f[i, j])\n" OUT("p")
    HEAD(largest) /* a maximum so far, in place: stored whole */
    "    var c = s\n"
    "    var n = 0.0\n"
    "    for i in 0..T {\n"
    "        n += 0.125\n"
    "        let r[h: H, j: T] = if i > 0 { max(c[h, max(i - 1, 0), j], s[h, i, j] - n) } else { s[h, i, j] }\n"
    "        c[:, i] = r\n"
    "    }\n"
    "    let p[h, i: T, j: T] = softmax[j](s[h, i, j] - 0.5 * c[h, i, j])\n" OUT("p")
    HEAD(stated) /* between two loops, one of which goes over rows */
    "    let y[h: H, i: T] = max[j](s[h, i, j])\n"
    "    var z: f32[H, T] = y\n"
    "    rec f[i, h: H, j: T] = 0.5 * (f[i - 1, h, j] ?? 0.0) + s[h, i, j] - y[h, i]\n"
    "    let x[h: H, i: T, j: T] = f[i, h, j] + s[h, i, j]\n"
    "    for n in 0..3 {\n"
    "        let t[h, i] = z[h, i] + 0.1 * sum[j](max(x[h, i, j] - z[h, i], 0.0)) * f32(n)\n"
    "        z = t\n"
    "    }\n"
    "    let p[h: H, i: T, j: T] = max(x[h, i, j] - z[h, i], 0.0)\n" OUT("p")
    HEAD(bare) /* without a guard: with a window of more than a row there is none */
    "    let c[h, i: T, j: T] = sum[b](w[h, 0, b] * s[h, i - A + 1, j]) - s[h, i, j]\n"
    "    let p[h, i, j] = softmax[j](c[h, i, j])\n" OUT("p")
    HEAD(bare_sum) /* in a loop over rows */
    "    let f[h, i: T, j] = cumsum[i](w[h, 0, 0] * s[h, i - A + 1, j])\n"
    "    let p[h, i, j] = softmax[j](s[h, i, j] - f[h, i, j])\n" OUT("p");

static const char *const names[] = { "before", "after", "masked", "behind", "mixed", "twice", "ranked", "looped", "columns", "kept",
                                    "selective", "summed", "recurred", "smoothed", "windows", "ringed", "largest", "stated" };
static const char *const bare[] = { "bare", "bare_sum" };
static const struct { int rows, window; } sizes[] = { { 0, 4 }, { 1, 0 }, { 1, 1 }, { 1, 70 }, { 63, 4 }, { 64, 4 },
                                                      { 65, 1 }, { 65, 70 }, { 130, 0 }, { 130, 3 }, { 270, 2 } };
enum { H = 2, D = 4, BARE = 130, T = 270, A = 70, B = 3, COUNT = sizeof names / sizeof *names, SIZES = sizeof sizes / sizeof *sizes };

/* Of the sizes every so manieth, others for each function. */
#if defined(__SANITIZE_ADDRESS__)
enum { SOME = 3 };
#else
enum { SOME = 1 };
#endif

typedef struct Data { float q[H * T * D], k[H * T * D], v[H * T * D], w[H * A * B]; } Data;

static MlcrtStatus try_to_attend(Room *r, Way *way, const char *name, int rows, int window, const Data *x, float *out)
{
    int64_t qs[] = { H, rows, D }, ws[] = { H, window, B };
    const RoomArg of[] = { { x->q, qs, 3, 2 }, { x->k, qs, 3, 2 }, { x->v, qs, 3, 2 }, { x->w, ws, 3, 2 }, { out, qs, 3, 2 } };
    return room_call(r, way, name, of, 5);
}

static void attend(Room *r, Way *way, const char *name, int rows, int window, const Data *x, float *out)
{
    ck_assert_msg(try_to_attend(r, way, name, rows, window, x, out) == 0, "%s of %d: %s", name, rows, mlcrt_error(r->s)->sentence);
}

static Data *new_data(void)
{
    Data *x = malloc(sizeof *x);
    ck_assert_ptr_nonnull(x);
    room_fill(x->q, H * T * D, 1);
    room_fill(x->k, H * T * D, 2);
    room_fill(x->v, H * T * D, 3);
    room_fill(x->w, H * A * B, 4);
    return x;
}

static void rows_that_are_none_fail(Room *r, const char *name, const Data *x)
{
    static float want[H * T * D], got[H * T * D];
    attend(r, mlc_interpret, name, BARE, 1, x, want);
    attend(r, mlc_call, name, BARE, 1, x, got);
    room_agree(want, got, H * BARE * D, 1e-5f, name);
    for (int window = 2; window < 4; window++) {
        MlcrtStatus status = try_to_attend(r, mlc_interpret, name, BARE, window, x, want);
        ck_assert_int_ne(status, 0);
        ck_assert_int_eq(try_to_attend(r, mlc_call, name, BARE, window, x, got), status);
        const char *said = window == 2 ? "subscript -1 is outside an axis of size 130" : "subscript -2 is outside an axis of size 130";
        ck_assert_str_eq(mlcrt_error(r->s)->sentence, said);
    }
}

static Rooms rooms;
static void open_rooms(void) { rooms_open(&rooms, "neighbours.ml", program); }
static void stop_rooms(void) { rooms_stop(&rooms); }

START_TEST(the_interpreter_agrees)
{
    static float want[H * T * D], got[H * T * D];
    Room *r = &rooms.of[0];
    Data *x = new_data();
    for (int f = 0; f < 2; f++)
        rows_that_are_none_fail(r, bare[f], x);
    for (int f = 0; f < COUNT; f++)
        for (int i = 0; i < SIZES; i++) {
            int rows = sizes[i].rows, window = sizes[i].window;
            if (rows == T && strcmp(names[f], "columns") != 0) /* whose strips are of 256 */
                continue;
            if (rows < T && (f + i) % SOME)
                continue;
            attend(r, mlc_interpret, names[f], rows, window, x, want);
            attend(r, mlc_call, names[f], rows, window, x, got);
            room_agree(want, got, H * rows * D, 2e-5f, names[f]);
        }
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
        for (int i = 0; i < SIZES; i++) {
            int rows = sizes[i].rows, window = sizes[i].window;
            attend(&rooms.one, mlc_call, names[f], rows, window, x, want);
            for (int m = 0; m < ROOM_MACHINES; m++) {
                attend(&rooms.of[m], mlc_call, names[f], rows, window, x, got);
                room_same(want, got, sizeof(float) * (size_t)(H * rows * D), names[f], m);
            }
        }
    free(x);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("driver: rows beside the row");
    TCase *t = tcase_create("neighbours");
    tcase_set_timeout(t, 600);
    tcase_add_unchecked_fixture(t, open_rooms, stop_rooms);
    tcase_add_test(t, the_interpreter_agrees);
    tcase_add_test(t, bits_are_the_same_everywhere);
    suite_add_tcase(s, t);
    return test_main_together(s);
}
