/* run.c - one case: the rule writes a function, which is compiled and called, and its results are compared.
 *
 *     <the family's program>
 *     fn conformance(in0: f32[3, 4, 5]) = softmax(in0, axis: 1)
 */
#include "runner.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/abi.h"

typedef struct Work {
    Runner *r;
    const Case *c;
    Buf *report;
    Arena *a;
    Eval e;
    Chosen chosen;
    Verdict verdict;
} Work;

static Verdict failed(Work *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static Verdict failed(Work *w, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    buf_printf(w->report, "  %s\n", arena_vprintf(w->a, format, ap));
    va_end(ap);
    return FAILED;
}

/* ---- the program --------------------------------------------------------------------------------------------------- */

static const char *type_text(Arena *a, const MlcrtTensor *t)
{
    Buf b = buf_new(a);
    buf_puts(&b, tensor_dtype(t));
    for (int32_t i = 0; i < t->rank; i++)
        buf_printf(&b, "%s%lld", i ? ", " : "[", (long long)t->shape[i]);
    buf_puts(&b, t->rank ? "]" : "");
    return buf_text(&b);
}

/* The family is the program beside the rule file; the case's function goes to the end of it, so that it sees all of its names. */
static const char *program(Work *w, const char **name)
{
    const char *file = w->chosen.rule->file;
    *name = arena_printf(w->a, "%.*s.ml", (int)(strlen(file) - strlen(".rules")), file);
    const char *family = file_text(w->a, *name, NULL);
    Buf b = buf_new(w->a);
    buf_puts(&b, family ? family : "");
    buf_puts(&b, "\nfn conformance(");
    for (int i = 0; i < w->e.used.n; i++)
        buf_printf(&b, "%sin%d: %s", i ? ", " : "", i, type_text(w->a, &w->e.used.p[i]->tensor));
    buf_printf(&b, ")%s %s\n", *w->chosen.body == '{' ? "" : " =", w->chosen.body);
    return buf_text(&b);
}

static void show(Work *w, const char *text)
{
    const char *own = strstr(text, "\nfn conformance(");
    if (w->r->verbose)
        buf_printf(w->report, "  %s", own + 1);
}

static MlcModule *compiled(Work *w)
{
    const char *name, *text = program(w, &name);
    MlcModule *m = NULL;
    show(w, text);
    if (!mlc_compile_text(w->r->compiler, name, text, strlen(text), &m))
        return m;
    MlcDiagnostic d = { 0 };
    for (int32_t i = 0; i < mlc_diagnostic_count(w->r->compiler); i++)
        if (!mlc_diagnostic(w->r->compiler, i, &d) && d.is_error)
            break;
    failed(w, "the program has an error: %s %s", d.code ? d.code : "", d.text ? d.text : "");
    if (w->r->verbose)
        buf_puts(w->report, mlc_diagnostics(w->r->compiler));
    return NULL;
}

/* ---- the call ---------------------------------------------------------------------------------------------------------- */

typedef union Slot { /* an argument of the call */
    MlcrtTensor tensor;
    uint64_t scalar[2];
} Slot;

enum { MOST = 64 };

typedef struct Call {
    Slot slots[MOST];
    int64_t shapes[MOST][MLCRT_MAX_RANK];
    void *pointers[MOST];
    MlcrtTensor results[MOST]; /* views of what came out */
    int nresults;
} Call;

static const struct { uint8_t code, bits; } element_types[] = {
    { 0, 0 }, /* DT_none */
#define DTYPE(name, code, bits, c) { code, bits },
#include "ir/dtypes.def"
#undef DTYPE
};

static bool prepare(Work *w, const struct MlcrtFn *fn, Call *c)
{
    if (fn->nparams > MOST || w->e.used.n > fn->nparams)
        return false;
    for (int32_t i = 0; i < fn->nparams; i++) {
        const MlcrtParam *p = &fn->params[i];
        c->pointers[i] = &c->slots[i];
        if (p->kind == MLCRT_PARAM_HANDLE)
            return false;
        if (!(p->flags & MLCRT_RESULT)) {
            const MlcrtTensor *t = &w->e.used.p[i]->tensor;
            if (p->kind == MLCRT_PARAM_TENSOR)
                c->slots[i].tensor = *t;
            else
                memcpy(c->slots[i].scalar, (const char *)t->data + t->offset, t->bits / 8);
        } else if (p->kind == MLCRT_PARAM_TENSOR)
            c->slots[i].tensor = (MlcrtTensor){ .rank = fn->leaves[p->first].rank, .shape = c->shapes[i] };
    }
    return true;
}

static void collect(const struct MlcrtFn *fn, Call *c)
{
    for (int32_t i = 0; i < fn->nparams; i++) {
        const MlcrtParam *p = &fn->params[i];
        if (!(p->flags & MLCRT_RESULT))
            continue;
        MlcrtTensor *t = &c->results[c->nresults++];
        if (p->kind == MLCRT_PARAM_TENSOR)
            *t = c->slots[i].tensor;
        else
            *t = (MlcrtTensor){ .data = c->slots[i].scalar, .device = MLCRT_CPU, .lanes = 1, .code = element_types[p->dtype].code,
                                .bits = element_types[p->dtype].bits };
    }
}

static void give_back(Work *w, const struct MlcrtFn *fn, Call *c)
{
    for (int32_t i = 0; i < fn->nparams; i++)
        if ((fn->params[i].flags & MLCRT_RESULT) && fn->params[i].kind == MLCRT_PARAM_TENSOR)
            mlcrt_tensor_free(mlc_context(w->r->compiler), &c->slots[i].tensor);
}

/* ---- the results ---------------------------------------------------------------------------------------------------------- */

static const Value *wanted(Work *w)
{
    Value *names = value_list(w->a);
    const Value *outputs = w->c->outputs;
    char *rest = NULL, *list = w->chosen.results ? arena_text(w->a, w->chosen.results, strlen(w->chosen.results)) : NULL;
    for (char *n = list ? strtok_r(list, ", ", &rest) : NULL; n; n = strtok_r(NULL, ", ", &rest))
        vec_push(w->a, &names->items, value_text(w->a, n));
    for (int i = 0; !list && i < outputs->keys.n; i++)
        vec_push(w->a, &names->items, value_text(w->a, outputs->keys.p[i]));
    return names;
}

/* Files of opinfo have no tensor without axes: [1] stands for a number, too. */
static MlcrtTensor as_filed(Work *w, const MlcrtTensor *got, const MlcrtTensor *expected)
{
    MlcrtTensor t = *got;
    if (!strcmp(w->r->suite.kind, "opinfo") && t.rank == 0 && expected->rank == 1 && expected->shape[0] == 1) {
        t.rank = 1;
        t.shape = expected->shape;
    }
    return t;
}

static Verdict judge(Work *w, const Call *c)
{
    const Value *names = wanted(w);
    bool ok = true;
    if (names->items.n != c->nresults)
        return failed(w, "the program gives %d results, expected %d", c->nresults, names->items.n);
    for (int i = 0; i < c->nresults; i++) {
        const char *name = names->items.p[i]->text;
        const Value *expected = value_get(w->c->outputs, name);
        if (!expected || expected->kind != V_tensor)
            return failed(w, "the case has no result '%s'", name);
        double tolerance = tolerance_of(&w->r->rules, &w->chosen, i, &expected->tensor);
        MlcrtTensor got = as_filed(w, &c->results[i], &expected->tensor);
        ok &= compare_result(w->a, name, &got, &expected->tensor, tolerance, w->report);
    }
    return ok ? PASSED : FAILED;
}

static Verdict call(Work *w, MlcModule *m)
{
    const struct MlcrtFn *fn;
    Call c = { 0 };
    if (mlc_function(m, "conformance", &fn)) {
        failed(w, "it cannot be compiled: %s", mlc_diagnostics(w->r->compiler));
        return FAILED;
    }
    if (!prepare(w, fn, &c))
        return failed(w, "its arguments are no tensors");
    MlcrtStatus status = w->r->interpret ? mlc_interpret(m, w->r->session, "conformance", c.pointers)
                                         : mlc_call(m, w->r->session, "conformance", c.pointers);
    Verdict v = FAILED;
    if (status)
        failed(w, "the call fails: %s", mlcrt_error(w->r->session)->sentence);
    else {
        collect(fn, &c);
        v = judge(w, &c);
    }
    give_back(w, fn, &c);
    return v;
}

/* ---- a case ------------------------------------------------------------------------------------------------------------------ */

static Verdict choose(Work *w)
{
    if (setjmp(w->e.fail))
        return failed(w, "the rule fails: %s", w->e.error);
    w->chosen = rules_choose(&w->e, w->c->op, w->c->positional, w->c->named);
    if (!w->chosen.rule)
        return failed(w, "no rule is for %s with these arguments", w->c->op);
    if (w->chosen.skip) {
        buf_printf(w->report, "  skipped: %s\n", w->chosen.skip);
        return SKIPPED;
    }
    return PASSED;
}

static void work(void *arg)
{
    Work *w = arg;
    w->e = (Eval){ .arena = w->a, .rules = &w->r->rules, .c = w->c };
    w->verdict = w->c->error ? failed(w, "it cannot be read: %s", w->c->error) : choose(w);
    if (w->verdict != PASSED)
        return;
    MlcModule *m = compiled(w);
    w->verdict = m ? call(w, m) : FAILED;
    mlc_module_free(m);
}

Verdict run_case(Runner *r, const Case *c, Buf *report)
{
    Work w = { .r = r, .c = c, .report = report, .a = report->arena, .verdict = FAILED };
    work(&w);
    return w.verdict;
}
