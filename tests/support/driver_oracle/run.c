/* run.c - a program through the interpreter and, in several ways, as native code. */
#include <fenv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

/* Each pass that may be left out is, and so are optimisation in the backend and threads; nothing may change a bit. `online` chooses
 * an order of its own, and where it does so depends on what the passes before it left: it is left out together with them. `segment`
 * makes one chain a segment. At -O 3 `regroup` may take sums of products in the other order. */
const Way ways[] = {
    { "without simplify", "simplify,online", 2, 2, "online", NULL, false },
    { "without cse", "cse,online", 2, 2, "online", NULL, false },
    { "without dce", "dce,online", 2, 2, "online", NULL, false },
    { "without fuse", "fuse,online", 2, 2, "online", NULL, false },
    { "without hoist", "hoist", 2, 2, NULL, NULL, false },
    { "without demand", "demand", 2, 2, NULL, NULL, false },
    { "without narrow", "narrow", 2, 2, NULL, NULL, false },
    { "without stage", "stage", 2, 2, NULL, NULL, false },
    { "without several", "simplify,fuse,hoist,narrow,online", 2, 8, "online", NULL, false },
    { "not optimised", NULL, 0, 2, NULL, NULL, false },
    { "with 1 thread", NULL, 2, 1, NULL, NULL, false },
    { "with 8 threads", NULL, 2, 8, NULL, NULL, false },
    { "without known", "known,online", 2, 2, "online", NULL, false },
    { "without ring", "ring", 2, 2, NULL, NULL, false },
    { "without merge", "merge", 2, 2, NULL, NULL, false },
    { "without unswitch", "unswitch", 2, 2, NULL, NULL, false },
    { "without outside", "outside", 2, 2, NULL, NULL, false },
    { "without order", "order", 2, 2, NULL, NULL, false },
    { "without segment", "segment", 2, 2, NULL, NULL, true },
    { "without online", "online", 2, 2, NULL, NULL, true },
    { "at -O 3", NULL, 3, 2, NULL, NULL, true },
    { "at -O 3 without regroup", "regroup", 3, 2, NULL, NULL, false },
    { "for AVX2", NULL, 2, 2, NULL, "x86-64-v3", false },
    { "for AVX2 at -O 3", NULL, 3, 2, NULL, "x86-64-v3", true },
};
const int nways = sizeof ways / sizeof *ways;

/* ---- memory full of NaNs ------------------------------------------------------------------------------------------------ */

static void *poisoned(void *user, size_t size, size_t align)
{
    (void)user;
    size_t unit = align > 64 ? align : 64;
    void *p = aligned_alloc(unit, (size + unit - 1) / unit * unit + unit);
    if (p)
        memset(p, 0xff, size);
    return p;
}

static void release(void *user, void *p, size_t size)
{
    (void)user, (void)size;
    free(p);
}

bool oracle_init(Oracle *o, Arena *a)
{
    static const int threads[] = { 1, 2, 8 };
    UnitOptions u = { .library_path = MLC_BUILD_DIR };
    MlcrtAlloc alloc = { .alloc = poisoned, .free = release };
    o->codegen = codegen_new(a, &u);
    if (!o->codegen)
        return false;
    for (int i = 0; i < 3; i++) {
        MlcrtOptions co = { .size = sizeof co, .threads = threads[i], .alloc = &alloc };
        if (mlcrt_context_new(&co, &o->contexts[i]))
            return false;
    }
    return true;
}

void oracle_drop(Oracle *o)
{
    for (int i = 0; i < 3; i++)
        mlcrt_context_free(o->contexts[i]);
    codegen_free(o->codegen);
}

/* ---- inputs --------------------------------------------------------------------------------------------------------------- */

static double some_float(Rng *r, bool exceptional)
{
    static const double odd[] = { NAN, INFINITY, -INFINITY, 0.0, -0.0, 1e-40, 3e38, -3e38 };
    if (exceptional && rng_below(r, 20) == 0)
        return odd[rng_below(r, 8)];
    return rng_unit(r) * 4 - 2;
}

static int64_t count_of(const Program *p, int rank, const int *dims)
{
    int64_t n = 1;
    for (int i = 0; i < rank; i++)
        n *= p->dims[dims[i]];
    return n;
}

/* Values of a parameter depend on the seed, its place and its size only: the shrinker drops others. */
static InterpTensor input_of(Arena *a, const Program *p, int k)
{
    const GenParam *q = &p->params[k];
    InterpTensor t = { .dtype = q->dtype, .rank = q->rank };
    int64_t n = count_of(p, q->rank, q->dims);
    Rng r = { (p->seed ^ 0xabcdef) + 977u * (unsigned)k };
    t.data = arena_alloc(a, (size_t)n * 8 + 64);
    for (int i = 0; i < q->rank; i++)
        t.shape[i] = p->dims[q->dims[i]];
    for (int64_t i = 0; i < n; i++) {
        if (q->kind == 'f')
            oracle_set(&t, i, some_float(&r, p->policy == POLICY_exceptional));
        else if (q->kind == 'b')
            oracle_set(&t, i, rng_below(&r, 2));
        else
            oracle_set(&t, i, rng_below(&r, 4) - (p->policy == POLICY_gather && rng_below(&r, 50) == 0));
    }
    return t;
}

typedef struct Inputs { int n; InterpTensor t[GEN_PARAMS]; bool inout[GEN_PARAMS]; } Inputs;

static Inputs inputs_of(Arena *a, const Program *p)
{
    Inputs in = { 0 };
    for (int i = 0; i < p->nparams; i++)
        if (!p->params[i].dropped) {
            in.inout[in.n] = p->params[i].inout;
            in.t[in.n++] = input_of(a, p, i);
        }
    return in;
}

static int64_t count(const InterpTensor *t)
{
    int64_t n = 1;
    for (int i = 0; i < t->rank; i++)
        n *= t->shape[i];
    return n;
}

static InterpTensor copy_of(Arena *a, const InterpTensor *t)
{
    InterpTensor c = *t;
    size_t n = (size_t)count(t) * (size_t)dtype_bytes(t->dtype);
    c.data = arena_alloc(a, n + 64);
    memcpy(c.data, t->data, n);
    return c;
}

/* ---- the two ways to run ------------------------------------------------------------------------------------------------------ */

static int interpret(Arena *a, const Program *p, CoreFn *fn, const Inputs *in, bool wide, int rounding, Results *out, InterpError *err)
{
    InterpOptions o = { .wide = wide };
    InterpTensor args[GEN_PARAMS];
    (void)p;
    for (int i = 0; i < in->n; i++)
        args[i] = in->inout[i] ? copy_of(a, &in->t[i]) : in->t[i];
    fesetround(rounding);
    int status = interp_call(a, fn, args, NULL, out->t, &o, err);
    fesetround(FE_TONEAREST);
    for (int i = 0; i < in->n; i++)
        out->n += in->inout[i];
    out->n++;
    for (int i = 0; !status && i < out->n; i++)
        out->count[i] = count(&out->t[i]);
    return status;
}

/* Without elements there is no memory either. */
static MlcrtTensor tensor_of(const InterpTensor *t)
{
    return (MlcrtTensor){ .data = t->rank && !count(t) ? NULL : t->data, .device = 1, .rank = t->rank, .code = (uint8_t)dtype_dlpack_code(t->dtype), .bits = (uint8_t)(8 * dtype_bytes(t->dtype)),
                          .lanes = 1, .shape = (int64_t *)(uintptr_t)t->shape };
}

static MlcrtStatus run_native(MlcrtContext *context, Arena *a, const Program *p, const MlcrtFn *f, const Inputs *in, Results *out, char *text)
{
    MlcrtTensor t[GEN_PARAMS + 1];
    void *args[GEN_PARAMS + 1];
    InterpTensor own[GEN_PARAMS];
    MlcrtSession *s;
    out->n = 0;
    if (mlcrt_session_new(context, &s))
        return MLCRT_EMEMORY;
    for (int i = 0; i < in->n; i++) {
        own[i] = in->inout[i] ? copy_of(a, &in->t[i]) : in->t[i];
        t[i] = tensor_of(&own[i]);
        args[i] = own[i].rank ? (void *)&t[i] : own[i].data;
        if (in->inout[i]) {
            out->count[out->n] = count(&own[i]);
            out->t[out->n++] = own[i];
        }
    }
    InterpTensor *y = &out->t[out->n];
    *y = (InterpTensor){ .dtype = p->dtype, .rank = p->rank };
    for (int k = 0; k < p->rank; k++)
        y->shape[k] = p->dims[p->result_dims[k]];
    int64_t n = out->count[out->n++] = count(y);
    y->data = arena_alloc(a, (size_t)n * 8 + 64);
    memset(y->data, 0xff, (size_t)n * 8);
    t[in->n] = tensor_of(y);
    args[in->n] = &t[in->n];
    MlcrtStatus status = mlcrt_invoke(s, f, args);
    snprintf(text, 200, "%s", mlcrt_error(s)->sentence);
    mlcrt_session_free(s);
    return status;
}

/* ---- one program ------------------------------------------------------------------------------------------------------------------ */

typedef struct Job { Oracle *o; const Program *p; const Way *only; Mem mem; } Job;

static Unit *unit_for(Job *j, const Way *way)
{
    UnitOptions o = { .cpu = way && way->cpu ? way->cpu : "native", .optimise = way ? way->optimise : 2, .verify = true, .skip = way ? way->skip : NULL };
    int threads = way ? way->threads : 2;
    return unit_new(&j->mem, &o, j->o->codegen, j->o->contexts[threads == 1 ? 0 : threads == 2 ? 1 : 2]);
}

static void say_rejected(Job *j, Unit *u, Verdict v)
{
    Buf b = buf_new(u->arena);
    diags_render(u->diags, &b, false);
    j->o->verdict = v == FAILED && strstr(buf_text(&b), "error[E0501]") && !strstr(buf_text(&b), "after pass") ? LATER : v; /* an unsound program is a failure */
    snprintf(j->o->text, sizeof j->o->text, "%.490s", buf_text(&b));
}

/* Compiles; NULL: the verdict says why not. */
static const MlcrtFn *compiled(Job *j, Unit *u, CoreFn **fn)
{
    char *text = gen_text(u->arena, j->p);
    if (!unit_check_text(u, "generated.ml", text, strlen(text))) {
        say_rejected(j, u, REJECTED);
        return NULL;
    }
    *fn = unit_find(u, "f");
    const MlcrtFn *f = *fn ? unit_function(u, *fn, true) : NULL;
    if (!f)
        say_rejected(j, u, FAILED);
    return f;
}

/* What the interpreter says: in f64, and in the declared precision rounded in three ways. */
typedef struct Reference { int status; bool decided; Results wide, narrow[3]; const char *text; } Reference;

static void ask_interpreter(Job *j, Arena *a, CoreFn *fn, const Inputs *in, Reference *r)
{
    static const int modes[] = { FE_TONEAREST, FE_UPWARD, FE_DOWNWARD };
    InterpError err = { 0 };
    *r = (Reference){ .decided = true };
    r->status = interpret(a, j->p, fn, in, true, FE_TONEAREST, &r->wide, &err);
    for (int i = 0; i < 3; i++) {
        int s = interpret(a, j->p, fn, in, false, modes[i], &r->narrow[i], &err);
        r->decided = r->decided && s == r->status;
    }
    r->text = err.text ? err.text : "";
}

static void against_interpreter(Job *j, Arena *a, const Reference *r, const Results *got, int native, const char *said)
{
    if (!r->decided) /* a fault that rounding decides */
        j->o->verdict = UNDECIDED;
    else if (r->status != native) {
        j->o->verdict = DISAGREES;
        snprintf(j->o->text, sizeof j->o->text, "interpreter: status %d (%.100s), compiled: status %d (%.100s)", r->status, r->text, native, said);
    } else if (r->status)
        j->o->verdict = AGREES;
    else
        oracle_judge(j->o, a, &r->wide, r->narrow, got);
}

/* Compiles and runs in a way; false if it is not compiled, of which the verdict tells. */
static bool run_way(Job *j, Unit *u, const Inputs *in, Results *got, int *status, char *text)
{
    CoreFn *fn;
    const MlcrtFn *f = compiled(j, u, &fn);
    if (f)
        *status = (int)run_native(u->context, u->arena, j->p, f, in, got, text);
    return f != NULL;
}

static void another_way(Job *j, const Way *way, const Inputs *in, const Results *plain, int status, const Reference *r)
{
    Results base = { 0 }, got = { 0 };
    Unit *v = NULL, *u = unit_for(j, way);
    char text[200] = "";
    int s = 0;
    if (way->base) {
        Way without = { way->name, way->base, 2, 2, NULL, NULL, false };
        v = unit_for(j, &without);
        plain = run_way(j, v, in, &base, &status, text) ? &base : plain;
    }
    Verdict before = j->o->verdict;
    if (!run_way(j, u, in, &got, &s, text))
        j->o->way = way;
    else if (way->loose)
        against_interpreter(j, u->arena, r, &got, s, text);
    else if (s != status) {
        j->o->verdict = DISAGREES;
        snprintf(j->o->text, sizeof j->o->text, "status %d, but %d (%.100s)", status, s, text);
    } else if (!status && !s)
        oracle_same_bits(j->o, way, plain, &got);
    if (j->o->verdict == DISAGREES)
        j->o->way = way;
    else if (way->loose)
        j->o->verdict = before;
    unit_drop(u);
    if (v)
        unit_drop(v);
}

static void one(void *arg)
{
    Job *j = arg;
    Unit *u = unit_for(j, NULL);
    CoreFn *fn;
    char said[200] = "";
    Results got = { 0 };
    Inputs in = inputs_of(u->arena, j->p);
    const MlcrtFn *f = compiled(j, u, &fn);
    if (f) {
        Reference r;
        int native = (int)run_native(u->context, u->arena, j->p, f, &in, &got, said);
        ask_interpreter(j, u->arena, fn, &in, &r);
        against_interpreter(j, u->arena, &r, &got, native, said);
        Verdict v = j->o->verdict;
        if (j->only && v != DISAGREES)
            another_way(j, j->only, &in, &got, native, &r);
        for (int i = 0; i < (j->o->only ? 0 : j->o->every) && j->o->verdict == v && v != DISAGREES; i++)
            another_way(j, &ways[(j->p->seed + (uint64_t)i * 5) % (uint64_t)nways], &in, &got, native, &r);
    }
    unit_drop(u);
}

Verdict oracle_try(Oracle *o, const Program *p)
{
    Job j = { .o = o, .p = p, .only = o->only ? o->only_way : NULL };
    o->verdict = FAILED;
    o->text[0] = 0;
    o->way = NULL;
    mem_init(&j.mem, mem_malloc_hooks(), 0);
    if (!mem_try(&j.mem, one, &j))
        snprintf(o->text, sizeof o->text, "out of memory");
    mem_drop(&j.mem);
    return o->verdict;
}
