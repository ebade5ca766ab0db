/* graph.c - a graph of nodes over tensors as one expression of an element.
 *
 *     Range(0, L, 1) -> Reshape [L, 1] -> GreaterOrEqual(., k) -> Where(., scores, -inf)
 *     if (i >= j) { s[b, h, i, j] } else { -inf }
 *
 * A value is its dims and the text of an element, in which $k is the place along axis k. Nodes that only move elements change
 * that text; all others are written by the rule of their operator, one element at a time.
 */
#include "runner.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct Sym {
    int rank;
    int64_t shape[MLCRT_MAX_RANK];
    const char *element; /* NULL: `data` */
    ValueList data;      /* constants, row-major */
    bool truth;          /* elements are bool */
} Sym;

typedef struct Graph {
    Eval *e;
    VEC(const char *) names;
    VEC(const Sym *) values;
} Graph;

static Arena *arena(const Graph *g)
{
    return g->e->arena;
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

static const Value *field(Graph *g, const Value *v, const char *key)
{
    const Value *x = value_get(v, key);
    if (!x)
        eval_fail(g->e, "a graph lacks '%s'", key);
    return x;
}

static int64_t attribute(Graph *g, const Value *node, const char *key, int64_t fallback)
{
    const Value *v = value_get(field(g, node, "attributes"), key);
    return v && v->kind == V_int ? v->i : fallback;
}

static const char *text_of(Graph *g, const Value *v)
{
    if (v->kind != V_text)
        eval_fail(g->e, "a name in a graph is no text");
    return v->text;
}

static void define(Graph *g, const char *name, const Sym *s)
{
    vec_push(arena(g), &g->names, name);
    vec_push(arena(g), &g->values, s);
}

static const Sym *find(Graph *g, const char *name)
{
    for (int i = g->names.n; i-- > 0;)
        if (!strcmp(g->names.p[i], name))
            return g->values.p[i];
    eval_fail(g->e, "the graph has no value '%s'", name);
}

static const Sym *input(Graph *g, const Value *node, int i)
{
    const Value *names = field(g, node, "inputs");
    if (i >= names->items.n || names->items.p[i]->kind != V_text)
        eval_fail(g->e, "a node of the graph lacks input %d", i + 1);
    return find(g, names->items.p[i]->text);
}

static Sym *with_dims(Graph *g, const Value *dims)
{
    Sym *s = NEW(arena(g), Sym);
    if (dims->items.n > MLCRT_MAX_RANK)
        eval_fail(g->e, "a tensor of a graph has too many axes");
    s->rank = dims->items.n;
    for (int i = 0; i < s->rank; i++) {
        if (dims->items.p[i]->kind != V_int)
            eval_fail(g->e, "a size in a graph is not known");
        s->shape[i] = dims->items.p[i]->i;
    }
    return s;
}

static Sym *constant(Graph *g, const Value *tensor)
{
    Sym *s = with_dims(g, field(g, tensor, "dims"));
    s->data = field(g, tensor, "values")->items;
    return s;
}

static int64_t count(const Sym *s)
{
    int64_t n = 1;
    for (int i = 0; i < s->rank; i++)
        n *= s->shape[i];
    return n;
}

static const ValueList *known(Graph *g, const Sym *s)
{
    if (s->element || s->data.n != count(s))
        eval_fail(g->e, "a size or place of the graph depends on data");
    return &s->data;
}

static int64_t number(Graph *g, const Value *v)
{
    if (v->kind != V_int)
        eval_fail(g->e, "a size or place of the graph is no whole number");
    return v->i;
}

/* ---- elements ---------------------------------------------------------------------------------------------------- */

/* The text with $k replaced by places[k]. */
static const char *placed(Graph *g, const char *element, const char *const *places)
{
    Buf b = buf_new(arena(g));
    for (const char *p = element; *p;) {
        if (*p != '$' || !isdigit((unsigned char)p[1])) {
            buf_putc(&b, *p++);
            continue;
        }
        char *end;
        long k = strtol(p + 1, &end, 10);
        if (k >= MLCRT_MAX_RANK || !places[k])
            eval_fail(g->e, "an element of the graph has no axis %ld", k);
        buf_puts(&b, places[k]);
        p = end;
    }
    return buf_text(&b);
}

static const Value *element(Graph *g, const Sym *s, const char *const *places)
{
    if (s->element)
        return value_text(arena(g), placed(g, s->element, places));
    if (s->data.n != 1)
        eval_fail(g->e, "a constant of the graph has several elements");
    const char *text = eval_render(g->e, s->data.p[0]);
    return value_text(arena(g), *text == '-' ? arena_printf(arena(g), "(%s)", text) : text);
}

/* ---- nodes that move elements ----------------------------------------------------------------------------------------- */

static const Sym *shape_of(Graph *g, const Sym *x)
{
    Sym *s = NEW(arena(g), Sym);
    s->rank = 1;
    s->shape[0] = x->rank;
    for (int i = 0; i < x->rank; i++)
        vec_push(arena(g), &s->data, value_int(arena(g), x->shape[i]));
    return s;
}

/* Along axis 0 of constants. */
static const Sym *gather(Graph *g, const Sym *x, const Sym *at)
{
    const ValueList *from = known(g, x), *places = known(g, at);
    Sym *s = NEW(arena(g), Sym);
    if (x->rank != 1)
        eval_fail(g->e, "a graph gathers from what is no list");
    *s = *at;
    s->data = (ValueList){ 0 };
    for (int i = 0; i < places->n; i++) {
        int64_t k = number(g, places->p[i]);
        k += k < 0 ? from->n : 0;
        if (k < 0 || k >= from->n)
            eval_fail(g->e, "a graph gathers outside");
        vec_push(arena(g), &s->data, from->p[k]);
    }
    return s;
}

static const Sym *range(Graph *g, const Sym *from, const Sym *to, const Sym *by)
{
    int64_t lo = number(g, known(g, from)->p[0]), hi = number(g, known(g, to)->p[0]), step = number(g, known(g, by)->p[0]);
    if (!step)
        eval_fail(g->e, "a range of the graph has step 0");
    int64_t n = (hi - lo + step - (step > 0 ? 1 : -1)) / step;
    Sym *s = NEW(arena(g), Sym);
    s->rank = 1;
    s->shape[0] = n > 0 ? n : 0;
    s->element = lo == 0 && step == 1 ? "$0" : arena_printf(arena(g), "(%lld + %lld * $0)", (long long)lo, (long long)step);
    return s;
}

/* Axes longer than 1 keep their order: each old axis reads the place of its new one. */
static bool same_axes(const Sym *x, const Sym *y, const char **places, Arena *a)
{
    int j = 0;
    for (int i = 0; i < x->rank; i++) {
        places[i] = "0";
        if (x->shape[i] == 1)
            continue;
        while (j < y->rank && y->shape[j] == 1)
            j++;
        if (j == y->rank || y->shape[j] != x->shape[i])
            return false;
        places[i] = arena_printf(a, "$%d", j++);
    }
    return true;
}

/* Other reshapes go through the place in row-major order. */
static void by_order(Graph *g, const Sym *x, const Sym *y, const char **places)
{
    const char *order = "0";
    int64_t stride = 1;
    for (int i = y->rank; i-- > 0; stride *= y->shape[i])
        order = arena_printf(arena(g), "%s + %lld * $%d", order, (long long)stride, i);
    stride = 1;
    for (int i = x->rank; i-- > 0; stride *= x->shape[i])
        places[i] = arena_printf(arena(g), "((%s) // %lld %% %lld)", order, (long long)stride, (long long)x->shape[i]);
}

static const Sym *reshaped(Graph *g, const Sym *x, Sym *y)
{
    const char *places[MLCRT_MAX_RANK] = { 0 };
    y->truth = x->truth;
    y->data = x->data;
    if (x->element) {
        if (!same_axes(x, y, places, arena(g)))
            by_order(g, x, y, places);
        y->element = placed(g, x->element, places);
    }
    if (count(x) != count(y))
        eval_fail(g->e, "a reshape of the graph changes the number of elements");
    return y;
}

static const Sym *reshape(Graph *g, const Sym *x, const Sym *to)
{
    Value dims = { .kind = V_list, .items = *known(g, to) };
    Sym *y = with_dims(g, &dims);
    int64_t rest = count(x);
    int open = -1;
    for (int i = 0; i < y->rank; i++) {
        if (y->shape[i] == 0 && i < x->rank)
            y->shape[i] = x->shape[i];
        if (y->shape[i] < 0)
            open = i;
        else if (y->shape[i] > 0)
            rest /= y->shape[i];
    }
    if (open >= 0)
        y->shape[open] = rest;
    return reshaped(g, x, y);
}

static const Sym *squeeze(Graph *g, const Sym *x, const Sym *axes, bool add)
{
    const ValueList *list = known(g, axes);
    bool chosen[MLCRT_MAX_RANK] = { 0 };
    int n = add ? x->rank + list->n : x->rank;
    Sym *y = NEW(arena(g), Sym);
    if (n > MLCRT_MAX_RANK)
        eval_fail(g->e, "a tensor of a graph has too many axes");
    for (int i = 0; i < list->n; i++) {
        int64_t k = number(g, list->p[i]);
        k += k < 0 ? n : 0;
        if (k < 0 || k >= n)
            eval_fail(g->e, "a node of the graph has no such axis");
        chosen[k] = true;
    }
    for (int i = 0, from = 0; i < n; i++)
        if (add)
            y->shape[y->rank++] = chosen[i] ? 1 : x->shape[from++];
        else if (!chosen[i])
            y->shape[y->rank++] = x->shape[i];
    return reshaped(g, x, y);
}

static const Sym *cast(Graph *g, const Value *node, const Sym *x)
{
    static const char *const names[] = { 0, "f32", "u8", "i8", "u16", "i16", "i32", "i64", 0, "bool", "f16", "f64", "u32", "u64",
                                         0, 0, "bf16" };
    int64_t to = attribute(g, node, "to", 0);
    Sym *y = NEW(arena(g), Sym);
    *y = *x;
    if (to < 0 || to >= (int64_t)(sizeof names / sizeof *names) || !names[to])
        eval_fail(g->e, "a graph casts to type %lld", (long long)to);
    if (!x->element)
        return y;
    y->truth = to == 9;
    const char *e = x->element;
    y->element = x->truth == y->truth ? (y->truth ? e : arena_printf(arena(g), "%s(%s)", names[to], e))
                 : y->truth           ? arena_printf(arena(g), "(%s != 0)", e)
                                      : arena_printf(arena(g), "%s(if %s { 1 } else { 0 })", names[to], e);
    return y;
}

static const Sym *transpose(Graph *g, const Value *node, const Sym *x)
{
    const Value *perm = value_get(field(g, node, "attributes"), "perm");
    const char *places[MLCRT_MAX_RANK] = { 0 };
    Sym *y = NEW(arena(g), Sym);
    *y = *x;
    if (!x->element)
        eval_fail(g->e, "a graph transposes a constant");
    for (int i = 0; i < x->rank; i++) {
        int64_t from = perm && i < perm->items.n ? number(g, perm->items.p[i]) : x->rank - 1 - i;
        if (from < 0 || from >= x->rank)
            eval_fail(g->e, "a graph transposes an axis that is not there");
        y->shape[i] = x->shape[from];
        places[from] = arena_printf(arena(g), "$%d", i);
    }
    y->element = placed(g, x->element, places);
    return y;
}

/* ---- nodes that compute ---------------------------------------------------------------------------------------------------- */

/* Makes `s` as large as it and a tensor of `rank` axes with these dims become together. */
static void widen(Graph *g, Sym *s, int rank, const int64_t *shape)
{
    int64_t dims[MLCRT_MAX_RANK];
    int n = rank > s->rank ? rank : s->rank;
    for (int i = 0; i < n; i++) {
        int64_t a = i < n - s->rank ? 1 : s->shape[i - (n - s->rank)], b = i < n - rank ? 1 : shape[i - (n - rank)];
        if (a != b && a != 1 && b != 1)
            eval_fail(g->e, "shapes in the graph do not fit");
        dims[i] = a == 1 ? b : a;
    }
    s->rank = n;
    memcpy(s->shape, dims, sizeof dims[0] * (size_t)n);
}

static const Value *seen_from(Graph *g, const Sym *x, const Sym *y)
{
    const char *places[MLCRT_MAX_RANK] = { 0 };
    for (int i = 0; i < x->rank; i++)
        places[i] = x->shape[i] == y->shape[i + y->rank - x->rank] ? arena_printf(arena(g), "$%d", i + y->rank - x->rank) : "0";
    return element(g, x, places);
}

static bool is_test(const char *op)
{
    static const char *const tests[] = { "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal", "And", "Or", "Not", "Xor", "IsNaN" };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        if (!strcmp(op, tests[i]))
            return true;
    return false;
}

static const Sym *computed(Graph *g, const Value *node, const char *op)
{
    const Value *names = field(g, node, "inputs");
    Value *args = value_list(arena(g));
    Sym *y = NEW(arena(g), Sym);
    for (int i = 0; i < names->items.n; i++)
        if (*text_of(g, names->items.p[i]))
            widen(g, y, input(g, node, i)->rank, input(g, node, i)->shape);
    for (int i = 0; i < names->items.n; i++)
        vec_push(arena(g), &args->items, *text_of(g, names->items.p[i]) ? seen_from(g, input(g, node, i), y) : value_null());
    Chosen c = rules_choose(g->e, op, args, field(g, node, "attributes"));
    if (!c.rule || c.skip)
        eval_fail(g->e, "no rule writes '%s' inside a graph", op);
    y->element = arena_printf(arena(g), "(%s)", c.body);
    y->truth = is_test(op) || (!strcmp(op, "Where") && input(g, node, 1)->truth);
    return y;
}

static const Sym *node_value(Graph *g, const Value *node)
{
    const char *op = text_of(g, field(g, node, "op"));
    if (!strcmp(op, "Constant"))
        return constant(g, field(g, field(g, node, "attributes"), "value"));
    const Sym *x = input(g, node, 0);
    if (!strcmp(op, "Identity"))
        return x;
    if (!strcmp(op, "Shape"))
        return shape_of(g, x);
    if (!strcmp(op, "Gather") && !x->element)
        return gather(g, x, input(g, node, 1));
    if (!strcmp(op, "Range"))
        return range(g, x, input(g, node, 1), input(g, node, 2));
    if (!strcmp(op, "Reshape"))
        return reshape(g, x, input(g, node, 1));
    if (!strcmp(op, "Squeeze") || !strcmp(op, "Unsqueeze"))
        return squeeze(g, x, input(g, node, 1), *op == 'U');
    if (!strcmp(op, "Cast"))
        return cast(g, node, x);
    if (!strcmp(op, "Transpose"))
        return transpose(g, node, x);
    if (!strcmp(op, "Expand")) {
        Value dims = { .kind = V_list, .items = *known(g, input(g, node, 1)) };
        Sym *y = with_dims(g, &dims);
        widen(g, y, x->rank, x->shape);
        y->element = seen_from(g, x, y)->text;
        y->truth = x->truth;
        return y;
    }
    return computed(g, node, op);
}

/* ---- the graph ---------------------------------------------------------------------------------------------------------------- */

const Value *eval_graph(Eval *e, const Value *args)
{
    Graph graph = { .e = e }, *g = &graph;
    if (args->items.n < 4 || args->items.p[0]->kind != V_dict || args->items.p[1]->kind != V_list || args->items.p[2]->kind != V_list)
        eval_fail(e, "graph() takes a graph, names, dims and the elements of its inputs");
    const Value *whole = args->items.p[0], *names = args->items.p[1], *inputs = field(g, whole, "inputs");
    const Value *constants = field(g, whole, "initializers"), *nodes = field(g, whole, "nodes"), *outputs = field(g, whole, "outputs");
    const char *places[MLCRT_MAX_RANK] = { 0 };
    for (int i = 0; i < names->items.n && i < MLCRT_MAX_RANK; i++)
        places[i] = eval_render(e, names->items.p[i]);
    for (int i = 0; i < inputs->items.n; i++) {
        Sym *s = with_dims(g, args->items.p[2]);
        if (i + 3 >= args->items.n)
            eval_fail(e, "the graph has more inputs than elements are given");
        s->element = eval_render(e, args->items.p[i + 3]);
        define(g, text_of(g, field(g, inputs->items.p[i], "name")), s);
    }
    for (int i = 0; i < constants->items.n; i++)
        define(g, text_of(g, field(g, constants->items.p[i], "tensor")), constant(g, constants->items.p[i]));
    for (int i = 0; i < nodes->items.n; i++) {
        const Value *out = field(g, nodes->items.p[i], "outputs");
        if (out->items.n != 1)
            eval_fail(e, "a node of the graph has several results");
        define(g, text_of(g, out->items.p[0]), node_value(g, nodes->items.p[i]));
    }
    if (!outputs->items.n)
        eval_fail(e, "the graph has no result");
    const Sym *result = find(g, text_of(g, field(g, outputs->items.p[0], "name")));
    const Sym whole_size = *with_dims(g, args->items.p[2]);
    const Value *text = seen_from(g, result, &whole_size);
    return value_text(e->arena, placed(g, text->text, places));
}
