/* interp.c - the outermost call: boundary, faults, cancellation. */
#include "interp/interp_int.h"

void interp_fail(Interp *in, int status, Span s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    *in->err = (InterpError){ status, s, arena_vprintf(in->arena, fmt, ap) };
    va_end(ap);
    longjmp(in->fail, 1);
}

void interp_tick(Interp *in, Span s)
{
    if ((++in->ticks & 0xffff) == 0 && in->o->hooks.cancelled && in->o->hooks.cancelled(in->o->hooks.user))
        interp_fail(in, MLCRT_ECANCEL, s, "cancelled");
}

static void run_body(Interp *in, const CoreFn *fn, const InterpTensor *args, const int64_t *numbers, InterpTensor *results)
{
    Env *e = env_new(in, fn);
    if (fn->failed)
        interp_fail(in, MLCRT_EINTERNAL, fn->span, "'%s' cannot be called: %s", fn->name, fn->why ? fn->why : "it has errors");
    for (int i = 0; in->o->dims && i < fn->dims.n; i++)
        e->dims[i] = in->o->dims[i];
    for (int i = 0; i < fn->params.n; i++) {
        Slot *s = &e->vars[fn->params.p[i]->id];
        if (fn->params.p[i]->type.rank)
            s->t = in->o->wide ? tensor_read(in, &args[i], fn->span) : tensor_view(in, &args[i], fn->span);
        else
            s->v = scalar_read(in, &args[i]);
    }
    run_plan(e, args, numbers);
    run_stmt(e, fn->body);
    for (int i = 0; i < fn->results.n; i++) {
        if (fn->results.p[i].rank && e->ret[i].t->away)
            results[i] = tensor_image(e->ret[i].t);
        else if (fn->results.p[i].rank)
            tensor_write(in, e->ret[i].t, &results[i]);
        else
            scalar_write(in, fn->results.p[i].dtype, e->ret[i].v, &results[i]);
    }
}

int interp_call(Arena *a, const CoreFn *fn, const InterpTensor *args, const int64_t *numbers, InterpTensor *results,
                const InterpOptions *o, InterpError *err)
{
    Interp in = { .arena = a, .o = o, .err = err, .fns = map_new(a) };
    *err = (InterpError){ 0 };
    if (setjmp(in.fail))
        return err->status;
    run_body(&in, fn, args, numbers, results);
    return 0;
}
