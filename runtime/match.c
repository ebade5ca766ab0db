/* match.c - finds the tensors that a program wants in a weight file, or says all that is wrong at once.
 *
 *     wanted                                    found
 *     layers.*.norm1.weight  x5  f32[64]        slices of layers.0.norm1.weight ... layers.4.norm1.weight
 *     norm.weight                f32[64]        slice of norm.weight
 *
 *     missing 'layers.4.norm1.weight': f32[64]
 *     surplus 'head.weight': f32[512, 64]
 *     'norm.weight' is f32[65], wanted f32[64]
 */
#include <stdio.h>
#include <string.h>

#include "dequant.h"
#include "mem.h"
#include "pattern.h"
#include "weights.h"

enum { REPORT_LIMIT = 65536, MAX_STARS = RT_MAX_PARTS };

typedef struct Matcher {
    const RtNames *names;
    RtMatch *match;
    uint32_t *used; /* of each entry: how many slices of it are wanted */
    RtText report;
    size_t missing, surplus, shapes, dtypes;
    int flags;
    RtError *err;
} Matcher;

/* How many tensors a wanted row stands for, and whether it makes sense at all. */
static MlcrtStatus count_slices(const RtWanted *w, size_t *n, RtError *err)
{
    RtParts p;
    uint64_t product = 1;
    int star = 0;
    if (!w->path || w->rank < 0 || w->rank > MLCRT_MAX_RANK || (w->rank > 0 && !w->shape) || !rt_dtype_find(w->code, w->bits))
        return rt_fail(err, MLCRT_EARG, "a wanted tensor without a name, or of bad rank or element type");
    if (strlen(w->path) > RT_MAX_NAME / 2 || !rt_parts_cut(w->path, &p))
        return rt_fail(err, MLCRT_ELIMIT, "path '%s' is too long", rt_shown(w->path, strlen(w->path)).text);
    for (int i = 0; i < p.count; i++) {
        if (!rt_part_is(&p, i, "*"))
            continue;
        if (!w->counts || w->counts[star] < 0)
            return rt_fail(err, MLCRT_EARG, "path '%s': no count for a '*'", rt_shown(w->path, strlen(w->path)).text);
        if (!rt_mul(product, (uint64_t)w->counts[star++], &product) || product > RT_MAX_TENSORS)
            return rt_fail(err, MLCRT_ELIMIT, "'%s' stands for more than %d tensors", rt_shown(w->path, strlen(w->path)).text,
                           RT_MAX_TENSORS);
    }
    *n = (size_t)product;
    return MLCRT_OK;
}

static MlcrtStatus reserve(Matcher *m, const RtWanted *wanted, size_t nwanted)
{
    RtMatch *match = m->match;
    const MlcrtAlloc *a = &match->alloc;
    match->nwanted = nwanted;
    match->first = rt_alloc(a, nwanted + 1, sizeof *match->first);
    m->used = rt_alloc(a, m->names->weights->count, sizeof *m->used);
    if (!match->first || !m->used)
        return rt_fail_memory(m->err, nwanted * sizeof *match->first);
    memset(m->used, 0, m->names->weights->count * sizeof *m->used);
    size_t total = 0, n = 0;
    for (size_t i = 0; i < nwanted; i++) {
        MlcrtStatus status = count_slices(&wanted[i], &n, m->err);
        if (status)
            return status;
        match->first[i] = total;
        total += n;
        if (total > RT_MAX_TENSORS)
            return rt_fail(m->err, MLCRT_ELIMIT, "more than %d tensors are wanted", RT_MAX_TENSORS);
    }
    match->first[nwanted] = total;
    match->slices = rt_alloc(a, total, sizeof *match->slices);
    if (!match->slices)
        return rt_fail_memory(m->err, total * sizeof *match->slices);
    memset(match->slices, 0, total * sizeof *match->slices);
    match->nslices = total;
    return MLCRT_OK;
}

/* The path of the k-th tensor of a list: the counts are digits of k, the last runs fastest. */
static void nth_path(const RtWanted *w, size_t k, char out[2 * RT_MAX_NAME])
{
    RtParts p;
    int64_t digit[MAX_STARS];
    int stars = 0;
    rt_parts_cut(w->path, &p);
    for (int i = 0; i < p.count; i++)
        stars += rt_part_is(&p, i, "*");
    for (int s = stars; s-- > 0;) {
        digit[s] = (int64_t)(k % (size_t)w->counts[s]);
        k /= (size_t)w->counts[s];
    }
    for (int i = 0, s = 0; i < p.count; i++) {
        out += sprintf(out, "%s", i ? "." : "");
        if (rt_part_is(&p, i, "*"))
            out += sprintf(out, "%lld", (long long)digit[s++]);
        else
            out += sprintf(out, "%.*s", (int)p.part[i].length, p.part[i].text);
    }
}

static bool dtype_fits(const RtEntry *e, const RtWanted *w, int flags)
{
    bool half = (e->code == MLCRT_FLOAT || e->code == MLCRT_BFLOAT) && e->bits == 16;
    return (e->code == w->code && e->bits == w->bits) ||
           ((flags & RT_MATCH_WIDEN) && half && w->code == MLCRT_FLOAT && w->bits == 32);
}

/* Dims that are open take those of the first tensor of the list, so that the rest must equal it. */
static bool shape_fits(const RtSlice *s, const RtWanted *w, const RtSlice *first)
{
    if (s->rank != w->rank)
        return false;
    for (int32_t i = 0; i < w->rank; i++) {
        int64_t want = w->shape[i] >= 0 ? w->shape[i] : first->rank == w->rank && first->entry ? first->shape[i] : s->shape[i];
        if (s->shape[i] != want)
            return false;
    }
    return true;
}

static void match_one(Matcher *m, const RtWanted *w, const char *path, RtSlice *first, RtSlice *s)
{
    char is[RT_SHAPE_TEXT], wanted[RT_SHAPE_TEXT];
    RtShown name = rt_shown(path, strlen(path));
    if (!rt_names_find(m->names, path, s)) {
        m->missing++;
        rt_text_add(&m->report, "missing '%s': %s\n", name.text, rt_shape_text(wanted, w->code, w->bits, w->rank, w->shape));
        return;
    }
    const RtEntry *e = s->entry;
    m->used[e - m->names->weights->entries] += s->layer < 0 && e->stacked ? (uint32_t)e->shape[0] : 1;
    bool dtype = dtype_fits(e, w, m->flags), shape = shape_fits(s, w, first);
    m->dtypes += !dtype;
    m->shapes += !shape;
    if (dtype && shape)
        return;
    bool compared = shape_fits(s, w, s); /* only the first of the list is in the way */
    if (!shape && compared)
        rt_shape_text(wanted, first->entry->code, first->entry->bits, first->rank, first->shape);
    else
        rt_shape_text(wanted, w->code, w->bits, w->rank, w->shape);
    rt_text_add(&m->report, "'%s' is %s, %s %s\n", name.text, rt_shape_text(is, e->code, e->bits, s->rank, s->shape),
                !shape && compared ? "but the first of its list is" : "wanted", wanted);
}

static void report_surplus(Matcher *m)
{
    char shape[RT_SHAPE_TEXT];
    for (size_t i = 0; i < m->names->count; i++) {
        uint32_t number = m->names->order[i];
        const RtEntry *e = &m->names->weights->entries[number];
        uint32_t has = e->stacked ? (uint32_t)e->shape[0] : 1;
        const char *name = m->names->names[number];
        RtShown inside = rt_shown(name, strlen(name)), outside = rt_shown(e->name, strlen(e->name));
        if (m->used[number] >= has)
            continue;
        m->surplus++;
        char layers[64] = "";
        if (m->used[number] > 0)
            snprintf(layers, sizeof layers, " (%u of %u layers are wanted)", m->used[number], has);
        bool renamed = strcmp(name, e->name) != 0;
        rt_text_add(&m->report, "surplus '%s': %s%s%s%s%s\n", outside.text,
                    rt_shape_text(shape, e->code, e->bits, e->rank, e->shape), layers, renamed ? " (renamed '" : "",
                    renamed ? inside.text : "", renamed ? "')" : "");
    }
}

/* "2 missing, 1 of another shape: missing 'a': f32[3]; 'b' is ..." */
static MlcrtStatus summary(Matcher *m)
{
    char counts[160], lines[RT_ERROR_TEXT];
    size_t at = 0;
    const struct { size_t n; const char *what; } rows[] = { { m->missing, "missing" }, { m->surplus, "surplus" },
                                                            { m->shapes, "of another shape" }, { m->dtypes, "of another type" } };
    counts[0] = 0;
    for (size_t i = 0; i < 4; i++)
        if (rows[i].n)
            at += (size_t)snprintf(counts + at, sizeof counts - at, "%s%zu %s", at ? ", " : "", rows[i].n, rows[i].what);
    size_t n = 0;
    for (const char *p = m->report.text ? m->report.text : ""; *p && n + 2 < sizeof lines; p++) {
        if (*p == '\n' && p[1])
            lines[n++] = ';';
        lines[n++] = *p == '\n' ? ' ' : *p;
    }
    while (n > 0 && lines[n - 1] == ' ')
        n--;
    lines[n] = 0;
    MlcrtStatus status = m->missing || m->surplus ? MLCRT_EFORMAT : m->shapes ? MLCRT_ESHAPE : MLCRT_EDTYPE;
    return rt_fail(m->err, status, "tensors do not fit (%s): %s", counts, lines);
}

static MlcrtStatus match_all(Matcher *m, const RtWanted *wanted, size_t nwanted)
{
    char path[2 * RT_MAX_NAME];
    MlcrtStatus status = reserve(m, wanted, nwanted);
    if (status)
        return status;
    for (size_t i = 0; i < nwanted; i++) {
        RtSlice *s = m->match->slices + m->match->first[i];
        for (size_t k = 0; k < m->match->first[i + 1] - m->match->first[i]; k++) {
            nth_path(&wanted[i], k, path);
            match_one(m, &wanted[i], path, s, &s[k]);
        }
    }
    if (!(m->flags & RT_MATCH_SURPLUS))
        report_surplus(m);
    if (m->report.cut) {
        m->report.limit += 32;
        rt_text_add(&m->report, "and %zu more\n", m->report.cut);
    }
    if (m->report.failed)
        return rt_fail_memory(m->err, m->report.room * 2);
    return m->missing || m->surplus || m->shapes || m->dtypes ? summary(m) : MLCRT_OK;
}

MlcrtStatus rt_match(const MlcrtAlloc *alloc, const RtNames *names, const RtWanted *wanted, size_t nwanted, int flags,
                     RtMatch *match, RtError *err)
{
    *match = (RtMatch){ .alloc = *alloc };
    Matcher m = { .names = names, .match = match, .flags = flags, .err = err,
                  .report = { .alloc = &match->alloc, .limit = REPORT_LIMIT } };
    MlcrtStatus status = match_all(&m, wanted, nwanted);
    rt_free(alloc, m.used, names->weights->count, sizeof *m.used);
    match->report = m.report.text;
    match->report_room = m.report.room;
    return status;
}

void rt_match_drop(RtMatch *match)
{
    const MlcrtAlloc *a = &match->alloc;
    rt_free(a, match->slices, match->nslices, sizeof *match->slices);
    rt_free(a, match->first, match->nwanted + 1, sizeof *match->first);
    rt_free(a, match->report, match->report_room, 1);
    *match = (RtMatch){ 0 };
}

static size_t element_count(const RtSlice *s)
{
    const RtPacking *k = s->entry->packing;
    return k ? s->bytes / k->bytes * k->elements : s->bytes / (s->entry->bits / 8u);
}

MlcrtStatus rt_match_copy(const RtMatch *match, size_t i, void *to, uint8_t code, uint8_t bits, RtError *err)
{
    uint8_t *at = to;
    MlcrtStatus status = MLCRT_OK;
    for (size_t k = match->first[i]; k < match->first[i + 1] && !status; k++) {
        const RtSlice *s = &match->slices[k];
        status = rt_slice_copy(at, code, bits, s, err);
        at += element_count(s) * (bits / 8u);
    }
    return status;
}

const RtPacking *rt_match_packing(const RtMatch *match, size_t i)
{
    const RtPacking *k = NULL;
    for (size_t n = match->first[i]; n < match->first[i + 1]; n++) {
        const RtPacking *one = match->slices[n].entry->packing;
        if (!one || (k && k != one))
            return NULL;
        k = one;
    }
    return k;
}

void rt_match_copy_blocks(const RtMatch *match, size_t i, void *to)
{
    uint8_t *at = to;
    for (size_t k = match->first[i]; k < match->first[i + 1]; k++) {
        const RtSlice *s = &match->slices[k];
        if (s->bytes)
            memcpy(at, s->data, s->bytes);
        at += s->bytes;
    }
}
