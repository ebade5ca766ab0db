/* loop.c - what runs a fuzz target where libFuzzer is not: files, mutated, for some seconds.
 *
 *     fuzz_parse [-t SECONDS] [-s SEED] [-i NUMBER] [-o FILE] FILE...
 *
 * Input i is a function of the seed, i and the files: when a target ends badly the number is printed, and `-s SEED -i NUMBER` runs that
 * one again (`-o` writes it down). Half of the inputs are a file with a few bytes changed, the rest are pieces of two files put together.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

enum { INPUT_MOST = 1 << 18, FILES_MOST = 4096 };

typedef struct File { uint8_t *data; size_t size; } File;
typedef struct Fuzz { uint64_t state; File files[FILES_MOST]; int nfiles; uint8_t input[2 * INPUT_MOST]; size_t size; } Fuzz;

static volatile uint64_t running, seed; /* for the message below */

static uint64_t next(Fuzz *f)
{
    uint64_t z = (f->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static size_t below(Fuzz *f, size_t n) { return n ? (size_t)(next(f) % n) : 0; }

static void died(void) { fprintf(stderr, "input: -s %llu -i %llu\n", (unsigned long long)seed, (unsigned long long)running); }

static void on_signal(int sig)
{
    died();
    signal(sig, SIG_DFL);
    raise(sig);
}

static void add_file(Fuzz *f, const char *path)
{
    FILE *in = fopen(path, "rb");
    if (!in || f->nfiles == FILES_MOST) {
        if (in)
            fclose(in);
        return;
    }
    File *x = &f->files[f->nfiles++];
    x->data = malloc(INPUT_MOST);
    x->size = x->data ? fread(x->data, 1, INPUT_MOST, in) : 0;
    fclose(in);
}

/* Puts n bytes in the place of `cut` bytes at `at`. */
static void replace(Fuzz *f, size_t at, size_t cut, const uint8_t *bytes, size_t n)
{
    if (f->size - cut + n > INPUT_MOST)
        return;
    memmove(f->input + at + n, f->input + at + cut, f->size - at - cut);
    if (n)
        memcpy(f->input + at, bytes, n);
    f->size = f->size - cut + n;
}

static void change(Fuzz *f)
{
    static const char *const words[] = { "(", ")", "[", "]", "{", "}", "\n", "|", "let ", "var ", "fn ", "rec ", "op ", "0", "-1", "9223372036854775807", "??", "..", "softmax",
                                         "sum[i](", "if ", " as ", "f32[N]", "\"", "\\u", "\xff", "1e400", ":", ",", "model ", "struct ", "#", "~ normal(0, 1)", "null", "\xe2\x96\x81" };
    uint8_t piece[64];
    size_t at = below(f, f->size + 1), cut = below(f, 12), from;
    cut = cut < f->size - at ? cut : f->size - at;
    const char *w = words[below(f, sizeof words / sizeof *words)];
    switch (below(f, 6)) {
    case 0:
        if (at < f->size)
            f->input[at] ^= (uint8_t)(1u << below(f, 8));
        break;
    case 1: replace(f, at, cut, NULL, 0); break;
    case 2:
    case 3: replace(f, at, below(f, 2) ? cut : 0, (const uint8_t *)w, strlen(w)); break;
    case 4: /* a piece of itself */
        from = below(f, f->size);
        cut = below(f, sizeof piece) < f->size - from ? below(f, sizeof piece) : 0;
        cut = cut < f->size - from ? cut : f->size - from;
        memcpy(piece, f->input + from, cut);
        replace(f, at, 0, piece, cut);
        break;
    default:
        if (at < f->size)
            f->input[at] = (uint8_t)next(f);
    }
}

static void make(Fuzz *f, uint64_t i)
{
    f->state = seed * 1000003 + i;
    f->size = 1;
    f->input[0] = (uint8_t)next(f); /* targets choose by it */
    const File *a = &f->files[below(f, (size_t)f->nfiles)], *b = &f->files[below(f, (size_t)f->nfiles)];
    size_t n = below(f, 2) ? a->size : below(f, a->size + 1), m = n < a->size ? below(f, b->size + 1) : 0;
    memcpy(f->input + 1, a->data, n);
    memcpy(f->input + 1 + n, b->data + (b->size - m), m);
    f->size += n + m;
    if (f->size > INPUT_MOST)
        f->size = INPUT_MOST;
    for (size_t k = below(f, 8); k; k--)
        change(f);
}

static void run(Fuzz *f, uint64_t i)
{
    running = i;
    make(f, i);
    uint8_t *exact = malloc(f->size ? f->size : 1); /* so that a byte too far is seen */
    if (!exact)
        return;
    memcpy(exact, f->input, f->size);
    LLVMFuzzerTestOneInput(exact, f->size);
    free(exact);
}

static void drop(Fuzz *f)
{
    for (int i = 0; i < f->nfiles; i++)
        free(f->files[i].data);
    free(f);
}

int main(int argc, char **argv)
{
    Fuzz *f = calloc(1, sizeof *f);
    double seconds = 3;
    const char *out = NULL;
    long long only = -1;
    if (!f)
        return 1;
    seed = 1;
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-' && i + 1 < argc) {
            char o = argv[i][1];
            const char *v = argv[++i];
            if (o == 't')
                seconds = atof(v);
            else if (o == 's')
                seed = strtoull(v, NULL, 10);
            else if (o == 'i')
                only = atoll(v);
            else if (o == 'o')
                out = v;
        } else
            add_file(f, argv[i]);
    }
    if (!f->nfiles)
        return 77;
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(died);
    int signals[] = { SIGABRT, SIGILL, SIGTRAP };
    for (int i = 0; i < 3; i++)
        signal(signals[i], on_signal);
    if (only >= 0) {
        make(f, (uint64_t)only);
        FILE *to = out ? fopen(out, "wb") : NULL;
        if (to) {
            fwrite(f->input, 1, f->size, to);
            fclose(to);
        }
        run(f, (uint64_t)only);
        drop(f);
        return 0;
    }
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    uint64_t n = 0;
    do {
        run(f, n++);
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((double)(now.tv_sec - start.tv_sec) + 1e-9 * (double)(now.tv_nsec - start.tv_nsec) < seconds);
    printf("%llu inputs from %d files, seed %llu\n", (unsigned long long)n, f->nfiles, (unsigned long long)seed);
    drop(f);
    return 0;
}
