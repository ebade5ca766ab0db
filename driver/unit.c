/* unit.c - one compilation: text to checked tree to tile IR to code in memory. */
#include "driver/unit.h"

#include <string.h>
#include <time.h>

#include "driver/foreign.h"
#include "driver/kept.h"

double unit_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void unit_time(Unit *u, const char *what, double start)
{
    if (u->o.timed)
        u->o.timed(u->o.user, what, unit_now() - start);
}

Unit *unit_new(Mem *mem, const UnitOptions *o, Codegen *codegen, struct MlcrtContext *context)
{
    Arena *a = arena_new(mem);
    Unit *u = NEW(a, Unit);
    *u = (Unit){ .mem = mem, .arena = a, .names = names_new(a), .sources = sources_new(a), .o = *o,
                 .codegen = codegen, .context = context };
    u->diags = diags_new(a, u->sources);
    u->fe = frontend_new(a, u->names, u->sources, u->diags, (FrontendFiles){ u, file_of_module, file_of_library });
    frontend_seed(u->fe, o->seed, 0);
    u->dims = frontend_dims(u->fe);
    u->ir = ir_module_new(a, u->names, u->dims, u->sources);
    u->tables = tables_new(a, u->sources, u->dims);
    u->forms = map_new(a);
    u->packs = map_new(a);
    u->hints = map_new(a);
    Buf errors = buf_new(a);
    u->unknown_cpu = !be_target(o->cpu, &u->target, &errors);
    if (u->unknown_cpu)
        diag_error(u->diags, E0604, (Span){ 0 }, "%s", buf_text(&errors));
    tables_module(u->tables, "program", u->target.name, u->target.needs);
    return u;
}

void unit_drop(Unit *u)
{
    for (int i = 0; u && i < u->objects.n; i++)
        rt_object_unload(u->objects.p[i]);
    if (u)
        u->objects.n = 0;
    if (u)
        foreign_drop(u);
}

void unit_forget_messages(Unit *u)
{
    Diags *d = u->diags;
    d->list.n = d->errors = d->warnings = 0;
    d->last = NULL;
    u->status = MLCRT_OK;
}

/* ---- front end ---------------------------------------------------------------------------------------------------- */

bool unit_check_text(Unit *u, const char *name, const char *text, size_t len)
{
    int before = u->diags->errors;
    double start = unit_now();
    Source *src = source_add(u->sources, name, text, len);
    u->program = src;
    Parse p = { .arena = u->arena, .names = u->names, .diags = u->diags };
    Tree *t = parse_source(&p, src);
    unit_time(u, "parse", start);
    start = unit_now();
    if (u->diags->errors == before)
        u->core = frontend_check(u->fe, t, src);
    diags_sort(u->diags);
    unit_time(u, "check", start);
    return u->diags->errors == before;
}

bool unit_more(Unit *u, const char *name, const char *text, size_t len, Tree **tree)
{
    int before = u->diags->errors;
    Source *src = source_add(u->sources, name, text, len);
    Parse p = { .arena = u->arena, .names = u->names, .diags = u->diags, .repl = true };
    Tree *t = parse_source(&p, src);
    if (u->diags->errors == before)
        u->core = frontend_check_more(u->fe, t, src);
    diags_sort(u->diags);
    if (tree)
        *tree = t;
    return u->diags->errors == before;
}

char *unit_read(Unit *u, const char *path, size_t *len)
{
    const char *error;
    char *text = file_read(u->arena, path, len, &error);
    if (!text)
        diag_error(u->diags, E0601, (Span){ 0 }, "cannot read '%s': %s", path, error);
    return text;
}

bool unit_check_file(Unit *u, const char *path)
{
    size_t len;
    char *text = unit_read(u, path, &len);
    return text && unit_check_text(u, strcmp(path, "-") ? path : "<stdin>", text, len);
}

CoreFn *unit_find(Unit *u, const char *name)
{
    for (int i = u->core ? u->core->named.n - 1 : -1; i >= 0; i--) /* the newest: the REPL may declare a name again */
        if (!strcmp(u->core->named.p[i]->name, name))
            return u->core->named.p[i];
    return u->core ? frontend_function(u->fe, name) : NULL;
}

/* ---- middle --------------------------------------------------------------------------------------------------------- */

bool unit_usable(Unit *u, const CoreFn *fn)
{
    if (fn->failed && fn->why)
        diag_error(u->diags, fn->why_code ? fn->why_code : E0501, fn->why_span, "%s", fn->why);
    else if (fn->failed && !u->diags->errors)
        diag_error(u->diags, E0501, fn->span, "'%s' cannot be compiled: it has errors", fn->name);
    return !fn->failed;
}

IrFn *unit_lower(Unit *u, CoreFn *fn)
{
    if (!unit_usable(u, fn))
        return NULL;
    double start = unit_now();
    int before = u->diags->errors;
    IrFn *ir = frontend_lower(u->ir, fn, u->diags);
    unit_time(u, "lower", start);
    Buf b = buf_new(u->arena);
    if (u->diags->errors > before || !ir)
        return NULL;
    if (u->o.verify && !ir_verify(ir, &b)) {
        diag_error(u->diags, E0603, fn->span, "internal: lowering '%s' gave unsound IR: %s", fn->name, buf_text(&b));
        return NULL;
    }
    return ir;
}

static PassOptions pass_options(Unit *u)
{
    return (PassOptions){ .pipeline = u->o.pipeline, .skip = u->o.skip, .print_after = u->o.print_after, .verify = u->o.verify,
                          .regroup = u->o.optimise >= 3, .target = { u->target.vector_bytes, u->target.registers, u->target.l1, u->target.l2 },
                          .dots16 = u->target.amx, .count = u->o.profile != NULL, .user = u->o.user, .printed = u->o.printed, .timed = u->o.timed };
}

typedef struct Memory { const IrFn *ir; bool known; } Memory;

static void seen_in_memory(void *user, DimSym *s)
{
    Memory *m = user;
    bool known = false;
    for (int i = 0; i < m->ir->dims.n && !known; i++)
        known = m->ir->dims.p[i] == s;
    for (int i = 0; i < m->ir->params.n && !known; i++)
        known = m->ir->params.p[i]->sym == s;
    m->known &= known;
}

/* The arena is made at entry: its size may depend on nothing that is computed later. */
static bool memory_known(Unit *u, CoreFn *fn, const IrFn *tile)
{
    Memory m = { tile, true };
    Dim bytes = tile->arena_bytes;
    if (bytes)
        dim_syms(bytes, seen_in_memory, &m);
    for (int i = 0; i < tile->lives.n && m.known; i++) {
        bytes = tile->lives.p[i].bytes;
        dim_syms(bytes, seen_in_memory, &m);
    }
    if (!m.known)
        diag_error(u->diags, E0306, fn->span, "the memory that '%s' needs is %s bytes, which is not known at entry", fn->name,
                   dim_text(u->core->dims, bytes));
    return m.known;
}

static bool copies_nothing(Unit *u, const IrFn *tile)
{
    for (int i = 0; i < tile->copies.n; i++) {
        diag_error(u->diags, E0406, tile->copies.p[i], "this update has to copy the whole tensor: its old value is read afterwards, or is not the function's own");
        diag_help(u->diags, "read what is needed before the update, or take '@inplace' away");
    }
    return tile->copies.n == 0;
}

IrFn *unit_tile(Unit *u, CoreFn *fn)
{
    IrFn *t = map_find(&u->tables->tiles, fn);
    return t ? t : unit_tile_for(u, fn, NULL);
}

IrFn *unit_tile_for(Unit *u, CoreFn *fn, const unsigned char *forms)
{
    IrFn *t = map_find(&u->tables->tiles, fn);
    if (t && unit_forms_known(u, fn, forms))
        return t;
    IrFn *ir = unit_lower(u, fn);
    if (!ir)
        return NULL;
    t = ir_fn_clone(ir, ir->name); /* callers inline the tensor form */
    unit_forms_note(u, fn, t, forms);
    unit_packs_hint(u, fn, t);
    Buf errors = buf_new(u->arena);
    PassOptions o = pass_options(u);
    if (u->o.remark) {
        o.user = u->o.remark_user;
        o.remark = u->o.remark;
        o.printed = NULL;
        o.timed = NULL;
    }
    if (!passes_run(u->ir, t, &o, &errors)) {
        diag_error(u->diags, E0501, fn->span, "'%s' cannot be compiled: %s", fn->name, buf_text(&errors));
        return NULL;
    }
    if (!memory_known(u, fn, t) || !copies_nothing(u, t))
        return NULL;
    map_put(&u->tables->tiles, fn, t);
    return t;
}

/* ---- code ------------------------------------------------------------------------------------------------------------- */

static BeOptions be_options(Unit *u)
{
    return (BeOptions){ .cpu = u->o.cpu, .opt = u->o.optimise, .verify = u->o.verify, .profile = u->o.profile != NULL };
}

/* What makes new ones of the structs of a type. */
static bool add_init(Unit *u, const CoreSty *s)
{
    for (int i = 0; s && s->kind == STY_tuple && i < s->n; i++)
        if (!add_init(u, s->parts[i]))
            return false;
    return !s || s->kind != STY_struct || !s->strct->init || s->strct->init->failed || unit_tile(u, s->strct->init);
}

static bool add_inits(Unit *u, CoreFn *fn)
{
    for (int i = 0; i < fn->surface.n; i++)
        if (!add_init(u, fn->surface.p[i].sty))
            return false;
    return add_init(u, fn->result);
}

/* A processor that is not known was reported when the unit was made. */
static void no_code(Unit *u, const char *what, const Buf *errors)
{
    if (!u->unknown_cpu || !u->diags->errors)
        diag_error(u->diags, E0603, (Span){ 0 }, "%s: %.*s", what, (int)errors->n, errors->p);
}

bool unit_load_code(Unit *u, IrFn *const *fns, int n, const unsigned char *object, size_t size)
{
    RtError err = { 0 };
    RtSymbol *symbols;
    if (!foreign_symbols(u, fns, n, &symbols))
        return false;
    vec_push(u->arena, &u->objects, NULL); /* room, so that nothing fails while the object belongs to nobody */
    if (rt_object_load(NULL, object, size, symbols, &vec_last(&u->objects), &err)) {
        diag_error(u->diags, E0603, (Span){ 0 }, "the generated code cannot be loaded: %s", err.text);
        return false;
    }
    for (int i = 0; i < n; i++) {
        MlcrtFn *f = map_find(&u->tables->fns, fns[i]);
        void *code = rt_object_symbol(vec_last(&u->objects), tables_symbol(u->arena, fns[i]));
        if (!code) {
            diag_error(u->diags, E0603, (Span){ 0 }, "the generated code lacks '%s'", fns[i]->name);
            return false;
        }
        if (f)
            f->body = (MlcrtBody *)(uintptr_t)code;
    }
    return true;
}

/* What could not be compiled is not tried again with the next function. */
static void forget(Unit *u, const IrModule *m)
{
    Tables *t = u->tables;
    int kept = 0;
    for (int i = 0; i < t->list.n; i++)
        if (t->list.p[i]->body)
            t->list.p[kept++] = t->list.p[i];
    t->list.n = kept;
    t->module.nfns = kept;
    t->bodies.n -= m->fns.n; /* the newest ones */
    for (int i = 0; i < t->types.n; i++) {
        MlcrtStruct *s = (MlcrtStruct *)(uintptr_t)t->types.p[i];
        if (s->init && !s->init->body)
            s->init = NULL;
    }
    for (int i = 0; i < m->fns.n; i++)
        map_put(&t->fns, m->fns.p[i], NULL);
}

/* Compiles what the tables list and has no code yet. */
static bool generate(Unit *u, const char *what)
{
    IrModule m = { .arena = u->arena, .names = u->names, .dims = u->dims, .sources = u->sources };
    for (int i = u->nloaded; i < u->tables->bodies.n; i++)
        vec_push(u->arena, &m.fns, u->tables->bodies.p[i]);
    if (!m.fns.n)
        return true;
    BeOptions o = be_options(u);
    BeResult r = { 0 };
    Buf errors = buf_new(u->arena);
    double start = unit_now();
    if (!codegen_compile(u->codegen, &m, &o, &r, &u->status, &errors)) {
        no_code(u, arena_printf(u->arena, "no code for '%s'", what), &errors);
        forget(u, &m);
        return false;
    }
    unit_time(u, "generate code", start);
    start = unit_now();
    if (!unit_load_code(u, m.fns.p, m.fns.n, r.object, r.size)) {
        u->status = MLCRT_EINTERNAL;
        forget(u, &m);
        return false;
    }
    u->nloaded = u->tables->bodies.n;
    unit_time(u, "load code", start);
    return true;
}

MlcrtFn *unit_function(Unit *u, CoreFn *fn, bool callable)
{
    if (!(callable ? unit_tile_for(u, fn, unit_export_forms(u, fn)) : unit_tile(u, fn)) || !add_inits(u, fn))
        return NULL;
    if (callable && !unit_packs_agree(u, &fn, NULL, 1))
        return NULL;
    MlcrtFn *f = tables_fn(u->tables, fn, callable);
    return generate(u, fn->name) ? f : NULL;
}

bool unit_statements(Unit *u, CoreFn *const *fns, const unsigned char *const *forms, int n)
{
    for (int i = 0; i < n; i++)
        if (!unit_tile_for(u, fns[i], forms[i]))
            return false;
    if (!unit_packs_agree(u, fns, forms, n))
        return false;
    for (int i = 0; i < n; i++)
        tables_statement(u->tables, fns[i]);
    return n == 0 || generate(u, n == 1 ? fns[0]->name : "the script");
}

bool unit_script(Unit *u, CoreFn *const *fns, const unsigned char *const *forms, int n)
{
    KeptWork w = { fns, forms, n };
    bool ok;
    if (kept_find(u, &w, &ok))
        return ok;
    ok = unit_statements(u, fns, forms, n);
    if (ok)
        kept_add(u, &w);
    return ok;
}

MlcrtStruct *unit_struct(Unit *u, CoreStruct *s)
{
    if (s->init && !s->init->failed && !unit_tile(u, s->init))
        return NULL;
    MlcrtStruct *m = tables_struct(u->tables, s);
    return generate(u, s->name) ? m : NULL;
}

/* ---- object files ------------------------------------------------------------------------------------------------------ */

Tables *unit_exports(Unit *u)
{
    bool ok = true;
    VEC(CoreFn *) fns = { 0 };
    for (int i = 0; i < u->core->named.n; i++)
        if (u->core->named.p[i]->exported) {
            ok = unit_tile_for(u, u->core->named.p[i], unit_export_forms(u, u->core->named.p[i])) && add_inits(u, u->core->named.p[i]) && ok;
            vec_push(u->arena, &fns, u->core->named.p[i]);
        }
    if (!ok || !unit_packs_agree(u, fns.p, NULL, fns.n))
        return NULL;
    u->exports = tables_new(u->arena, u->sources, u->dims);
    u->exports->tiles = u->tables->tiles; /* nothing is added to it from here on */
    for (int i = 0; i < fns.n; i++)
        tables_fn(u->exports, fns.p[i], true);
    return u->exports;
}

static const unsigned char *no_object(Unit *u, const Buf *errors)
{
    no_code(u, "no object", errors);
    return NULL;
}

/* LLVM in this process. */
static bool object_here(Unit *u, Tables *exports, const char *prefix, const BeOptions *o, BeResult *r, Buf *errors)
{
    IrModule m = { .arena = u->arena, .names = u->names, .dims = u->dims, .sources = u->sources };
    for (int i = 0; i < exports->bodies.n; i++)
        vec_push(u->arena, &m.fns, exports->bodies.p[i]);
    const BeApi *be = codegen_library(u->codegen, errors);
    u->status = MLCRT_EINTERNAL;
    if (!be || !be->compile_aot(&m, &exports->module, prefix, o, r, errors))
        return false;
    u->status = MLCRT_OK;
    return true;
}

const unsigned char *unit_object(Unit *u, const char *prefix, size_t *size, const BeOptions *extra, BeResult *result)
{
    Buf errors = buf_new(u->arena);
    Tables *exports = unit_exports(u);
    if (!exports || !foreign_allowed(u, exports->bodies.p, exports->bodies.n))
        return NULL;
    tables_module(exports, prefix, u->target.name, u->target.needs);
    BeOptions o = extra ? *extra : be_options(u);
    double start = unit_now();
    if (u->o.isolated && !extra ? !codegen_whole(u->codegen, u->arena, prefix, u->program, &o, result, &u->status, &errors)
                                : !object_here(u, exports, prefix, &o, result, &errors))
        return no_object(u, &errors);
    unit_time(u, "generate code", start);
    *size = result->size;
    return result->object;
}
