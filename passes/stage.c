/* stage.c - pack weights once, when their handle is loaded (binding times: what depends on load-time values alone runs at load).
 *
 *     sum [k: K] { %x[t, k] * %w[n, k] }          sum [k: K] { %x[t, k] * %wp[n // 16, k, n % 16] }
 *
 * where lanes run over n and %w is a parameter of a handle: `wp` holds panels of 16 outputs, so that a vector load takes 16 lanes of
 * one k. The packed tensor is computed by a small function of its own (IrFn.preps) and belongs to the handle. A tensor of the call that
 * a loop reads again in every turn is packed before that loop.
 */
#include "passes/tile_int.h"

enum { PANEL = 16 };

typedef struct Stage { PassCx *cx; IrFn *fn; IrNode *lane; VEC(IrNode *) loads; } Stage;

static bool is_in_contraction(const IrNode *n)
{
    for (IrRegion *r = n->parent; r && r->owner; r = r->owner->parent)
        if (r->owner->op == OP_reduce)
            return r->owner->order == ORDER_contract;
    return false;
}

/* The axis of the tensor whose subscript is the lane index, if packing helps: it is not the last one and no other varies. */
static int packed_axis(Stage *s, const IrNode *load)
{
    int axis = -1, rank = load->in[0]->type.rank;
    for (int i = 0; i < rank; i++) {
        if (load->in[i + 1] == s->lane && axis < 0)
            axis = i;
        else if (pass_depends_on(s->cx, load->in[i + 1], s->lane))
            return -1;
    }
    return axis == rank - 1 ? -1 : axis;
}

static bool subscripts_depend(Stage *s, const IrNode *load, const IrRegion *r)
{
    for (int i = 1; i < load->nin; i++)
        if (pass_depends(s->cx, load->in[i], r))
            return true;
    return false;
}

/* The outermost loop around the load that reads the same elements in every turn; NULL if there is none. */
static IrNode *reuse_loop(Stage *s, IrNode *load)
{
    IrNode *found = NULL, *tensor = load->in[0];
    for (IrRegion *r = load->parent; r && r->owner; r = r->owner->parent) {
        if (r->owner->op != OP_for && r->owner->op != OP_while)
            continue;
        if (tensor->op != OP_param && ir_inside(tensor, r))
            break;
        if (!subscripts_depend(s, load, r))
            found = r->owner;
    }
    return found;
}

static bool is_load_time(const IrNode *tensor) { return tensor->op == OP_param && tensor->load_time; }

static void find_load(void *user, IrNode *n)
{
    Stage *s = user;
    if (n->op == OP_load && !(n->in[0]->op == OP_param && n->in[0]->place == PLACE_prep) && is_in_contraction(n) &&
        packed_axis(s, n) >= 0 && (is_load_time(n->in[0]) || reuse_loop(s, n)))
        vec_push(s->cx->arena, &s->loads, n);
}

static IrType packed_type(PassCx *cx, IrType t, int axis)
{
    DimCx *d = cx->module->dims;
    IrType p = { t.dtype, t.rank + 1, NEWN(cx->arena, Dim, t.rank + 1) };
    for (int i = 0; i < t.rank; i++)
        p.dims[i] = t.dims[i];
    p.dims[axis] = dim_floordiv(d, dim_add(d, t.dims[axis], dim_const(d, PANEL - 1)), dim_const(d, PANEL));
    p.dims[t.rank] = dim_const(d, PANEL);
    return p;
}

static IrNode *zero_of(IrBuilder *b, IrDtype t)
{
    return dtype_is_float(t) ? ir_const_float(b, t, 0) : ir_const_int(b, t, 0);
}

/* map [.., p, .., q: 16] { if 16 p + q < N { w[.., 16 p + q, ..] } else { 0 } } */
static IrNode *packing_map(PassCx *cx, IrBuilder *b, IrNode *w, IrType type, int axis)
{
    IrFn *prep = b->fn;
    IrNode *map = ir_add0(b, OP_map, type), *subs[16];
    IrRegion *r = ir_region_new(prep, map);
    IrBuilder in = { .fn = prep, .region = r, .span = w->span };
    for (int i = 0; i < type.rank; i++)
        ir_index_new(r, name_of(cx->module->names, i == type.rank - 1 ? "q" : "p"), NULL, type.dims[i], w->span);
    for (int i = 0; i < w->type.rank; i++)
        subs[i] = r->params.p[i];
    IrNode *n = ir_add2(&in, OP_mul, ir_scalar(DT_i64), subs[axis], ir_int(&in, PANEL));
    n = ir_add2(&in, OP_add, ir_scalar(DT_i64), n, r->params.p[type.rank - 1]);
    subs[axis] = n;
    IrNode *inside = ir_add2(&in, OP_lt, ir_scalar(DT_bool), n, ir_dim_value(&in, w->type.dims[axis]));
    IrNode *choice = ir_add1(&in, OP_if, ir_scalar(type.dtype), inside), *value;
    IrBuilder yes = { .fn = prep, .region = ir_region_new(prep, choice), .span = w->span };
    value = ir_load(&yes, w, w->type.rank, subs);
    ir_yield(&yes, 1, &value);
    IrBuilder no = { .fn = prep, .region = ir_region_new(prep, choice), .span = w->span };
    value = zero_of(&no, type.dtype);
    ir_yield(&no, 1, &value);
    ir_yield(&in, 1, &choice);
    return map;
}

/* A function of its own, whose dims are the axes of the leaf in order. */
static IrFn *packing_function(PassCx *cx, IrFn *user, IrNode *leaf, int axis, int number)
{
    IrModule *m = cx->module;
    const char *name = arena_printf(cx->arena, "%s.prep%d", user->name, number);
    IrFn *prep = ir_fn_new(m, name_of(m->names, name), TENSOR, leaf->span);
    IrType t = { leaf->type.dtype, leaf->type.rank, NEWN(cx->arena, Dim, leaf->type.rank) };
    for (int i = 0; i < t.rank; i++) {
        DimSym *s = dim_sym_new(m->dims, name_of(m->names, arena_printf(cx->arena, "N%d", i)), leaf->span);
        vec_push(cx->arena, &prep->dims, s);
        t.dims[i] = dim_sym(m->dims, s);
    }
    IrNode *w = ir_param_new(prep, name_of(m->names, "w"), t, leaf->span);
    IrType type = packed_type(cx, t, axis);
    IrBuilder b = { .fn = prep, .region = prep->body, .span = leaf->span };
    IrNode *map = packing_map(cx, &b, w, type, axis);
    ir_add1(&b, OP_ret, ir_scalar(DT_none), map);
    vec_push(cx->arena, &prep->results, type);
    return prep;
}

static int prep_find(Stage *s, IrNode *leaf, IrType type)
{
    for (int i = 0; i < s->fn->preps.n; i++)
        if (s->fn->preps.p[i].leaf == (int)leaf->imm && ir_type_equal(s->fn->preps.p[i].type, type))
            return i;
    return -1;
}

static int prep_of(Stage *s, IrNode *leaf, int axis)
{
    IrType type = packed_type(s->cx, leaf->type, axis);
    int i = prep_find(s, leaf, type);
    if (i >= 0)
        return i;
    PassOptions o = *s->cx->options;
    o.pipeline = "simplify,dce,tile,simplify,dce,plan";
    o.skip = NULL;
    o.remark = NULL;
    IrPrep p = { packing_function(s->cx, s->fn, leaf, axis, s->fn->preps.n), (int)leaf->imm, type, axis, PANEL };
    if (!passes_run(s->cx->module, p.fn, &o, s->cx->errors))
        return -1;
    pass_remark(s->cx, CHOICE_prepared, leaf, "a weight that is read across rows: packed in panels when its handle is loaded");
    vec_push(s->cx->arena, &s->fn->preps, p);
    return s->fn->preps.n - 1;
}

/* The tensor that belongs to the handle. */
static IrNode *prepared(Stage *s, IrNode *leaf, int axis)
{
    int number = prep_of(s, leaf, axis);
    if (number < 0)
        return NULL;
    IrBuilder top = { s->fn, s->fn->body, s->fn->body->first, leaf->span };
    IrNode *wp = ir_add0(&top, OP_param, s->fn->preps.p[number].type);
    wp->place = PLACE_prep;
    wp->imm = number;
    return wp;
}

/* The tensor that a packing map packs: what the load in its choice reads. */
static const IrNode *pass_packs(const IrNode *map)
{
    for (const IrNode *n = map->regions[0]->first; n; n = n->next)
        if (n->op == OP_if)
            for (const IrNode *x = n->regions[0]->first; x; x = x->next)
                if (x->op == OP_load)
                    return x->in[0];
    return NULL;
}

/* A tensor of the call, packed before the loop that reads it again and again; one that stands there already serves. */
static IrNode *packed_before(Stage *s, IrNode *loop, IrNode *tensor, int axis)
{
    IrType type = packed_type(s->cx, tensor->type, axis);
    for (IrNode *n = loop->prev; n; n = n->prev)
        if (n->op == OP_map && n->name == tensor->name && n->load_time && ir_type_equal(n->type, type) && pass_packs(n) == tensor)
            return n;
    IrBuilder b = { s->fn, loop->parent, loop, tensor->span };
    IrNode *map = packing_map(s->cx, &b, tensor, type, axis);
    map->load_time = true;
    map->name = tensor->name;
    return map;
}

/* The load takes its element from the packed form. */
static void load_packed(Stage *s, IrNode *load, IrNode *wp, int axis)
{
    int rank = load->in[0]->type.rank;
    IrNode *subs[17];
    IrBuilder b = { s->fn, load->parent, load, load->span };
    for (int i = 0; i < rank; i++)
        subs[i] = load->in[i + 1];
    IrNode *panel = ir_int(&b, PANEL), *at = subs[axis];
    subs[axis] = ir_add2(&b, OP_floordiv, ir_scalar(DT_i64), at, panel);
    subs[rank] = ir_add2(&b, OP_mod, ir_scalar(DT_i64), at, panel);
    IrNode *by = ir_load(&b, wp, rank + 1, subs);
    ir_replace(load, by);
    ir_drop(load);
    s->cx->changed++;
}

static bool use_packed(Stage *s, IrNode *load)
{
    int axis = packed_axis(s, load);
    IrNode *tensor = load->in[0];
    IrNode *wp = is_load_time(tensor) ? prepared(s, tensor, axis) : packed_before(s, reuse_loop(s, load), tensor, axis);
    if (wp)
        load_packed(s, load, wp, axis);
    return wp != NULL;
}

static bool stage_map(PassCx *cx, IrFn *fn, IrNode *map)
{
    Stage s = { .cx = cx, .fn = fn, .lane = tile_lane_axis(cx, map) };
    if (!s.lane || (s.lane->lo && s.lane->lo != dim_const(cx->module->dims, 0)))
        return true;
    ir_walk(map->regions[0], find_load, &s);
    for (int i = 0; i < s.loads.n; i++)
        if (!use_packed(&s, s.loads.p[i]))
            return false;
    return true;
}

static bool visit(PassCx *cx, IrFn *fn, IrRegion *r)
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (n->op == OP_map) {
            if (!stage_map(cx, fn, n))
                return false;
            continue;
        }
        for (int i = 0; i < n->nregions && n->op != OP_reduce; i++)
            if (!visit(cx, fn, n->regions[i]))
                return false;
    }
    return true;
}

static bool is_reduced(const IrNode *n)
{
    for (IrRegion *r = n->parent; r && r->owner; r = r->owner->parent)
        if (r->owner->op == OP_reduce)
            return true;
    return false;
}

static void find_other_load(void *user, IrNode *n)
{
    Stage *s = user;
    if (n->op == OP_load && is_load_time(n->in[0]) && n->in[0]->place != PLACE_prep && !is_reduced(n))
        vec_push(s->cx->arena, &s->loads, n);
}

/* What is packed for a contraction and looked up elsewhere (an embedding that is the head, too) is looked up in the packed form: a
 * handle keeps one form only if nobody wants the other. */
static bool share_packed(PassCx *cx, IrFn *fn)
{
    Stage s = { .cx = cx, .fn = fn };
    if (fn->preps.n)
        ir_walk(fn->body, find_other_load, &s);
    for (int i = 0; i < s.loads.n; i++) {
        IrNode *load = s.loads.p[i];
        int k = 0;
        while (k < fn->preps.n && fn->preps.p[k].leaf != (int)load->in[0]->imm)
            k++;
        if (k == fn->preps.n)
            continue;
        IrNode *wp = prepared(&s, load->in[0], fn->preps.p[k].axis);
        if (!wp)
            return false;
        load_packed(&s, load, wp, fn->preps.p[k].axis);
    }
    return true;
}

bool pass_stage(PassCx *cx, IrFn *fn)
{
    return visit(cx, fn, fn->body) && share_packed(cx, fn);
}
