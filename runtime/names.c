/* names.c - the names of a weight file as a program sees them.
 *
 *     file                                      rules                         program
 *     model.layers.0.mlp.up_proj.weight         model.layers.*.mlp.up_proj.** layers.0.up.weight
 *     layers.*.norm1.weight (stacked)           none                          layers.*.norm1.weight, found as layers.3...
 */
#include <string.h>

#include "mem.h"
#include "pattern.h"
#include "weights.h"

/* A rule whose sides are cut already. */
typedef struct Rule {
    RtParts from, to;
    bool leave_out;
} Rule;

static MlcrtStatus count_wild(const char *side, const RtParts *p, int *wild, RtError *err)
{
    int deep = 0;
    *wild = 0;
    for (int i = 0; i < p->count; i++) {
        *wild += rt_part_is_wild(p, i);
        deep += rt_part_is(p, i, "**");
    }
    if (deep > 1)
        return rt_fail(err, MLCRT_EARG, "renaming '%s': more than one '**'", rt_shown(side, strlen(side)).text);
    return MLCRT_OK;
}

static MlcrtStatus cut_rule(const RtRename *r, Rule *rule, RtError *err)
{
    int from, to;
    if (!r->from)
        return rt_fail(err, MLCRT_EARG, "a renaming without 'from'");
    rule->leave_out = !r->to || !*r->to;
    const char *right = r->to ? r->to : "";
    if (!rt_parts_cut(r->from, &rule->from) || !rt_parts_cut(right, &rule->to))
        return rt_fail(err, MLCRT_EARG, "renaming '%s': more than %d parts", rt_shown(r->from, strlen(r->from)).text, RT_MAX_PARTS);
    MlcrtStatus status = count_wild(r->from, &rule->from, &from, err);
    if (!status)
        status = count_wild(right, &rule->to, &to, err);
    if (!status && to > from)
        return rt_fail(err, MLCRT_EARG, "renaming '%s' to '%s': more wildcards on the right",
                       rt_shown(r->from, strlen(r->from)).text, rt_shown(right, strlen(right)).text);
    return status;
}

/* The new name in `out` (RT_MAX_NAME + 1 bytes), or `name` itself, or NULL: left out. *length is that of the new name. */
static const char *rename_one(const Rule *rules, size_t nrules, const char *name, char *out, size_t *length)
{
    RtParts parts;
    RtCaptures c;
    *length = 0;
    if (nrules == 0 || !rt_parts_cut(name, &parts))
        return name;
    for (size_t i = 0; i < nrules; i++)
        if (rt_pattern_match(&rules[i].from, &parts, &c)) {
            if (rules[i].leave_out)
                return NULL;
            *length = rt_pattern_fill(&rules[i].to, &parts, &c, out, RT_MAX_NAME + 1);
            return out;
        }
    return name;
}

/* One walk over the entries; with n->text set it fills in the names, before that it only adds up their sizes. */
static MlcrtStatus rename_all(RtNames *n, const Rule *rules, size_t nrules, RtError *err)
{
    char out[RT_MAX_NAME + 1];
    size_t used = 0, length;
    for (size_t i = 0; i < n->weights->count; i++) {
        const char *old = n->weights->entries[i].name, *name = rename_one(rules, nrules, old, out, &length);
        if (length > RT_MAX_NAME)
            return rt_fail(err, MLCRT_ELIMIT, "the new name of tensor '%s' has more than %d bytes",
                           rt_shown(old, strlen(old)).text, RT_MAX_NAME);
        if (name == out && n->text) {
            name = memcpy(n->text + used, out, length + 1);
            used += length + 1;
        } else if (name == out) {
            n->text_room += length + 1;
        }
        n->names[i] = name;
    }
    return MLCRT_OK;
}

static int compare_names(const void *user, uint32_t a, uint32_t b)
{
    const char *const *names = user;
    return strcmp(names[a], names[b]);
}

static MlcrtStatus sort_names(RtNames *n, RtError *err)
{
    for (size_t i = 0; i < n->weights->count; i++)
        if (n->names[i])
            n->order[n->count++] = (uint32_t)i;
    rt_sort(n->order, n->count, compare_names, n->names);
    for (size_t i = 1; i < n->count; i++) {
        uint32_t a = n->order[i - 1], b = n->order[i];
        const char *name = n->names[a], *x = n->weights->entries[a].name, *y = n->weights->entries[b].name;
        if (strcmp(name, n->names[b]) == 0)
            return rt_fail(err, MLCRT_EFORMAT, "tensors '%s' and '%s' would both be '%s'", rt_shown(x, strlen(x)).text,
                           rt_shown(y, strlen(y)).text, rt_shown(name, strlen(name)).text);
    }
    return MLCRT_OK;
}

void rt_names_drop(RtNames *n)
{
    if (n->weights) {
        rt_free(&n->alloc, n->names, n->weights->count, sizeof *n->names);
        rt_free(&n->alloc, n->order, n->weights->count, sizeof *n->order);
        rt_free(&n->alloc, n->text, n->text_room, 1);
    }
    *n = (RtNames){ 0 };
}

static MlcrtStatus fill_names(RtNames *n, const Rule *rules, size_t nrules, RtError *err)
{
    n->names = rt_alloc(&n->alloc, n->weights->count, sizeof *n->names);
    n->order = rt_alloc(&n->alloc, n->weights->count, sizeof *n->order);
    if (!n->names || !n->order)
        return rt_fail_memory(err, n->weights->count * sizeof *n->names);
    MlcrtStatus status = rename_all(n, rules, nrules, err);
    if (status || n->text_room == 0)
        return status ? status : sort_names(n, err);
    n->text = rt_alloc(&n->alloc, n->text_room, 1);
    if (!n->text)
        return rt_fail_memory(err, n->text_room);
    status = rename_all(n, rules, nrules, err);
    return status ? status : sort_names(n, err);
}

MlcrtStatus rt_names_init(const MlcrtAlloc *alloc, const RtWeights *w, const RtRename *renames, size_t nrules, RtNames *n,
                          RtError *err)
{
    *n = (RtNames){ .weights = w, .alloc = *alloc };
    Rule *rules = rt_alloc(alloc, nrules, sizeof *rules);
    MlcrtStatus status = rules ? MLCRT_OK : rt_fail_memory(err, nrules * sizeof *rules);
    for (size_t i = 0; i < nrules && !status; i++)
        status = cut_rule(&renames[i], &rules[i], err);
    if (!status)
        status = fill_names(n, rules, nrules, err);
    rt_free(alloc, rules, nrules, sizeof *rules);
    if (status)
        rt_names_drop(n);
    return status;
}

static const RtEntry *find_exact(const RtNames *n, const char *name)
{
    size_t low = 0, high = n->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(n->names[n->order[middle]], name);
        if (order == 0)
            return &n->weights->entries[n->order[middle]];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static RtSlice whole(const RtEntry *e)
{
    return (RtSlice){ e, e->shape, e->data, e->bytes, e->rank, -1 };
}

static RtSlice one_layer(const RtEntry *e, int64_t layer)
{
    size_t bytes = e->bytes / (size_t)e->shape[0];
    return (RtSlice){ e, e->shape + 1, e->data + (size_t)layer * bytes, bytes, e->rank - 1, layer };
}

/* layers.3.norm1.weight: a stacked tensor named layers.*.norm1.weight, if a number in the path can stand for its `*`. */
static bool find_layer(const RtNames *n, const char *path, RtSlice *s)
{
    RtParts p;
    char name[RT_MAX_NAME + 1];
    size_t length = strlen(path);
    if (length > RT_MAX_NAME || !rt_parts_cut(path, &p))
        return false;
    for (int i = 0; i < p.count; i++) {
        int64_t layer = rt_part_number(&p, i);
        if (layer < 0)
            continue;
        size_t before = (size_t)(p.part[i].text - path), after = before + p.part[i].length;
        memcpy(name, path, before);
        name[before] = '*';
        memcpy(name + before + 1, path + after, length - after + 1);
        const RtEntry *e = find_exact(n, name);
        if (e && e->stacked && layer < e->shape[0]) {
            *s = one_layer(e, layer);
            return true;
        }
    }
    return false;
}

bool rt_names_find(const RtNames *n, const char *path, RtSlice *s)
{
    const RtEntry *e = find_exact(n, path);
    if (!e)
        return n->weights->any_stacked && find_layer(n, path, s);
    *s = whole(e);
    return true;
}

/* The length of the list that this name speaks of: for layers.3.norm1.weight and the pattern layers.* it is 4. */
static int64_t list_length(const RtParts *pattern, const RtParts *name, int place, const RtEntry *e)
{
    if (name->count <= place)
        return 0;
    for (int i = 0; i < place; i++) {
        bool any = rt_part_is(pattern, i, "*") && rt_part_number(name, i) >= 0;
        bool same = pattern->part[i].length == name->part[i].length &&
                    memcmp(pattern->part[i].text, name->part[i].text, name->part[i].length) == 0;
        if (!any && !same)
            return 0;
    }
    if (e->stacked && rt_part_is(name, place, "*"))
        return e->shape[0];
    return rt_part_number(name, place) + 1;
}

int64_t rt_names_length(const RtNames *n, const char *pattern, int star)
{
    RtParts p, name;
    int place = -1;
    if (!rt_parts_cut(pattern, &p))
        return 0;
    for (int i = 0; i < p.count && place < 0; i++)
        if (rt_part_is(&p, i, "*") && star-- == 0)
            place = i;
    int64_t longest = 0;
    for (size_t i = 0; i < n->count && place >= 0; i++)
        if (rt_parts_cut(n->names[n->order[i]], &name)) {
            int64_t length = list_length(&p, &name, place, &n->weights->entries[n->order[i]]);
            longest = length > longest ? length : longest;
        }
    return longest;
}
