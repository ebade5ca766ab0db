/* stream_room.h - for the tests of streams: a program compiled in process, a session to call it in, and numbers to call it with. */
#ifndef STREAM_ROOM_H
#define STREAM_ROOM_H

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "driver/mlc.h"

typedef struct Room { MlcCompiler *c; MlcModule *m; MlcrtContext *context; MlcrtSession *s; } Room;
typedef MlcrtStatus Way(MlcModule *m, MlcrtSession *s, const char *name, void *const *args); /* compiled, or interpreted */

/* Fails the test where the text does not compile. */
static inline void room_start(Room *r, const char *file, const char *text, const char *cpu, const MlcrtOptions *context)
{
    ck_assert_int_eq(mlcrt_context_new(context, &r->context), 0);
    MlcOptions o = { .size = sizeof o, .context = r->context, .in_process = 1, .optimise = 2, .target_cpu = cpu, .library_path = MLC_BUILD_DIR };
    ck_assert_int_eq(mlc_compiler_new(&o, &r->c), 0);
    ck_assert_msg(mlc_compile_text(r->c, file, text, strlen(text), &r->m) == 0, "%s", mlc_diagnostics(r->c));
    ck_assert_int_eq(mlcrt_session_new(r->context, &r->s), 0);
}

static inline void room_open(Room *r, const char *file, const char *text, const char *cpu, int threads)
{
    MlcrtOptions context = { .size = sizeof context, .threads = threads };
    room_start(r, file, text, cpu, &context);
}

static inline void room_stop(Room *r)
{
    mlc_compiler_free(r->c);
    mlcrt_context_free(r->context);
}

typedef struct RoomArg { const void *data; int64_t *shape; int rank, code; } RoomArg; /* code: 2 f32, 0 i32; without a shape the value itself */
enum { ROOM_ARGS = 8 };

static inline MlcrtStatus room_call(Room *r, Way *way, const char *name, const RoomArg *of, int n)
{
    MlcrtTensor t[ROOM_ARGS];
    void *args[ROOM_ARGS];
    for (int i = 0; i < n; i++) {
        t[i] = (MlcrtTensor){ .data = (void *)(uintptr_t)of[i].data, .device = 1, .rank = of[i].rank, .code = (uint8_t)of[i].code, .bits = 32, .lanes = 1,
                              .shape = of[i].shape };
        args[i] = of[i].shape ? &t[i] : (void *)(uintptr_t)of[i].data;
    }
    return way(r->m, r->s, name, args);
}

/* The machines whose bits are those of this one with one thread. Without fused multiply-add the bits are others: said in the reference. Sanitizers
 * see nothing of code for another processor, and to make it takes half of such a test. */
static const struct { const char *cpu; int threads; } room_machines[] = {
    { "native", 2 },
#if !defined(__SANITIZE_ADDRESS__)
    { "x86-64-v3", 1 }, { "x86-64-v3", 2 },
#endif
};
enum { ROOM_MACHINES = sizeof room_machines / sizeof room_machines[0] };
static inline bool room_fuses(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

/* The program on this machine with one thread, and on those: code is made once for a processor. The tests of a file share them and run in one process
 * (test_main_together); `of[0]` is there on every machine. */
typedef struct Rooms { Room one, of[ROOM_MACHINES]; } Rooms;

/* The module of another room, with threads of its own. */
static inline void room_beside(Room *r, const Room *host, const MlcrtOptions *context)
{
    r->m = host->m;
    ck_assert_int_eq(mlcrt_context_new(context, &r->context), 0);
    ck_assert_int_eq(mlcrt_session_new(r->context, &r->s), 0);
}

static inline void rooms_open(Rooms *r, const char *file, const char *text)
{
    room_open(&r->one, file, text, "native", 1);
    for (int i = 0; i < (room_fuses() ? ROOM_MACHINES : 1); i++) {
        MlcrtOptions context = { .size = sizeof context, .threads = room_machines[i].threads };
        if (i == 1)
            room_open(&r->of[i], file, text, room_machines[i].cpu, room_machines[i].threads);
        else
            room_beside(&r->of[i], i ? &r->of[1] : &r->one, &context);
    }
}

static inline void rooms_stop(Rooms *r)
{
    for (int i = ROOM_MACHINES - 1; i >= 0; i--)
        room_stop(&r->of[i]);
    room_stop(&r->one);
}

static inline void room_same(const void *want, const void *got, size_t bytes, const char *name, int at)
{
    ck_assert_msg(!memcmp(want, got, bytes), "%s on %s with %d threads", name, room_machines[at].cpu, room_machines[at].threads);
}

/* Tensors [heads, all rows, width]: where the last `rows` of a head begin. */
typedef struct RoomRows { int heads, all, width; } RoomRows;
static inline int room_place(RoomRows s, int head, int rows) { return (head * s.all + s.all - rows) * s.width; }
static inline size_t room_bytes(RoomRows s, int rows) { return sizeof(float) * (size_t)(rows * s.width); }

static inline void room_take_rows(RoomRows s, int rows, const float *from, float *to)
{
    for (int h = 0; h < s.heads; h++)
        memcpy(to + h * rows * s.width, from + room_place(s, h, rows), room_bytes(s, rows));
}

static inline void room_same_rows(RoomRows s, int rows, const float *got, const float *all, const char *name, int keys)
{
    for (int h = 0; h < s.heads; h++)
        ck_assert_msg(!memcmp(got + h * rows * s.width, all + room_place(s, h, rows), room_bytes(s, rows)), "%s: %d rows, %d keys, head %d", name, rows, keys,
                      h);
}

/* Outputs below 1 count as 1. */
static inline void room_agree(const float *want, const float *got, int n, float limit, const char *name)
{
    for (int i = 0; i < n; i++)
        ck_assert_msg(isnan(want[i]) ? isnan(got[i]) : want[i] == got[i] || fabsf(want[i] - got[i]) <= limit * fmaxf(1, fabsf(want[i])),
                      "%s: %d is %g, not %g", name, i, (double)got[i], (double)want[i]);
}

/* Numbers in [-1, 1), those of the seed. */
static inline void room_fill(float *x, int n, uint32_t seed)
{
    for (int i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        x[i] = (float)(seed >> 8) / 8388608.0f - 1.0f;
    }
}

#endif
