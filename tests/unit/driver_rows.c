/* driver_rows.c - a row has the same bits in a program that says how many rows there are (`q: f32[H, 1, D]`) as among many rows of a
 * program that does not: one text, compiled as it stands and with numbers in place of T. */
#include <check.h>
#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stream_room.h"
#include "test_main.h"

#define HEAD(name) "export fn " #name "(q: f32[H, T, D], k: f32[G, S, D], mix: f32[H, H], doc: i32[S], own: i32[T]) -> f32[H, T, D] where H >= 2, G >= 1 {\n" \
                   "    let a[h, i, j] = sum[d](q[h, i, d] * k[h // (H / G), j, d]) / sqrt(D)\n"
#define OUT        "    out[h, i, d] = sum[j](p[h, i, j] * k[h // (H / G), j, d])\n}\n"
#define MIXED      "    let w[h: H, i, j] = sum[g: H](mix[h, g] * p[g, i, j])\n    out[h, i, d] = sum[j](w[h, i, j] * k[h // (H / G), j, d])\n}\n"

static const char program[] =
    HEAD(plain) "    let p[h, i, j] = softmax[j](a[h, i, j])\n" OUT
    HEAD(single) /* no heads: the row is all that there is */
    "    let p[i, j] = softmax[j | j <= i + S - T](sum[d](q[0, i, d] * k[0, j, d]))\n"
    "    let o[i, d] = sum[j](p[i, j] * k[0, j, d])\n"
    "    out[h: H, i, d] = o[i, d]\n}\n"
    HEAD(loss) "    let lp[i, j: S] = log_softmax[j](sum[d](q[1, i, d] * k[0, j, d]))\n    out[h: H, i, d: D] = lp[i, own[i]]\n}\n"
    HEAD(before) "    let p[h: H, i, j] = softmax[j](sum[g](mix[h, g] * a[g, i, j]))\n" OUT
    HEAD(causal) "    let p[h: H, i, j] = softmax[j | j <= i + S - T](sum[g](mix[h, g] * a[g, i, j]))\n" OUT
    HEAD(behind) "    let p[h, i, j] = softmax[j](a[h, i, j])\n" MIXED
    HEAD(window) "    let p[h, i, j] = softmax[j | j <= i + S - T and j > i + S - T - 270](a[h, i, j])\n" MIXED
    HEAD(documents) "    let p[h, i, j] = softmax[j | doc[j] == own[i] // 130](a[h, i, j])\n" MIXED
    HEAD(both) "    let p[h: H, i, j] = softmax[j](sum[g](mix[g, h] * a[g, i, j]))\n" MIXED
    HEAD(twice) "    let p[h: H, i, j] = softmax[j | j <= i + S - T](sum[g](mix[g, h] * a[g, i, j]))\n" MIXED
    HEAD(by_row)
    "    let m[h: H, i, g: H] = mix[h, g] * q[g, i, 0]\n"
    "    let p[h: H, i, j] = softmax[j](sum[g](m[h, i, g] * a[g, i, j]))\n"
    "    let w[h: H, i, j] = sum[g: H](m[h, i, g] * p[g, i, j])\n"
    "    out[h, i, d] = sum[j](w[h, i, j] * k[h // (H / G), j, d])\n}\n"
    HEAD(windows) "    let p[h, i, j] = softmax[j | j <= i + S - T and j > i + S - T - 100 * (h + 1)](a[h, i, j])\n" MIXED
    HEAD(differences)
    "    let p[h, i, j] = softmax[j | j <= i + S - T](a[h, i, j])\n"
    "    out[h, i, d] = sum[j]((p[h, i, j] - mix[0, 0] * p[H - 1 - h, i, j]) * k[h // (H / G), j, d])\n}\n"
    HEAD(slots) /* keys by a table, which may have no such place */
    "    let b[h: H, i, j: S] = sum[d](q[h, i, d] * k[h // (H / G), doc[j], d])\n"
    "    let p[h: H, i, j] = softmax[j | j <= i + S - T](sum[g](mix[h, g] * b[g, i, j]))\n" OUT
    HEAD(narrow) /* places cut to 32 bits */
    "    let p[h: H, i, j] = softmax[j | j <= i + S - T and j >= i + S - T - own[i]](sum[g](mix[h, g] * a[g, i, j]))\n" OUT
    HEAD(narrow_behind) "    let p[h, i, j] = softmax[j | j <= i + S - T and j >= i + S - T - own[i]](a[h, i, j])\n" MIXED
    HEAD(part) "    let s[h: H, i, j] = sum[g](mix[h, g] * a[g, i, j]) + a[0, i, j]\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j])\n" OUT
    HEAD(parts) "    let p[h: H, i, j] = softmax[j | j <= i + S - T](mix[h, 0] * a[0, i, j] + a[1, i, j])\n" OUT
    HEAD(shared) /* one score of all heads */
    "    let r[i, j] = sum[d](q[0, i, d] * k[0, j, d])\n"
    "    let p[h: H, i, j] = softmax[j | j <= i + S - T](r[i, j] * mix[h, 0])\n" OUT
    HEAD(shared_beside)
    "    let r[i, j] = sum[d](q[H - 1, i, d] * k[G - 1, j, d])\n"
    "    let p[h, i, j] = softmax[j | j > i + S - T - 300](a[h, i, j] + r[i, j])\n" OUT
    HEAD(causal_behind) "    let p[h, i, j] = softmax[j | j <= i + S - T - 1](a[h, i, j])\n" MIXED
    HEAD(hidden) /* values that are infinite, outside of all guards: 0 times these is NaN, though no row needs their block */
    "    let p[h, i, j] = softmax[j | j > i + S - T - 9](a[h, i, j])\n"
    "    let w[h: H, i, j] = sum[g: H](mix[h, g] * p[g, i, j])\n"
    "    out[h, i, d] = sum[j](w[h, i, j] * (k[h // (H / G), j, d] / f32(doc[j])))\n}\n"
    HEAD(gates) "    let p[h: H, i, j] = sigmoid(sum[g](mix[h, g] * a[g, i, j]))\n" OUT;

static const char *const names[] = { "plain", "single", "loss", "before", "causal", "behind", "window", "documents", "both", "twice", "by_row", "windows", "differences", "slots", "narrow", "narrow_behind", "part", "parts", "shared", "shared_beside", "causal_behind", "hidden", "gates" };
enum { H = 4, G = 2, D = 6, S = 530, PAIR = 270, LONG = 2100, T = 9, ROW = H * D };

typedef struct Data { float q[H * T * D], k[G * LONG * D], mix[H * H]; int32_t doc[LONG], own[T]; } Data;
static const RoomRows shape = { H, T, D };

/* The text with `rows` (0: T) in place of the word T. */
static char *text_of(int rows)
{
    char *out = calloc(1, sizeof program), *to = out;
    ck_assert_ptr_nonnull(out);
    for (const char *p = program; *p; p++) {
        bool word = p > program && (isalnum((unsigned char)p[-1]) || p[-1] == '_');
        *to++ = rows && *p == 'T' && !word && !isalnum((unsigned char)p[1]) ? (char)('0' + rows) : *p;
    }
    return out;
}

static void start(Room *r, int rows, int threads)
{
    char *text = text_of(rows);
    room_open(r, "rows.ml", text, "native", threads);
    free(text);
}

static Data *new_data(void)
{
    Data *x = malloc(sizeof *x);
    ck_assert_ptr_nonnull(x);
    room_fill(x->q, H * T * D, 1);
    room_fill(x->k, G * LONG * D, 2);
    room_fill(x->mix, H * H, 3);
    for (int j = 0; j < LONG; j++)
        x->doc[j] = j / 130;
    for (int i = 0; i < T; i++)
        x->own[i] = 30 * i;
    return x;
}

/* The last `rows` rows. */
static MlcrtStatus try_to_attend(Room *r, Way *way, const char *name, const Data *x, int rows, int keys, float *out)
{
    float q[H * T * D];
    room_take_rows(shape, rows, x->q, q);
    int64_t qs[] = { H, rows, D }, ks[] = { G, keys, D }, ms[] = { H, H };
    const RoomArg of[] = { { q, qs, 3, 2 }, { x->k, ks, 3, 2 }, { x->mix, ms, 2, 2 }, { x->doc, ks + 1, 1, 0 }, { x->own + T - rows, qs + 1, 1, 0 }, { out, qs, 3, 2 } };
    return room_call(r, way, name, of, 6);
}

static void attend(Room *r, Way *way, const char *name, const Data *x, int rows, int keys, float *out)
{
    ck_assert_msg(try_to_attend(r, way, name, x, rows, keys, out) == 0, "%s: %s", name, mlcrt_error(r->s)->sentence);
}

static const struct { int rows, threads; } said[] = { { 1, 2 }, { 3, 1 } };
static const int keys_of[] = { S, LONG }; /* three blocks, or so many that threads share those of few rows */

static Room any[2]; /* of any number of rows, with one thread and with two */

static void open_rooms(void)
{
    MlcrtOptions two = { .size = sizeof two, .threads = 2 };
    start(&any[0], 0, 1);
    room_beside(&any[1], &any[0], &two);
}

static void stop_rooms(void)
{
    room_stop(&any[1]);
    room_stop(&any[0]);
}

START_TEST(rows_that_are_said_have_the_bits_of_others)
{
    static float want[H * T * D], got[H * T * D];
    int rows = said[_i].rows;
    Room *many = &any[0], few = { 0 };
    Data *x = new_data();
    start(&few, rows, said[_i].threads);
    for (size_t f = 0; f < 2 * sizeof names / sizeof *names; f++) {
        const char *name = names[f / 2];
        int keys = keys_of[f % 2];
        attend(many, mlc_call, name, x, T, keys, want);
        attend(&few, mlc_call, name, x, rows, keys, got);
        room_same_rows(shape, rows, got, want, name, keys);
        attend(many, mlc_call, name, x, rows, keys, want);
        ck_assert_msg(!memcmp(got, want, sizeof(float) * (size_t)(H * rows * D)), "%s: %d rows alone, %d keys", name, rows, keys);
    }
    room_stop(&few);
    free(x);
}
END_TEST

START_TEST(the_interpreter_agrees)
{
    static float want[H * T * D], got[H * T * D];
    Room *r = &any[1];
    Data *x = new_data();
    for (size_t f = 0; f < sizeof names / sizeof *names; f++) {
        attend(r, mlc_interpret, names[f], x, T, PAIR, want);
        attend(r, mlc_call, names[f], x, T, PAIR, got);
        ck_assert(isnan(want[0]) == !strcmp(names[f], "hidden"));
        room_agree(want, got, H * T * D, 4e-6f, names[f]);
    }
    free(x);
}
END_TEST

/* Also where the scores that it is for lie outside of every guard. */
START_TEST(a_place_that_no_table_has_is_reported)
{
    static float out[H * T * D];
    Room *r = &any[1];
    Data *x = new_data();
    for (int j = 0; j < 2; j++) {
        Way *const ways[] = { mlc_interpret, mlc_call };
        x->doc[j ? PAIR - 1 : 5] = PAIR;
        for (int w = 0; w < 2; w++) {
            ck_assert_int_eq(try_to_attend(r, ways[w], "slots", x, T - 1, PAIR, out), MLCRT_EINDEX);
        }
        x->doc[j ? PAIR - 1 : 5] = 0;
        attend(r, mlc_call, "slots", x, T - 1, PAIR, out);
    }
    free(x);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("driver: rows");
    TCase *t = tcase_create("rows");
    tcase_set_timeout(t, 120);
    tcase_add_unchecked_fixture(t, open_rooms, stop_rooms);
    tcase_add_test(t, the_interpreter_agrees);
    tcase_add_test(t, a_place_that_no_table_has_is_reported);
    tcase_add_loop_test(t, rows_that_are_said_have_the_bits_of_others, 0, (int)(sizeof said / sizeof *said));
    suite_add_tcase(s, t);
    return test_main_together(s);
}
