/* handle_file.c - models from and to weight files, and single leaves copied out.
 *
 *     numbers -1 -1 8     <- shapes of the file ("layers.*.wq.weight" is [L, D, D]), then its own numbers ("n_heads"), then error
 *     leaves              <- rt_match: everything that is missing, surplus or of the wrong shape, at once
 *
 * A renaming may also name a number: { "n_heads", "H" } says that the file's n_heads is the type's H.
 */
#include <stdio.h>
#include <string.h>

#include "core_int.h"
#include "safetensors.h"
#include "weights.h"

typedef struct Loading {
    RtSession *s;
    const MlcrtStruct *type;
    const MlcrtRename *renames;
    int32_t nrenames;
    RtWeights file;
    RtNames names;
    RtRename *rules;
    int64_t *numbers;
    RtWanted *wanted;
    RtMatch match;
} Loading;

static MlcrtStatus fail(Loading *l, const RtError *err)
{
    return rt_session_fail_error(l->s, err);
}

/* ---- numbers ---------------------------------------------------------------------------------------------- */

/* "layers.*.wq" with every * a 0: one element of the list has the shape of all. */
static bool first_element(const char *path, char *out, size_t room)
{
    size_t n = strlen(path);
    if (n >= room)
        return false;
    for (size_t i = 0; i <= n; i++)
        out[i] = path[i] == '*' ? '0' : path[i];
    return true;
}

static bool solve_leaf(Loading *l, const MlcrtLeaf *leaf)
{
    char path[RT_MAX_NAME];
    RtSlice slice;
    bool found = false;
    int32_t n = l->type->nnumbers;
    for (int32_t i = 0; i < leaf->nstack; i++) {
        int64_t length = rt_names_length(&l->names, leaf->path, i);
        found |= length > 0 && rt_number_solve(leaf->dims[i], l->numbers, n, length); /* 0: nothing of that name */
    }
    if (!first_element(leaf->path, path, sizeof path) || !rt_names_find(&l->names, path, &slice))
        return found;
    for (int32_t i = leaf->nstack; i < leaf->rank && slice.rank == leaf->rank - leaf->nstack; i++)
        found |= rt_number_solve(leaf->dims[i], l->numbers, n, slice.shape[i - leaf->nstack]);
    return found;
}

/* Until nothing new comes out: one number may tell another. */
static void solve_from_shapes(Loading *l)
{
    for (bool found = true; found;) {
        found = false;
        for (int32_t i = 0; i < l->type->nleaves; i++)
            found |= solve_leaf(l, &l->type->leaves[i]);
    }
}

static bool number_in_file(const Loading *l, const char *name, int64_t *v)
{
    for (int32_t i = 0; i < l->nrenames; i++)
        if (l->renames[i].to && strcmp(l->renames[i].to, name) == 0 && rt_weights_number(&l->file, l->renames[i].from, v))
            return *v >= 0;
    return rt_weights_number(&l->file, name, v) && *v >= 0;
}

static MlcrtStatus find_numbers(Loading *l, const int64_t *given)
{
    const MlcrtStruct *t = l->type;
    for (int32_t i = 0; i < t->nnumbers; i++) {
        l->numbers[i] = given ? given[i] : -1;
        if (l->numbers[i] < -1)
            return rt_session_fail(l->s, MLCRT_EARG, rt_nowhere, "number '%s' of '%s' is %lld", t->numbers[i], t->name,
                                   (long long)l->numbers[i]);
    }
    solve_from_shapes(l);
    for (int32_t i = 0; i < t->nnumbers; i++) {
        int64_t v;
        if (l->numbers[i] < 0 && number_in_file(l, t->numbers[i], &v)) {
            l->numbers[i] = v;
            solve_from_shapes(l);
        }
    }
    for (int32_t i = 0; i < t->nnumbers; i++)
        if (l->numbers[i] < 0)
            return rt_session_fail(l->s, MLCRT_EARG, rt_nowhere, "number '%s' of '%s' cannot be told from the file: it must be given",
                                   t->numbers[i], t->name);
    return MLCRT_OK;
}

/* ---- leaves ----------------------------------------------------------------------------------------------- */

/* Inputs are bound later, not stored. */
static bool is_stored(const RtBoxLeaf *l)
{
    return l->role != RT_ROLE_INPUT;
}

static MlcrtStatus match_leaves(Loading *l, RtBox *b)
{
    const MlcrtAlloc *a = &l->s->context->counted;
    RtError err;
    size_t n = 0;
    l->wanted = rt_alloc(a, (size_t)b->nleaves, sizeof *l->wanted);
    if (!l->wanted)
        return rt_session_fail_memory(l->s, (size_t)b->nleaves * sizeof *l->wanted);
    for (int32_t i = 0; i < b->nleaves; i++) {
        const RtBoxLeaf *f = &b->leaves[i];
        if (is_stored(f))
            l->wanted[n++] = (RtWanted){ f->path, f->shape, f->shape + f->nstack, f->rank - f->nstack, rt_types[f->dtype].code,
                                         rt_types[f->dtype].bits };
    }
    if (!rt_match(a, &l->names, l->wanted, n, RT_MATCH_WIDEN, &l->match, &err))
        return MLCRT_OK;
    char *report = l->match.report;
    size_t room = l->match.report_room;
    l->match.report = NULL;
    return rt_session_fail_details(l->s, &err, report, room);
}

static MlcrtStatus copy_leaves(Loading *l, RtBox *b)
{
    RtError err;
    size_t n = 0;
    for (int32_t i = 0; i < b->nleaves; i++) {
        const RtBoxLeaf *f = &b->leaves[i];
        if (is_stored(f) && rt_match_copy(&l->match, n++, f->data, rt_types[f->dtype].code, rt_types[f->dtype].bits, &err))
            return fail(l, &err);
    }
    return MLCRT_OK;
}

static MlcrtStatus fill_box(Loading *l, RtBox *b, const MlcrtModule *m)
{
    MlcrtStatus status = match_leaves(l, b);
    if (!status)
        status = rt_box_memory(l->s, b);
    if (!status)
        status = copy_leaves(l, b);
    return status || !b->is_model ? status : rt_prep_module(l->s, b, m);
}

static MlcrtStatus open_file(Loading *l, const char *path)
{
    const MlcrtAlloc *a = &l->s->context->counted;
    RtError err;
    l->rules = rt_alloc(a, (size_t)l->nrenames, sizeof *l->rules);
    l->numbers = rt_alloc(a, (size_t)l->type->nnumbers, sizeof *l->numbers);
    if (!l->rules || !l->numbers)
        return rt_session_fail_memory(l->s, (size_t)l->nrenames * sizeof *l->rules);
    for (int32_t i = 0; i < l->nrenames; i++)
        l->rules[i] = (RtRename){ l->renames[i].from, l->renames[i].to };
    if (rt_weights_open(a, path, &l->file, &err))
        return fail(l, &err);
    return rt_names_init(a, &l->file, l->rules, (size_t)l->nrenames, &l->names, &err) ? fail(l, &err) : MLCRT_OK;
}

static void drop(Loading *l)
{
    const MlcrtAlloc *a = &l->s->context->counted;
    rt_match_drop(&l->match);
    rt_names_drop(&l->names);
    rt_weights_close(&l->file);
    rt_free(a, l->wanted, (size_t)l->type->nleaves, sizeof *l->wanted);
    rt_free(a, l->rules, (size_t)l->nrenames, sizeof *l->rules);
    rt_free(a, l->numbers, (size_t)l->type->nnumbers, sizeof *l->numbers);
}

static MlcrtStatus load_box(Loading *l, const MlcrtModule *m, const char *path, const int64_t *numbers, RtBox **box)
{
    MlcrtStatus status = open_file(l, path);
    if (!status)
        status = find_numbers(l, numbers);
    if (!status)
        status = rt_box_oblige(l->s, l->type, l->numbers);
    if (!status)
        status = rt_box_new(l->s, l->type, l->numbers, box);
    if (status)
        return status;
    status = fill_box(l, *box, m);
    if (status)
        rt_box_drop(l->s->context, *box);
    return status;
}

static MlcrtStatus load(RtSession *s, const MlcrtModule *m, const MlcrtStruct *t, const char *path, const MlcrtRename *renames,
                        const int64_t *numbers, MlcrtHandle **handle)
{
    if (!m || !t || !path || !handle)
        return rt_session_fail(s, MLCRT_EARG, rt_nowhere, "the module, the type, the path or the handle's place is NULL");
    MlcrtStatus status = rt_module_check(s, m);
    if (status)
        return status;
    Loading l = { .s = s, .type = t, .renames = renames };
    while (renames && renames[l.nrenames].from)
        l.nrenames++;
    RtBox *b = NULL;
    status = load_box(&l, m, path, numbers, &b);
    drop(&l);
    return status ? status : rt_box_publish(s, b, handle);
}

MlcrtStatus mlcrt_handle_load(MlcrtSession *session, const MlcrtModule *m, const MlcrtStruct *t, const char *path,
                              const MlcrtRename *renames, const int64_t *numbers, MlcrtHandle **handle)
{
    MlcrtStatus status;
    if (handle)
        *handle = NULL;
    RtSession *s = rt_session_enter(session, &status);
    if (!s)
        return status;
    status = load(s, m, t, path, renames, numbers, handle);
    rt_session_leave(s);
    return status;
}

/* ---- elements of lists ------------------------------------------------------------------------------------ */

/* How many tensors of their own a leaf is in a file: the product of its list axes. */
static int64_t element_count(const RtBoxLeaf *l)
{
    int64_t n = 1;
    for (int32_t i = 0; i < l->nstack; i++)
        n *= l->shape[i];
    return n;
}

static MlcrtTensor element_view(const RtBoxLeaf *l, const char *data, int64_t element)
{
    uint64_t bytes = l->rank ? rt_types[l->dtype].bytes : 16;
    for (int32_t i = l->nstack; i < l->rank; i++)
        bytes *= (uint64_t)l->shape[i];
    return (MlcrtTensor){ .data = (void *)(uintptr_t)(data + (uint64_t)element * bytes), .device = MLCRT_CPU, .rank = l->rank - l->nstack,
                          .code = rt_types[l->dtype].code, .bits = rt_types[l->dtype].bits, .lanes = 1,
                          .shape = l->shape + l->nstack };
}

/* "layers.3.wq" of "layers.*.wq"; the last * runs fastest. */
static bool element_name(const RtBoxLeaf *l, int64_t element, char *out, size_t room)
{
    int64_t at[MLCRT_MAX_RANK];
    int32_t star = 0;
    size_t n = 0;
    for (int32_t i = l->nstack - 1; i >= 0; i--) {
        at[i] = element % l->shape[i];
        element /= l->shape[i];
    }
    for (const char *p = l->path; *p; p++) {
        int k = *p == '*' && star < l->nstack ? snprintf(out + n, room - n, "%lld", (long long)at[star++])
                                              : snprintf(out + n, room - n, "%c", *p);
        if (k < 0 || (size_t)k >= room - n)
            return false;
        n += (size_t)k;
    }
    return true;
}

/* ---- save ------------------------------------------------------------------------------------------------- */

typedef struct Saving {
    MlcrtNamedTensor *tensors;
    RtPlain *plain; /* one for each leaf */
    char *text;
    size_t n, text_size;
} Saving;

/* Long enough for any element's name. */
static size_t name_room(const RtBoxLeaf *l)
{
    return strlen(l->path) + 20 * (size_t)l->nstack + 1;
}

static MlcrtStatus count_elements(RtSession *s, const RtBox *b, Saving *v)
{
    uint64_t room = 0;
    for (int32_t i = 0; i < b->nleaves; i++)
        if (is_stored(&b->leaves[i])) {
            v->n += (size_t)element_count(&b->leaves[i]);
            room += (uint64_t)element_count(&b->leaves[i]) * name_room(&b->leaves[i]);
        }
    v->text_size = room;
    v->tensors = rt_alloc(&b->context->counted, v->n, sizeof *v->tensors);
    v->text = rt_alloc(&b->context->counted, v->text_size, 1);
    if (!v->tensors || !v->text)
        return rt_session_fail_memory(s, v->text_size + v->n * sizeof *v->tensors);
    return MLCRT_OK;
}

static MlcrtStatus take_leaves(RtSession *s, const RtBox *b, Saving *v)
{
    v->plain = rt_alloc(&b->context->counted, (size_t)b->nleaves, sizeof *v->plain);
    if (!v->plain)
        return rt_session_fail_memory(s, (size_t)b->nleaves * sizeof *v->plain);
    memset(v->plain, 0, (size_t)b->nleaves * sizeof *v->plain);
    MlcrtStatus status = MLCRT_OK;
    for (int32_t i = 0; i < b->nleaves && !status; i++)
        if (is_stored(&b->leaves[i]))
            status = rt_plain_take(s, b, i, &v->plain[i]);
    return status;
}

static void name_elements(const RtBox *b, Saving *v)
{
    char *at = v->text;
    size_t n = 0;
    for (int32_t i = 0; i < b->nleaves; i++)
        for (int64_t e = 0; is_stored(&b->leaves[i]) && e < element_count(&b->leaves[i]); e++) {
            element_name(&b->leaves[i], e, at, name_room(&b->leaves[i]));
            v->tensors[n++] = (MlcrtNamedTensor){ at, element_view(&b->leaves[i], v->plain[i].data, e) };
            at += name_room(&b->leaves[i]);
        }
}

static MlcrtStatus save(RtSession *s, const RtBox *b, const char *path)
{
    Saving v = { 0 };
    RtError err;
    MlcrtStatus status = count_elements(s, b, &v);
    if (!status)
        status = take_leaves(s, b, &v);
    if (!status)
        name_elements(b, &v);
    if (!status && rt_safetensors_save(&b->context->counted, path, v.tensors, v.n, NULL, 0, &err))
        status = rt_session_fail_error(s, &err);
    for (int32_t i = 0; v.plain && i < b->nleaves; i++)
        rt_plain_give(b, &v.plain[i]);
    rt_free(&b->context->counted, v.plain, (size_t)b->nleaves, sizeof *v.plain);
    rt_free(&b->context->counted, v.tensors, v.n, sizeof *v.tensors);
    rt_free(&b->context->counted, v.text, v.text_size, 1);
    return status;
}

MlcrtStatus mlcrt_handle_save(MlcrtSession *session, MlcrtHandle *h, const char *path)
{
    MlcrtStatus status;
    RtSession *s = rt_session_enter(session, &status);
    if (!s)
        return status;
    RtBox *b = NULL;
    if (!path)
        status = rt_session_fail(s, MLCRT_EARG, rt_nowhere, "the path is NULL");
    else
        b = rt_handle_enter(s, h, h && !rt_slot_is(&h->slot, RT_MODEL), &status);
    if (b) {
        status = save(s, b, path);
        rt_slot_leave(&h->slot);
    }
    rt_session_leave(s);
    return status;
}

/* ---- get -------------------------------------------------------------------------------------------------- */

/* The element that `path` names among those of a leaf; -1: none; -2: the path is the leaf's own, with its stars. */
static int64_t element_of(const RtBoxLeaf *l, const char *path)
{
    int64_t element = 0;
    int32_t star = 0;
    if (strcmp(path, l->path) == 0)
        return -2;
    for (const char *p = l->path; *p; p++) {
        if (*p != '*') {
            if (*path++ != *p)
                return -1;
            continue;
        }
        int64_t n = 0;
        const char *begin = path;
        while (*path >= '0' && *path <= '9' && path - begin < 18)
            n = n * 10 + (*path++ - '0');
        if (path == begin || star >= l->nstack || n >= l->shape[star])
            return -1;
        element = element * l->shape[star++] + n;
    }
    return *path ? -1 : element;
}

static MlcrtStatus give(RtSession *s, const MlcrtTensor *from, int32_t dtype, MlcrtTensor *to)
{
    uint64_t bytes = rt_types[dtype].bytes;
    for (int32_t i = 0; i < from->rank; i++)
        bytes *= (uint64_t)from->shape[i];
    if (to->rank != from->rank || (to->rank && !to->shape))
        return rt_session_fail(s, MLCRT_ERANK, rt_nowhere, "the tensor has %d dimensions, not %d", to->rank, from->rank);
    void *data = (void *)((uintptr_t)to->data + to->offset);
    if (to->data) {
        MlcrtStatus status = rt_tensor_check(s, to, dtype, from->rank, "tensor", -1, &(uint64_t){ 0 });
        if (status)
            return status;
        for (int32_t i = 0; i < from->rank; i++)
            if (to->shape[i] != from->shape[i])
                return rt_session_fail(s, MLCRT_ESHAPE, rt_nowhere, "axis %d of the tensor is %lld, not %lld", i,
                                       (long long)to->shape[i], (long long)from->shape[i]);
    } else if (bytes) {
        data = rt_tensor_memory(s->context, bytes);
        if (!data)
            return rt_session_fail_memory(s, bytes);
    }
    if (bytes)
        memcpy(data, from->data, bytes);
    if (to->data)
        return MLCRT_OK;
    int64_t *shape = to->shape;
    *to = *from;
    to->data = data;
    to->shape = shape;
    for (int32_t i = 0; i < from->rank; i++)
        shape[i] = from->shape[i];
    return MLCRT_OK;
}

static MlcrtStatus get(RtSession *s, const RtBox *b, const char *path, MlcrtTensor *t)
{
    for (int32_t i = 0; i < b->nleaves; i++) {
        int64_t e = element_of(&b->leaves[i], path);
        if (e == -1 || !rt_types[b->leaves[i].dtype].bits)
            continue;
        RtBoxLeaf whole = b->leaves[i];
        whole.nstack = e == -2 ? 0 : whole.nstack;
        RtPlain plain;
        MlcrtStatus status = rt_plain_take(s, b, i, &plain);
        if (status)
            return status;
        MlcrtTensor view = element_view(&whole, plain.data, e == -2 ? 0 : e);
        status = give(s, &view, whole.dtype, t);
        rt_plain_give(b, &plain);
        return status;
    }
    return rt_session_fail(s, MLCRT_EARG, rt_nowhere, "'%s' has no tensor '%s'", b->name, rt_shown(path, strlen(path)).text);
}

MlcrtStatus mlcrt_handle_get(MlcrtSession *session, MlcrtHandle *h, const char *path, MlcrtTensor *t)
{
    MlcrtStatus status;
    RtSession *s = rt_session_enter(session, &status);
    if (!s)
        return status;
    RtBox *b = NULL;
    if (!path || !t)
        status = rt_session_fail(s, MLCRT_EARG, rt_nowhere, "the path or the tensor is NULL");
    else
        b = rt_handle_enter(s, h, h && !rt_slot_is(&h->slot, RT_MODEL), &status);
    if (b) {
        status = get(s, b, path, t);
        rt_slot_leave(&h->slot);
    }
    rt_session_leave(s);
    return status;
}
