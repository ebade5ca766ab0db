/* driver_stream_pairs.c - streams whose products have something of each pair of row and place: vectors by distance beside keys in one sum, edges, heads with one
 * query; and sums over features that are no products. The interpreter agrees, and the bits are the same for any number of threads, for AVX2 and AVX-512, and for rows alone or among others. */
#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stream_room.h"
#include "test_main.h"

#define ARGUMENTS "(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], e: f32[T, S, D], r: f32[W, D]) -> f32[H, T, D] "

static const char program[] =
    "export fn clipped" ARGUMENTS "where W >= 3 {\n" /* Shaw's: distances beyond a limit are one */
    "    let s[h, i, j] = sum[d](q[h, i, d] * (k[h, j, d] + r[clip(i + S - T - j, -2, 3) + 2, d])) / sqrt(D)\n"
    "    let p[h, i, j] = softmax[j](s[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * (v[h, j, d] + r[clip(i + S - T - j, -2, 2) + 2, d] + e[i, j, d]))\n"
    "}\n"
    "export fn ended" ARGUMENTS "{\n" /* vectors of distances, which end somewhere */
    "    let s[h, i, j] = sum[d](q[h, i, d] * (k[h, j, d] - 0.5 * (v[h, i + S - T - j - 3, d] ?? 0.25))) / sqrt(D) + r[0, 0] + e[i, j, 0]\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])\n"
    "}\n"
    "export fn edges" ARGUMENTS "{\n"
    "    let s[h, i, j] = sum[d](q[h, i, d] * (k[h, j, d] + e[i, j, d])) + sum[d](q[h, i, d] * e[i, j, d]) + r[0, 0]\n"
    "    let p[h, i, j] = softmax[j | j != i + S - T](s[h, i, j] / sqrt(D))\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * (v[h, j, d] + e[i, j, d]))\n"
    "}\n"
    "export fn apart" ARGUMENTS "{\n" /* places that rows share with nobody */
    "    let s[h, i, j] = sum[d](q[h, i, d] * e[i, j, d]) + k[h, j, 0] + r[0, 0]\n"
    "    let p[h, i, j] = softmax[j](s[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d] * e[i, j, d])\n"
    "}\n"
    "export fn biased" ARGUMENTS "where W >= 3 {\n" /* Transformer-XL's, in one sum: two products, whose rows' factors are computed */
    "    let s[h, i, j] = sum[d]((q[h, i, d] + r[0, d]) * k[h, j, d] - (q[h, i, d] + r[1, d]) * r[clip(i + S - T - j, -2, 3) + 2, d]) / sqrt(D)\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j] + e[i, j, 0])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])\n"
    "}\n"
    "export fn seam" ARGUMENTS "{\n" /* few rows read each side where it lies */
    "    let a[h: H, j: S, d: D] = if j < S // 2 + 40 { k[h, j, d] } else { v[h, j - S // 2 - 40, d] }\n"
    "    let b[h: H, j: S, d: D] = if j < S // 2 + 40 { v[h, j, d] } else { k[h, j - S // 2 - 40, d] }\n"
    "    let s[h, i, j] = sum[d](q[h, i, d] * a[h, j, d]) + r[0, 0] + e[i, j, 0]\n"
    "    let p[h, i, j] = softmax[j](s[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * b[h, j, d])\n"
    "}\n"
    "export fn table" ARGUMENTS "{\n" /* which may have no vector: that is looked for before */
    "    let s[h, i, j] = sum[d](q[h, i, d] * (k[h, j, d] + r[clip(i + S - T - j + W // 2, 0, W - 1), d])) + e[i, j, 0]\n"
    "    let p[h, i, j] = softmax[j](s[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])\n"
    "}\n"
    "export fn near" ARGUMENTS "{\n" /* sums that are no products, alone and beside one another */
    "    let far[h, i, j] = sum[d]((q[h, i, d] - k[h, j, d]) ^ 2)\n"
    "    let s[h, i, j] = sum[d](abs(q[h, i, d] - v[h, j, d])) * 0.25 - far[h, i, j] / sqrt(D) + e[i, j, 0] + r[0, 0]\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])\n"
    "}\n"
    "export fn moved" ARGUMENTS "where W >= 3 {\n" /* with a vector for each distance, in the square and beside it */
    "    let s[h, i, j] = -sum[d]((q[h, i, d] - k[h, j, d] - r[clip(i + S - T - j, -2, 3) + 2, d]) ^ 2)\n"
    "    let t[h, i, j: S] = sum[d](max(q[h, i, d], r[clip(i + S - T - j, -2, 3) + 2, d]))\n"
    "    let p[h, i, j] = softmax[j](s[h, i, j] + t[h, i, j] + e[i, j, 0])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])\n"
    "}\n"
    "export fn cosine" ARGUMENTS "{\n" /* quotients behind a product: each row's and each key's are computed once */
    "    let nq[h, i] = sqrt(sum[d](q[h, i, d] ^ 2))\n"
    "    let nk[h, j] = sqrt(sum[d](k[h, j, d] ^ 2))\n"
    "    let s[h, i, j] = sum[d](q[h, i, d] / nq[h, i] * k[h, j, d] / nk[h, j]) + sum[d](q[h, i, d] / nq[h, i] - k[h, j, d] / nk[h, j])\n"
    "    let p[h, i, j] = softmax[j](s[h, i, j] + e[i, j, 0] + r[0, 0])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])\n"
    "}\n"
    "export fn angles" ARGUMENTS "where W >= 2 {\n" /* by distance, along the features: a table of distances */
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d] * cos(f32(i + S - T - j) * r[0, d]))\n"
    "    let t[h, i, j] = sum[d]((q[h, i, d] - exp(f32(j - i - S + T) * r[1, d] * 0.01) * k[h, j, d]) ^ 2)\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j] - t[h, i, j] / 8.0 + e[i, j, 0])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])\n"
    "}\n"
    "export fn windows" ARGUMENTS "where W >= H, D >= H {\n" /* of 32 bits, another one for each head, of scores that are mixed; lengths */
    "    let w[h: H] = i32(abs(r[h, 0]) * 300.0)\n"
    "    let a[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])\n"
    "    let s[h, i, j] = sum[g](r[h, g] * a[g, i, j])\n"
    "    let p[h, i, j] = softmax[j | j <= i + S - T and j > i32(i + S - T) - w[h]](s[h, i, j] + e[i, j, 0])\n"
    "    let z[h, i, j] = softmax[j | j < i32(S) - w[h]](a[h, i, j])\n"
    "    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d]) + sum[j](z[h, i, j] * v[h, j, d])\n"
    "}\n"
    "export fn single" ARGUMENTS "{\n" /* one query for each head: no rows at all */
    "    let s[h, j] = sum[d](q[h, T - 1, d] * k[h, j, d]) / sqrt(D) + e[T - 1, j, 0] + r[0, 0]\n"
    "    let p[h, j] = softmax[j](s[h, j])\n"
    "    let o[h, d] = sum[j](p[h, j] * v[h, j, d])\n"
    "    out[h, i: T, d] = o[h, d]\n"
    "}\n";

static const char *const names[] = { "clipped", "ended", "edges", "apart", "biased", "seam", "table", "near", "moved", "cosine", "angles", "windows", "single" };
enum { H = 2, D = 18, S = 530, T = 21, FEW = 6, W = 6, ONE = H * D, COUNT = sizeof names / sizeof *names }; /* rows: whole steps, and one more */

typedef struct Data { float q[H * T * D], k[H * S * D], v[H * S * D], e[T * S * D], r[W * D]; } Data;
static const RoomRows shape = { H, T, D };

/* The last `rows` of the T rows; keys, values and the table as they are. */
static MlcrtStatus attend_with(Room *r, Way *way, const char *name, int rows, int vectors, const Data *x, float *out)
{
    float q[H * T * D];
    int64_t qs[] = { H, rows, D }, ks[] = { H, S, D }, es[] = { rows, S, D }, rs[] = { vectors, D };
    const RoomArg of[] = { { q, qs, 3, 2 }, { x->k, ks, 3, 2 }, { x->v, ks, 3, 2 }, { x->e + (T - rows) * S * D, es, 3, 2 }, { x->r, rs, 2, 2 }, { out, qs, 3, 2 } };
    room_take_rows(shape, rows, x->q, q);
    return room_call(r, way, name, of, 6);
}

static void attend(Room *r, Way *way, const char *name, int rows, const Data *x, float *out)
{
    ck_assert_msg(attend_with(r, way, name, rows, W, x, out) == 0, "%s: %s", name, mlcrt_error(r->s)->sentence);
}

static Data *new_data(void)
{
    Data *x = malloc(sizeof *x);
    ck_assert_ptr_nonnull(x);
    room_fill(x->q, H * T * D, 1);
    room_fill(x->k, H * S * D, 2);
    room_fill(x->v, H * S * D, 3);
    room_fill(x->e, T * S * D, 4);
    room_fill(x->r, W * D, 5);
    return x;
}

static Rooms rooms;
static void open_rooms(void) { rooms_open(&rooms, "pairs.ml", program); }
static void stop_rooms(void) { rooms_stop(&rooms); }

START_TEST(the_interpreter_agrees)
{
    static float want[H * T * D], got[H * T * D];
    Room *r = &rooms.of[0];
    Data *x = new_data();
    attend(r, mlc_interpret, names[_i], T, x, want);
    attend(r, mlc_call, names[_i], T, x, got);
    room_agree(want, got, H * T * D, 4e-6f, names[_i]);
    free(x);
}
END_TEST

/* The last rows alone give what they give among all. */
static void last_rows(Room *r, const char *name, int rows, const Data *x, const float *want)
{
    float out[FEW * ONE];
    attend(r, mlc_call, name, rows, x, out);
    room_same_rows(shape, rows, out, want, name, S);
}

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
            last_rows(&rooms.of[m], names[f], 1, x, want);
            last_rows(&rooms.of[m], names[f], FEW, x, want);
        }
    }
    free(x);
}
END_TEST

START_TEST(a_table_without_a_vector_is_a_fault)
{
    static float out[H * T * D];
    static const int rows[] = { T, 1 };
    Room *r = &rooms.of[0];
    Data *x = new_data();
    for (int i = 0; i < 2; i++) {
        ck_assert_int_ne(attend_with(r, mlc_call, "table", rows[i], 0, x, out), 0);
        ck_assert_str_eq(mlcrt_error(r->s)->sentence, "subscript -1 is outside an axis of size 0");
    }
    free(x);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("driver: streams of pairs");
    TCase *t = tcase_create("pairs");
    tcase_set_timeout(t, 120);
    tcase_add_unchecked_fixture(t, open_rooms, stop_rooms);
    tcase_add_loop_test(t, the_interpreter_agrees, 0, COUNT);
    tcase_add_test(t, bits_are_the_same_everywhere);
    tcase_add_test(t, a_table_without_a_vector_is_a_fault);
    suite_add_tcase(s, t);
    return test_main_together(s);
}
