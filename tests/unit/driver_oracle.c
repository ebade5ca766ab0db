/* driver_oracle.c - the oracle: random programs, compiled and interpreted, must agree, and every way of compiling gives the same bits.
 *
 *     driver_oracle [-n PROGRAMS] [-t SECONDS] [-s SEED] [-w WAYS] [-p POLICY] [-x SHOWN] [-f] [-l] [-v]      default: 150 programs from seed 1, one way each
 *
 * The rule is in judge.c, the ways (each pass left out, no optimisation, 1 and 8 threads, memory full of NaNs) in run.c. A program that
 * disagrees is shrunk and printed as source text with its sizes and its seed; `-s SEED -n 1 -w 24` runs it again. `-w 24`: all ways; `-t`: no
 * program begins later; `-f`: ends at the first; `-l`: shows those that are not compiled yet, too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../support/driver_oracle/oracle.h"

#if defined(__SANITIZE_ADDRESS__)
#define PROGRAMS "64" /* they take several times as long */
#else
#define PROGRAMS "150"
#endif

static const char *const words[] = { "agrees", "DISAGREES", "REJECTED", "FAILED", "undecided", "not compiled" };

static void report(Oracle *o, Program *p, Arena *a, Verdict v)
{
    const Program whole = *p;
    const char *text = gen_text(a, p), *note = "";
    if (v == DISAGREES || v == FAILED || v == LATER) { /* a smaller one would be rejected for another reason */
        if (oracle_shrink(o, a, p, v))
            text = gen_text(a, p);
        else {
            *p = whole;
            note = " (not again when it was shrunk: the whole program)";
        }
    }
    printf("seed %llu (%s) %s%s%s: %s%s\ndims M %lld N %lld K %lld\n%s\n", (unsigned long long)p->seed, policy_names[p->policy], words[v], o->way ? " " : "",
           o->way ? o->way->name : "", o->text, note, (long long)p->dims[0], (long long)p->dims[1], (long long)p->dims[2], text);
    fflush(stdout);
}

static const char *option(int argc, char **argv, const char *name, const char *otherwise)
{
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], name))
            return i + 1 < argc ? argv[i + 1] : "";
    return otherwise;
}

static bool is_policy(const char *name)
{
    for (int i = 0; i < POLICY_all; i++)
        if (!strcmp(name, policy_names[i]))
            return true;
    fprintf(stderr, "there is no policy '%s'\n", name);
    return false;
}

int main(int argc, char **argv)
{
    uint64_t n = strtoull(option(argc, argv, "-n", PROGRAMS), NULL, 10), seed = strtoull(option(argc, argv, "-s", "1"), NULL, 10);
    const char *seconds = option(argc, argv, "-t", NULL), *policy = option(argc, argv, "-p", NULL);
    int counts[6] = { 0 }, by_policy[POLICY_all] = { 0 }, shown = 0, most = atoi(option(argc, argv, "-x", "5"));
    Oracle o = { .every = atoi(option(argc, argv, "-w", "1")) };
    Mem mem;
    if (policy && !is_policy(policy))
        return 1;
    mem_init(&mem, mem_malloc_hooks(), 0);
    Arena *a = arena_new(&mem);
    if (!oracle_init(&o, a))
        return 1;
    bool first = option(argc, argv, "-f", NULL), later = option(argc, argv, "-l", NULL), stop = false;
    time_t end = seconds ? time(NULL) + atoll(seconds) : 0;
    for (uint64_t i = 0; i < n && !stop; i++) {
        if (seconds && time(NULL) >= end) {
            n = i;
            break;
        }
        Mem own;
        mem_init(&own, mem_malloc_hooks(), 0);
        Arena *pa = arena_new(&own);
        Program *p = NEW(pa, Program);
        gen_program(pa, seed + i, p);
        if (!policy || !strcmp(policy, policy_names[p->policy])) {
            if (option(argc, argv, "-v", NULL))
                fprintf(stderr, "seed %llu\n%s\n", (unsigned long long)(seed + i), gen_text(pa, p));
            Verdict v = oracle_try(&o, p);
            counts[v]++;
            by_policy[p->policy]++;
            bool bad = v == DISAGREES || v == FAILED || v == REJECTED;
            stop = bad && first;
            if ((bad || (v == LATER && later)) && shown++ < most)
                report(&o, p, pa, v);
        }
        mem_drop(&own);
    }
    for (int i = 0; i < POLICY_all; i++)
        printf("%s%s %d", i ? ", " : "", policy_names[i], by_policy[i]);
    int all = counts[DISAGREES] + counts[FAILED] + counts[REJECTED];
    printf("\nprograms %llu from seed %llu: %d agree, %d undecided, %d disagree, %d not compiled (E0501), %d failed, %d rejected\n", (unsigned long long)n,
           (unsigned long long)seed, counts[AGREES], counts[UNDECIDED], counts[DISAGREES], counts[LATER], counts[FAILED], counts[REJECTED]);
    oracle_drop(&o);
    mem_drop(&mem);
    return all || counts[UNDECIDED] > (int)n / 4 || counts[LATER] > (int)n / 20;
}
