/* handle_file.c - models from weight files.
 *
 *     numbers -1 -1 8     <- shapes of the file ("layers.*.wq.weight" is [L, D, D]), then its own numbers ("n_heads"), then error
 *     leaves              <- rt_match: everything that is missing, surplus or of the wrong shape, at once
 *
 * A renaming may also name a number: { "n_heads", "H" } says that the file's n_heads is the type's H.
 */
#include <string.h>

#include "core_int.h"
#include "dequant.h"
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

static bool mentions(const int64_t *p, int64_t number)
{
    for (; p && *p != MLCRT_D_END; p += *p == MLCRT_D_DIM || *p == MLCRT_D_CONST ? 2 : 1)
        if (*p == MLCRT_D_DIM && p[1] == number)
            return true;
    return false;
}

/* Whether an input is set (`pick?`), and sizes that only inputs have: 0 in a model that comes from a file. */
static bool of_inputs(const MlcrtStruct *t, int32_t number)
{
    bool input = false;
    size_t n = strlen(t->numbers[number]);
    if (n && t->numbers[number][n - 1] == '?')
        return true;
    for (int32_t i = 0; i < t->nleaves; i++)
        for (int32_t k = 0; k < t->leaves[i].rank; k++) {
            if (!mentions(t->leaves[i].dims[k], number))
                continue;
            if (t->leaves[i].role != RT_ROLE_INPUT)
                return false;
            input = true;
        }
    return input;
}

/* A number is told by the shape of a tensor that the file lacks, or by none. */
static MlcrtStatus untold(Loading *l, int32_t number)
{
    const MlcrtStruct *t = l->type;
    char path[RT_MAX_NAME];
    RtSlice slice;
    for (int32_t i = 0; i < t->nleaves; i++)
        for (int32_t k = 0; k < t->leaves[i].rank; k++)
            if (mentions(t->leaves[i].dims[k], number) && first_element(t->leaves[i].path, path, sizeof path) && !rt_names_find(&l->names, path, &slice))
                return rt_session_fail(l->s, MLCRT_EFORMAT, rt_nowhere, "number '%s' of '%s' cannot be told: the file has no tensor '%s'",
                                       t->numbers[number], t->name, path);
    return rt_session_fail(l->s, MLCRT_EARG, rt_nowhere, "number '%s' of '%s' cannot be told from the file: it must be given", t->numbers[number],
                           t->name);
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
        if (l->numbers[i] < 0 && of_inputs(t, i))
            l->numbers[i] = 0;
        else if (l->numbers[i] < 0)
            return untold(l, i);
    return MLCRT_OK;
}

/* ---- leaves ----------------------------------------------------------------------------------------------- */

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
        if (rt_box_is_stored(f))
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

/* Weights stay packed where all functions of the module that made the model can take them so. */
static void choose_forms(const Loading *l, RtBox *b, const MlcrtModule *m)
{
    size_t n = 0;
    for (int32_t i = 0; i < b->nleaves; i++) {
        RtBoxLeaf *f = &b->leaves[i];
        const RtPacking *k = rt_box_is_stored(f) ? rt_match_packing(&l->match, n++) : NULL;
        if (!k || !k->form || !b->is_model || f->dtype != RT_DT_f32 || f->rank == f->nstack || !rt_form_fits(b, m, i, k->form))
            continue;
        f->form = k->form;
        f->stored = f->bytes / sizeof(float) / k->elements * k->bytes;
    }
}

static MlcrtStatus copy_leaf(Loading *l, const RtBoxLeaf *f, size_t n)
{
    RtError err;
    if (f->form)
        rt_match_copy_blocks(&l->match, n, f->data);
    else if (rt_match_copy(&l->match, n, f->data, rt_types[f->dtype].code, rt_types[f->dtype].bits, &err))
        return fail(l, &err);
    return MLCRT_OK;
}

/* Leaf by leaf: one at a time is there as the file has it and packed. */
static MlcrtStatus fill_box(Loading *l, RtBox *b, const MlcrtModule *m)
{
    MlcrtStatus status = match_leaves(l, b);
    size_t n = 0;
    if (!status)
        choose_forms(l, b, m);
    if (!status && !b->is_model)
        status = rt_box_memory(l->s, b);
    for (int32_t i = 0; i < b->nleaves && !status; i++) {
        if (b->is_model)
            status = rt_box_leaf_memory(l->s, b, i);
        if (!status && rt_box_is_stored(&b->leaves[i]))
            status = copy_leaf(l, &b->leaves[i], n++);
        if (!status && b->is_model)
            status = rt_prep_leaf(l->s, b, m, i);
    }
    return status;
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
    if (rt_weights_open_packed(a, path, &l->file, &err))
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
