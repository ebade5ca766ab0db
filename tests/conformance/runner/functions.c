/* functions.c - the functions that rule expressions may call, and how values are written in a program. README.md lists them. */
#include "runner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- values as text of a program ------------------------------------------------------------------------------ */

static const char *real_text(Arena *a, double d)
{
    if (isnan(d))
        return "(inf - inf)";
    if (isinf(d))
        return d < 0 ? "-inf" : "inf";
    char *s = arena_printf(a, "%.17g", d);
    for (int digits = 1; digits < 17; digits++) { /* the shortest that is the same number */
        char *t = arena_printf(a, "%.*g", digits, d);
        if (strtod(t, NULL) == d && (strchr(s, 'e') || !strchr(t, 'e'))) {
            s = t;
            break;
        }
    }
    if (strpbrk(s, "."))
        return s;
    char *e = strchr(s, 'e'); /* 1e-05 is a literal as it stands */
    return e ? s : arena_printf(a, "%s.0", s);
}

static const char *parameter(Eval *e, const Value *v)
{
    int i = 0;
    while (i < e->used.n && strcmp(e->used.p[i]->text, v->text))
        i++;
    if (i == e->used.n)
        vec_push(e->arena, &e->used, v);
    return arena_printf(e->arena, "in%d", i);
}

const char *eval_render(Eval *e, const Value *v)
{
    switch (v->kind) {
    case V_null: eval_fail(e, "a value that is absent would stand in the program");
    case V_bool: return v->i ? "true" : "false";
    case V_int: return arena_printf(e->arena, "%lld", (long long)v->i);
    case V_real: return real_text(e->arena, v->d);
    case V_text: return v->text;
    case V_tensor: return parameter(e, v);
    case V_dict: eval_fail(e, "an object would stand in the program");
    case V_list: break;
    }
    Buf b = buf_new(e->arena);
    for (int i = 0; i < v->items.n; i++) {
        buf_puts(&b, i ? ", " : "");
        buf_puts(&b, eval_render(e, v->items.p[i]));
    }
    return buf_text(&b);
}

/* ---- arguments ---------------------------------------------------------------------------------------------------- */

static const Value *arg(Eval *e, const Value *args, int i, ValueKind kind, const char *what)
{
    if (i >= args->items.n || args->items.p[i]->kind != kind)
        eval_fail(e, "argument %d is no %s", i + 1, what);
    return args->items.p[i];
}

#define TENSOR(i) (&arg(e, args, i, V_tensor, "tensor")->tensor)
#define WHOLE(n) (arg(e, args, n, V_int, "whole number")->i)
#define TEXT(i) (arg(e, args, i, V_text, "text")->text)
#define LIST(i) (arg(e, args, i, V_list, "list"))

static const Value *any(Eval *e, const Value *args, int i)
{
    if (i >= args->items.n)
        eval_fail(e, "argument %d is missing", i + 1);
    return args->items.p[i];
}

static double real_of(Eval *e, const Value *v)
{
    if (v->kind != V_real && v->kind != V_int && v->kind != V_bool)
        eval_fail(e, "an argument is no number");
    return v->kind == V_real ? v->d : (double)v->i;
}

/* ---- tensors -------------------------------------------------------------------------------------------------------- */

static const Value *f_rank(Eval *e, const Value *args)
{
    return value_int(e->arena, TENSOR(0)->rank);
}

static const Value *f_shape(Eval *e, const Value *args)
{
    const MlcrtTensor *t = TENSOR(0);
    Value *list = value_list(e->arena);
    for (int32_t i = 0; i < t->rank; i++)
        vec_push(e->arena, &list->items, value_int(e->arena, t->shape[i]));
    return list;
}

static const Value *f_dtype(Eval *e, const Value *args)
{
    return value_text(e->arena, tensor_dtype(TENSOR(0)));
}

static const Value *f_count(Eval *e, const Value *args)
{
    return value_int(e->arena, tensor_count(TENSOR(0)));
}

/* The elements of a small tensor, row-major: for shapes, axes and other numbers that the program needs as literals. */
static const Value *f_values(Eval *e, const Value *args)
{
    const MlcrtTensor *t = TENSOR(0);
    Value *list = value_list(e->arena);
    int64_t n = tensor_count(t);
    if (n > 4096)
        eval_fail(e, "values() of more than 4096 elements");
    for (int64_t i = 0; i < n; i++) {
        Value *v = NEW(e->arena, Value);
        *v = tensor_element(t, i);
        vec_push(e->arena, &list->items, v);
    }
    return list;
}

static const Value *f_kind(Eval *e, const Value *args)
{
    static const char *const names[] = { "null", "bool", "int", "real", "text", "list", "dict", "tensor" };
    return value_text(e->arena, names[any(e, args, 0)->kind]);
}

/* ---- lists and texts --------------------------------------------------------------------------------------------------- */

static const Value *f_len(Eval *e, const Value *args)
{
    const Value *v = any(e, args, 0);
    if (v->kind != V_text && v->kind != V_list && v->kind != V_dict)
        eval_fail(e, "len() of what is no list or text");
    return value_int(e->arena, v->kind == V_text ? (int64_t)strlen(v->text) : v->items.n);
}

static const Value *f_keys(Eval *e, const Value *args)
{
    const Value *d = arg(e, args, 0, V_dict, "object");
    Value *list = value_list(e->arena);
    for (int i = 0; i < d->keys.n; i++)
        vec_push(e->arena, &list->items, value_text(e->arena, d->keys.p[i]));
    return list;
}

static const Value *f_range(Eval *e, const Value *args)
{
    int64_t lo = args->items.n > 1 ? WHOLE(0) : 0, hi = args->items.n > 1 ? WHOLE(1) : WHOLE(0);
    Value *list = value_list(e->arena);
    for (int64_t i = lo; i < hi && i < lo + 100000; i++)
        vec_push(e->arena, &list->items, value_int(e->arena, i));
    return list;
}

static const Value *f_join(Eval *e, const Value *args)
{
    const Value *list = LIST(0);
    const char *between = TEXT(1);
    Buf b = buf_new(e->arena);
    for (int i = 0; i < list->items.n; i++) {
        buf_puts(&b, i ? between : "");
        buf_puts(&b, eval_render(e, list->items.p[i]));
    }
    return value_text(e->arena, buf_text(&b));
}

static const Value *f_text(Eval *e, const Value *args)
{
    return value_text(e->arena, eval_render(e, any(e, args, 0)));
}

static const Value *f_split(Eval *e, const Value *args)
{
    const char *text = TEXT(0), *at = TEXT(1);
    size_t n = strlen(at);
    Value *list = value_list(e->arena);
    for (const char *next; n && (next = strstr(text, at)); text = next + n)
        vec_push(e->arena, &list->items, value_text(e->arena, arena_text(e->arena, text, (size_t)(next - text))));
    vec_push(e->arena, &list->items, value_text(e->arena, text));
    return list;
}

static const Value *f_replace(Eval *e, const Value *args)
{
    const Value *parts = f_split(e, args);
    Value *two = value_list(e->arena);
    vec_push(e->arena, &two->items, parts);
    vec_push(e->arena, &two->items, arg(e, args, 2, V_text, "text"));
    return f_join(e, two);
}

static const Value *f_starts(Eval *e, const Value *args)
{
    return value_bool(e->arena, !strncmp(TEXT(0), TEXT(1), strlen(TEXT(1))));
}

static const Value *f_ends(Eval *e, const Value *args)
{
    size_t n = strlen(TEXT(0)), m = strlen(TEXT(1));
    return value_bool(e->arena, m <= n && !strcmp(TEXT(0) + n - m, TEXT(1)));
}

static const Value *f_find(Eval *e, const Value *args)
{
    const Value *list = any(e, args, 0), *x = any(e, args, 1);
    if (list->kind == V_text) {
        const char *at = strstr(list->text, TEXT(1));
        return value_int(e->arena, at ? at - list->text : -1);
    }
    for (int i = 0; i < list->items.n; i++)
        if (value_equal(list->items.p[i], x))
            return value_int(e->arena, i);
    return value_int(e->arena, -1);
}

static int by_value(const void *a, const void *b)
{
    const Value *x = *(const Value *const *)a, *y = *(const Value *const *)b;
    if (x->kind == V_text && y->kind == V_text)
        return strcmp(x->text, y->text);
    double p = x->kind == V_real ? x->d : (double)x->i, q = y->kind == V_real ? y->d : (double)y->i;
    return p < q ? -1 : p > q;
}

static const Value *f_sorted(Eval *e, const Value *args)
{
    const Value *list = LIST(0);
    Value *v = value_list(e->arena);
    for (int i = 0; i < list->items.n; i++)
        vec_push(e->arena, &v->items, list->items.p[i]);
    if (v->items.n)
        qsort(v->items.p, (size_t)v->items.n, sizeof *v->items.p, by_value);
    return v;
}

static const Value *f_reversed(Eval *e, const Value *args)
{
    const Value *list = LIST(0);
    Value *v = value_list(e->arena);
    for (int i = list->items.n; i-- > 0;)
        vec_push(e->arena, &v->items, list->items.p[i]);
    return v;
}

/* ---- numbers --------------------------------------------------------------------------------------------------------------- */

/* The arguments, or the elements of the only one if that is a list. */
static const Value *numbers(const Value *args)
{
    return args->items.n == 1 && args->items.p[0]->kind == V_list ? args->items.p[0] : args;
}

static const Value *most(Eval *e, const Value *args, int sign)
{
    const Value *list = numbers(args), *best = any(e, list, 0);
    for (int i = 1; i < list->items.n; i++)
        if (sign * (real_of(e, list->items.p[i]) - real_of(e, best)) > 0)
            best = list->items.p[i];
    return best;
}

static const Value *f_min(Eval *e, const Value *args)
{
    return most(e, args, -1);
}

static const Value *f_max(Eval *e, const Value *args)
{
    return most(e, args, 1);
}

static const Value *total(Eval *e, const Value *list, bool product)
{
    double d = product;
    int64_t n = product;
    bool whole = true;
    for (int i = 0; i < list->items.n; i++) {
        const Value *v = list->items.p[i];
        double x = real_of(e, v);
        d = product ? d * x : d + x;
        whole &= v->kind != V_real;
        n = product ? n * v->i : n + v->i;
    }
    return whole ? value_int(e->arena, n) : value_real(e->arena, d);
}

static const Value *f_sum(Eval *e, const Value *args)
{
    return total(e, LIST(0), false);
}

static const Value *f_prod(Eval *e, const Value *args)
{
    return total(e, LIST(0), true);
}

static const Value *f_int(Eval *e, const Value *args)
{
    const Value *v = any(e, args, 0);
    return value_int(e->arena, v->kind == V_text ? strtoll(v->text, NULL, 10) : (int64_t)real_of(e, v));
}

static const Value *f_real(Eval *e, const Value *args)
{
    const Value *v = any(e, args, 0);
    return value_real(e->arena, v->kind == V_text ? strtod(v->text, NULL) : real_of(e, v));
}

static const Value *f_abs(Eval *e, const Value *args)
{
    const Value *v = any(e, args, 0);
    return v->kind == V_int ? value_int(e->arena, v->i < 0 ? -v->i : v->i) : value_real(e->arena, fabs(real_of(e, v)));
}

/* Rounded to f32. */
static const Value *f_single(Eval *e, const Value *args)
{
    return value_real(e->arena, (double)(float)real_of(e, any(e, args, 0)));
}

static const Value *f_sqrt(Eval *e, const Value *args)
{
    return value_real(e->arena, sqrt(real_of(e, any(e, args, 0))));
}

static const Value *f_fail(Eval *e, const Value *args)
{
    eval_fail(e, "%s", TEXT(0));
}

/* ---- calls ---------------------------------------------------------------------------------------------------------------------- */

static const Value *macro(Eval *e, const Macro *m, const Value *args)
{
    const Env *outside = e->env;
    if (args->items.n != m->params.n)
        eval_fail(e, "%s() takes %d arguments", m->name, m->params.n);
    if (++e->depth > 200)
        eval_fail(e, "too deep");
    e->env = NULL;
    for (int i = 0; i < m->params.n; i++)
        eval_bind(e, m->params.p[i], args->items.p[i]);
    const Value *v = eval_text(e, m->body);
    e->env = outside;
    e->depth--;
    return v;
}

const Value *eval_call(Eval *e, const char *name, const Value *args)
{
    static const struct { const char *name; const Value *(*f)(Eval *, const Value *); } functions[] = {
        { "rank", f_rank },   { "shape", f_shape },   { "dtype", f_dtype }, { "count", f_count },       { "values", f_values },
        { "kind", f_kind },   { "len", f_len },       { "keys", f_keys },   { "range", f_range },       { "join", f_join },
        { "text", f_text },   { "split", f_split },   { "replace", f_replace }, { "starts", f_starts }, { "ends", f_ends },
        { "find", f_find },   { "sorted", f_sorted }, { "reversed", f_reversed }, { "min", f_min },     { "max", f_max },
        { "sum", f_sum },     { "prod", f_prod },     { "int", f_int },     { "real", f_real },         { "abs", f_abs },
        { "sqrt", f_sqrt },   { "single", f_single }, { "fail", f_fail },     { "graph", eval_graph },
    };
    for (int i = 0; i < e->rules->macros.n; i++)
        if (!strcmp(e->rules->macros.p[i].name, name))
            return macro(e, &e->rules->macros.p[i], args);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (!strcmp(functions[i].name, name))
            return functions[i].f(e, args);
    eval_fail(e, "there is no function '%s'", name);
}
