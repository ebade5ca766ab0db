/* profile.c - marks of generated code, added up by place. Nothing is allocated while code runs. */
#include "driver/profile.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "driver/peaks.h"
#include "runtime/core_int.h"

enum { ROWS_MOST = 2048, EVENTS_MOST = 1 << 18 };

typedef struct Row { const char *where; int64_t ns, calls; double flops, bytes; } Row;
typedef struct Event { int row; int64_t start, ns, flops, bytes; } Event;

struct Profile {
    Arena *arena;
    Row rows[ROWS_MOST]; /* the last one: all places that found no room */
    int nrows, nevents;
    Event *events;       /* NULL: not wanted */
    int64_t started, first, last, lost;
};

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

Profile *profile_new(Arena *a, bool trace)
{
    Profile *p = NEW(a, Profile);
    p->arena = a;
    p->events = trace ? NEWN(a, Event, EVENTS_MOST) : NULL;
    return p;
}

/* Texts of one place may lie in several objects. */
static int row_of(Profile *p, const char *where)
{
    for (int i = 0; i < p->nrows; i++)
        if (p->rows[i].where == where || !strcmp(p->rows[i].where, where))
            return i;
    if (p->nrows == ROWS_MOST)
        return ROWS_MOST - 1;
    p->rows[p->nrows].where = p->nrows == ROWS_MOST - 1 ? "(other places)" : where;
    return p->nrows++;
}

static void marked(void *user, const char *where, int64_t flops, int64_t bytes)
{
    Profile *p = user;
    int64_t t = now_ns();
    if (!where) {
        p->first = p->first ? p->first : t;
        p->started = t;
        return;
    }
    int i = row_of(p, where);
    Row *r = &p->rows[i];
    r->ns += t - p->started;
    r->calls++;
    r->flops += (double)flops;
    r->bytes += (double)bytes;
    p->last = t;
    if (p->events && p->nevents < EVENTS_MOST)
        p->events[p->nevents++] = (Event){ i, p->started, t - p->started, flops, bytes };
    else
        p->lost++;
}

void profile_watch(Profile *p, MlcrtSession *s)
{
    RtSession *session = p ? s->slot.contents : NULL;
    if (!session)
        return;
    session->mark = marked;
    session->mark_user = p;
}

/* ---- what is told ------------------------------------------------------------------------------------------------- */

static int by_time(const void *a, const void *b)
{
    const Row *x = *(const Row *const *)a, *y = *(const Row *const *)b;
    return x->ns > y->ns ? -1 : x->ns < y->ns;
}

static void print_rate(FILE *out, double amount, int64_t ns, double peak)
{
    double rate = ns > 0 ? amount / ((double)ns * 1e-9) : 0;
    if (rate <= 0)
        fprintf(out, " %8s %5s", "-", "");
    else if (peak > 0)
        fprintf(out, " %8.2f %4.0f%%", rate * 1e-9, 100 * rate / peak);
    else
        fprintf(out, " %8.2f %5s", rate * 1e-9, "");
}

void profile_print(const Profile *p, int threads, int vector_bytes, uint64_t held, FILE *out)
{
    const Row **order = NEWN(p->arena, const Row *, p->nrows + 1);
    int64_t all = 0;
    if (!p->nrows) {
        fputs("no kernel ran\n", out);
        return;
    }
    Peaks peak = peaks_measure(threads, (size_t)128 << 20, vector_bytes);
    for (int i = 0; i < p->nrows; i++) {
        order[i] = &p->rows[i];
        all += p->rows[i].ns;
    }
    qsort(order, (size_t)p->nrows, sizeof *order, by_time);
    fprintf(out, "%10s %5s %9s %8s %5s %8s %5s  place\n", "ms", "", "kernels", "GFLOP/s", "peak", "GB/s", "read");
    for (int i = 0; i < p->nrows; i++) {
        const Row *r = order[i];
        fprintf(out, "%10.3f %4.0f%% %9lld", (double)r->ns * 1e-6, all ? 100 * (double)r->ns / (double)all : 0, (long long)r->calls);
        print_rate(out, r->flops, r->ns, peak.flops);
        print_rate(out, r->bytes, r->ns, peak.memory);
        fprintf(out, "  %s\n", r->where);
    }
    fprintf(out, "%10.3f ms in kernels, of %.3f from the first to the end of the last\n", (double)all * 1e-6, (double)(p->last - p->first) * 1e-6);
    fprintf(out, "memory: %.1f MB at most, of tensors, models and calls\n", (double)held * 1e-6);
    fprintf(out, "peak: %.1f GFLOP/s (f32); memory is read with %.1f GB/s, 16 MiB with %.1f; %d thread%s. Operations and bytes are counted from the form:\n"
                 "loops from bound to bound of their guards (other guards count whole), each element that is read once; '-' depends on what is computed on the way\n",
            peak.flops * 1e-9, peak.memory * 1e-9, peak.cache * 1e-9, threads, threads == 1 ? "" : "s");
}

static void put_text(Buf *out, const char *s)
{
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            buf_putc(out, '\\');
        buf_putc(out, (unsigned char)*s < 32 ? ' ' : *s);
    }
}

void profile_trace(const Profile *p, Buf *out)
{
    buf_puts(out, "{\"traceEvents\": [");
    for (int i = 0; i < p->nevents; i++) {
        const Event *e = &p->events[i];
        buf_printf(out, "%s\n{\"ph\": \"X\", \"pid\": 1, \"tid\": 1, \"ts\": %.3f, \"dur\": %.3f, \"name\": \"", i ? "," : "", (double)(e->start - p->first) * 1e-3,
                   (double)e->ns * 1e-3);
        put_text(out, p->rows[e->row].where);
        buf_printf(out, "\", \"args\": {\"operations\": %lld, \"bytes\": %lld}}", (long long)e->flops, (long long)e->bytes);
    }
    buf_printf(out, "\n], \"otherData\": {\"kernels that found no room\": %lld}}\n", (long long)(p->events ? p->lost : 0));
}
