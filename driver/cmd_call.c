/* cmd_call.c - `mlc call FILE FUNCTION --in X.safetensors --out Y.safetensors name=value ...`: one function, from the command line.
 *
 *     tensor    name=[1, 8, 6], or the tensor of that name in --in
 *     scalar    name=3, or the one in --in, or its default
 *     model     name=weights.safetensors, header numbers as name.H=8; or the tensors `name.*` in --in
 *     struct    the same; with its numbers alone it is made new (name.key=7 if it draws)
 *
 * Changed `var` parameters come out under their names, results as `result` or `result0`, ...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/cmd.h"
#include "driver/profile.h"
#include "driver/value.h"
#include "runtime/core_int.h"

typedef struct Arg {
    const MlcrtParam *row;
    InterpTensor value;      /* tensors and scalars as they were given */
    MlcrtTensor tensor;      /* what the call gets; memory of a `var` one is a copy */
    int64_t shape[MLCRT_MAX_RANK];
    uint64_t scalar[2];
    MlcrtHandle *handle, *given;
} Arg;

typedef struct Call {
    const Options *o;
    Unit *u;
    Arena *a;
    MlcrtSession *session;
    MlcrtFile *in;
    const MlcrtFn *fn;
    Arg *args;
    void **pointers;
    bool *used;              /* words name=value that a parameter took */
} Call;

static bool fail(Call *c, const char *name, const char *what)
{
    diag_error(c->u->diags, E0205, (Span){ 0 }, "'%s': %s", name, what);
    return false;
}

/* The value of `name=` among the words; NULL if there is none. */
static const char *word_of(Call *c, const char *name)
{
    size_t n = strlen(name);
    for (int i = 2; i < c->o->nargs; i++)
        if (!strncmp(c->o->args[i], name, n) && c->o->args[i][n] == '=') {
            c->used[i] = true;
            return c->o->args[i] + n + 1;
        }
    return NULL;
}

/* ---- tensors and scalars ------------------------------------------------------------------------------------------------ */

static bool from_file(Call *c, const char *name, InterpTensor *v)
{
    MlcrtTensor t;
    if (!c->in || mlcrt_file_find(c->in, name, &t))
        return false;
    *v = value_of_tensor(&t);
    v->data = arena_copy(c->a, v->data, value_bytes(v)); /* aligned for any element */
    return true;
}

static bool scalar_of(Call *c, Arg *g)
{
    const MlcrtParam *p = g->row;
    const InterpTensor *v = &g->value;
    bool key = p->dtype == DT_key && v->dtype == DT_u64 && value_count(v) == 2;
    if (!key && (value_count(v) != 1 || v->dtype != (IrDtype)p->dtype))
        return fail(c, p->name, arena_printf(c->a, "a scalar %s is wanted", p->type));
    memcpy(g->scalar, v->data, key ? 16 : value_bytes(v));
    return true;
}

static bool bind_value(Call *c, Arg *g)
{
    const MlcrtParam *p = g->row;
    Buf errors = buf_new(c->a);
    const char *word = word_of(c, p->name);
    bool is_scalar = p->kind == MLCRT_PARAM_SCALAR;
    if (word) {
        if (!value_read(c->a, word, (IrDtype)p->dtype, is_scalar ? 0 : -1, &g->value, &errors))
            return fail(c, p->name, buf_text(&errors));
    } else if (!from_file(c, p->name, &g->value)) {
        if (!is_scalar || !(p->flags & MLCRT_DEFAULT))
            return fail(c, p->name, arena_printf(c->a, "%s is missing: give %s=... or a tensor of that name with --in", p->type, p->name));
        memcpy(g->scalar, p->fallback, 16);
        return true;
    }
    return !is_scalar || scalar_of(c, g);
}

/* ---- models and structs --------------------------------------------------------------------------------------------------- */

static bool numbers_of(Call *c, const Arg *g, const MlcrtStruct *type, int64_t *numbers, bool *open)
{
    *open = false;
    for (int32_t i = 0; i < type->nnumbers; i++) {
        const char *name = arena_printf(c->a, "%s.%s", g->row->name, type->numbers[i]), *word = word_of(c, name);
        InterpTensor v;
        Buf errors = buf_new(c->a);
        numbers[i] = -1;
        if (word && !value_read(c->a, word, DT_i64, 0, &v, &errors))
            return fail(c, name, buf_text(&errors));
        if (word)
            memcpy(&numbers[i], v.data, 8);
        *open |= !word;
    }
    return true;
}

static bool has_prefix(Call *c, const char *name)
{
    size_t n = strlen(name), count = 0;
    const char *found;
    MlcrtTensor t;
    if (c->in)
        mlcrt_file_count(c->in, &count);
    for (size_t i = 0; i < count; i++)
        if (!mlcrt_file_get(c->in, i, &found, &t) && !strncmp(found, name, n) && found[n] == '.')
            return true;
    return false;
}

static bool make(Call *c, const Arg *g, const MlcrtStruct *type, const int64_t *numbers, MlcrtHandle **h)
{
    const char *name = arena_printf(c->a, "%s.key", g->row->name), *word = word_of(c, name);
    InterpTensor v;
    Buf errors = buf_new(c->a);
    if (!value_read(c->a, word ? word : arena_printf(c->a, "%lld", (long long)c->o->seed), DT_key, 0, &v, &errors))
        return fail(c, name, buf_text(&errors));
    return !mlcrt_handle_new(c->session, c->fn->module, type, numbers, v.data, h);
}

static bool bind_handle(Call *c, Arg *g)
{
    const MlcrtStruct *type = rt_type_of(c->fn->module, g->row);
    const char *name = g->row->name, *path = word_of(c, name);
    int64_t *numbers = NEWN(c->a, int64_t, type->nnumbers + 1);
    MlcrtRename renames[] = { { arena_printf(c->a, "%s.**", name), "**" }, { "**", "" }, { NULL, NULL } };
    bool open;
    if (!numbers_of(c, g, type, numbers, &open))
        return false;
    if (path)
        mlcrt_handle_load(c->session, c->fn->module, type, path, NULL, numbers, &g->given);
    else if (has_prefix(c, name))
        mlcrt_handle_load(c->session, c->fn->module, type, c->o->in, renames, numbers, &g->given);
    else if (!open && type->init) {
        if (!make(c, g, type, numbers, &g->given) && !mlcrt_error(c->session)->status)
            return false;
    } else
        return fail(c, name, arena_printf(c->a, "%s is missing: give %s=FILE%s, or its tensors with --in", g->row->type, name,
                                          type->init ? arena_printf(c->a, ", or all its numbers (%s.%s=...)", name,
                                                                    type->nnumbers ? type->numbers[0] : "key") : ""));
    if (!g->given)
        unit_fault(c->u, c->session, (Span){ 0 }, true);
    return g->given != NULL;
}

/* ---- all arguments ---------------------------------------------------------------------------------------------------------- */

static bool all_used(Call *c)
{
    for (int i = 2; i < c->o->nargs; i++)
        if (!c->used[i]) {
            const char *arg = c->o->args[i], *equals = strchr(arg, '=');
            for (int k = 2; equals && k < i; k++)
                if (!strncmp(c->o->args[k], arg, (size_t)(equals - arg) + 1)) {
                    diag_error(c->u->diags, E0205, (Span){ 0 }, "'%.*s' is given twice", (int)(equals - arg), arg);
                    return false;
                }
            diag_error(c->u->diags, E0205, (Span){ 0 }, "'%s' is no parameter of %s", arg, c->fn->signature);
            return false;
        }
    return true;
}

static bool bind(Call *c)
{
    bool ok = true;
    if (c->o->in && mlcrt_file_open(c->u->context, c->o->in, &c->in)) {
        char text[600];
        mlcrt_context_error(c->u->context, text, sizeof text);
        diag_error(c->u->diags, E0601, (Span){ 0 }, "%s", text);
        return false;
    }
    for (int32_t i = 0; i < c->fn->nparams; i++) {
        Arg *g = &c->args[i];
        g->row = &c->fn->params[i];
        if (!(g->row->flags & MLCRT_RESULT))
            ok = (g->row->kind == MLCRT_PARAM_HANDLE ? bind_handle(c, g) : bind_value(c, g)) && ok;
    }
    return ok && all_used(c);
}

/* What the next call gets: what it writes is a copy of what was given, so that every repetition sees the same. */
static bool renew(Call *c, Arg *g)
{
    const MlcrtParam *p = g->row;
    bool written = (p->flags & MLCRT_VAR) != 0;
    if (p->kind == MLCRT_PARAM_HANDLE) {
        if (p->flags & MLCRT_RESULT) {
            mlcrt_handle_free(g->handle);
            g->handle = NULL;
        } else if (!written)
            g->handle = g->given;
        else {
            mlcrt_handle_free(g->handle);
            if (mlcrt_handle_copy(c->session, g->given, &g->handle))
                return false;
        }
    } else if (p->flags & MLCRT_RESULT) {
        if (p->kind == MLCRT_PARAM_TENSOR)
            mlcrt_tensor_free(c->u->context, &g->tensor);
        g->tensor = (MlcrtTensor){ .rank = c->fn->leaves[p->first].rank, .shape = g->shape };
    } else if (p->kind == MLCRT_PARAM_SCALAR) {
        if (written && g->value.data)
            memcpy(g->scalar, g->value.data, value_bytes(&g->value));
    } else if (written && g->tensor.data) {
        memcpy(g->tensor.data, g->value.data, value_bytes(&g->value));
    } else {
        g->tensor = value_tensor(&g->value);
        if (written)
            g->tensor.data = arena_copy(c->a, g->value.data, value_bytes(&g->value));
    }
    return true;
}

static bool prepare(Call *c)
{
    for (int32_t i = 0; i < c->fn->nparams; i++) {
        Arg *g = &c->args[i];
        if (!renew(c, g))
            return false;
        c->pointers[i] = g->row->kind == MLCRT_PARAM_HANDLE ? g->row->flags & MLCRT_RESULT ? (void *)&g->handle : (void *)g->handle
                         : g->row->kind == MLCRT_PARAM_SCALAR ? (void *)g->scalar : (void *)&g->tensor;
    }
    return true;
}

/* ---- calling ------------------------------------------------------------------------------------------------------------------ */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static bool run(Call *c)
{
    long long n = c->o->repeat > 0 ? c->o->repeat : 1;
    double *times = NEWN(c->a, double, n);
    for (long long i = 0; i < n; i++) {
        if (!prepare(c))
            break;
        double start = unit_now();
        MlcrtStatus status = mlcrt_invoke(c->session, c->fn, c->pointers);
        times[i] = unit_now() - start;
        if (status)
            break;
    }
    if (mlcrt_error(c->session)->status) {
        unit_fault(c->u, c->session, (Span){ 0 }, false);
        return false;
    }
    qsort(times, (size_t)n, sizeof *times, by_value);
    if (c->o->repeat > 0)
        fprintf(stderr, "median of %lld calls: %.6g ms\n", n, times[n / 2] * 1e3);
    return true;
}

/* ---- what came out -------------------------------------------------------------------------------------------------------------- */

typedef struct Out { Call *c; VEC(MlcrtNamedTensor) list; Buf text; } Out;

static void put(Out *out, const char *name, InterpTensor v)
{
    InterpTensor *kept = arena_copy(out->c->a, &v, sizeof v);
    if (!out->c->o->out || kept->dtype == DT_str) { /* files have no texts */
        value_echo(&out->text, name, kept);
        return;
    }
    if (kept->dtype == DT_key)
        *kept = (InterpTensor){ .dtype = DT_u64, .rank = 1, .shape = { 2 }, .data = v.data };
    MlcrtNamedTensor t = { name, value_tensor(kept) };
    vec_push(out->c->a, &out->list, t);
}

static void put_leaf(Out *out, const char *name, const RtBoxLeaf *l)
{
    int64_t n = 1;
    InterpTensor v = { .dtype = (IrDtype)l->dtype, .rank = l->rank - l->nstack };
    for (int i = 0; i < l->nstack; i++)
        n *= l->shape[i];
    for (int i = l->nstack; i < l->rank; i++)
        v.shape[i - l->nstack] = l->shape[i];
    for (int64_t i = 0; i < n; i++) {
        v.data = l->data + (size_t)i * (l->rank ? value_bytes(&v) : 16);
        put(out, value_element_name(out->c->a, arena_printf(out->c->a, "%s.", name), l->path, l->nstack, l->shape, i), v);
    }
}

static void put_arg(Out *out, Arg *g)
{
    const MlcrtParam *p = g->row;
    if (!(p->flags & (MLCRT_RESULT | MLCRT_VAR)))
        return;
    if (p->kind == MLCRT_PARAM_SCALAR)
        put(out, p->name, (InterpTensor){ .dtype = (IrDtype)p->dtype, .data = g->scalar });
    else if (p->kind == MLCRT_PARAM_TENSOR)
        put(out, p->name, value_of_tensor(&g->tensor));
    else {
        const RtBox *b = g->handle->slot.contents;
        for (int32_t i = 0; i < b->nleaves; i++)
            put_leaf(out, p->name, &b->leaves[i]);
    }
}

static void give(Call *c)
{
    Out out = { .c = c, .text = buf_new(c->a) };
    for (int32_t i = 0; i < c->fn->nparams; i++)
        put_arg(&out, &c->args[i]);
    fputs(buf_text(&out.text), stdout);
    if (c->o->out && mlcrt_file_save(c->u->context, c->o->out, out.list.p, (size_t)out.list.n)) {
        char text[600];
        mlcrt_context_error(c->u->context, text, sizeof text);
        diag_error(c->u->diags, E0601, (Span){ 0 }, "%s", text);
    }
}

/* ---- the command ------------------------------------------------------------------------------------------------------------------ */

static const MlcrtFn *find(const Options *o, Unit *u)
{
    int before = u->diags->errors;
    CoreFn *fn = unit_find(u, o->args[1]);
    if (!fn) {
        const char **names = NEWN(u->arena, const char *, u->core->named.n + 1);
        for (int i = 0; i < u->core->named.n; i++)
            names[i] = u->core->named.p[i]->name;
        const char *near = nearest_name(o->args[1], names, u->core->named.n);
        if (u->diags->errors == before)
            diag_error(u->diags, E0201, (Span){ 0 }, "'%s' has no function '%s'", o->args[0], o->args[1]);
        if (u->diags->last && u->diags->last->code != E0201)
            return NULL; /* there is one, which cannot be called */
        if (near)
            diag_help(u->diags, "did you mean %s?", near);
        else if (u->core->named.n)
            diag_help(u->diags, "it has %s%s", names[0], u->core->named.n > 1 ? arena_printf(u->arena, " and %d more", u->core->named.n - 1) : "");
        return NULL;
    }
    return o->interp ? oracle_function(u, fn) : unit_function(u, fn, true);
}

int cmd_call(const Options *o, Unit *u)
{
    Call c = { .o = o, .u = u, .a = u->arena };
    if (o->nargs < 2) {
        fputs("mlc: call needs a file and a function\n(mlc --help lists the options)\n", stderr);
        return 2;
    }
    c.used = NEWN(c.a, bool, o->nargs + 1);
    if (!unit_check_file(u, o->args[0]) || !(c.fn = find(o, u)))
        return cmd_report(o, u);
    c.args = NEWN(c.a, Arg, c.fn->nparams + 1);
    c.pointers = NEWN(c.a, void *, c.fn->nparams + 1);
    if (mlcrt_session_new(u->context, &c.session))
        diag_error(u->diags, E0604, (Span){ 0 }, "out of memory");
    else if (profile_watch(u->o.profile, c.session), bind(&c) && run(&c))
        give(&c);
    return cmd_report(o, u); /* handles, files and the session go with the context */
}
