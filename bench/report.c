/* report.c - results as lines, JSON and a Markdown table. */
#include <string.h>
#include <time.h>

#include "bench.h"

void report_peaks(const char *when, int threads, const Peaks *p)
{
    printf("%s, %d thread%s: %.1f GFLOP/s f32, reading 16 MiB %.1f GB/s, 1 GiB %.1f GB/s\n", when, threads, threads == 1 ? "" : "s", p->flops / 1e9,
           p->cache / 1e9, p->memory / 1e9);
}

void report_row(const Result *r, const Peaks *p)
{
    double flops = r->c->flops / r->ours, bytes = case_bytes(r->c) / r->ours;
    printf("%-28s %2d  %10.2f us", r->c->name, r->threads, r->ours * 1e6);
    if (flops > 0)
        printf("  %8.1f GFLOP/s", flops / 1e9);
    if (flops > 0 && p->flops > 0)
        printf(" %3.0f %%", 100 * flops / p->flops);
    if (r->c->check != ANEW)
        printf("  %7.1f GB/s", bytes / 1e9);
    if (r->error >= 0)
        printf("  error %.1e", r->error);
    if (r->theirs > 0)
        printf("  %.2f x %s [%.2f, %.2f]", r->ratio, r->peer, r->low, r->high);
    if (r->theirs > 0 && r->peer_error >= 0)
        printf(" %s %.1e", r->c->check == NO_CHECK ? "difference" : "its error", r->peer_error);
    printf("  best %.2f us", r->best * 1e6);
    if (r->theirs > 0)
        printf(" %.2f x", r->their_best / r->best);
    putchar('\n');
    fflush(stdout);
}

static void number(FILE *f, const char *name, double x)
{
    if (x >= 0)
        fprintf(f, ", \"%s\": %.6g", name, x);
    else
        fprintf(f, ", \"%s\": null", name); /* it was not compared */
}

static void json_row(FILE *f, const Result *r)
{
    fprintf(f, "{\"case\": \"%s\", \"threads\": %d, \"pairs\": %d, \"seconds\": %.9g, \"best_seconds\": %.9g, \"flops\": %.9g, \"bytes\": %.9g",
            r->c->name, r->threads, r->pairs, r->ours, r->best, r->c->flops, case_bytes(r->c));
    number(f, "error", r->error);
    number(f, "compile_seconds", r->compile);
    if (r->theirs > 0) {
        fprintf(f, ", \"peer\": \"%s\", \"version\": \"%s\", \"peer_seconds\": %.9g, \"ratio\": %.4f, \"low\": %.4f, \"high\": %.4f", r->peer, r->version,
                r->theirs, r->ratio, r->low, r->high);
        number(f, "peer_error", r->peer_error);
        number(f, "peer_first_seconds", r->peer_first);
    }
    fputc('}', f);
}

static void json_peaks(FILE *f, int threads, const Peaks *p)
{
    fprintf(f, "{\"threads\": %d, \"flops\": %.6g, \"read_16MiB\": %.6g, \"read_1GiB\": %.6g}", threads, p->flops, p->cache, p->memory);
}

static bool close_file(FILE *f, const char *path)
{
    bool ok = f && !ferror(f);
    ok = f && !fclose(f) && ok;
    if (!ok)
        fprintf(stderr, "bench: '%s' could not be written\n", path);
    return ok;
}

bool report_json(const char *path, const Result *r, int n, const Machine *m)
{
    FILE *f = fopen(path, "w");
    if (!f)
        return close_file(f, path);
    fputs("{\"results\": [", f);
    for (int i = 0; i < n; i++) {
        fputs(i ? ",\n  " : "\n  ", f);
        json_row(f, &r[i]);
    }
    fputs("\n], \"peaks\": [", f);
    for (int t = 0; t < m->n; t++) {
        fputs(t ? ", " : "", f);
        json_peaks(f, m->threads[t], &m->before[t]);
        fputs(", ", f);
        json_peaks(f, m->threads[t], &m->after[t]);
    }
    fprintf(f, "], \"steady\": %s}\n", machine_is_steady(m) ? "true" : "false");
    return close_file(f, path);
}

/* Sources of noise: other programs, other guests of the machine. Limits of steadiness: 5 % of the compute rate, 15 % of the read rates. */
bool machine_is_steady(const Machine *m)
{
    for (int t = 0; t < m->n; t++) {
        const Peaks *a = &m->before[t], *b = &m->after[t];
        double flops = b->flops / a->flops, cache = b->cache / a->cache, memory = b->memory / a->memory;
        if (!(flops > 0.95 && flops < 1.05 && cache > 0.85 && cache < 1.18 && memory > 0.85 && memory < 1.18))
            return false;
    }
    return true;
}

/* ---- Markdown --------------------------------------------------------------------------------------------------- */

static const Result *of_peer(const Result *r, int n, const char *peer)
{
    for (int i = 0; i < n; i++)
        if (!strcmp(r[i].peer, peer))
            return &r[i];
    return NULL;
}

static void processor(FILE *f)
{
    char line[256];
    FILE *info = fopen("/proc/cpuinfo", "r");
    while (info && fgets(line, sizeof line, info))
        if (!strncmp(line, "model name", 10) && strchr(line, ':')) {
            fprintf(f, ", %.*s", (int)strcspn(strchr(line, ':') + 2, "\n"), strchr(line, ':') + 2);
            break;
        }
    if (info)
        fclose(info);
}

static void head(FILE *f, const Result *r, int n, const Machine *m)
{
    char day[32];
    time_t now = time(NULL);
    strftime(day, sizeof day, "%Y-%m-%d", localtime(&now));
    fputs(day, f);
    processor(f);
    if (*m->target)
        fprintf(f, "; our code is compiled for %s", m->target);
    fputs(". Measured before and after:\n\n", f);
    for (int t = 0; t < m->n; t++) {
        const Peaks *a = &m->before[t], *b = &m->after[t];
        if (a->flops > 0)
            fprintf(f, "- %d thread%s: %.1f and %.1f GFLOP/s of f32 multiply-adds, reading 1 GiB %.1f and %.1f GB/s, 16 MiB %.1f and %.1f GB/s\n", m->threads[t],
                    m->threads[t] == 1 ? "" : "s", a->flops / 1e9, b->flops / 1e9, a->memory / 1e9, b->memory / 1e9, a->cache / 1e9, b->cache / 1e9);
    }
    fprintf(f, "- %s\n\nPeers:", machine_is_steady(m) ? "steady" : "not steady: the rates moved during the run");
    for (int i = 0; peer_name(i); i++) {
        const Result *x = of_peer(r, n, peer_name(i));
        if (x && strcmp(x->version, x->peer))
            fprintf(f, " %s: %s;", x->peer, x->version);
    }
    fputs("\n\n", f);
}

static void table_row(FILE *f, const Result *r, int n, const Result *all, int nall, const Peaks *p)
{
    fprintf(f, "| %s | %d | %.2f | ", r->c->name, r->threads, r->ours * 1e6);
    if (r->c->flops > 0)
        fprintf(f, "%.1f | ", r->c->flops / r->ours / 1e9);
    else
        fputs(" | ", f);
    if (r->c->flops > 0 && p->flops > 0)
        fprintf(f, "%.0f %% | ", 100 * r->c->flops / r->ours / p->flops);
    else
        fputs(" | ", f);
    fprintf(f, "%.1f |", case_bytes(r->c) / r->ours / 1e9);
    for (int i = 0; peer_name(i); i++) {
        const Result *x = of_peer(r, n, peer_name(i));
        if (x)
            fprintf(f, " %.2f [%.2f, %.2f] |", x->ratio, x->low, x->high);
        else if (of_peer(all, nall, peer_name(i)))
            fputs("  |", f);
    }
    fputc('\n', f);
}

/* Results of one case and number of threads stand together: they are one row, with a column for each peer that occurs. */
bool report_markdown(const char *path, const Result *r, int n, const Machine *m)
{
    FILE *f = fopen(path, "w");
    if (!f)
        return close_file(f, path);
    head(f, r, n, m);
    fputs("| case | threads | us | GFLOP/s | of peak | GB/s |", f);
    for (int i = 0; peer_name(i); i++)
        if (of_peer(r, n, peer_name(i)))
            fprintf(f, " %s |", peer_name(i));
    fputs("\n|---|---|---|---|---|---|", f);
    for (int i = 0; peer_name(i); i++)
        if (of_peer(r, n, peer_name(i)))
            fputs("---|", f);
    fputc('\n', f);
    for (int i = 0, k; i < n; i = k) {
        int t = 0;
        for (k = i + 1; k < n && r[k].c == r[i].c && r[k].threads == r[i].threads;)
            k++;
        while (t < m->n - 1 && m->threads[t] != r[i].threads)
            t++;
        table_row(f, r + i, k - i, r, n, &m->before[t]);
    }
    return close_file(f, path);
}
