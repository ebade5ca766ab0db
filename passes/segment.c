/* segment.c - a reduction under `a[i] == j` is one pass over i, not one for each j.
 *
 *     map [j: M, d: D] {                        %s = scatter sum [i: N, d: D] {
 *       sum chain [i: N | a[i] == j] {            %k = a[i]; %g = 0 <= %k and %k < M
 *         x[i, d] } * 2 }                         yield x[i, d], %g, %k, d }
 *                                               map [j: M, d: D] { %s[j, d] * 2 }
 *
 * The index j of a loop around the reduction becomes a place that the data name: j is a[i] wherever the guard holds, so the body says
 * a[i] for j. Each place takes its values in ascending i, as the chain of its own would. Several keys (a[i] == j and b[i] == k), other
 * guards and operators go the same way. argmax is two: the best value, then the lowest index that has it.
 * Of floats, sums and products are taken only where their order is a chain (IR.md); where order does not show, any is.
 * Work: N plus the size of the result, instead of N times the number of segments.
 */
#include "passes/segment_int.h"
#include "passes/stream_int.h"

typedef struct Seed { IrNode *old, *new_; } Seed;

/* Where copies of old nodes go. */
typedef struct Copy {
    Segment *s;
    IrBuilder b;
    Map nodes;
    SymMap syms;
    IrNode *before;       /* at the level of the function: tensors that the copies read stand before it */
    const IrNode *root;   /* the one node that does not stand alone here */
    VEC(Seed) seeds;      /* what copies of inner regions know, too */
} Copy;

static IrNode *at_i64(IrBuilder *b, IrOp op, IrNode *x, IrNode *y) { return ir_add2(b, op, ir_scalar(DT_i64), x, y); }
static IrNode *test(IrBuilder *b, IrOp op, IrNode *x, IrNode *y) { return ir_add2(b, op, ir_scalar(DT_bool), x, y); }

/* ---- copies ----------------------------------------------------------------------------------------------------------- */

static Copy copy_new(Segment *s, IrBuilder b, IrNode *before, const Copy *from)
{
    Copy c = { .s = s, .b = b, .before = before, .nodes = map_new(s->cx->arena), .syms = symmap_new(s->cx) };
    for (int i = 0; from && i < from->seeds.n; i++) {
        Seed x = from->seeds.p[i];
        vec_push(s->cx->arena, &c.seeds, x);
        map_put(&c.nodes, x.old, x.new_);
        if (x.old->sym)
            symmap_put(&c.syms, x.old->sym, pass_dim_of(s->cx, x.new_));
    }
    return c;
}

/* From here on old is new_, in dims too. */
static void bind(Copy *c, IrNode *old, IrNode *new_)
{
    Seed x = { old, new_ };
    vec_push(c->s->cx->arena, &c->seeds, x);
    map_put(&c->nodes, old, new_);
    if (old->sym)
        symmap_put(&c->syms, old->sym, pass_dim_of(c->s->cx, new_));
}

static IrNode *bring(Copy *c, IrNode *n);

typedef struct Inside { Copy *c; const IrNode *of; } Inside;

static void bring_operand(Inside *in, IrNode *x)
{
    for (int k = 0; k < in->of->nregions; k++)
        if (ir_inside(x, in->of->regions[k]))
            return;
    bring(in->c, x);
}

static void bring_symbol(void *user, DimSym *sym)
{
    Inside *in = user;
    IrNode *def = map_find(&in->c->s->cx->sym_nodes, sym);
    if (def && !def->dropped)
        bring_operand(in, def);
}

static void bring_operands(void *user, IrNode *n)
{
    Inside *in = user;
    for (int i = 0; i < n->nin; i++)
        bring_operand(in, n->in[i]);
    if (n->op == OP_dim)
        dim_syms(n->dim, bring_symbol, in);
    for (int k = 0; k < n->nregions; k++)
        for (int i = 0; i < n->regions[k]->params.n; i++) {
            const IrNode *x = n->regions[k]->params.p[i];
            Dim ds[] = { x->op == OP_index ? x->dim : NULL, x->lo };
            for (int j = 0; j < 2; j++)
                if (ds[j])
                    dim_syms(ds[j], bring_symbol, in);
        }
}

static IrNode *clone(Copy *c, IrNode *n)
{
    Inside in = { c, n };
    bring_operands(&in, n);
    for (int i = 0; i < n->nregions; i++)
        ir_walk(n->regions[i], bring_operands, &in);
    if (c->s->failed)
        return n;
    IrNode *x = ir_clone_node(&c->b, n, &c->nodes, symmap_subst, &c->syms);
    map_put(&c->nodes, n, x);
    if (n->sym)
        symmap_put(&c->syms, n->sym, pass_dim_of(c->s->cx, x));
    return x;
}

/* What is not of the scatter's own turns: computed once for each of its places, and loops once for all turns. */
static bool stands_alone(Segment *s, IrNode *n)
{
    if (ir_inside(n, s->reduce->regions[0]))
        return n->nregions && n->parent == s->reduce->regions[0] && !pass_depends(s->cx, n, s->reduce->regions[0]) && pass_is_total(s->cx, n);
    return n->nregions || (ir_info(n)->effects & FAULTS);
}

/* A scalar that stands alone, as an element of a tensor over the axes that it depends on. */
static IrNode *outlined(Copy *c, IrNode *n)
{
    Segment *s = c->s;
    IrNode *x[AXES_MOST], *subs[AXES_MOST];
    IrType type = { n->type.dtype, 0, NEWN(s->cx->module->arena, Dim, AXES_MOST) };
    for (int i = 0; i < s->axes.n; i++)
        if (pass_depends_on(s->cx, n, s->axes.p[i])) {
            type.dims[type.rank] = s->axes.p[i]->dim;
            x[type.rank++] = s->axes.p[i];
        }
    IrBuilder b = { s->top->parent->fn, s->top->parent, c->before, n->span };
    IrNode *map = type.rank ? ir_add0(&b, OP_map, type) : NULL;
    Copy in = copy_new(s, map ? (IrBuilder){ b.fn, ir_region_new(b.fn, map), NULL, n->span } : b, map ? map : c->before, NULL);
    for (int i = 0; i < type.rank; i++)
        bind(&in, x[i], ir_index_new(in.b.region, x[i]->name, x[i]->lo, x[i]->dim, x[i]->span));
    in.root = n;
    IrNode *v = bring(&in, n);
    if (s->failed && map)
        ir_drop(map); /* it has no value */
    if (s->failed || !map)
        return v;
    ir_yield(&in.b, 1, &v);
    pass_note_symbols(s->cx, in.b.region);
    for (int i = 0; i < type.rank; i++) {
        IrNode *at = map_find(&c->nodes, x[i]);
        subs[i] = x[i]->lo ? at_i64(&c->b, OP_sub, at, ir_dim_value(&c->b, x[i]->lo)) : at;
    }
    return ir_load(&c->b, map, type.rank, subs);
}

/* The value of an old node at c's place. */
static IrNode *bring(Copy *c, IrNode *n)
{
    Segment *s = c->s;
    IrNode *x = map_find(&c->nodes, n);
    if (x || s->failed || !ir_inside(n, s->top->regions[0]))
        return x ? x : n;
    bool lost = n->op == OP_index || n->op == OP_arg || pass_is_tensor(n) || n->type.dtype == DT_none || (ir_info(n)->effects & PINNED);
    if (lost || (s->conditional && !pass_is_total(s->cx, n))) {
        s->failed = true;
        return n;
    }
    x = n != c->root && stands_alone(s, n) ? outlined(c, n) : clone(c, n);
    map_put(&c->nodes, n, x);
    return x;
}

/* ---- the scatter -------------------------------------------------------------------------------------------------------- */

typedef enum What { VALUE, ONES, LOWEST_INDEX } What;

static void new_indices(Copy *c)
{
    Segment *s = c->s;
    IrRegion *old = s->reduce->regions[0];
    for (int i = 0; i < old->params.n; i++) {
        IrNode *x = old->params.p[i];
        Dim lo = x->lo ? dim_subst(s->cx->module->dims, x->lo, symmap_subst, &c->syms) : NULL;
        Dim extent = dim_subst(s->cx->module->dims, x->dim, symmap_subst, &c->syms);
        bind(c, x, ir_index_new(c->b.region, x->name, lo, extent, x->span));
    }
    for (int i = 0; i < s->axes.n; i++) {
        IrNode *x = s->axes.p[i];
        if (!segment_is_key(s, x))
            bind(c, x, ir_index_new(c->b.region, x->name, NULL, x->dim, x->span));
    }
}

/* An axis that does not begin at 0 is a place plus its start. */
static void shift_axes(Copy *c, IrNode **place)
{
    Segment *s = c->s;
    for (int i = 0; i < s->axes.n; i++) {
        IrNode *x = s->axes.p[i];
        if (segment_is_key(s, x))
            continue;
        place[i] = map_find(&c->nodes, x);
        if (x->lo)
            bind(c, x, at_i64(&c->b, OP_add, place[i], ir_dim_value(&c->b, x->lo)));
    }
}

static int axis_of(Segment *s, const IrNode *x)
{
    int i = 0;
    while (s->axes.p[i] != x)
        i++;
    return i;
}

/* May the condition of a place fault? */
static bool may_fault(const Segment *s, const IrNode *x)
{
    const IrRegion *r = s->reduce->regions[0];
    Map cone = map_new(s->cx->arena);
    bool faults = false;
    pass_note_cone(r, x, &cone);
    for (const IrNode *n = r->first; n && !faults; n = n->next)
        faults = map_find(&cone, n) && !pass_is_total(s->cx, n);
    return faults;
}

/* Where the result has elements at all; NULL: it always has. */
static IrNode *has_elements(Copy *c)
{
    IrNode *g = NULL;
    int64_t size;
    for (int i = 0; i < c->s->axes.n; i++) {
        Dim d = c->s->axes.p[i]->dim;
        if (dim_is_const(d, &size) && size > 0)
            continue;
        IrNode *some = test(&c->b, OP_lt, ir_int(&c->b, 0), ir_dim_value(&c->b, d));
        g = g ? test(&c->b, OP_and, g, some) : some;
    }
    return g;
}

static IrNode *as_place(IrBuilder *b, IrNode *v) { return v->type.dtype == DT_u64 ? ir_add1(b, OP_cast, ir_scalar(DT_i64), v) : v; }

/* One that may fault is asked where some element of the result asks for it: not of an empty one, nor where an earlier key is no place. *g: where it is asked, too, then. */
static IrNode *key_value(Copy *c, IrNode *key, IrNode **g)
{
    IrNode *some = may_fault(c->s, key) ? has_elements(c) : NULL, *before = may_fault(c->s, key) ? *g : NULL;
    if (!some && !before)
        return as_place(&c->b, bring(c, key));
    IrNode *asked = some && before ? test(&c->b, OP_and, some, before) : some ? some : before;
    IrNode *choice = ir_add1(&c->b, OP_if, ir_scalar(DT_i64), asked);
    Copy in = copy_new(c->s, (IrBuilder){ c->b.fn, ir_region_new(c->b.fn, choice), NULL, c->b.span }, c->before, c);
    IrNode *v = as_place(&in.b, bring(&in, key));
    ir_yield(&in.b, 1, &v);
    IrBuilder no = { c->b.fn, ir_region_new(c->b.fn, choice), NULL, c->b.span };
    IrNode *none = ir_int(&no, 0);
    ir_yield(&no, 1, &none);
    *g = asked;
    return choice;
}

/* The keys as places of the result; gives the guard that they lie in it. */
static IrNode *bind_keys(Copy *c, IrNode **place)
{
    Segment *s = c->s;
    IrNode *g = NULL;
    for (int i = 0; i < s->nkeys && !s->failed; i++) {
        IrNode *x = s->key[i].index, *j = key_value(c, s->key[i].value, &g), *p;
        int64_t zero;
        if (!dim_is_const(s->key[i].start, &zero) || zero != 0)
            j = at_i64(&c->b, OP_sub, j, ir_dim_value(&c->b, s->key[i].start));
        p = x->lo ? at_i64(&c->b, OP_sub, j, ir_dim_value(&c->b, x->lo)) : j;
        IrNode *above = test(&c->b, OP_le, ir_int(&c->b, 0), p), *below = test(&c->b, OP_lt, p, ir_dim_value(&c->b, x->dim));
        IrNode *in = test(&c->b, OP_and, above, below);
        g = g ? test(&c->b, OP_and, g, in) : in;
        place[axis_of(s, x)] = p;
        bind(c, x, j);
    }
    return g;
}

/* if g { a condition that may rely on it } else { false }; the condition is copied by the caller through *in. */
static IrNode *open_choice(Copy *c, IrNode *g, Copy *in)
{
    IrNode *choice = ir_add1(&c->b, OP_if, ir_scalar(DT_bool), g);
    *in = copy_new(c->s, (IrBuilder){ c->b.fn, ir_region_new(c->b.fn, choice), NULL, c->b.span }, c->before, c);
    return choice;
}

static void close_choice(IrNode *choice, Copy *in, IrNode *v)
{
    ir_yield(&in->b, 1, &v);
    IrBuilder no = { in->b.fn, ir_region_new(in->b.fn, choice), NULL, in->b.span };
    IrNode *never = ir_const_int(&no, DT_bool, 0);
    ir_yield(&no, 1, &never);
}

/* The other conjuncts; those that mention a key are asked where it is a place of the result, those of what is counted (`n[k] == i`, of `x[n[k], k]`) there, too, if they may fault. */
static IrNode *other_guards(Copy *c, IrNode *g)
{
    Segment *s = c->s;
    for (int i = 0; i < s->conjuncts.n && !s->failed; i++) {
        IrNode *x = s->conjuncts.p[i];
        bool matched = false, needs = i >= s->nguards && may_fault(s, x);
        for (int k = 0; k < s->nkeys; k++) {
            matched = matched || s->key[k].eq == x;
            needs = needs || pass_depends_on(s->cx, x, s->key[k].index);
        }
        if (matched)
            continue;
        if (!needs) {
            g = test(&c->b, OP_and, g, bring(c, x));
            continue;
        }
        Copy in;
        IrNode *choice = open_choice(c, g, &in);
        close_choice(choice, &in, bring(&in, x));
        g = choice;
    }
    return g;
}

/* v is the best value of its place. */
static IrNode *is_best(Copy *c, IrNode *g, IrNode *best, IrNode **place)
{
    Segment *s = c->s;
    Copy in;
    IrNode *choice = open_choice(c, g, &in), *v = bring(&in, ir_terminator(s->reduce->regions[0])->in[0]);
    IrNode *b = ir_load(&in.b, best, s->axes.n, place), *same = test(&in.b, OP_eq, v, b);
    if (dtype_is_float(v->type.dtype)) {
        IrNode *nan = ir_add1(&in.b, OP_isnan, ir_scalar(DT_bool), v);
        nan = test(&in.b, OP_and, nan, ir_add1(&in.b, OP_isnan, ir_scalar(DT_bool), b));
        same = test(&in.b, OP_or, same, nan);
    }
    close_choice(choice, &in, same);
    return choice;
}

static IrDtype state_of(RedOp op, What what, IrDtype value)
{
    if (what != VALUE)
        return DT_i64;
    return (op == RED_sum || op == RED_prod) && (value == DT_f16 || value == DT_bf16) ? DT_f32 : value;
}

/* Of truth values the largest is whether any is true. */
static RedOp operator_of(RedOp op, IrDtype value)
{
    if (value != DT_bool || (op != RED_max && op != RED_min))
        return op;
    return op == RED_max ? RED_any : RED_all;
}

/* One scatter; NULL: something that it needs cannot be computed there. best: of LOWEST_INDEX. */
static IrNode *scatter(Segment *s, RedOp op, What what, IrNode *best)
{
    IrNode *old = ir_terminator(s->reduce->regions[0])->in[0], *y[2 + AXES_MOST] = { 0 }, **place = y + 2;
    IrType type = { state_of(op, what, old->type.dtype), s->axes.n, NEWN(s->cx->module->arena, Dim, s->axes.n) };
    for (int i = 0; i < s->axes.n; i++)
        type.dims[i] = s->axes.p[i]->dim;
    IrBuilder b = { s->top->parent->fn, s->top->parent, s->top, s->reduce->span };
    IrNode *n = ir_add0(&b, OP_scatter, type);
    n->redop = (uint8_t)operator_of(op, type.dtype);
    n->name = s->reduce->name;
    Copy c = copy_new(s, (IrBuilder){ b.fn, ir_region_new(b.fn, n), NULL, b.span }, n, NULL);
    new_indices(&c);
    shift_axes(&c, place);
    y[1] = bind_keys(&c, place);
    y[1] = s->failed ? NULL : other_guards(&c, y[1]);
    if (!s->failed && what == LOWEST_INDEX)
        y[1] = is_best(&c, y[1], best, place);
    y[0] = s->failed ? NULL : bring(&c, what == LOWEST_INDEX ? s->reduce->regions[0]->params.p[0] : old);
    if (s->failed) {
        ir_drop(n);
        return NULL;
    }
    if (y[0]->type.dtype != type.dtype)
        y[0] = ir_add1(&c.b, OP_cast, ir_scalar(type.dtype), y[0]);
    ir_yield(&c.b, 2 + s->axes.n, y);
    pass_note_symbols(s->cx, n->regions[0]);
    return n;
}

/* ---- in place of the reduction ------------------------------------------------------------------------------------------ */

static IrNode *read_back(Segment *s, IrBuilder *b, IrNode *tensor)
{
    IrNode *subs[AXES_MOST];
    for (int i = 0; i < s->axes.n; i++) {
        IrNode *x = s->axes.p[i];
        subs[i] = x->lo ? at_i64(b, OP_sub, x, ir_dim_value(b, x->lo)) : x;
    }
    return ir_load(b, tensor, s->axes.n, subs);
}

static IrNode *build(Segment *s, IrBuilder *b)
{
    RedOp op = (RedOp)s->reduce->redop;
    IrNode *n, *best = NULL;
    bool index = op == RED_argmax || op == RED_argmin;
    if (index && !(best = scatter(s, op == RED_argmax ? RED_max : RED_min, VALUE, NULL)))
        return NULL;
    n = index ? scatter(s, RED_min, LOWEST_INDEX, best) : scatter(s, op == RED_count ? RED_sum : op, op == RED_count ? ONES : VALUE, NULL);
    if (!n)
        return NULL;
    IrNode *v = read_back(s, b, n);
    if (index) { /* over nothing: -1 */
        IrNode *none = test(b, OP_eq, v, ir_const_int(b, DT_i64, INT64_MAX));
        return ir_add3(b, OP_select, ir_scalar(DT_i64), none, ir_int(b, -1), v);
    }
    return v->type.dtype == s->reduce->type.dtype ? v : ir_add1(b, OP_cast, ir_scalar(s->reduce->type.dtype), v);
}

static void rewrite(PassCx *cx, IrNode *top, IrNode *reduce)
{
    Segment s = { .cx = cx, .top = top, .reduce = reduce };
    pass_guard_choice(cx, reduce, reduce->redop == RED_sum && reduce->order == ORDER_chain);
    if (!segment_has_form(&s))
        return;
    IrBuilder b = { reduce->parent->fn, reduce->parent, reduce, reduce->span };
    IrNode *v = build(&s, &b);
    if (!v)
        return;
    if (reduce->sym && !v->sym) { /* dims keep meaning the same value */
        v->sym = reduce->sym;
        v->sym->user = v;
        map_put(&cx->sym_nodes, v->sym, v);
    }
    ir_replace(reduce, v);
    ir_drop(reduce);
    cx->changed++;
}

/* Inner ones first: then what is around them reads tensors only. */
static void search(PassCx *cx, IrNode *top, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        for (int i = 0; i < n->nregions; i++)
            search(cx, top, n->regions[i]);
        if (n->op == OP_reduce)
            rewrite(cx, top, n);
    }
}

static void visit(PassCx *cx, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        bool top = n->op == OP_map || n->op == OP_reduce;
        for (int i = 0; i < n->nregions; i++) {
            if (top)
                search(cx, n, n->regions[i]);
            else
                visit(cx, n->regions[i]);
        }
    }
}

bool pass_segment(PassCx *cx, IrFn *fn)
{
    visit(cx, fn->body);
    return true;
}
