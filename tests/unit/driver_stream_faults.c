/* driver_stream_faults.c - what may fail in a stream and is the same for all places of a row (passes/tile/tile_stream_asked.c): it fails where the row has a place inside
 * of its guard, and nowhere else, as when interpreted; also where what is read is empty, where a result has no column, and where blocks are shared by threads. */
#include <check.h>
#include <stdio.h>

#include "stream_room.h"
#include "test_main.h"

#define ARGUMENTS "(x: f32[T], q: f32[T, D], k: f32[G, S, D], doc: i32[T], own: i32[S], at: i32[T], column: i32[D]) -> f32[T, D] "

static const char program[] =
    "export fn known" ARGUMENTS "{\n" /* the same for all rows */
    "    let p[i, j: S] = softmax[j | doc[i] == own[j]](x[i] * j * 0.01)\n"
    "    out[i, d] = sum[j](p[i, j] * k[2, j, d])\n"
    "}\n"
    "export fn by_row" ARGUMENTS "{\n"
    "    let p[i, j: S] = softmax[j | doc[i] == own[j]](x[i] * j * 0.01)\n"
    "    out[i, d] = sum[j](p[i, j] * k[at[i], j, d])\n"
    "}\n"
    "export fn by_column" ARGUMENTS "{\n"
    "    let p[i, j: S] = softmax[j | j < i * doc[0]](x[i] * j * 0.01)\n"
    "    out[i, d] = sum[j](p[i, j] * k[column[d], j, 0])\n"
    "}\n"
    "export fn bounded" ARGUMENTS "{\n" /* a guard that is bounds */
    "    let p[i, j: S] = softmax[j | j < i - 1](x[i] * j * 0.01)\n"
    "    out[i, d] = sum[j](p[i, j] * k[at[i], j, d])\n"
    "}\n"
    "export fn inside" ARGUMENTS "{\n" /* in a loop over nothing, where D is 0 */
    "    let p[i, j: S] = softmax[j | doc[i] == own[j]](x[i] * j * 0.01)\n"
    "    let w[i] = sum[j](p[i, j] * sum[d](q[i, d] * k[at[i], 0, d]))\n"
    "    out[i, d] = w[i]\n"
    "}\n"
    "export fn chosen" ARGUMENTS "{\n" /* in a choice of each row */
    "    let p[i, j: S] = softmax[j | doc[i] == own[j]](x[i] * j * 0.01)\n"
    "    out[i, d] = sum[j](p[i, j] * (if doc[i] > 0 { k[at[i], 0, d] } else { 0.5 }))\n"
    "}\n"
    "export fn factor" ARGUMENTS "{\n" /* it leaves the sum */
    "    let p[i, j: S] = softmax[j | doc[i] == own[j]](x[i] * j * 0.01)\n"
    "    out[i, d] = sum[j](p[i, j] * f32(own[j]) * q[at[i], d])\n"
    "}\n"
    "export fn pages" ARGUMENTS "{\n" /* gathered for a block */
    "    let p[i, j: S] = softmax[j | doc[i] == own[j]](x[i] * j * 0.01)\n"
    "    out[i, d] = sum[j](p[i, j] * k[own[j], j % S, d])\n"
    "}\n"
    "export fn tables" ARGUMENTS "{\n" /* by a table of tables */
    "    let p[i, j: S] = softmax[j | doc[i] == own[j]](sum[d](q[i, d] * k[at[i32(j % 7)], own[j], d]))\n"
    "    out[i, d] = sum[j](p[i, j] * k[at[own[j]], j % S, d])\n"
    "}\n"
    "export fn beside" ARGUMENTS "{\n" /* needed by no value: the same for all g */
    "    let c[g: G, i: T] = if i != 1 { 1.0 } else { x[0] }\n"
    "    let p[i, j: S] = softmax[j](clip(x[i] * j * 0.01, -20.0, 20.0))\n"
    "    let o[i] = sum[j](p[i, j] * c[own[j], i])\n"
    "    out[i, d] = q[i, d] + sum[e](o[e])\n"
    "}\n";

static const char *const names[] = { "known", "by_row", "by_column", "bounded", "inside", "chosen", "factor", "pages", "tables", "beside" };
/* own: of all places; doc, at: of the last row (of others 1 and 0); column: of the last column (of others 0); first: of the first row in place of the last. */
static const struct { bool first; int t, s, d, g, own, doc, at, column; } sizes[] = {
    { false, 3, 300, 4, 3, 2, 2, 1, 1 }, { false, 3, 300, 4, 3, 2, 2, 7, 7 }, { false, 3, 300, 4, 3, 2, 1, 7, 1 }, { false, 3, 300, 4, 2, 2, 1, 1, 9 },
    { false, 3, 300, 4, 0, 2, 1, 0, 0 }, { false, 3, 300, 4, 0, 2, 2, 0, 0 }, { false, 2, 300, 4, 0, 2, 0, 0, 0 }, { false, 3, 300, 0, 0, 2, 2, 5, 0 },
    { false, 3, 300, 0, 3, 2, 2, 5, 0 }, { false, 3, 0, 4, 0, 2, 2, 5, 5 }, { false, 0, 300, 4, 0, 2, 2, 0, 9 }, { false, 3, 3000, 4, 0, 2, 1, 5, 5 },
    { false, 3, 3000, 4, 1, 2, 2, 9, 5 }, { false, 2, 3000, 4, 1, 2, 1, 9, 5 }, { false, 3, 300, 4, 3, 1, 2, 7, 1 }, { false, 3, 300, 4, 3, 1, 1, 7, 1 },
    { true, 3, 300, 4, 3, 1, 2, 7, 1 }, { true, 3, 3000, 4, 3, 1, 2, 7, 1 }, { true, 130, 300, 4, 3, 1, 2, 7, 1 }, { false, 200, 300, 4, 3, 2, 2, 1, 1 },
    { false, 200, 300, 4, 3, 2, 2, 7, 1 }, { false, 200, 300, 4, 0, 2, 1, 0, 0 },
};
enum { T = 200, S = 3000, D = 4, G = 3, COUNT = sizeof names / sizeof *names, SIZES = sizeof sizes / sizeof *sizes };

typedef struct Data { float x[T], q[T * D], k[G * S * D], out[T * D]; int32_t doc[T], own[S], at[T], column[D]; } Data;

static Data *new_data(int n)
{
    Data *x = calloc(1, sizeof *x);
    int row = sizes[n].first ? 0 : sizes[n].t - 1;
    ck_assert_ptr_nonnull(x);
    room_fill(x->x, T, 3);
    room_fill(x->q, T * D, 1);
    room_fill(x->k, G * S * D, 2);
    for (int i = 0; i < sizes[n].t; i++)
        x->doc[i] = i == row ? sizes[n].doc : 1;
    for (int i = 0; i < sizes[n].s; i++)
        x->own[i] = sizes[n].own;
    if (sizes[n].t)
        x->at[row] = sizes[n].at;
    if (sizes[n].d)
        x->column[sizes[n].d - 1] = sizes[n].column;
    return x;
}

static MlcrtStatus attend(Room *r, Way *way, const char *name, int n, Data *x, float *out)
{
    int64_t t = sizes[n].t, s = sizes[n].s, d = sizes[n].d, qs[] = { t, d }, ks[] = { sizes[n].g, s, d };
    const RoomArg of[] = { { x->x, &t, 1, 2 }, { x->q, qs, 2, 2 }, { sizes[n].g ? x->k : NULL, ks, 3, 2 }, { x->doc, &t, 1, 0 }, { x->own, &s, 1, 0 }, { x->at, &t, 1, 0 }, { x->column, &d, 1, 0 }, { out, qs, 2, 2 } };
    return room_call(r, way, name, of, 8);
}

START_TEST(fails_where_the_interpreter_does)
{
    static float want[T * D], got[T * D];
    int failed = 0;
    Room r = { 0 };
    room_open(&r, "faults.ml", program, "native", 2);
    for (int n = 0; n < SIZES; n++) {
        char where[64];
        Data *x = new_data(n);
        snprintf(where, sizeof where, "%s, sizes %d", names[_i], n);
        MlcrtStatus a = attend(&r, mlc_interpret, names[_i], n, x, want), b = attend(&r, mlc_call, names[_i], n, x, got);
        ck_assert_msg(a == b, "%s: status %d and %d: %s", where, a, b, mlcrt_error(r.s)->sentence);
        if (!a)
            room_agree(want, got, sizes[n].t * sizes[n].d, 1e-5f, where);
        failed += a != 0;
        free(x);
    }
    ck_assert_int_gt(failed, 0);
    ck_assert_int_lt(failed, SIZES);
    room_stop(&r);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("driver: faults of streams");
    TCase *t = tcase_create("faults");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, fails_where_the_interpreter_does, 0, COUNT);
    suite_add_tcase(s, t);
    return test_main(s);
}
