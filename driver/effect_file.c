/* effect_file.c - effects of scripts on files: reading, weights. */
#include <string.h>
#include <sys/stat.h>

#include "driver/script_int.h"

int effect_exists(Effect *x)
{
    struct stat st;
    const char *path = effect_text(x, 0);
    if (!path)
        return MLCRT_EARG;
    uint8_t yes = !stat(path, &st);
    effect_result_scalar(x, DT_bool, &yes);
    return MLCRT_OK;
}

/* The bytes stay until the next file is read. */
static int read_whole(Effect *x)
{
    RtError err = { 0 };
    const char *path = effect_text(x, 0);
    if (!path)
        return MLCRT_EARG;
    rt_file_close(&x->s->file);
    x->s->file = (RtFile){ 0 };
    MlcrtStatus status = rt_file_open(&x->s->u->context->counted, path, RT_FILE_READ, &x->s->file, &err);
    return status ? effect_fail(x, status, "%s", err.text) : MLCRT_OK;
}

int effect_read_bytes(Effect *x)
{
    int status = read_whole(x);
    if (!status && x->nresults)
        x->results[0] = (InterpTensor){ .dtype = DT_u8, .rank = 1, .shape = { (int64_t)x->s->file.size },
                                        .data = (void *)(uintptr_t)x->s->file.data };
    return status;
}

int effect_read_text(Effect *x)
{
    int status = read_whole(x);
    const RtFile *f = &x->s->file;
    if (status)
        return status;
    if (!rt_utf8_valid((const char *)f->data, f->size) || memchr(f->data, 0, f->size))
        return effect_fail(x, MLCRT_EFORMAT, "'%s' is not a text: it is not UTF-8, or has a byte 0", effect_text(x, 0));
    effect_result_text(x, (const char *)f->data, f->size);
    return MLCRT_OK;
}

/* ---- weights --------------------------------------------------------------------------------------------------------------- */

typedef struct Want { Effect *x; MlcrtStruct *type; } Want;

static void want_struct(void *arg)
{
    Want *w = arg;
    w->type = oracle_struct(w->x->s->u, w->x->e->result->strct);
}

/* Pairs of texts: what a tensor is called in the file, what it is called in the program. */
static MlcrtRename *renames_of(Effect *x)
{
    int i = effect_named(x, "rename");
    if (i < 0)
        i = effect_position(x, 1);
    if (i < 0)
        return NULL;
    int n = x->e->args[i].nleaves / 2;
    MlcrtRename *r = NEWN(x->s->scratch, MlcrtRename, n + 1);
    for (int k = 0; k < n; k++) {
        const InterpTensor *t = &x->args[x->first[i] + 2 * k];
        r[k] = (MlcrtRename){ *(const char *const *)t[0].data, *(const char *const *)t[1].data };
    }
    return r;
}

/* Those that the type says, known where it stands; -1: the file tells. A function gives its own as an argument. */
static int64_t *numbers_of(Effect *x, const MlcrtStruct *type)
{
    const CoreSty *sty = x->e->result;
    int own = effect_named(x, "_numbers");
    int64_t *v = NEWN(x->s->scratch, int64_t, type->nnumbers + 1);
    for (int i = 0; i < type->nnumbers; i++)
        if (own >= 0)
            v[i] = i < x->e->args[own].nleaves ? *(const int64_t *)x->args[x->first[own] + i].data : -1;
        else if (i >= sty->n || !sty->args || !sty->args[i] || !script_dim(x->s, sty->args[i], &v[i]))
            v[i] = -1;
    return v;
}

/* The leaves are views of the handle, which the statement's variable may take as a whole. */
int effect_load(Effect *x)
{
    Want w = { x, NULL };
    const char *path = effect_text(x, 0);
    if (!path)
        return MLCRT_EARG;
    if (!x->e->result || x->e->result->kind != STY_struct)
        return effect_fail(x, MLCRT_EARG, "'load' gives models and structs only");
    if (!mem_try(x->s->u->mem, want_struct, &w) || !w.type)
        return effect_fail(x, MLCRT_EMEMORY, "out of memory");
    vec_push(x->s->arena, &x->s->loaded, NULL);
    ScriptValue view = { 0 };
    const MlcrtModule *m = &x->s->u->oracle->module;
    MlcrtStatus status = mlcrt_handle_load(x->s->side, m, w.type, path, renames_of(x), numbers_of(x, w.type), &view.handle);
    x->s->load_failed = status != 0;
    if (status)
        return effect_fail(x, status, "%s", mlcrt_error(x->s->side)->sentence);
    vec_last(&x->s->loaded) = view.handle;
    if (value_nleaves(&view) != x->nresults)
        return effect_fail(x, MLCRT_EINTERNAL, "'%s' has another number of leaves than its type", path);
    value_leaves(&view, x->results);
    return MLCRT_OK;
}

typedef struct Saving { Effect *x; VEC(MlcrtNamedTensor) list; } Saving;

/* One tensor for each element of the leaf's list axes. */
static void save_leaf(Saving *v, const InterpTensor *t, const char *path, int nstack)
{
    Arena *a = v->x->s->scratch;
    InterpTensor *part = arena_copy(a, t, sizeof *t);
    int64_t n = 1;
    for (int i = 0; i < nstack; i++)
        n *= t->shape[i];
    part->rank -= nstack;
    memmove(part->shape, part->shape + nstack, (size_t)part->rank * sizeof *part->shape);
    for (int64_t i = 0; i < n; i++) {
        MlcrtNamedTensor one = { value_element_name(a, "", path, nstack, t->shape, i), value_tensor(part) };
        one.tensor.data = (char *)t->data + (size_t)i * value_bytes(part);
        vec_push(a, &v->list, one);
    }
}

int effect_save(Effect *x)
{
    Saving v = { .x = x };
    const char *path = effect_text(x, 1);
    int k = effect_position(x, 0);
    if (!path)
        return MLCRT_EARG;
    const CoreArg *a = &x->e->args[k];
    for (int i = 0; i < a->nleaves; i++) {
        const InterpTensor *t = &x->args[x->first[k] + i];
        if (t->dtype == DT_str || t->dtype == DT_key)
            return effect_fail(x, MLCRT_EDTYPE, "a file of weights has no %s", dtype_name(t->dtype));
        bool of_struct = a->sty && a->sty->kind == STY_struct;
        if (of_struct && a->sty->strct->leaves.p[i].role == LEAF_input) /* bound later, not stored */
            continue;
        if (of_struct)
            save_leaf(&v, t, a->sty->strct->leaves.p[i].path, a->sty->strct->leaves.p[i].nstack);
        else
            save_leaf(&v, t, a->nleaves > 1 ? arena_printf(x->s->scratch, "value.%d", i) : "value", 0);
    }
    MlcrtStatus status = mlcrt_file_save(x->s->u->context, path, v.list.p, (size_t)v.list.n);
    return status ? effect_fail_context(x, status, "") : MLCRT_OK;
}
