/* driver_tables.c - tables that pairs of a row and a place look up, and what is summed into them (passes/online/online_tables.c, strip.c): gradients of
 * biases by bucket and of relative positions, in the ways they are written, beside passes of the same scores. The interpreter agrees, also of numbers that
 * are none and of rows without a place; the bits are the same for any number of threads, for AVX2 and AVX-512, and for one head alone or among others. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stream_room.h"
#include "test_main.h"

#define HEAD(name) \
    "export fn " name "(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], g: f32[H, T, D], " \
    "b: f32[H, W], at: i32[T, S]) -> (f32[H, T, D], f32[H, W]) {\n"
#define BACK \
    "    let o[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])\n" \
    "    let dp[h, i, j] = sum[d](g[h, i, d] * v[h, j, d])\n" \
    "    let delta[h, i] = sum[d](o[h, i, d] * g[h, i, d])\n" \
    "    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i])\n" \
    "    let dq[h, i, d] = sum[j](ds[h, i, j] * k[h, j, d])\n"
#define CAUSAL \
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) + b[h, at[i, j]]\n" \
    "    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j])\n" BACK
#define ALL \
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) + b[h, bucket(i - j, W)]\n" \
    "    let p[h, i, j] = softmax[j](s[h, i, j])\n" BACK
#define TABLE(n, by, form) HEAD(n) by "    let db[h, w: W] = " form "\n    (dq, db)\n}\n"

static const char program[] =
    "fn bucket(n: int, w: int) -> int = min(max(n, 0) // 2 + int(log(f32(abs(n)) + 1.0)), w - 1)\n"
    TABLE("looked_up", CAUSAL, "sum[i, j | at[i, j] == w](ds[h, i, j])")
    TABLE("computed", CAUSAL, "sum[i, j | bucket(i - j, W) == w](ds[h, i, j])")
    TABLE("chosen", ALL, "sum[i, j](if bucket(i - j, W) == w { ds[h, i, j] } else { 0.0 })")
    TABLE("clipped", CAUSAL, "sum[i, j | clip(i - j, 0, W - 1) == w](ds[h, i, j] * (0.5 + q[h, i, 0]))")
    TABLE("distances", ALL, "sum[i, j | i - j == w](ds[h, i, j])")
    TABLE("spatial", ALL, "sum[i, j | i // 16 + j // 16 == w](ds[h, i, j])")
    TABLE("of_all_heads", CAUSAL, "b[h, w] + sum[n: H, i, j | at[i, j] == w](ds[n, i, j] * g[n, i, 1])")
    TABLE("rows_first", CAUSAL "    let r[h, i, w: W] = sum[j | at[i, j] == w](ds[h, i, j])\n", "sum[i](r[h, i, w] * r[h, i, w])")
    TABLE("largest", CAUSAL, "max[i, j | at[i, j] == w](p[h, i, j])")
    "export fn columns(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], g: f32[H, T, D], b: f32[H, W], at: i32[T, S])" /* of what no stream has */
    " -> (f32[H, T, D], f32[H, W]) where S >= 5 {\n"
    "    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) + b[h, at[i, j]]\n"
    "    let (top, _) = topk(s, 5)\n"
    "    let p[h, i, j] = softmax[j | s[h, i, j] >= top[h, i, 4]](s[h, i, j])\n" BACK
    "    let dk[h, j, d] = sum[i](ds[h, i, j] * q[h, i, d])\n"
    "    let dv[h, j, d] = sum[i](p[h, i, j] * g[h, i, d])\n"
    "    let db[h, w: W] = max[j, d | j % W == w](dk[h, j, d]) + min[j, d | j % W == w](dv[h, j, d])\n"
    "    (dq, db)\n}\n"
    HEAD("alone") CAUSAL "    let db[h, w: W] = sum[i, j | at[i, j] == w](ds[h, i, j])\n    (q, db)\n}\n";

static const char *const names[] = { "looked_up", "computed", "chosen", "clipped", "distances", "spatial", "of_all_heads", "rows_first",
                                     "largest", "columns", "alone" };
enum { H = 2, D = 12, S = 77, T = 300, W = 9, COUNT = sizeof names / sizeof *names, OF_ALL = 6 };

#if defined(__SANITIZE_ADDRESS__) /* takes several times as long: numbers that are none are left out */
enum { WAYS = 1 };
#else
enum { WAYS = 2 };
#endif

typedef struct Data { float q[H * T * D], k[H * S * D], v[H * S * D], g[H * T * D], b[H * W]; int32_t at[T * S]; } Data;
typedef struct Out { float dq[H * T * D], db[H * W]; } Out;

/* The first heads. */
static void differentiate(Room *r, Way *way, const char *name, int heads, const Data *x, Out *out)
{
    int64_t qs[] = { heads, T, D }, ks[] = { heads, S, D }, bs[] = { heads, W }, as[] = { T, S };
    const RoomArg of[] = { { x->q, qs, 3, 2 }, { x->k, ks, 3, 2 }, { x->v, ks, 3, 2 }, { x->g, qs, 3, 2 }, { x->b, bs, 2, 2 },
                            { x->at, as, 2, 0 }, { out->dq, qs, 3, 2 }, { out->db, bs, 2, 2 } };
    ck_assert_msg(room_call(r, way, name, of, 8) == 0, "%s: %s", name, mlcrt_error(r->s)->sentence);
}

static Data *new_data(void)
{
    Data *x = malloc(sizeof *x);
    ck_assert_ptr_nonnull(x);
    room_fill(x->q, H * T * D, 1);
    room_fill(x->k, H * S * D, 2);
    room_fill(x->v, H * S * D, 3);
    room_fill(x->g, H * T * D, 4);
    room_fill(x->b, H * W, 5);
    for (int i = 0; i < T * S; i++)
        x->at[i] = (i * 7 + i / S) % W;
    return x;
}

static Rooms rooms;
static void open_rooms(void) { rooms_open(&rooms, "tables.ml", program); }
static void stop_rooms(void) { rooms_stop(&rooms); }

START_TEST(the_interpreter_agrees)
{
    Room *r = &rooms.of[0];
    Data *x = new_data();
    Out *want = malloc(sizeof *want), *got = malloc(sizeof *got);
    for (int f = 0; f < WAYS * COUNT; f++) {
        const char *name = names[f % COUNT];
        if (f == COUNT) { /* a row of the first head, a gradient and a key of the second */
            x->q[130 * D] = NAN;
            x->g[(T + 100) * D + 3] = INFINITY;
            x->k[(S + 60) * D] = -INFINITY;
        }
        differentiate(r, mlc_interpret, name, H, x, want);
        differentiate(r, mlc_call, name, H, x, got);
        room_agree(want->dq, got->dq, H * T * D, 2e-5f, name);
        room_agree(want->db, got->db, H * W, 2e-5f, name);
    }
    free(x);
    free(want);
    free(got);
}
END_TEST

START_TEST(bits_are_the_same_everywhere)
{
    if (!room_fuses())
        return;
    Data *x = new_data();
    Out *want = malloc(sizeof *want), *got = malloc(sizeof *got);
    for (int f = 0; f < COUNT; f++) {
        differentiate(&rooms.one, mlc_call, names[f], H, x, want);
        for (int m = 0; m < ROOM_MACHINES; m++) {
            differentiate(&rooms.of[m], mlc_call, names[f], H, x, got);
            room_same(want, got, sizeof *want, names[f], m);
            differentiate(&rooms.of[m], mlc_call, names[f], 1, x, got);
            ck_assert_msg(f == OF_ALL || !memcmp(want->db, got->db, W * sizeof(float)), "%s: one head alone", names[f]);
        }
    }
    free(x);
    free(want);
    free(got);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("driver: tables that pairs look up");
    TCase *t = tcase_create("tables");
    tcase_set_timeout(t, 120);
    tcase_add_unchecked_fixture(t, open_rooms, stop_rooms);
    tcase_add_test(t, the_interpreter_agrees);
    tcase_add_test(t, bits_are_the_same_everywhere);
    suite_add_tcase(s, t);
    return test_main_together(s);
}
