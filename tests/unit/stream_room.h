/* stream_room.h - for the tests of streams: a program compiled in process, a session to call it in, and numbers to call it with. */
#ifndef STREAM_ROOM_H
#define STREAM_ROOM_H

#include <check.h>
#include <stdint.h>
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

static inline void room_stop(Room *r)
{
    mlc_compiler_free(r->c);
    mlcrt_context_free(r->context);
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
