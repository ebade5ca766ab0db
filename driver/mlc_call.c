/* mlc_call.c - the functions of a module: found by name, compiled on first use, called, interpreted, written as an object. */
#include "driver/mlc_int.h"

#include <string.h>

#include "runtime/core_int.h"

int32_t mlc_function_count(const MlcModule *m)
{
    return m ? m->unit->core->named.n : 0;
}

const char *mlc_function_name(const MlcModule *m, int32_t i)
{
    return m && i >= 0 && i < m->unit->core->named.n ? m->unit->core->named.p[i]->name : NULL;
}

/* ---- looking up, compiling ------------------------------------------------------------------------------------------- */

typedef struct Find {
    MlcModule *m;
    const char *name;
    bool oracle, is_struct;
    const MlcrtFn *fn;
    const MlcrtStruct *type;
    bool found;
} Find;

static CoreStruct *struct_named(const Unit *u, const char *name)
{
    for (int i = 0; i < u->core->structs.n; i++)
        if (!strcmp(u->core->structs.p[i]->name, name))
            return u->core->structs.p[i];
    return NULL;
}

static void find(void *arg)
{
    Find *f = arg;
    Unit *u = f->m->unit;
    if (f->is_struct) {
        CoreStruct *s = struct_named(u, f->name);
        f->found = s != NULL;
        if (s)
            f->type = unit_struct(u, s);
        return;
    }
    CoreFn *fn = unit_find(u, f->name);
    f->found = fn || !u->diags->last || u->diags->last->code != E0201;
    if (fn)
        f->fn = f->oracle ? oracle_function(u, fn) : unit_packs_ahead(u, fn) ? unit_function(u, fn, true) : NULL;
}

/* What is compiled is found without any allocation, also after memory has ended once. */
static const MlcrtFn *ready(const MlcModule *m, const char *name)
{
    const MlcrtModule *t = &m->unit->tables->module;
    for (int32_t i = 0; i < t->nfns; i++)
        if (t->fns[i]->body && !strcmp(t->fns[i]->name, name))
            return t->fns[i];
    return NULL;
}

static MlcrtStatus look_up(Find *f)
{
    MlcModule *m = f->m;
    Diags *d = m->unit->diags;
    if (m->spent)
        return MLCRT_EMEMORY;
    unit_forget_messages(m->unit);
    MlcrtStatus status = mlc_mem_try(&m->memory, find, f);
    m->spent = status != MLCRT_OK;
    if (status)
        return status;
    if (d->list.n)
        mlc_keep_messages(m->compiler, d);
    if (f->fn || f->type)
        return MLCRT_OK;
    return !f->found ? MLCRT_EINDEX : m->unit->status ? m->unit->status : MLCRT_EFORMAT;
}

MlcrtStatus mlc_function(MlcModule *m, const char *name, const MlcrtFn **fn)
{
    if (fn)
        *fn = NULL;
    if (!m || !name || !fn)
        return MLCRT_EARG;
    *fn = ready(m, name);
    if (*fn)
        return MLCRT_OK;
    Find f = { .m = m, .name = name };
    MlcrtStatus status = look_up(&f);
    *fn = status ? NULL : f.fn;
    return status;
}

MlcrtStatus mlc_struct(MlcModule *m, const char *name, const MlcrtStruct **type)
{
    if (type)
        *type = NULL;
    if (!m || !name || !type)
        return MLCRT_EARG;
    Find f = { .m = m, .name = name, .is_struct = true };
    MlcrtStatus status = look_up(&f);
    *type = status ? NULL : f.type;
    return status;
}

const MlcrtModule *mlc_tables(MlcModule *m)
{
    return m ? &m->unit->tables->module : NULL;
}

/* ---- calls ------------------------------------------------------------------------------------------------------------ */

/* The reason of a failure before the call is what mlcrt_error of the session says, as for failures of the call. */
static MlcrtStatus not_callable(MlcModule *m, MlcrtSession *session, const char *name, MlcrtStatus status)
{
    MlcrtStatus busy;
    RtSession *s = rt_session_enter(session, &busy);
    if (!s)
        return busy;
    if (status == MLCRT_EINDEX)
        rt_session_fail(s, status, rt_nowhere, "there is no function '%s'", name);
    else
        rt_session_fail(s, status, rt_nowhere, "'%s' cannot be called: %s", name,
                        m->compiler->count ? m->compiler->list[m->compiler->count - 1].text : rt_status_text(status));
    rt_session_leave(s);
    return status;
}

static MlcrtStatus call(Find *f, MlcrtSession *session, void *const *args)
{
    MlcrtStatus status = look_up(f);
    return status ? not_callable(f->m, session, f->name, status) : mlcrt_invoke(session, f->fn, args);
}

MlcrtStatus mlc_call(MlcModule *m, MlcrtSession *session, const char *name, void *const *args)
{
    if (!m || !session || !name)
        return MLCRT_EARG;
    const MlcrtFn *fn = ready(m, name);
    return fn ? mlcrt_invoke(session, fn, args) : call(&(Find){ .m = m, .name = name }, session, args);
}

MlcrtStatus mlc_interpret(MlcModule *m, MlcrtSession *session, const char *name, void *const *args)
{
    if (!m || !session || !name)
        return MLCRT_EARG;
    return call(&(Find){ .m = m, .name = name, .oracle = true }, session, args);
}

/* ---- files ------------------------------------------------------------------------------------------------------------- */

typedef struct Write { MlcModule *m; const char *prefix, *object, *header; bool ok; MlcrtStatus status; } Write;

static bool write_bytes(Unit *u, const char *path, const void *p, size_t n)
{
    const char *error = file_write(u->arena, path, p, n);
    if (error)
        diag_error(u->diags, E0601, (Span){ 0 }, "cannot write '%s': %s", path, error);
    return !error;
}

static void write_files(void *arg)
{
    Write *w = arg;
    Unit *u = w->m->unit;
    BeResult r = { 0 };
    size_t size = 0;
    const unsigned char *object = NULL;
    w->status = MLCRT_EFORMAT;
    if (w->object ? !(object = unit_object(u, w->prefix, &size, NULL, &r)) : !unit_exports(u)) {
        w->status = u->status ? u->status : MLCRT_EFORMAT;
        return;
    }
    w->status = MLCRT_EIO;
    if (object && !write_bytes(u, w->object, object, size))
        return;
    if (w->header) {
        Buf b = buf_new(u->arena);
        be_header(tables_module(u->exports, w->prefix, u->target.name, u->target.needs), w->prefix, &b);
        if (!write_bytes(u, w->header, b.p, b.n))
            return;
    }
    w->status = MLCRT_OK;
}

MlcrtStatus mlc_write_object(MlcModule *m, const char *prefix, const char *object_path, const char *header_path)
{
    if (!m || !prefix || (!object_path && !header_path))
        return MLCRT_EARG;
    if (m->spent)
        return MLCRT_EMEMORY;
    Write w = { .m = m, .prefix = prefix, .object = object_path, .header = header_path };
    unit_forget_messages(m->unit);
    MlcrtStatus status = mlc_mem_try(&m->memory, write_files, &w);
    m->spent = status != MLCRT_OK;
    if (!status && m->unit->diags->list.n)
        mlc_keep_messages(m->compiler, m->unit->diags);
    return status ? status : w.status;
}
