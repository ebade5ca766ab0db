/* kept_rows.c - rows of functions (MlcrtFn) to bytes and back.
 *
 * One description of each struct serves both ways: `io` writes what it is shown, or replaces it by what it reads. Numbers are 8 bytes,
 * texts their length and bytes, programs of sizes their words up to the end. Bytes come from the cache, which has compared their hash;
 * they are looked at as if it had not.
 */
#include <string.h>

#include "driver/kept.h"
#include "driver/tables_int.h"

typedef struct Io {
    Arena *a;
    Buf *out;               /* NULL: it reads */
    const unsigned char *p;
    size_t left;
    bool bad;
} Io;

/* ---- numbers, texts, arrays ------------------------------------------------------------------------------------------- */

static int64_t io_word(Io *io, int64_t v)
{
    if (io->out)
        buf_add(io->out, (const char *)&v, sizeof v);
    else if (io->left < sizeof v) {
        io->bad = true;
        v = 0;
    } else {
        memcpy(&v, io->p, sizeof v);
        io->p += sizeof v;
        io->left -= sizeof v;
    }
    return v;
}

static void io_int(Io *io, int32_t *v) { *v = (int32_t)io_word(io, *v); }

/* How many elements follow, each of at least `least` bytes: what is damaged asks for no memory that it could not fill. */
static int io_count(Io *io, int n, size_t least)
{
    int64_t v = io_word(io, n);
    if (!io->out && (v < 0 || (uint64_t)v > io->left / least)) {
        io->bad = true;
        v = 0;
    }
    return (int)v;
}

static const void *io_bytes(Io *io, const void *p, size_t n)
{
    int have = io_count(io, p ? 1 : 0, n ? n : 1);
    if (io->out && p)
        buf_add(io->out, p, n);
    if (io->out || !have)
        return io->out ? p : NULL;
    p = arena_copy(io->a, io->p, n);
    io->p += n;
    io->left -= n;
    return p;
}

static void io_text(Io *io, const char **s)
{
    size_t n = (size_t)io_count(io, *s ? (int)strlen(*s) + 1 : 0, 1);
    if (io->out)
        buf_add(io->out, *s ? *s : "", n);
    if (io->out)
        return;
    *s = n ? arena_text(io->a, (const char *)io->p, n - 1) : NULL;
    io->p += n;
    io->left -= n;
}

/* n elements of `size` bytes that may be changed: a copy of `p`, or room. */
static void *io_array(Io *io, const void *p, int n, size_t size)
{
    char *v = arena_array(io->a, size, (size_t)n + 1);
    if (io->out && n)
        memcpy(v, p, size * (size_t)n);
    else
        memset(v, 0, size * ((size_t)n + 1));
    return v;
}

static void io_texts(Io *io, const char *const **p, int n)
{
    const char **v = io_array(io, *p, n, sizeof *v);
    for (int i = 0; i < n; i++)
        io_text(io, &v[i]);
    *p = v;
}

static int program_words(const int64_t *p)
{
    int n = 0;
    while (p[n] != MLCRT_D_END)
        n += p[n] == MLCRT_D_CONST || p[n] == MLCRT_D_DIM ? 2 : 1;
    return n + 1;
}

static void io_program(Io *io, const int64_t **p)
{
    int n = io_count(io, *p ? program_words(*p) : 0, sizeof **p);
    int64_t *v = io_array(io, *p, n, sizeof *v);
    for (int i = 0; i < n; i++)
        v[i] = io_word(io, v[i]);
    *p = n ? v : NULL;
}

static void io_programs(Io *io, const int64_t *const **p, int n)
{
    if (!io_count(io, *p != NULL, 1)) {
        *p = NULL;
        return;
    }
    const int64_t **v = io_array(io, *p, n, sizeof *v);
    for (int i = 0; i < n; i++)
        io_program(io, &v[i]);
    *p = v;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------- */

static void io_param(Io *io, MlcrtParam *p)
{
    int32_t *ints[] = { &p->kind, &p->flags, &p->dtype, &p->first, &p->nleaves, &p->strct };
    io_text(io, &p->name);
    io_text(io, &p->type);
    for (size_t i = 0; i < sizeof ints / sizeof *ints; i++)
        io_int(io, ints[i]);
    for (int i = 0; i < 2; i++)
        p->fallback[i] = (uint64_t)io_word(io, (int64_t)p->fallback[i]);
} /* numbers: of results that are handles, which statements have none of */

static void io_leaf(Io *io, MlcrtLeaf *l)
{
    int32_t *ints[] = { &l->dtype, &l->nstack, &l->role };
    io_text(io, &l->path);
    for (size_t i = 0; i < sizeof ints / sizeof *ints; i++)
        io_int(io, ints[i]);
    l->rank = io_count(io, l->rank, 1);
    io_programs(io, &l->dims, l->rank);
}

static void io_plan_row(Io *io, MlcrtPlanRow *r)
{
    int32_t *ints[] = { &r->op, &r->dst, &r->param, &r->leaf, &r->axis, &r->line, &r->column };
    for (size_t i = 0; i < sizeof ints / sizeof *ints; i++)
        io_int(io, ints[i]);
    io_program(io, &r->a);
    io_program(io, &r->b);
    io_text(io, &r->text);
}

static void io_check(Io *io, MlcrtCheck *c)
{
    io_int(io, &c->code);
    io_int(io, &c->line);
    io_int(io, &c->column);
    io_text(io, &c->file);
    io_text(io, &c->text);
}

/* One program that begins at `at` and ends. */
static bool is_program(const int64_t *v, int n, int at)
{
    while (at >= 0 && at < n && v[at] != MLCRT_D_END)
        at += v[at] == MLCRT_D_CONST || v[at] == MLCRT_D_DIM ? 2 : 1;
    return at >= 0 && at < n;
}

static void io_life(Io *io, MlcrtLife *l, int at, const MlcrtFn *f)
{
    int32_t *ints[] = { &l->dim, &l->like, &l->first, &l->last, &l->bytes };
    for (size_t i = 0; i < sizeof ints / sizeof *ints; i++)
        io_int(io, ints[i]);
    io->bad |= l->like < 0 || l->like > at || l->dim < 0 || l->dim >= f->ndims || !is_program(f->sizes, f->nsizes, l->bytes);
}

static void io_lives(Io *io, MlcrtFn *f)
{
    int64_t *sizes = io_array(io, f->sizes, f->nsizes, sizeof *sizes);
    MlcrtLife *lives = io_array(io, f->lives, f->nlives, sizeof *lives);
    for (int i = 0; i < f->nsizes; i++)
        sizes[i] = io_word(io, sizes[i]);
    f->sizes = sizes;
    for (int i = 0; i < f->nlives; i++)
        io_life(io, &lives[i], i, f);
    f->lives = lives;
}

/* fns: of all rows, in order; a prepared tensor's function is one of them. */
static void io_prep(Io *io, MlcrtPrep *p, MlcrtFn *const *fns, int n)
{
    int32_t *ints[] = { &p->param, &p->leaf, &p->axis, &p->panel, &p->form, &p->tiled };
    int at = 0;
    while (io->out && at < n && fns[at] != p->fn)
        at++;
    at = (int)io_word(io, at);
    io->bad |= at < 0 || at >= n;
    p->fn = io->bad ? NULL : fns[at];
    p->key = (uint64_t)io_word(io, (int64_t)p->key);
    for (size_t i = 0; i < sizeof ints / sizeof *ints; i++)
        io_int(io, ints[i]);
}

/* The arrays of a function, once their lengths are there. */
static void io_arrays(Io *io, MlcrtFn *f, MlcrtFn *const *fns, int n)
{
    int nleaves = f->nleaves + f->nresults;
    MlcrtParam *params = io_array(io, f->params, f->nparams, sizeof *params);
    MlcrtLeaf *leaves = io_array(io, f->leaves, nleaves, sizeof *leaves);
    MlcrtPlanRow *plan = io_array(io, f->plan, f->nplan, sizeof *plan);
    MlcrtCheck *checks = io_array(io, f->checks, f->nchecks, sizeof *checks);
    MlcrtPrep *preps = io_array(io, f->preps, f->npreps, sizeof *preps);
    for (int i = 0; i < f->nparams; i++)
        io_param(io, &params[i]);
    for (int i = 0; i < nleaves; i++)
        io_leaf(io, &leaves[i]);
    for (int i = 0; i < f->nplan; i++)
        io_plan_row(io, &plan[i]);
    for (int i = 0; i < f->nchecks; i++)
        io_check(io, &checks[i]);
    for (int i = 0; i < f->npreps; i++)
        io_prep(io, &preps[i], fns, n);
    f->params = params;
    f->leaves = leaves;
    f->plan = plan;
    f->checks = checks;
    f->preps = preps;
    io_lives(io, f);
}

static void io_fn(Io *io, MlcrtFn *f, MlcrtFn *const *fns, int n)
{
    const char **texts[] = { &f->name, &f->symbol, &f->doc, &f->signature, &f->file };
    int32_t *counts[] = { &f->nparams, &f->nleaves, &f->ndims, &f->nplan, &f->nchecks, &f->nresults, &f->npreps, &f->neffects, &f->nlives, &f->nsizes };
    int32_t *ints[] = { &f->nvars, &f->nscratch, &f->line };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        io_text(io, texts[i]);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        *counts[i] = io_count(io, *counts[i], 1);
    for (size_t i = 0; i < sizeof ints / sizeof *ints; i++)
        io_int(io, ints[i]);
    io_arrays(io, f, fns, n);
    io_texts(io, &f->dim_names, f->ndims);
    io_texts(io, &f->effects, f->neffects);
    io_program(io, &f->arena);
    f->unread = io_bytes(io, f->unread, (size_t)f->nleaves);
    f->forms = io_bytes(io, f->forms, (size_t)f->nleaves);
}

/* ---- effects: of the checked tree, by their number in it --------------------------------------------------------------- */

typedef struct Effects { Arena *a; Map seen; VEC(const CoreEffect *) list; } Effects;

static void see_effects(Effects *e, const Core *c)
{
    if (!c)
        return;
    if (c->kind == C_effect)
        vec_push(e->a, &e->list, c->effect);
    for (int i = 0; i < c->nkids; i++)
        see_effects(e, c->kids[i]);
    for (int i = 0; c->kind == C_rec && i < c->rec->n; i++)
        see_effects(e, c->rec->eqs[i].body);
    for (int i = 0; c->kind == C_effect && i < c->effect->nargs; i++)
        for (int k = 0; k < c->effect->args[i].nleaves; k++)
            see_effects(e, c->effect->args[i].leaves[k]);
    if (c->kind == C_call && !map_find(&e->seen, c->callee)) {
        map_put(&e->seen, c->callee, c->callee);
        see_effects(e, c->callee->body);
    }
}

static Effects effects_of(Unit *u, const CoreFn *fn)
{
    Effects e = { .a = u->arena };
    if (fn) {
        e.seen = map_new(u->arena);
        see_effects(&e, fn->body);
    }
    return e;
}

static void io_effect(Io *io, const Effects *e, Names *names, IrEffect *x)
{
    const char *name = x->name;
    int at = 0;
    while (io->out && at < e->list.n && e->list.p[at] != x->payload)
        at++;
    at = (int)io_word(io, at);
    io->bad |= at < 0 || at >= e->list.n;
    x->payload = io->bad ? NULL : e->list.p[at];
    io_text(io, &name);
    x->nresults = io_count(io, x->nresults, 1);
    IrType *results = io_array(io, x->results, x->nresults, sizeof *results);
    for (int i = 0; i < x->nresults; i++) {
        io->bad |= results[i].rank != 0; /* a statement with one is not compiled */
        results[i].dtype = (IrDtype)io_word(io, results[i].dtype);
    }
    x->results = results;
    if (!io->out && name)
        x->name = name_of(names, name);
}

/* ---- all of a start ---------------------------------------------------------------------------------------------------- */

/* One function: its rows, and what of its tile IR is asked for after it was compiled: the name of its code, and its effects. */
static void io_function(Io *io, Unit *u, TableFn *row, MlcrtFn *const *fns, int n)
{
    Effects e = effects_of(u, row->core);
    io_fn(io, &row->rows, fns, n);
    if (!io->out)
        *row->ir = (IrFn){ .module = u->ir, .name = row->rows.symbol, .body = NEW(u->arena, IrRegion), .level = TILE };
    int neffects = io_count(io, row->ir->effects.n, 1);
    for (int i = 0; i < neffects && !io->bad; i++) {
        IrEffect x = io->out ? row->ir->effects.p[i] : (IrEffect){ 0 };
        io_effect(io, &e, u->names, &x);
        if (!io->out)
            vec_push(u->arena, &row->ir->effects, x);
    }
}

bool kept_write(Unit *u, const KeptWork *w, Buf *out)
{
    Tables *t = u->tables;
    Io io = { .a = out->arena, .out = out };
    MlcrtFn **fns = NEWN(out->arena, MlcrtFn *, t->bodies.n + 1);
    io_count(&io, t->bodies.n, 1);
    for (int i = 0; i < t->bodies.n; i++) {
        fns[i] = map_find(&t->fns, t->bodies.p[i]);
        if (!fns[i])
            return false;
        const CoreFn *core = ((TableFn *)fns[i])->core;
        int at = 0;
        while (at < w->n && w->fns[at] != core)
            at++;
        if (core && at == w->n)
            return false;
        io_word(&io, core ? at : -1);
    }
    for (int i = 0; i < t->bodies.n; i++) {
        TableFn row = *(TableFn *)fns[i]; /* what is written is a copy, whose arrays are copies */
        io_function(&io, u, &row, fns, t->bodies.n);
    }
    io_count(&io, t->types.n, 1);
    for (int i = 0; i < t->types.n; i++)
        io_word(&io, (int64_t)t->types.p[i]->type_hash);
    return !io.bad;
}

/* Structs get their numbers in the order in which the rows of parameters were made. */
static bool read_types(Io *io, Unit *u, const KeptWork *w)
{
    int n = io_count(io, 0, sizeof(int64_t));
    for (int i = 0; i < w->n; i++)
        for (int k = 0; k < w->fns[i]->surface.n; k++)
            if (w->fns[i]->surface.p[k].sty->kind == STY_struct)
                tables_struct(u->tables, w->fns[i]->surface.p[k].sty->strct);
    bool same = n == u->tables->types.n;
    for (int i = 0; i < n && same; i++)
        same = (uint64_t)io_word(io, 0) == u->tables->types.p[i]->type_hash;
    return same && !io->bad && io->left == 0;
}

bool kept_read(Unit *u, const KeptWork *w, const unsigned char *p, size_t n)
{
    Tables *t = u->tables;
    Io io = { .a = u->arena, .p = p, .left = n };
    int count = io_count(&io, 0, sizeof(int64_t)), found = 0;
    MlcrtFn **fns = NEWN(u->arena, MlcrtFn *, count + 1);
    for (int i = 0; i < count; i++) {
        TableFn *row = NEW(u->arena, TableFn);
        int at = (int)io_word(&io, 0);
        found += at >= 0;
        io.bad |= at >= w->n;
        *row = (TableFn){ .tables = t, .core = at >= 0 && !io.bad ? w->fns[at] : NULL, .ir = NEW(u->arena, IrFn) };
        fns[i] = &row->rows;
    }
    for (int i = 0; i < count && !io.bad; i++) {
        io_function(&io, u, (TableFn *)fns[i], fns, count);
        fns[i]->module = &t->module;
    }
    if (io.bad || found != w->n || !read_types(&io, u, w))
        return false;
    for (int i = 0; i < count; i++) {
        const TableFn *row = (const TableFn *)fns[i];
        map_put(&t->fns, row->ir, fns[i]);
        vec_push(t->arena, &t->bodies, row->ir);
        if (row->core)
            map_put(&t->tiles, row->core, row->ir);
    }
    return true;
}
