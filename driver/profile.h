/* profile.h - time by kernel and line of the program (--profile, --trace), for code generated with BeOptions.profile. */
#ifndef MLC_DRIVER_PROFILE_H
#define MLC_DRIVER_PROFILE_H

#include <stdio.h>

#include "base/base.h"
#include "runtime/mlcrt.h"

typedef struct Profile Profile;

/* In a; keeps single kernels, too, if trace. */
Profile *profile_new(Arena *a, bool trace);
void profile_watch(Profile *p, MlcrtSession *s); /* calls of s are counted from here on; p may be NULL. One thread at a time */
/* held: bytes of tensors, models and calls at most */
void profile_print(const Profile *p, int threads, int vector_bytes, uint64_t held, FILE *out); /* beside the machine's peaks with such vectors, which are measured here: about a quarter of a second */
/* Chrome's trace format: chrome://tracing and Perfetto read it. */
void profile_trace(const Profile *p, Buf *out);

#endif
