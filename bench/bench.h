/* bench.h - paired timings of compiled programs against other libraries, in one process, interleaved. Cases are rows of cases.def. */
#ifndef MLC_BENCH_H
#define MLC_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "mlc.h"
#include "peaks.h"

enum { BENCH_ARGS = 4 };

typedef enum Kind { MATMUL, LINEAR, ATTENTION, CAUSAL, MAP, ADAMW, PACKED8, PACKED4, LEFT, RIGHT, BATCHED, CONV, DECODE, LOSS, SCORE } Kind;
/* packed: linear, its weight in a GGUF file; left, right: that operand transposed; decode: one query, heads share keys */

typedef struct Case {
    const char *name, *file, *fn;
    Kind kind;
    int64_t d[4];     /* M K N, or B H T D, or N, or B M K N, or N C S O of a convolution of S x S, or H G S D; M K V of a loss; B H T D of changed scores */
} Case;

/* A case with its data: what both sides compute, and where the results go. */
typedef struct Work {
    const Case *c;
    MlcrtSession *session;
    const struct MlcrtFn *fn;
    void *args[BENCH_ARGS + 2];
    float *in[BENCH_ARGS], *out, *theirs;
    int64_t n_in[BENCH_ARGS], n_out;
    MlcrtTensor heads[BENCH_ARGS + 1];
    int64_t shapes[BENCH_ARGS + 1][4];
    MlcrtHandle *net, *plain; /* plain: the same weight as f32 */
    const struct MlcrtFn *product; /* of a loss: its logits alone, which go to `logits` */
    float *logits;
    int threads;
} Work;

/* Floating point operations and bytes of memory that one call needs at least. */
double case_flops(const Case *c);
double case_bytes(const Case *c);
static inline bool case_is_packed(const Case *c) { return c->kind == PACKED8 || c->kind == PACKED4; }
static inline bool case_is_linear(const Case *c) { return c->kind == LINEAR || case_is_packed(c); }

bool work_make(Work *w, const Case *c, MlcModule *m, MlcrtSession *s, int threads); /* false: said on stderr */
void work_free(Work *w);
bool work_run(Work *w);             /* one call of ours; false: said on stderr */
void work_run_product(Work *w);     /* a loss's matrix product alone */
void work_run_plain(Work *w);       /* a packed case with the same weight as f32; into w->theirs */
/* packed.c: rounds w->in[1] to what blocks can hold, and loads w->net from a GGUF file of these blocks. */
bool packed_net(Work *w, MlcModule *m, const struct MlcrtStruct *type);
double work_error(const Work *w, const float *out); /* largest error of sampled elements against float64, relative to max(1, |x|) */

/* Another library, opened for one case. */
typedef struct Peer {
    const char *name;
    char version[96];
    double (*time)(struct Peer *p, Work *w, int calls); /* seconds of one of so many calls, whose result goes to w->theirs; < 0: it failed */
    void (*close)(struct Peer *p);
    void (*call)(struct Peer *p, Work *w);              /* of a library in this process */
    void *library, *routine;
    bool stays;
    int pid, to, from, shared_fd;                       /* of a child process (child.c) */
    float *shared;
    size_t shared_size;
    bool compared;
} Peer;

const char *peer_name(int i);               /* NULL: there are no more */
bool peer_open(Peer *p, int i, Work *w);    /* false: not installed, or it does not do such a case */
bool child_open(Peer *p, Work *w);

double bench_now(void);

#endif
