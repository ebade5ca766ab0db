/* effect.c - effects of scripts: the way in from compiled code and from the interpreter, and those that show values.
 *
 *     compiled     MlcrtRt.effect(call, number, in, out)    in: leaves, each tensor followed by its sizes
 *     interpreted  script_effect(effect, leaves)            both end in effect_<name>
 */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "driver/script_int.h"

typedef struct Row { const char *name; EffectFn *run; } Row;

static const Row rows[] = {
#define EFFECT(name, meaning) { #name, effect_##name },
#include "driver/effects.def"
#undef EFFECT
};
enum { NROWS = sizeof rows / sizeof rows[0] };

int effect_fail(Effect *x, MlcrtStatus status, const char *fmt, ...)
{
    char text[RT_ERROR_TEXT];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    Place p = span_place(x->s->u->sources, x->e->span);
    RtPlace at = { p.file, NULL, p.line, p.column, -1 };
    return rt_session_fail(x->s->session->slot.contents, status, at, "%s", text);
}

int effect_fail_context(Effect *x, MlcrtStatus status, const char *what)
{
    char text[RT_ERROR_TEXT] = "";
    mlcrt_context_error(x->s->u->context, text, sizeof text);
    return effect_fail(x, status, "%s%s%s", what, *what ? ": " : "", *text ? text : rt_status_text(status));
}

/* ---- arguments and results ------------------------------------------------------------------------------------------ */

int effect_named(const Effect *x, const char *name)
{
    for (int i = 0; i < x->e->nargs; i++)
        if (x->e->args[i].name && !strcmp(x->e->args[i].name, name))
            return i;
    return -1;
}

int effect_position(const Effect *x, int i)
{
    for (int k = 0; k < x->e->nargs; k++)
        if (!x->e->args[k].name && i-- == 0)
            return k;
    return -1;
}

const InterpTensor *effect_arg(Effect *x, int i)
{
    int k = effect_position(x, i);
    return k >= 0 && x->e->args[k].nleaves ? &x->args[x->first[k]] : NULL;
}

const char *effect_text(Effect *x, int i)
{
    const InterpTensor *t = effect_arg(x, i);
    if (t && t->dtype == DT_str && t->rank == 0)
        return *(const char *const *)t->data;
    effect_fail(x, MLCRT_EARG, "'%s' wants a text as argument %d", x->e->name, i + 1);
    return NULL;
}

bool effect_int(Effect *x, int i, int64_t *v)
{
    const InterpTensor *t = effect_arg(x, i);
    if (t && t->rank == 0 && dtype_is_int(t->dtype)) {
        *v = (int64_t)value_float(t->dtype, t->data, 0);
        if (t->dtype == DT_i64)
            memcpy(v, t->data, 8);
        return true;
    }
    effect_fail(x, MLCRT_EARG, "'%s' wants an integer as argument %d", x->e->name, i + 1);
    return false;
}

void effect_result_scalar(Effect *x, IrDtype t, const void *value)
{
    if (!x->nresults)
        return;
    x->results[0] = (InterpTensor){ .dtype = t, .data = arena_alloc(x->s->scratch, 16) };
    memcpy(x->results[0].data, value, (size_t)dtype_bytes(t));
}

void effect_result_text(Effect *x, const char *text, size_t n)
{
    const char *kept = name_len(x->s->texts, text, n);
    effect_result_scalar(x, DT_str, &kept);
}

void effect_result_tensor(Effect *x, IrDtype t, int64_t n, const void *data)
{
    if (!x->nresults)
        return;
    size_t bytes = (size_t)n * (size_t)dtype_bytes(t);
    x->results[0] = (InterpTensor){ .dtype = t, .rank = 1, .shape = { n }, .data = arena_alloc(x->s->scratch, bytes + 16) };
    if (bytes)
        memcpy(x->results[0].data, data, bytes);
}

/* ---- the way in --------------------------------------------------------------------------------------------------------- */

typedef struct Doing { Effect x; int status; } Doing;

static void run(void *arg)
{
    Doing *d = arg;
    Effect *x = &d->x;
    arena_drop(x->s->scratch);
    x->s->scratch = NULL; /* should the next line fail */
    x->s->scratch = arena_new(&x->s->mem);
    x->first = NEWN(x->s->scratch, int, x->e->nargs + 1);
    for (int i = 0, k = 0; i < x->e->nargs; k += x->e->args[i++].nleaves)
        x->first[i] = k;
    for (int i = 0; i < NROWS; i++)
        if (!strcmp(rows[i].name, x->e->name)) {
            d->status = rows[i].run(x);
            return;
        }
    d->status = effect_fail(x, MLCRT_EINTERNAL, "'%s' is not there yet", x->e->name);
}

int script_effect(Script *s, const CoreEffect *e, InterpTensor *args, int nargs, InterpTensor *results, int nresults)
{
    for (int i = 0; i < nargs; i++)
        if (!value_fetch(s, &args[i]))
            return MLCRT_EMEMORY; /* with the session's error */
    Doing d = { .x = { .s = s, .e = e, .args = args, .nargs = nargs, .results = results, .nresults = nresults } };
    if (!mem_try(&s->mem, run, &d))
        return rt_session_fail(s->session->slot.contents, MLCRT_EMEMORY, rt_nowhere, "out of memory in '%s'", e->name);
    return d.status;
}

typedef struct Native {
    Script *s;
    const IrEffect *row;
    void **in, **out;
    int status;
} Native;

/* Leaves of the arguments from the operands of the node: texts written in the program are not among them. */
static InterpTensor *read_operands(Arena *a, const CoreEffect *e, void **in, int *n)
{
    *n = 0;
    for (int i = 0; i < e->nargs; i++)
        *n += e->args[i].nleaves;
    InterpTensor *args = NEWN(a, InterpTensor, *n + 1), *t = args;
    const char **texts = NEWN(a, const char *, *n + 1);
    for (int i = 0; i < e->nargs; i++)
        for (int j = 0; j < e->args[i].nleaves; j++, t++) {
            const Core *leaf = e->args[i].leaves[j];
            *t = (InterpTensor){ .dtype = leaf->type.dtype, .rank = leaf->type.rank };
            if (leaf->kind == C_str) {
                texts[t - args] = leaf->str;
                *t = (InterpTensor){ .dtype = DT_str, .data = &texts[t - args] };
                continue;
            }
            t->data = *in++;
            for (int k = 0; k < t->rank; k++)
                t->shape[k] = *(const int64_t *)*in++;
        }
    return args;
}

static void run_native(void *arg)
{
    Native *x = arg;
    const CoreEffect *e = x->row->payload;
    Arena *a = arena_new(&x->s->mem);
    int n;
    InterpTensor *args = read_operands(a, e, x->in, &n), *results = NEWN(a, InterpTensor, x->row->nresults + 1);
    x->status = script_effect(x->s, e, args, n, results, x->row->nresults);
    for (int i = 0; !x->status && i < x->row->nresults; i++)
        if (results[i].data) /* scalars: statements with tensors are not compiled */
            memcpy(x->out[i], results[i].data, (size_t)dtype_bytes(x->row->results[i].dtype));
    arena_drop(a);
}

MlcrtStatus script_native_effect(void *user, const MlcrtCall *c, int64_t number, void **in, void **out)
{
    const TableFn *fn = (const TableFn *)((const RtFrame *)c->state)->fn;
    Native x = { .s = user, .row = &fn->ir->effects.p[number], .in = in, .out = out };
    if (!mem_try(&x.s->mem, run_native, &x))
        return rt_session_fail(x.s->session->slot.contents, MLCRT_EMEMORY, rt_nowhere, "out of memory in '%s'", x.row->name);
    return x.status;
}

/* ---- showing --------------------------------------------------------------------------------------------------------------- */

/* Element i of the leading axis. */
static InterpTensor element_of(const InterpTensor *t, int64_t i)
{
    InterpTensor e = *t;
    int64_t n = 1;
    e.rank--;
    for (int k = 0; k < e.rank; k++)
        n *= e.shape[k] = t->shape[k + 1];
    e.data = (char *)t->data + i * n * (int64_t)dtype_bytes(t->dtype);
    return e;
}

static void show_parts(Buf *b, const CoreSty *s, const InterpTensor **leaf)
{
    int n = s->kind == STY_tuple ? s->n : core_sty_leaves(s);
    buf_puts(b, s->kind == STY_tuple ? "(" : "");
    for (int i = 0; i < n; i++) {
        buf_puts(b, i ? ", " : "");
        if (s->kind == STY_tuple)
            show_parts(b, s->parts[i], leaf);
        else
            value_show(b, (*leaf)++, 0);
    }
    buf_puts(b, s->kind == STY_tuple ? ")" : "");
}

/* A list of tuples, whose leaves are the lists of their components. */
static void show_tuples(Buf *b, const CoreSty *tuple, const InterpTensor *leaves, int n)
{
    InterpTensor at[64];
    buf_putc(b, '[');
    for (int64_t i = 0; i < leaves[0].shape[0]; i++) {
        const InterpTensor *next = at;
        for (int k = 0; k < n; k++)
            at[k] = element_of(&leaves[k], i);
        buf_puts(b, i ? ", " : "");
        show_parts(b, tuple, &next);
    }
    buf_putc(b, ']');
}

static void show_arg(Effect *x, Buf *b, int i)
{
    const CoreArg *a = &x->e->args[i];
    if (a->sty && a->sty->kind == STY_list && a->sty->elem->kind == STY_tuple && a->nleaves > 0 && a->nleaves <= 64) {
        show_tuples(b, a->sty->elem, &x->args[x->first[i]], a->nleaves);
        return;
    }
    if (a->sty && a->sty->kind == STY_tuple) {
        const InterpTensor *next = &x->args[x->first[i]];
        show_parts(b, a->sty, &next);
        return;
    }
    bool fields = a->sty && a->sty->kind == STY_struct;
    if (fields)
        buf_printf(b, "%s(", a->sty->strct->name);
    for (int k = 0; k < a->nleaves; k++) {
        buf_puts(b, k ? ", " : "");
        if (fields)
            buf_printf(b, "%s: ", a->sty->strct->leaves.p[k].path);
        value_show(b, &x->args[x->first[i] + k], 0);
    }
    buf_puts(b, fields ? ")" : "");
}

static int put_out(Effect *x, Buf *b)
{
    FILE *out = x->s->o.out;
    x->s->progress.prints = true;
    x->s->progress.mid_line = b->n ? b->p[b->n - 1] != '\n' : x->s->progress.mid_line;
    if (fputs(buf_text(b), out) < 0 || fflush(out))
        return effect_fail(x, MLCRT_EIO, "standard output cannot be written");
    return MLCRT_OK;
}

int effect_print(Effect *x)
{
    Buf b = buf_new(x->s->scratch);
    int end = effect_named(x, "end"), shown = 0;
    for (int i = 0; i < x->e->nargs; i++)
        if (i != end) {
            buf_puts(&b, shown++ ? " " : "");
            show_arg(x, &b, i);
        }
    if (end >= 0)
        show_arg(x, &b, end);
    else
        buf_putc(&b, '\n');
    return put_out(x, &b);
}

int effect_report(Effect *x)
{
    Buf b = buf_new(x->s->scratch);
    for (int i = 0; i < x->e->nargs; i++) {
        buf_puts(&b, i ? "  " : "");
        if (x->e->args[i].name)
            buf_printf(&b, "%s ", x->e->args[i].name);
        show_arg(x, &b, i);
    }
    buf_putc(&b, '\n');
    return put_out(x, &b);
}

int effect_args(Effect *x)
{
    int64_t i;
    if (!effect_int(x, 0, &i))
        return MLCRT_EARG;
    if (i < 0 || i >= x->s->o.nargs)
        return effect_fail(x, MLCRT_EINDEX, "argument %" PRId64 " of the command is missing: there %s %d", i,
                           x->s->o.nargs == 2 ? "is" : "are", x->s->o.nargs ? x->s->o.nargs - 1 : 0);
    effect_result_text(x, x->s->o.args[i], strlen(x->s->o.args[i]));
    return MLCRT_OK;
}

int effect_time(Effect *x)
{
    double now = unit_now();
    effect_result_scalar(x, DT_f64, &now);
    return MLCRT_OK;
}

/* ---- loops that show how far they are -------------------------------------------------------------------------------------- */

static void end_of_loop(Script *s)
{
    double seconds = unit_now() - s->progress.start;
    if (s->progress.shown > 0)
        fputs("\r\033[K", s->o.err);
    if (s->progress.steps)
        fprintf(s->o.err, "%s%" PRId64 " steps in %.4g s: %.4g per second\n", s->progress.mid_line ? "\n" : "", s->progress.steps, seconds,
                (double)s->progress.steps / (seconds > 0 ? seconds : 1e-9));
    s->progress = (ScriptProgress){ 0 };
}

/* progress(i, begin, end) before each step; progress() behind the loop. On a terminal a line is kept up to date, unless the loop prints. */
int effect_progress(Effect *x)
{
    Script *s = x->s;
    int64_t i, begin, end;
    if (!x->e->nargs) {
        end_of_loop(s);
        return MLCRT_OK;
    }
    if (!effect_int(x, 0, &i) || !effect_int(x, 1, &begin) || !effect_int(x, 2, &end))
        return MLCRT_EARG;
    double now = unit_now();
    if (!s->progress.steps++) {
        s->progress.start = now;
        s->progress.prints = false;
        s->progress.on_terminal = isatty(fileno(s->o.err));
    }
    if (!s->progress.on_terminal || s->progress.prints || now - s->progress.shown < 0.1 || now - s->progress.start < 0.3)
        return MLCRT_OK;
    s->progress.shown = now;
    fprintf(s->o.err, "\r%" PRId64 "/%" PRId64 "  %.4g per second\033[K", i - begin, end - begin,
            (double)(i - begin) / (now - s->progress.start));
    fflush(s->o.err);
    return MLCRT_OK;
}
