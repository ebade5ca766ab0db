/* stage.c - pack weights once, when their handle is loaded (binding times: what depends on load-time values alone runs at load).
 *
 *     sum [k: K] { %x[t, k] * %w[n, k] }          sum [k: K] { %x[t, k] * %wp[n // 16, k, n % 16] }
 *
 * where lanes run over n and %w is a parameter of a handle: `wp` holds panels of 16 outputs, so that a vector load takes 16 lanes of
 * one k. The packed tensor is computed by a small function of its own (IrFn.preps) and belongs to the handle. Other readers of the weight take
 * it, too, by the map of their subscripts: look-ups, sums over n with lanes over k, norms of rows, streams. A tensor of the call that a loop reads
 * again in every turn is packed before that loop.
 */
#include "passes/stage/stage_int.h"
#include "passes/stream_int.h"

typedef struct Stage { PassCx *cx; IrFn *fn; IrNode *lane; VEC(IrNode *) loads, others; } Stage; /* others: what is packed along other lanes */
typedef struct Packing { int axis, k_axis; } Packing; /* -1: not in panels; not in tiles */

static Packing packing_of(Stage *s, const IrNode *leaf);

static bool is_in_contraction(const IrNode *n)
{
    for (IrRegion *r = n->parent; r && r->owner; r = r->owner->parent)
        if (r->owner->op == OP_reduce)
            return r->owner->order == ORDER_contract;
    return false;
}

static bool is_load_time(const IrNode *tensor) { return tensor->op == OP_param && tensor->load_time; }

/* w[.., lane + 16 e, ..]: 16 e, of a weight that goes in panels; else NULL. */
static Dim panels_before(Stage *s, const IrNode *load, int axis)
{
    DimCx *d = s->cx->module->dims;
    const IrNode *sub = load->in[axis + 1], *w = load->in[0];
    if (sub->op != OP_add || !is_load_time(w) || w->tiled || stage_forms(w) != 1u << FORM_plain || (sub->in[0] != s->lane && sub->in[1] != s->lane))
        return NULL;
    IrNode *x = sub->in[sub->in[0] == s->lane];
    Dim from = pass_depends_on(s->cx, x, s->lane) ? NULL : pass_dim_of(s->cx, x);
    return from && dim_mod(d, from, dim_const(d, PANEL)) == dim_const(d, 0) ? from : NULL;
}

/* The axis of the tensor whose subscript is the lane index, or that many panels further, if packing helps: it is not the last one and no other varies. */
static int packed_axis(Stage *s, const IrNode *load)
{
    int axis = -1, rank = load->in[0]->type.rank;
    for (int i = 0; i < rank; i++) {
        if (axis < 0 && (load->in[i + 1] == s->lane || panels_before(s, load, i)))
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

/* The outermost loop around the load that reads the same elements in every turn, or the one around that: the whole tensor is packed, once. NULL: there is none. */
static IrNode *reuse_loop(Stage *s, IrNode *load)
{
    IrNode *found = NULL, *tensor = load->in[0];
    for (IrRegion *r = load->parent; r && r->owner; r = r->owner->parent) {
        if (r->owner->op != OP_for && r->owner->op != OP_while)
            continue;
        if (tensor->op != OP_param && ir_inside(tensor, r))
            break;
        if (found || !subscripts_depend(s, load, r))
            found = r->owner;
    }
    return found;
}

/* Another product, here or in another function of the module, has the weight along other lanes. */
static bool lies_across(Stage *s, const IrNode *leaf, int axis, int k_axis)
{
    Packing p = packing_of(s, leaf);
    if (!is_load_time(leaf) || stage_forms(leaf) != 1u << FORM_plain || p.axis < 0)
        return false;
    return p.axis != axis || (k_axis >= 0 && p.k_axis >= 0 && p.k_axis != k_axis);
}

/* What cannot be turned is read as others read it. */
static void note_load(Stage *s, IrNode *n, int axis, int k_axis)
{
    if (lies_across(s, n->in[0], axis, k_axis))
        vec_push(s->cx->arena, &s->others, n);
    else
        vec_push(s->cx->arena, &s->loads, n);
}

static void find_words(void *user, IrNode *n)
{
    Stage *s = user;
    int axis, k_axis;
    if (n->op == OP_load && !stage_is_prepared(n->in[0]) && is_load_time(n->in[0]) && stage_word_axes(s->cx, n, s->lane, &axis, &k_axis))
        note_load(s, n, axis, k_axis);
}

static void find_load(void *user, IrNode *n)
{
    Stage *s = user;
    if (n->op == OP_load && !stage_is_prepared(n->in[0]) && is_in_contraction(n) &&
        packed_axis(s, n) >= 0 && (is_load_time(n->in[0]) || reuse_loop(s, n)))
        note_load(s, n, packed_axis(s, n), -1);
}

/* Of a leaf in that form; k_axis < 0: not in tiles. */
static IrType type_of(PassCx *cx, IrType stored, int axis, int k_axis, IrForm form)
{
    if (k_axis >= 0)
        return stage_tiles_type(cx, stored, axis, k_axis);
    IrType t = stage_panels_type(cx, stored, axis);
    return form == FORM_q4_0 ? stage_nibbles_type(cx, t) : t;
}

/* A function of its own, whose dims are the axes of the leaf (of its blocks) in order. */
static IrFn *packing_function(PassCx *cx, IrFn *user, IrNode *leaf, int axis, int k_axis, IrForm form, int number)
{
    IrModule *m = cx->module;
    const char *name = arena_printf(cx->arena, "%s.prep%d", user->name, number);
    IrFn *prep = ir_fn_new(m, name_of(m->names, name), TENSOR, leaf->span);
    IrType t = stage_stored_type(cx, leaf->type, form);
    t.dims = arena_copy(cx->arena, t.dims, (size_t)t.rank * sizeof *t.dims);
    for (int i = 0; i < t.rank; i++) {
        DimSym *s = dim_sym_new(m->dims, name_of(m->names, arena_printf(cx->arena, "N%d", i)), leaf->span);
        vec_push(cx->arena, &prep->dims, s);
        if (!form || i < t.rank - 1) /* blocks have as many bytes as they have */
            t.dims[i] = dim_sym(m->dims, s);
    }
    IrNode *w = ir_param_new(prep, name_of(m->names, "w"), t, leaf->span);
    IrType type = type_of(cx, t, axis, k_axis, form);
    IrBuilder b = { .fn = prep, .region = prep->body, .span = leaf->span };
    IrNode *map = k_axis >= 0 ? stage_packing_tiles(cx, &b, w, type, axis, k_axis)
                  : form      ? stage_packing_blocks(cx, &b, w, type, axis, form)
                              : stage_packing_panels(cx, &b, w, type, axis);
    ir_add1(&b, OP_ret, ir_scalar(DT_none), map);
    vec_push(cx->arena, &prep->results, type);
    return prep;
}

static int prep_find(const Stage *s, const IrNode *leaf, IrType type, int axis)
{
    for (int i = 0; i < s->fn->preps.n; i++)
        if (s->fn->preps.p[i].leaf == (int)leaf->imm && s->fn->preps.p[i].axis == axis && ir_type_equal(s->fn->preps.p[i].type, type))
            return i;
    return -1;
}

/* k_axis: of a weight in tiles; else -1 */
static int prep_of(Stage *s, IrNode *leaf, int axis, int k_axis, IrForm form)
{
    IrType type = type_of(s->cx, stage_stored_type(s->cx, leaf->type, form), axis, k_axis, form);
    int i = prep_find(s, leaf, type, axis);
    if (i >= 0)
        return i;
    PassOptions o = *s->cx->options;
    o.pipeline = "simplify,dce,tile,simplify,dce,plan";
    o.skip = NULL;
    o.remark = NULL;
    IrPrep p = { packing_function(s->cx, s->fn, leaf, axis, k_axis, form, s->fn->preps.n), (int)leaf->imm, type, axis, PANEL, (int)form, k_axis + 1 };
    if (!passes_run(s->cx->module, p.fn, &o, s->cx->errors))
        return -1;
    pass_remark(s->cx, CHOICE_prepared, leaf,
                k_axis < 0 && axis == leaf->type.rank - 1 ? "a weight that is read along its last axis: packed in panels when its handle is loaded"
                : k_axis < 0                           ? "a weight that is read across rows: packed in panels when its handle is loaded"
                : dtype_bytes(leaf->type.dtype) == 1 ? "a weight of bytes: packed in words of four when its handle is loaded"
                                                       : "a weight of bf16: packed in tiles when its handle is loaded");
    vec_push(s->cx->arena, &s->fn->preps, p);
    return s->fn->preps.n - 1;
}

/* The tensor that belongs to the handle; NULL: it cannot be had. */
static IrNode *prepared(Stage *s, IrNode *leaf, int axis, int k_axis, IrForm form)
{
    int number = prep_of(s, leaf, axis, k_axis, form);
    return number < 0 ? NULL : stage_memory(s->fn, PLACE_prep, number, s->fn->preps.p[number].type, leaf->span);
}

/* The tensor that a packing map packs: what the load in its choice reads. */
static const IrNode *packed_by(const IrNode *map)
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
    IrType type = stage_panels_type(s->cx, tensor->type, axis);
    for (IrNode *n = loop->prev; n; n = n->prev)
        if (n->op == OP_map && n->name == tensor->name && n->load_time && ir_type_equal(n->type, type) && packed_by(n) == tensor)
            return n;
    IrBuilder b = { s->fn, loop->parent, loop, tensor->span };
    IrNode *map = stage_packing_panels(s->cx, &b, tensor, type, axis);
    map->load_time = true;
    map->name = tensor->name;
    return map;
}

/* The element of the load in panels. Those before the lanes are counted apart. */
static IrNode *load_packed(Stage *s, IrBuilder *b, IrNode *wp, int axis, const IrNode *load)
{
    IrNode *subs[IR_RANK_MOST];
    Dim before = panels_before(s, load, axis);
    for (int i = 0; i < load->in[0]->type.rank; i++)
        subs[i] = before && i == axis ? s->lane : load->in[i + 1];
    return stage_panels_element(s->cx, b, wp, axis, subs, before);
}

/* The element in one form of the leaf's memory; axis < 0: not in panels. NULL: it cannot be had. */
static IrNode *element_in(Stage *s, IrBuilder *b, IrNode *load, int axis, IrForm form)
{
    IrNode *w = load->in[0], *wp = axis < 0 ? NULL : prepared(s, w, axis, -1, form);
    int rank = w->type.rank;
    if (axis >= 0 && !wp)
        return NULL;
    if (form == FORM_plain)
        return wp ? load_packed(s, b, wp, axis, load) : ir_load(b, w, rank, load->in + 1);
    return stage_block_element(s->cx, b, form, w, wp, axis, load->in + 1);
}

/* One form is known, or the element is asked for in all that the leaf may have:
 *
 *     if form == q8_0 { element of q8_0 } else { if form == q4_0 { element of q4_0 } else { plain element } } */
static IrNode *element_of(Stage *s, IrBuilder *b, IrNode *load, int axis, unsigned forms)
{
    int form = FORM_count - 1;
    while (!(forms >> form & 1))
        form--;
    if (forms == 1u << form)
        return element_in(s, b, load, axis, (IrForm)form);
    IrNode *value, *choice = ir_add1(b, OP_if, ir_scalar(load->type.dtype), stage_has_form(s->fn, load->in[0], (IrForm)form));
    for (int no = 0; no < 2; no++) {
        IrBuilder in = { .fn = s->fn, .region = ir_region_new(s->fn, choice), .span = load->span };
        value = no ? element_of(s, &in, load, axis, forms & ~(1u << form)) : element_in(s, &in, load, axis, (IrForm)form);
        if (!value)
            return NULL;
        ir_yield(&in, 1, &value);
    }
    return choice;
}

/* NULL: it cannot be had. */
static bool replace(Stage *s, IrNode *load, IrNode *by)
{
    if (!by)
        return false;
    ir_replace(load, by);
    ir_drop(load);
    s->cx->changed++;
    return true;
}

static bool use_tiles(Stage *s, IrNode *load, int axis, int k_axis)
{
    IrNode *tiles = prepared(s, load->in[0], axis, k_axis, FORM_plain);
    IrBuilder b = { s->fn, load->parent, load, load->span };
    return replace(s, load, tiles ? stage_tiles_element(&b, tiles, axis, k_axis, load->in + 1) : NULL);
}

/* Of bytes for who multiplies no words: those are panels as any. */
static bool use_tiles_apart(Stage *s, IrNode *load, int axis, int k_axis)
{
    IrNode *tiles = dtype_bytes(load->type.dtype) == 1 ? prepared(s, load->in[0], axis, k_axis, FORM_plain) : NULL;
    IrBuilder b = { s->fn, load->parent, load, load->span };
    return tiles ? replace(s, load, stage_byte_of_word(s->cx, &b, tiles, axis, k_axis, load->in + 1)) : use_tiles(s, load, axis, k_axis);
}

/* Words that a sum of bytes has, and tiles of one of bf16, here or in another function, serve products of floats along the same lanes. */
static int tiles_along(const Stage *s, const IrNode *leaf, int axis)
{
    for (int i = 0; i < s->fn->preps.n; i++)
        if (s->fn->preps.p[i].leaf == (int)leaf->imm && s->fn->preps.p[i].axis == axis && s->fn->preps.p[i].tiled)
            return s->fn->preps.p[i].tiled - 1;
    return leaf->packed - 1 == axis ? leaf->tiled - 1 : -1;
}

static bool use_panels(Stage *s, IrNode *load, int axis)
{
    int k_axis = tiles_along(s, load->in[0], axis);
    if (k_axis >= 0)
        return use_tiles_apart(s, load, axis, k_axis);
    IrBuilder b = { s->fn, load->parent, load, load->span };
    return replace(s, load, element_of(s, &b, load, axis, stage_forms(load->in[0])));
}

static bool use_packed(Stage *s, IrNode *load)
{
    int axis = packed_axis(s, load);
    IrNode *tensor = load->in[0];
    if (is_load_time(tensor))
        return use_panels(s, load, axis);
    IrNode *wp = packed_before(s, reuse_loop(s, load), tensor, axis);
    IrBuilder b = { s->fn, load->parent, load, load->span };
    return replace(s, load, load_packed(s, &b, wp, axis, load));
}

static int number_of(const IrRegion *r, const IrNode *x)
{
    for (int i = 0; i < r->params.n; i++)
        if (r->params.p[i] == x)
            return i;
    return -1;
}

/* The index along which another product has the lanes of the weight; -1: none, or its place among the others matters. */
static int other_lane(Stage *s, const IrNode *map)
{
    const IrRegion *r = map->regions[0];
    const IrNode *load = s->others.n ? s->others.p[0] : NULL;
    int found = load ? number_of(r, load->in[packing_of(s, load->in[0]).axis + 1]) : -1;
    for (int i = 0; i < r->params.n && found >= 0; i++)
        if (!pass_is_whole(r->params.p[i]) || pass_dim_depends(s->cx, r->params.p[i]->dim, r))
            return -1;
    return pass_guard(r) || pass_has_stream(map) ? -1 : found;
}

/* map [.., a, .., b] { .. }      %0 = map [.., b, .., a] { .. }
 *                                map [.., a, .., b] { %0[.., b, .., a] }      whose elements the first one writes there (tile_reorder.c) */
static void turn(Stage *s, IrNode *map, int at)
{
    PassCx *cx = s->cx;
    IrRegion *r = map->regions[0];
    IrType old = map->type, type = { old.dtype, old.rank, arena_copy(cx->module->arena, old.dims, (size_t)old.rank * sizeof *old.dims) };
    int last = old.rank - 1;
    IrNode *lane = r->params.p[last], *subs[IR_RANK_MOST];
    r->params.p[last] = r->params.p[at];
    r->params.p[at] = lane;
    type.dims[at] = old.dims[last];
    type.dims[last] = old.dims[at];
    map->type = type;
    IrBuilder b = { s->fn, map->parent, map->next, map->span };
    IrNode *back = ir_add0(&b, OP_map, old);
    back->name = map->name;
    ir_replace(map, back);
    IrBuilder in = { s->fn, ir_region_new(s->fn, back), NULL, map->span };
    for (int i = 0; i < old.rank; i++)
        subs[i == at ? last : i == last ? at : i] = ir_index_new(in.region, NULL, NULL, old.dims[i], map->span);
    IrNode *x = ir_load(&in, map, old.rank, subs);
    ir_yield(&in, 1, &x);
    pass_note_symbols(cx, in.region);
    cx->changed++;
}

static void find_others(Stage *s, IrNode *map, IrVisit find)
{
    ir_walk(map->regions[0], find, s);
    int at = other_lane(s, map);
    if (at >= 0)
        turn(s, map, at);
    s->loads.n = s->others.n = 0;
    s->lane = at >= 0 ? tile_lane_axis(s->cx, map) : s->lane;
}

/* With the lanes that the map keeps; NULL: none along which anything is packed. */
static Stage stage_of(PassCx *cx, IrFn *fn, IrNode *map, IrVisit find)
{
    Stage s = { .cx = cx, .fn = fn, .lane = tile_lane_axis(cx, map) };
    if (s.lane)
        find_others(&s, map, find);
    if (s.lane && s.lane->lo && s.lane->lo != dim_const(cx->module->dims, 0))
        s.lane = NULL;
    return s;
}

/* A product of bf16 in tiles takes those that there are, in which its lanes may lie across. */
static bool stage_dot16(PassCx *cx, IrFn *fn, IrNode *map)
{
    Stage s = { .cx = cx, .fn = fn };
    Dot16 d;
    if (!tile_find_dot16(cx, map, &d) || d.packed)
        return true;
    Packing p = packing_of(&s, d.right->in[0]);
    return p.k_axis >= 0 ? use_tiles(&s, d.right, p.axis, p.k_axis) : use_tiles(&s, d.right, d.axis, d.k_axis);
}

static bool stage_tiles(PassCx *cx, IrFn *fn, IrNode *map)
{
    if (!stage_dot16(cx, fn, map))
        return false;
    Stage s = stage_of(cx, fn, map, find_words);
    int axis, k_axis;
    if (s.lane)
        ir_walk(map->regions[0], find_words, &s);
    for (int i = 0; i < s.loads.n; i++)
        if (stage_word_axes(cx, s.loads.p[i], s.lane, &axis, &k_axis) && !use_tiles(&s, s.loads.p[i], axis, k_axis))
            return false;
    return true;
}

static bool stage_panels(PassCx *cx, IrFn *fn, IrNode *map)
{
    Stage s = stage_of(cx, fn, map, find_load);
    if (s.lane)
        ir_walk(map->regions[0], find_load, &s);
    for (int i = 0; i < s.loads.n; i++)
        if (!use_packed(&s, s.loads.p[i]))
            return false;
    for (int i = 0; i < s.others.n; i++)
        if (stage_is_part(cx, s.others.p[i]))
            stage_copy_read(cx, s.others.p[i]);
    return true;
}

/* ---- products along the last axis ------------------------------------------------------------------------------------------- */

/* x[t, k] * w[k, n], one factor of which is the same for all lanes. */
static bool is_product(Stage *s, const IrNode *load)
{
    const IrNode *reduce = load->parent->owner, *y = reduce->op == OP_reduce ? ir_terminator(reduce->regions[0])->in[0] : NULL;
    bool apart = false;
    for (int i = 0; y && y->op == OP_mul && i < 2; i++)
        apart = apart || !pass_depends_on(s->cx, y->in[i], s->lane);
    return apart;
}

/* The last subscript is the lane, which no other needs, and some run along the sum. */
static bool is_along_last(Stage *s, const IrNode *load)
{
    int rank = load->in[0]->type.rank;
    int64_t n;
    if (rank < 2 || (load->in[rank] != s->lane && !panels_before(s, load, rank - 1)) || (dim_is_const(load->in[0]->type.dims[rank - 1], &n) && n < PANEL))
        return false;
    bool along = false;
    for (int i = 1; i < rank; i++) {
        if (pass_depends_on(s->cx, load->in[i], s->lane))
            return false;
        along = along || pass_depends(s->cx, load->in[i], load->parent);
    }
    return along && is_product(s, load);
}

static void find_last(void *user, IrNode *n)
{
    Stage *s = user;
    if (n->op == OP_load && is_load_time(n->in[0]) && !stage_is_prepared(n->in[0]) && is_in_contraction(n) &&
        stage_forms(n->in[0]) == 1u << FORM_plain && packing_of(s, n->in[0]).axis < 0 && is_along_last(s, n))
        vec_push(s->cx->arena, &s->loads, n);
}

/* Where nothing packs the weight along another axis. */
static bool stage_last(PassCx *cx, IrFn *fn, IrNode *map)
{
    Stage s = { .cx = cx, .fn = fn, .lane = pass_has_stream(map) ? NULL : tile_lane_axis(cx, map) };
    if (s.lane)
        ir_walk(map->regions[0], find_last, &s);
    for (int i = 0; i < s.loads.n; i++)
        if (!use_panels(&s, s.loads.p[i], s.loads.p[i]->in[0]->type.rank - 1))
            return false;
    return true;
}

static bool visit(PassCx *cx, IrFn *fn, IrRegion *r, bool (*stage)(PassCx *, IrFn *, IrNode *))
{
    for (IrNode *n = r->first, *next; n; n = next) {
        next = n->next;
        if (n->op == OP_map) {
            if (!stage(cx, fn, n))
                return false;
            continue;
        }
        for (int i = 0; i < n->nregions && n->op != OP_reduce; i++)
            if (!visit(cx, fn, n->regions[i], stage))
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

static bool is_plain(const IrNode *leaf) { return stage_forms(leaf) == 1u << FORM_plain; }

static bool is_in_map(const IrNode *n)
{
    IrRegion *r = n->parent;
    while (r && r->owner && r->owner->op != OP_map)
        r = r->owner->parent;
    return r && r->owner;
}

/* Do lanes of the map that the load stands in run along the lanes of tiles? */
static bool is_along_tiles(PassCx *cx, const IrNode *load, Packing p)
{
    const IrRegion *r = load->parent;
    while (r->owner && r->owner->op != OP_map)
        r = r->owner->parent;
    return r->owner && dtype_bytes(load->type.dtype) > 1 && !pass_has_stream(r->owner) && load->in[p.axis + 1] == tile_lane_axis(cx, r->owner);
}

/* May the load have its tensor in that form: it is looked up, or lies in panels, from which all readers take it by the map of their subscripts. Tiles
 * and words serve no product along other lanes. */
static bool may_take(PassCx *cx, const IrNode *load, Packing p)
{
    return !is_plain(load->in[0]) || !is_reduced(load) || p.k_axis < 0 || !is_in_contraction(load) || is_along_tiles(cx, load, p);
}

/* As it is packed here for a contraction; else as another function has it. */
static Packing packing_of(Stage *s, const IrNode *leaf)
{
    const IrFn *fn = s->fn;
    for (int i = 0; i < fn->preps.n; i++)
        if (fn->preps.p[i].leaf == (int)leaf->imm)
            return (Packing){ fn->preps.p[i].axis, fn->preps.p[i].tiled - 1 };
    Packing other = { leaf->packed - 1, leaf->tiled - 1 };
    return leaf->packed ? other : (Packing){ -1, -1 };
}

typedef struct Taken { IrNode *load; Packing as; } Taken;
typedef struct Share { Stage *s; VEC(Taken) taken; } Share;

static void find_other_load(void *user, IrNode *n)
{
    Share *x = user;
    if (n->op != OP_load || !is_load_time(n->in[0]) || stage_is_prepared(n->in[0]))
        return;
    Packing p = packing_of(x->s, n->in[0]);
    if ((p.axis >= 0 || !is_plain(n->in[0])) && may_take(x->s->cx, n, p))
        vec_push(x->s->cx->arena, &x->taken, ((Taken){ n, p }));
}

/* What is packed for a contraction and read in another way elsewhere (an embedding that is the head, too; a derivative; a norm) is read in the packed form: a
 * handle keeps one form only if nobody wants the other. What may come in blocks is read from them. */
static bool share_packed(PassCx *cx, IrFn *fn)
{
    Stage s = { .cx = cx, .fn = fn };
    Share x = { .s = &s };
    ir_walk(fn->body, find_other_load, &x);
    for (int i = 0; i < x.taken.n; i++) {
        Taken t = x.taken.p[i];
        if (!(t.as.k_axis >= 0 ? use_tiles_apart(&s, t.load, t.as.axis, t.as.k_axis) : use_panels(&s, t.load, t.as.axis)))
            return false;
    }
    return true;
}

/* In a reduction of the function that takes places along the cut axis one after the other: lines of panels have one of them each. */
static bool is_across(PassCx *cx, const IrNode *load, int axis)
{
    bool across = false;
    for (const IrRegion *r = load->parent; r && r->owner && !across; r = r->owner->parent)
        across = r->owner->op == OP_reduce && pass_depends(cx, load->in[axis + 1], r);
    return across && !is_in_map(load);
}

static bool reads_copy(PassCx *cx, const IrNode *load, Packing p) { return is_across(cx, load, p.axis) || !may_take(cx, load, p); }

/* What is used as a whole is copied for its user; not what is unpacked from blocks for the call. */
static void copy_whole(PassCx *cx, IrFn *fn, const unsigned char *settled)
{
    Stage s = { .cx = cx, .fn = fn };
    for (int i = 0; i < fn->params.n; i++) {
        IrNode *leaf = fn->params.p[i];
        Packing p = leaf->load_time && is_plain(leaf) && !settled[i] ? packing_of(&s, leaf) : (Packing){ -1, -1 };
        for (IrUse *u = leaf->uses, *next; u && p.axis >= 0; u = next) {
            next = u->next;
            if (u->user->op != OP_load || u->slot != 0)
                stage_copy_for(cx, u->user, u->slot);
            else if (reads_copy(cx, u->user, p))
                stage_copy_read(cx, u->user);
        }
    }
}

bool pass_stage(PassCx *cx, IrFn *fn)
{
    const unsigned char *settled = stage_settle_forms(cx, fn);
    stage_factors(cx, fn->body);
    stage_parts(cx, fn);
    /* Words and tiles serve who takes panels, too; panels along the last axis are for weights that nobody wants otherwise. */
    if (!visit(cx, fn, fn->body, stage_tiles) || !visit(cx, fn, fn->body, stage_panels) || !visit(cx, fn, fn->body, stage_last))
        return false;
    copy_whole(cx, fn, settled);
    return share_packed(cx, fn);
}
