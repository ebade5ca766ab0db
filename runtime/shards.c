/* shards.c - a safetensors file in parts, with the index that tells which tensor lies in which.
 *
 *     model.safetensors.index.json      {"metadata": {"total_size": 96}, "weight_map": {"a": "model-1.safetensors", ...}}
 *     model-1.safetensors ...           each a whole safetensors file
 *
 * The index is not trusted: a part lies in the folder of the index or beneath, is reached without links, and holds exactly the
 * tensors that the index gives it.
 */
#include <string.h>

#include "json.h"
#include "mem.h"
#include "utf8.h"
#include "weights_int.h"

enum { MAX_SHARDS = 4096 };

/* A row of weight_map. */
typedef struct Place {
    const char *name, *part;
} Place;

typedef struct Reader {
    RtWeights *w;
    RtJson json;
    Place *places;
    uint32_t *order; /* of the places, by part and then name */
    size_t n, room, text_room;
    char *text;
    RtError *err;
} Reader;

/* Walks over the object `weight_map`; with r->text set it keeps the texts, before that it counts them. */
static bool read_map(Reader *r)
{
    RtJson *j = &r->json;
    size_t used = 0;
    if (rt_json_next(j) != RT_JSON_OBJECT) {
        rt_json_fail(j, MLCRT_EFORMAT, "weight_map must be an object");
        return false;
    }
    r->n = 0;
    while (rt_json_next(j) == RT_JSON_KEY) {
        for (int part = 0; part < 2; part++) {
            if (part && rt_json_next(j) != RT_JSON_STRING) {
                rt_json_fail(j, MLCRT_EFORMAT, "a place in weight_map must be a string");
                return false;
            }
            if (j->raw_length > RT_MAX_NAME) {
                rt_json_fail(j, MLCRT_ELIMIT, "a name is longer than 4096 bytes");
                return false;
            }
            if (!r->text) {
                r->text_room += j->raw_length + 1;
                continue;
            }
            char *to = r->text + used;
            size_t n = rt_json_unescape(j, to);
            to[n] = 0;
            used += n + 1;
            if (memchr(to, 0, n)) {
                rt_json_fail(j, MLCRT_EFORMAT, "a text contains NUL");
                return false;
            }
            *(part ? &r->places[r->n].part : &r->places[r->n].name) = to;
        }
        r->n++;
    }
    return j->kind == RT_JSON_OBJECT_END;
}

/* The whole index, once. */
static MlcrtStatus walk(Reader *r)
{
    RtJson *j = &r->json;
    bool found = false, ok = true;
    rt_json_init(j, &r->w->file.alloc, (const char *)r->w->file.data, r->w->file.size, r->err);
    if (rt_json_next(j) != RT_JSON_OBJECT)
        ok = j->kind != RT_JSON_ERROR ? (rt_json_fail(j, MLCRT_EFORMAT, "the index must be an object"), false) : false;
    while (ok && rt_json_next(j) == RT_JSON_KEY) {
        bool map = rt_json_is(j, "weight_map");
        found |= map;
        ok = map ? read_map(r) : rt_json_skip(j);
    }
    ok = ok && j->kind == RT_JSON_OBJECT_END && rt_json_next(j) == RT_JSON_END;
    rt_json_drop(j);
    if (ok && !found)
        return rt_fail(r->err, MLCRT_EFORMAT, "this is JSON, but not the index of a safetensors file: it has no weight_map");
    return ok ? MLCRT_OK : r->err->status;
}

static int compare_places(const void *user, uint32_t a, uint32_t b)
{
    const Place *x = (const Place *)user + a, *y = (const Place *)user + b;
    int order = strcmp(x->part, y->part);
    return order ? order : strcmp(x->name, y->name);
}

static MlcrtStatus read_places(Reader *r)
{
    const MlcrtAlloc *a = &r->w->file.alloc;
    MlcrtStatus status = walk(r);
    if (status)
        return status;
    if (r->n > RT_MAX_TENSORS)
        return rt_fail(r->err, MLCRT_ELIMIT, "more than %d tensors", RT_MAX_TENSORS);
    r->room = r->n;
    r->places = rt_alloc(a, r->room, sizeof *r->places);
    r->order = rt_alloc(a, r->room, sizeof *r->order);
    r->text = rt_alloc(a, r->text_room, 1);
    if (!r->places || !r->order || !r->text)
        return rt_fail_memory(r->err, r->room * sizeof *r->places + r->text_room);
    status = walk(r);
    for (size_t i = 0; i < r->n; i++)
        r->order[i] = (uint32_t)i;
    if (!status)
        rt_sort(r->order, r->n, compare_places, r->places);
    return status;
}

static const Place *place(const Reader *r, size_t i)
{
    return &r->places[r->order[i]];
}

/* Opens the part of places `first` to `last` - 1 and compares its tensors with them. */
static MlcrtStatus open_part(Reader *r, const char *folder, size_t first, size_t last)
{
    RtWeights *w = r->w, *part = &w->shards[w->nshards];
    RtError why = { 0 };
    const char *name = place(r, first)->part;
    *part = (RtWeights){ 0 };
    MlcrtStatus status = rt_file_open_beneath(&w->file.alloc, folder, name, RT_FILE_READ, &part->file, r->err);
    if (status)
        return status;
    w->nshards++;
    status = rt_safetensors_read(part, &why);
    if (status)
        return rt_fail(r->err, status, "part '%s': %s", rt_shown(name, strlen(name)).text, why.text);
    status = rt_weights_sort(part, r->err);
    for (size_t i = first; i < last && !status; i++) {
        const char *tensor = place(r, i)->name;
        if (!rt_weights_find(part, tensor))
            status = rt_fail(r->err, MLCRT_EFORMAT, "part '%s' has no tensor '%s'", rt_shown(name, strlen(name)).text,
                             rt_shown(tensor, strlen(tensor)).text);
    }
    if (!status && part->count != last - first)
        status = rt_fail(r->err, MLCRT_EFORMAT, "part '%s' has %zu tensors, but the index gives it %zu",
                         rt_shown(name, strlen(name)).text, part->count, last - first);
    return status;
}

/* The folder of a path, into `out`. False if it is too long. */
static bool folder_of(const char *path, char out[RT_MAX_NAME + 1])
{
    const char *slash = strrchr(path, '/');
    size_t n = !slash ? 1 : slash == path ? 1 : (size_t)(slash - path);
    if (n > RT_MAX_NAME)
        return false;
    memcpy(out, slash ? path : ".", n);
    out[n] = 0;
    return true;
}

static MlcrtStatus open_parts(Reader *r, const char *path)
{
    char folder[RT_MAX_NAME + 1];
    size_t parts = 0;
    RtWeights *w = r->w;
    for (size_t i = 0; i < r->n; i++)
        parts += i == 0 || strcmp(place(r, i - 1)->part, place(r, i)->part) != 0;
    if (parts > MAX_SHARDS || !folder_of(path, folder))
        return rt_fail(r->err, MLCRT_ELIMIT, "more than %d parts, or a path of more than %d bytes", MAX_SHARDS, RT_MAX_NAME);
    w->shards = rt_alloc(&w->file.alloc, parts, sizeof *w->shards);
    if (!w->shards)
        return rt_fail_memory(r->err, parts * sizeof *w->shards);
    w->shards_room = parts;
    MlcrtStatus status = MLCRT_OK;
    for (size_t first = 0, last; first < r->n && !status; first = last) {
        last = first + 1;
        while (last < r->n && strcmp(place(r, first)->part, place(r, last)->part) == 0)
            last++;
        status = open_part(r, folder, first, last);
    }
    return status;
}

/* The tensors, numbers and texts of all parts, side by side. */
static MlcrtStatus gather(RtWeights *w, RtError *err)
{
    RtWeightsRoom room = { 0 };
    for (size_t i = 0; i < w->nshards; i++) {
        room.entries += w->shards[i].count;
        room.numbers += w->shards[i].nnumbers;
        room.meta += w->shards[i].nmeta;
    }
    MlcrtStatus status = rt_weights_reserve(w, &room, err);
    for (size_t i = 0; i < w->nshards && !status; i++) {
        const RtWeights *p = &w->shards[i];
        for (size_t k = 0; k < p->count; k++)
            w->entries[w->count++] = p->entries[k];
        for (size_t k = 0; k < p->nnumbers; k++)
            w->numbers[w->nnumbers++] = p->numbers[k];
        for (size_t k = 0; k < p->nmeta; k++)
            w->meta[w->nmeta++] = p->meta[k];
    }
    return status;
}

MlcrtStatus rt_shards_read(RtWeights *w, const char *path, RtError *err)
{
    const MlcrtAlloc *a = &w->file.alloc;
    Reader r = { .w = w, .err = err };
    MlcrtStatus status = read_places(&r);
    if (!status)
        status = open_parts(&r, path);
    if (!status)
        status = gather(w, err);
    rt_free(a, r.places, r.room, sizeof *r.places);
    rt_free(a, r.order, r.room, sizeof *r.order);
    rt_free(a, r.text, r.text_room, 1);
    return status;
}
