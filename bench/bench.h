/* bench.h - paired timings of compiled programs against other libraries, interleaved. Cases are rows of cases.def. */
#ifndef MLC_BENCH_H
#define MLC_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "mlc.h"
#include "peaks.h"

enum { BENCH_ARGS = 4, BENCH_RANK = 4, BENCH_PEERS = 12, BENCH_THREADS = 4 };

/* What work_error compares with. ANEW: nothing; what is timed is not a call, but compiling the program anew. */
typedef enum Check {
    NO_CHECK, FLOAT64_LINE, PRODUCT, PRODUCT_LEFT, PRODUCT_RIGHT, CONVOLUTION, ATTENTION, ATTENTION_CAUSAL, EXP, TANH, GELU, TWICE,
    WINDOW, ALIBI, SOFTCAP, DOCUMENTS, SINK, LOSS, ENTROPY, BLOCKS,
    ANEW
} Check;

/* A row of cases.def, where the columns are explained. */
typedef struct Case {
    const char *name, *file, *fn, *model, *inputs, *result;
    double flops;
    Check check;
    const char *peers;
} Case;

/* An input or the result. Elements have four bytes, SIGNED and UNSIGNED one (their memory is four times as large). What an input holds: from -1 to 1, from 0 to 1,
 * whole numbers below `limit`, i // 100, slopes of n heads, any bytes. */
typedef enum Values { EVEN, POSITIVE, WHOLE, HUNDREDS, SLOPES, SIGNED, UNSIGNED } Values;

typedef struct Spec {
    int rank;
    int64_t d[BENCH_RANK], n, limit;    /* n: elements */
    Values values;
    bool constant, updated;
} Spec;

bool spec_next(const char **text, Spec *s); /* false: the text ends; it moves on */
bool spec_is_bytes(const Spec *s);
double case_bytes(const Case *c);           /* of memory that one call moves at least */
bool case_is_packed(const Case *c);         /* its weight stays in blocks of a GGUF file */
/* The words of a peer: the rest of the line that begins with its name. Returns its length, 0: there is none. */
int case_line(const Case *c, const char *peer, const char **words);

/* A case with its data: what both sides compute, and where the results go. */
typedef struct Work {
    const Case *c;
    MlcrtSession *session;
    MlcCompiler *compiler;
    MlcModule *module;
    char path[4096];                    /* of the program */
    const struct MlcrtFn *fn;
    void *args[BENCH_ARGS + 2];
    int n;                              /* inputs */
    Spec spec[BENCH_ARGS + 1];          /* the last is the result's */
    float *in[BENCH_ARGS], *out, *theirs;
    float *exact;                       /* of a line FLOAT64; NULL: not known */
    MlcrtTensor heads[BENCH_ARGS + 1];
    MlcrtHandle *net, *plain;           /* plain: the same weight as f32 */
    const struct MlcrtFn *part;         /* own-product: a function of the same inputs, and its result */
    MlcrtTensor part_head;
    Spec part_spec;
    int threads;
    struct Work *alone;                 /* the same with one thread; NULL: this is it, or it was not asked for */
} Work;

bool work_make(Work *w, const Case *c, MlcModule *m, MlcrtSession *s, int threads); /* false: said on stderr */
bool work_needs_file(const Case *c);    /* of a model, which is not there: said on stderr */
void work_free(Work *w);
bool work_run(Work *w);             /* one call of ours; false: said on stderr */
bool work_anew(const Work *w);      /* anew.c: compiles the program; false: said on stderr */
bool work_part(Work *w);            /* sets `part` to what the line own-product says; false: the case has none */
void work_run_part(Work *w);
void work_run_plain(Work *w);       /* a packed case with the same weight as f32; into w->theirs */
/* packed.c: rounds w->in[1] to what blocks can hold, and loads w->net from a GGUF file of these blocks. */
bool packed_net(Work *w, MlcModule *m, const struct MlcrtStruct *type);
/* Largest error of elements (sampled, where a formula is evaluated) against float64, relative to max(1, |x|); -1: nothing to compare with. */
double work_error(const Work *w, const float *out);
double work_difference(const Work *w, const float *out); /* the same against w->out */

/* Another library, opened for one case. */
typedef struct Peer {
    const char *name;
    char version[96];
    double (*time)(struct Peer *p, Work *w, int calls); /* seconds of one of so many calls, whose result goes to w->theirs; < 0: it failed */
    void (*close)(struct Peer *p);
    void (*call)(struct Peer *p, Work *w);              /* of a library in this process */
    void *library, *routine;
    bool stays, elsewhere;                              /* elsewhere: it leaves w->theirs as it is */
    int pid, to, from, shared_fd;                       /* of a child process (child.c) */
    float *shared;
    size_t shared_size;
    bool compared;
    double first;                                       /* seconds from the words to the first result; 0: not known */
} Peer;

const char *peer_name(int i);               /* NULL: there are no more */
bool peer_open(Peer *p, int i, Work *w);    /* false: not installed, or it does not do such a case */
bool child_open(Peer *p, Work *w, const char *line); /* line: of the case's peers */
void child_exact(Work *w);                  /* w->exact by the case's line FLOAT64, if it has one and PyTorch is there */

typedef struct Result {
    const Case *c;
    int threads, pairs;
    double ours, theirs;          /* median seconds of one call; theirs 0: no peer */
    double best, their_best;      /* the shortest */
    double ratio, low, high;      /* how many times as fast as the peer: median, 95 % interval */
    double error, peer_error, compile;
    double peer_first;            /* what the peer took until its first result, compiling included, its import not */
    char peer[16], version[96];   /* peer "": none */
} Result;

/* report.c: rows of results as text, JSON and Markdown. Peaks of each number of threads, before and after, with vectors of our code's
 * target, which may have less than the machine. */
typedef struct Machine { int n, threads[BENCH_THREADS], vector_bytes; char target[32]; Peaks before[BENCH_THREADS], after[BENCH_THREADS]; } Machine;

void report_peaks(const char *when, int threads, const Peaks *p);
void report_row(const Result *r, const Peaks *p);
bool report_json(const char *path, const Result *r, int n, const Machine *m);     /* false: it could not be written */
bool report_markdown(const char *path, const Result *r, int n, const Machine *m);
bool machine_is_steady(const Machine *m);

double bench_now(void);

#endif
